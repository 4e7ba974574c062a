/*
 * recs_publish: generations of a model in a directory.
 *
 *     DIR/gen-000001-9f3c21aa.mdb     sealed bundles, mode 0444
 *     DIR/gen-000002-1b00c5d7.mdb
 *     DIR/current -> gen-000002-1b00c5d7.mdb
 *
 * A generation appears by writing a temporary file, fsync, chmod and rename;
 * `current` moves by renaming a symlink over it, then the directory is
 * synced.  A crash at any point leaves the old or the new generation, whole.
 * Numbers only grow.  Publishers serialise on flock() of the directory.
 */

#ifndef _RECS_PUBLISH_H_INCLUDED_
#define _RECS_PUBLISH_H_INCLUDED_


#include <stdint.h>

#include "recs_status.h"


#define RECS_GENERATION_MAX  999999
#define RECS_GENERATION_LEN  15                 /* "000002-9f3c21aa" */


typedef struct {
    uint32_t  number;                           /* 0: a plain bundle file */
    char      name[RECS_GENERATION_LEN + 1];    /* "000002-9f3c21aa" */
} recs_generation_t;


/*
 * "gen-000002-9f3c21aa.mdb" -> generation; returns 1, or 0 if the file name
 * (without folders) is not one.
 */
int recs_generation_parse(const char *file_name, recs_generation_t *gen);

/*
 * What path names: a model directory's `current`, or a bundle file, whose
 * generation is 000000-<hash8>.  Returns an open descriptor (O_RDONLY,
 * O_CLOEXEC) of a regular file in *fd; the caller closes it.  For a bundle
 * file outside a model directory gen->name is filled from its seal.
 */
recs_status_t recs_generation_open(const char *path, int *fd,
    recs_generation_t *gen, recs_error_t *err);

/*
 * Verifies bundle_path fully, copies it into dir as the next generation and
 * makes it current.  A missing dir is made, readable for everybody whatever
 * the umask, and stays only if the bundle got there; the folder above it must
 * be there (RECS_NOT_FOUND).
 */
recs_status_t recs_publish(const char *bundle_path, const char *dir,
    recs_generation_t *gen, recs_error_t *err);

/*
 * Republishes the payload of generation `to` under a new number; 0: the last
 * one before the current that has another payload.
 */
recs_status_t recs_rollback(const char *dir, uint32_t to,
    recs_generation_t *gen, recs_error_t *err);

/*
 * Unlinks all but the newest `keep` (at least 1) generations; never the
 * current one, whatever its number.  Left-over temporary files go too.
 */
recs_status_t recs_prune(const char *dir, uint32_t keep, uint32_t *n_removed,
    recs_error_t *err);


#endif /* _RECS_PUBLISH_H_INCLUDED_ */
