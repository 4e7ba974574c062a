/*
 * recs_source: the bytes of a file or of stdin, unpacked where they are gzip
 * (all members) or zstd (all frames); private to recs_input.
 */

#ifndef _RECS_SOURCE_H_INCLUDED_
#define _RECS_SOURCE_H_INCLUDED_


#include <stddef.h>
#include <stdint.h>

#include "recs_status.h"


typedef struct recs_stream_s  recs_stream_t;


/* *total: bytes of the file, 0 where it is no regular file. */
recs_status_t recs_source_open(recs_stream_t **source, const char *path,
    uint64_t *total, recs_error_t *err);
void recs_source_close(recs_stream_t *source);

/* Up to size bytes; *n is 0 only at the end. */
recs_status_t recs_source_read(recs_stream_t *source, char *data, size_t size,
    size_t *n, recs_error_t *err);

/* Bytes read from the file so far. */
uint64_t recs_source_bytes(const recs_stream_t *source);


#endif /* _RECS_SOURCE_H_INCLUDED_ */
