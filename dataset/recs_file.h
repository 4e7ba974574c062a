/*
 * recs_file: an output file that is whole or absent.
 *
 * Bytes go to a temporary file beside the target; recs_file_commit() syncs it
 * and renames it over the target, recs_file_abort() removes it.  A target
 * that exists and is no regular file (a pipe, /dev/stdout) is written in
 * place instead.
 */

#ifndef _RECS_FILE_H_INCLUDED_
#define _RECS_FILE_H_INCLUDED_


#include <stddef.h>
#include <stdint.h>

#include "recs_status.h"
#include "recs_temporary.h"


#define RECS_FILE_BUFFER  65536


typedef struct {
    int                fd;
    int                in_place;
    uint64_t           offset;                    /* bytes handed in */
    size_t             len;
    char               buffer[RECS_FILE_BUFFER];
    char               path[4096];
    char               temporary[4096];
    recs_temporary_t   entry;
} recs_file_t;


/* RECS_IO: cannot create; err names path and reason. */
recs_status_t recs_file_create(recs_file_t *file, const char *path,
    recs_error_t *err);

recs_status_t recs_file_write(recs_file_t *file, const void *data, size_t len,
    recs_error_t *err);

/* Writes at an offset that was already passed. */
recs_status_t recs_file_patch(recs_file_t *file, uint64_t offset,
    const void *data, size_t len, recs_error_t *err);

/* Ends the file either way: on an error it is aborted. */
recs_status_t recs_file_commit(recs_file_t *file, recs_error_t *err);
void recs_file_abort(recs_file_t *file);

/* A file of these bytes, from creating to committing it. */
recs_status_t recs_file_put(const char *path, const void *data, size_t len,
    recs_error_t *err);

/* Ends two, which appear together: on an error neither does. */
recs_status_t recs_file_commit_both(recs_file_t *one, recs_file_t *two,
    recs_error_t *err);

/*
 * RECS_REFUSED if output is the regular file that input is ("-": stdin), by
 * whatever name: it would replace what it is made of.
 */
recs_status_t recs_file_apart(const char *output, const char *input,
    recs_error_t *err);


#endif /* _RECS_FILE_H_INCLUDED_ */
