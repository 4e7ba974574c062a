/*
 * recs_bundle_write: putting the tables of a bundle into its LMDB file.
 * Private to core/: trainers call recs_model_write() (recs_model.h).
 *
 * The file is made under a temporary name beside path.  Call create, then
 * the puts in any order, finish or abort.
 */

#ifndef _RECS_BUNDLE_WRITE_H_INCLUDED_
#define _RECS_BUNDLE_WRITE_H_INCLUDED_


#include <stdint.h>

#include "recs_bundle_format.h"
#include "recs_id.h"
#include "recs_status.h"


typedef struct recs_bundle_writer_s  recs_bundle_writer_t;

/* Bytes of data that one shard may hold; tests lower it. */
extern uint64_t  recs_bundle_shard_size;


/* size_hint: an upper estimate of the bytes that will be put. */
recs_status_t recs_bundle_writer_create(recs_bundle_writer_t **writer,
    const char *path, uint64_t size_hint, recs_error_t *err);

recs_status_t recs_bundle_writer_manifest(recs_bundle_writer_t *writer,
    const char *name, const char *value, recs_error_t *err);

/*
 * Puts id -> number pairs into db (RECS_DB_ITEMS or RECS_DB_USERS); ids[n]
 * in any order, the number being the position.
 * RECS_INVALID: an id that is invalid or stands twice.
 */
recs_status_t recs_bundle_writer_ids(recs_bundle_writer_t *writer,
    const char *db, const recs_str_t *ids, uint32_t n, recs_error_t *err);

/*
 * Puts a table of n_rows rows of row_size bytes; fill writes one row.  A
 * table of no rows is put too: that it is there says that it is empty.
 */
recs_status_t recs_bundle_writer_table(recs_bundle_writer_t *writer,
    recs_table_id_t id, uint64_t n_rows, uint32_t row_size,
    void (*fill)(void *data, uint64_t row, void *dst), void *data,
    recs_error_t *err);

/*
 * Puts n runs of bytes into the BYTES table and their spans into spans.  get
 * returns run i, which is borrowed until the next call.
 */
recs_status_t recs_bundle_writer_runs(recs_bundle_writer_t *writer,
    recs_table_id_t bytes, recs_table_id_t spans, uint64_t n,
    recs_str_t (*get)(void *data, uint64_t i), void *data,
    recs_error_t *err);

/* Commits what was put so far; the file may be read from then on. */
recs_status_t recs_bundle_writer_flush(recs_bundle_writer_t *writer,
    recs_error_t *err);

/* The temporary file's name, for reading it back after a flush. */
const char *recs_bundle_writer_path(const recs_bundle_writer_t *writer);

/* Seals, syncs and renames; the writer is gone, whatever the outcome. */
recs_status_t recs_bundle_writer_finish(recs_bundle_writer_t *writer,
    recs_error_t *err);

/* Removes the temporary file and the writer; NULL is fine. */
void recs_bundle_writer_abort(recs_bundle_writer_t *writer);


#endif /* _RECS_BUNDLE_WRITE_H_INCLUDED_ */
