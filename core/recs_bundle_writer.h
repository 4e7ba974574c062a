/*
 * recs_bundle_writer: the writer in memory, for the files that write.
 * Private to core/.
 */

#ifndef _RECS_BUNDLE_WRITER_H_INCLUDED_
#define _RECS_BUNDLE_WRITER_H_INCLUDED_


#include <lmdb.h>

#include "recs_bundle_write.h"
#include "recs_temporary.h"


struct recs_bundle_writer_s {
    char              *path;
    char              *tmp;
    recs_temporary_t   entry;                     /* of tmp */
    MDB_env           *env;
    MDB_txn           *txn;           /* NULL between transactions */
};


recs_status_t recs_writer_error(const recs_bundle_writer_t *w, int rc,
    recs_error_t *err);

/* Opens or makes a database, in a new transaction if there is none. */
recs_status_t recs_writer_dbi(recs_bundle_writer_t *w, const char *db,
    MDB_dbi *dbi, recs_error_t *err);

recs_status_t recs_writer_commit(recs_bundle_writer_t *w, recs_error_t *err);


#endif /* _RECS_BUNDLE_WRITER_H_INCLUDED_ */
