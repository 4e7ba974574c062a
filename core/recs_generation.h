/*
 * recs_generation: what publishing and opening a model directory share.
 * Private to core/; the public calls are in recs_publish.h.
 */

#ifndef _RECS_GENERATION_H_INCLUDED_
#define _RECS_GENERATION_H_INCLUDED_


#include "recs_publish.h"


#define RECS_CURRENT          "current"

/* Room for "gen-000002-9f3c21aa.mdb". */
#define RECS_GENERATION_FILE  (4 + RECS_GENERATION_LEN + 4 + 1)


/* RECS_NOT_FOUND or RECS_IO with errno: "cannot <what> <path>: ...". */
recs_status_t recs_publish_error(const char *what, const char *path,
    recs_error_t *err);

/* Where `current` in the directory points: a plain generation file name. */
recs_status_t recs_generation_current(int dir_fd, const char *dir,
    recs_generation_t *gen, recs_error_t *err);

/* Opens a generation of the directory; its name must be its content's. */
recs_status_t recs_generation_open_named(const char *dir, int dir_fd,
    const recs_generation_t *gen, int *fd, recs_error_t *err);

/* All generations of the directory, oldest first; freed by the caller. */
recs_status_t recs_publish_list(int dir_fd, const char *dir,
    recs_generation_t **list, uint32_t *n, recs_error_t *err);


#endif /* _RECS_GENERATION_H_INCLUDED_ */
