/*
 * recs_publish_dir: a model directory while it is published into, locked
 * against other publishers.  Private to core/.
 */

#ifndef _RECS_PUBLISH_DIR_H_INCLUDED_
#define _RECS_PUBLISH_DIR_H_INCLUDED_


#include "recs_status.h"
#include "recs_temporary.h"


#define RECS_PUBLISH_TMP  ".publish.tmp"          /* a bundle being copied */


typedef struct {
    int                fd;
    const char        *path;
    int                made;                      /* by us, just now */
    recs_temporary_t   entry;                     /* of it, where made */
    char               copy[4096];                /* DIR/.publish.tmp */
    recs_temporary_t   copy_entry;
} recs_publish_dir_t;


/*
 * Waits for the lock.  With create a missing directory is made, open to all
 * readers whatever the umask; the mode of one that is there is its owner's.
 */
recs_status_t recs_publish_lock(recs_publish_dir_t *dir, const char *path,
    int create, recs_error_t *err);

/* Closes it; unless rc is RECS_OK, one that we have made and is empty goes. */
void recs_publish_unlock(recs_publish_dir_t *dir, recs_status_t rc);


#endif /* _RECS_PUBLISH_DIR_H_INCLUDED_ */
