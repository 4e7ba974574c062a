#include "recs_input.h"

#include <stdlib.h>
#include <string.h>

#include "recs_source.h"


#define RECS_INPUT_CHUNK  (128 * 1024)


static recs_status_t recs_input_skip_bom(recs_input_t *input,
    recs_error_t *err);
static recs_status_t recs_input_skip_line(recs_input_t *input,
    recs_error_t *err);


recs_status_t
recs_input_open(recs_input_t *input, const char *path, recs_error_t *err)
{
    recs_status_t  status;

    memset(input, 0, sizeof(*input));
    input->name = path;
    input->line = 1;

    status = recs_source_open(&input->source, path, &input->total, err);
    if (status != RECS_OK) {
        return status;
    }

    input->size = 2 * RECS_INPUT_CHUNK;
    input->buffer = malloc(input->size);

    if (input->buffer == NULL) {
        recs_input_close(input);
        return recs_error(err, RECS_NOMEM, "no memory to read \"%s\"", path);
    }

    input->data = input->buffer;

    status = recs_input_skip_bom(input, err);
    if (status != RECS_OK) {
        recs_input_close(input);
    }

    return status;
}


void
recs_input_close(recs_input_t *input)
{
    recs_source_close(input->source);
    free(input->buffer);
    input->source = NULL;
    input->buffer = NULL;
    input->data = NULL;
    input->len = 0;
    input->eof = 1;
}


uint64_t
recs_input_bytes(const recs_input_t *input)
{
    return recs_source_bytes(input->source);
}


recs_status_t
recs_input_fill(recs_input_t *input, recs_error_t *err)
{
    char           *buffer;
    size_t          start, size, n;
    recs_status_t   status;

    if (input->eof) {
        return RECS_OK;
    }

    start = (size_t) (input->data - input->buffer);

    if (input->size - start - input->len < RECS_INPUT_CHUNK) {

        if (input->len > 0) {
            memmove(input->buffer, input->data, input->len);
        }

        input->data = input->buffer;
        start = 0;

        if (input->size - input->len < RECS_INPUT_CHUNK) {
            size = 2 * input->size;

            buffer = realloc(input->buffer, size);
            if (buffer == NULL) {
                return recs_error(err, RECS_NOMEM, "no memory to read \"%s\"",
                                  input->name);
            }

            input->buffer = buffer;
            input->data = buffer;
            input->size = size;
        }
    }

    status = recs_source_read(input->source,
                              input->buffer + start + input->len,
                              RECS_INPUT_CHUNK, &n, err);
    if (status != RECS_OK) {
        return status;
    }

    input->len += n;
    input->eof = n == 0;

    return RECS_OK;
}


void
recs_input_consume(recs_input_t *input, size_t n, uint64_t n_lines)
{
    input->data += n;
    input->len -= n;
    input->line += n_lines;
}


recs_status_t
recs_input_line(recs_input_t *input, recs_str_t *line, int *too_long,
    recs_error_t *err)
{
    size_t         scanned;
    const char    *lf;
    recs_status_t  status;

    recs_input_consume(input, input->pending, input->pending > 0);
    input->pending = 0;

    *too_long = 0;
    scanned = 0;

    for ( ;; ) {
        lf = memchr(input->data + scanned, '\n', input->len - scanned);
        if (lf != NULL) {
            break;
        }

        scanned = input->len;

        if (input->eof) {

            if (input->len == 0) {
                return RECS_NOT_FOUND;
            }

            lf = input->data + input->len;
            break;
        }

        if (scanned >= RECS_ROW_MAX) {
            *too_long = 1;
            line->data = "";
            line->len = 0;
            return recs_input_skip_line(input, err);
        }

        status = recs_input_fill(input, err);
        if (status != RECS_OK) {
            return status;
        }
    }

    line->data = input->data;
    line->len = (size_t) (lf - input->data);
    input->pending = line->len + (line->len < input->len);

    if (line->len > 0 && line->data[line->len - 1] == '\r') {
        line->len--;
    }

    return RECS_OK;
}


/* Reads up to the line's end and leaves it to be consumed. */

static recs_status_t
recs_input_skip_line(recs_input_t *input, recs_error_t *err)
{
    const char    *lf;
    recs_status_t  status;

    for ( ;; ) {
        lf = memchr(input->data, '\n', input->len);

        if (lf != NULL) {
            input->pending = (size_t) (lf - input->data) + 1;
            return RECS_OK;
        }

        recs_input_consume(input, input->len, 0);

        if (input->eof) {
            return RECS_OK;
        }

        status = recs_input_fill(input, err);
        if (status != RECS_OK) {
            return status;
        }
    }
}


static recs_status_t
recs_input_skip_bom(recs_input_t *input, recs_error_t *err)
{
    recs_status_t  status;

    while (input->len < 3 && !input->eof) {
        status = recs_input_fill(input, err);
        if (status != RECS_OK) {
            return status;
        }
    }

    if (input->len >= 3 && memcmp(input->data, "\xef\xbb\xbf", 3) == 0) {
        recs_input_consume(input, 3, 0);

    } else if (input->len >= 2 && (memcmp(input->data, "\xff\xfe", 2) == 0
                                   || memcmp(input->data, "\xfe\xff", 2) == 0))
    {
        return recs_error(err, RECS_INVALID, "\"%s\" is UTF-16: convert it to"
                          " UTF-8 (iconv -f UTF-16 -t UTF-8)", input->name);
    }

    return RECS_OK;
}
