/*
 * recs_sealed_file: a bundle in memory that a test breaks and seals again.
 */

#ifndef _RECS_SEALED_FILE_H_INCLUDED_
#define _RECS_SEALED_FILE_H_INCLUDED_


#include "recs_bundle_private.h"


typedef struct {
    char      *bytes;
    uint64_t   size;                   /* seal included */
} recs_sealed_file_t;


/* Reads the file at path, and frees what was read. */
void recs_sealed_file_read(recs_sealed_file_t *file, const char *path);
void recs_sealed_file_free(recs_sealed_file_t *file);

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


#endif /* _RECS_SEALED_FILE_H_INCLUDED_ */
