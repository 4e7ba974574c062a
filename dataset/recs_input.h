/*
 * recs_input: a stream of rows from a file or stdin, plain, gzip or zstd
 * (told by content), through a window that holds one row at most.
 *
 * A byte order mark of UTF-8 is skipped, UTF-16 is refused.
 */

#ifndef _RECS_INPUT_H_INCLUDED_
#define _RECS_INPUT_H_INCLUDED_


#include <stddef.h>
#include <stdint.h>

#include "recs_id.h"
#include "recs_status.h"


/* A row longer than this is rejected. */
#define RECS_ROW_MAX  (8 * 1024 * 1024)


typedef struct recs_stream_s  recs_stream_t;

typedef struct {
    const char     *name;              /* as given; borrowed */
    uint64_t        line;              /* of the window's first byte, from 1 */

    /* The window: what was read and not consumed. */
    const char     *data;
    size_t          len;
    int             eof;               /* nothing follows the window */

    uint64_t        total;             /* bytes of the file; 0: unknown */

    char           *buffer;            /* private from here on */
    size_t          size;
    size_t          pending;           /* bytes of the line last returned */
    recs_stream_t  *source;
} recs_input_t;


/*
 * Opens path, "-" for stdin.
 *
 * RECS_IO       cannot be opened or read, is a folder
 * RECS_INVALID  UTF-16; compressed data that is damaged or ends too early
 */
recs_status_t recs_input_open(recs_input_t *input, const char *path,
    recs_error_t *err);
void recs_input_close(recs_input_t *input);

/* Bytes read from the file so far, before they are unpacked. */
uint64_t recs_input_bytes(const recs_input_t *input);

/* Adds to the window or sets eof; the window may move. */
recs_status_t recs_input_fill(recs_input_t *input, recs_error_t *err);

/* Drops n bytes with n_lines line feeds from the window. */
void recs_input_consume(recs_input_t *input, size_t n, uint64_t n_lines);

/*
 * The next line without LF or CR LF, valid until the next call on input;
 * input->line is its number.  An over-long line comes empty, with *too_long
 * set.  RECS_NOT_FOUND: there is none.
 */
recs_status_t recs_input_line(recs_input_t *input, recs_str_t *line,
    int *too_long, recs_error_t *err);


#endif /* _RECS_INPUT_H_INCLUDED_ */
