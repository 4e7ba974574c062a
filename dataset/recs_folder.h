/*
 * recs_folder: an output folder that is whole or absent.
 *
 * Files are written into a temporary folder beside the target, which takes
 * its name when they are all there.
 */

#ifndef _RECS_FOLDER_H_INCLUDED_
#define _RECS_FOLDER_H_INCLUDED_


#include "recs_status.h"
#include "recs_temporary.h"


typedef struct {
    char               temporary[3072];           /* where files go */
    recs_temporary_t   entry;
} recs_folder_t;


/* RECS_IO, RECS_INVALID: cannot make one; err names path and reason. */
recs_status_t recs_folder_create(recs_folder_t *folder, const char *path,
    recs_error_t *err);

/*
 * The folder becomes path, the one that was given, which may be there if it
 * is empty.  If it is not (RECS_REFUSED), or on RECS_IO, all is removed.
 */
recs_status_t recs_folder_commit(recs_folder_t *folder, const char *path,
    recs_error_t *err);

/* Removes it with all that has been written into it. */
void recs_folder_abort(recs_folder_t *folder);


#endif /* _RECS_FOLDER_H_INCLUDED_ */
