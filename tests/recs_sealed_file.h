/*
 * recs_sealed_file: a bundle in memory that a test breaks and seals again.
 */

#ifndef _RECS_SEALED_FILE_H_INCLUDED_
#define _RECS_SEALED_FILE_H_INCLUDED_


#include "recs_bundle_private.h"
#include "recs_fixture.h"


typedef struct {
    char           *bytes;
    uint64_t        size;              /* seal included */
    recs_bundle_t  *bundle;            /* NULL: only read */
} recs_sealed_file_t;


/* Reads the file at path, and frees what was read. */
void recs_sealed_file_read(recs_sealed_file_t *file, const char *path);
void recs_sealed_file_free(recs_sealed_file_t *file);

/*
 * A fixture's bundle, its tables in shards of so many bytes (0: as usual),
 * opened as well; freed as above.
 */
void recs_sealed_file_make(recs_sealed_file_t *file,
    const recs_fixture_params_t *params, uint64_t shard_size);

/* A row of a table of the bundle, which must have it. */
const void *recs_sealed_file_row(const recs_sealed_file_t *file,
    recs_table_id_t id, uint64_t row);

/* Every place of `from` in the file becomes `to`, of the same length. */
void recs_sealed_file_rename(recs_sealed_file_t *file, const char *from,
    const char *to);

/* Where in the file an address in the bundle's map is. */
uint64_t recs_sealed_file_offset(const recs_bundle_t *bundle,
    const void *address);

/*
 * Opens a copy of the file whose n bytes at offset are replaced; with seal it
 * is sealed anew.  A bundle that opens is closed again after its golden
 * answers were looked at; err has the message of either.
 */
recs_status_t recs_sealed_file_try(const recs_sealed_file_t *file,
    uint64_t offset, const void *bytes, size_t n, int seal,
    recs_error_t *err);

/*
 * Fails the test unless the bundle whose n bytes at an address in the map are
 * replaced, sealed anew or not, is refused with these words.
 */
recs_status_t recs_sealed_file_refused(const recs_sealed_file_t *file,
    const void *address, const void *bytes, size_t n, int seal,
    const char *words);


#endif /* _RECS_SEALED_FILE_H_INCLUDED_ */
