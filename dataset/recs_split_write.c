#include "recs_split.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recs_file.h"


/* Milliseconds below it would be read back as seconds (recs_timestamp.h). */
#define RECS_SPLIT_SECONDS  100000000000


static recs_status_t recs_split_write_csv(recs_file_t *file,
    const recs_dataset_view_t *part, recs_error_t *err);
static recs_status_t recs_split_write_row(recs_file_t *file,
    const recs_dataset_view_t *part, recs_str_t user, uint64_t k,
    recs_error_t *err);
static size_t recs_split_quote(char *out, recs_str_t id);


recs_status_t
recs_split_write(const recs_split_t *split, const char *train,
    const char *test, recs_error_t *err)
{
    recs_file_t    *files;
    recs_status_t   status;

    files = malloc(2 * sizeof(recs_file_t));
    if (files == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory to write \"%s\"",
                          train);
    }

    status = recs_file_create(&files[0], train, err);
    if (status != RECS_OK) {
        goto done;
    }

    status = recs_file_create(&files[1], test, err);

    if (status == RECS_OK) {
        status = recs_dataset_write_file(recs_dataset_view(split->train),
                                         &files[0], err);
    }

    if (status == RECS_OK) {
        status = recs_split_write_csv(&files[1],
                                      recs_dataset_view(split->test), err);
    }

    if (status == RECS_OK) {
        status = recs_file_commit_both(&files[0], &files[1], err);

    } else {
        recs_file_abort(&files[0]);
        recs_file_abort(&files[1]);
    }

done:

    free(files);

    return status;
}


static recs_status_t
recs_split_write_csv(recs_file_t *file, const recs_dataset_view_t *part,
    recs_error_t *err)
{
    uint32_t       u;
    uint64_t       k;
    recs_str_t     user;
    recs_status_t  status;

    static const char  header[] = "user,item,timestamp,value\n";

    status = recs_file_write(file, header, sizeof(header) - 1, err);

    for (u = 0; u < part->n_users && status == RECS_OK; u++) {
        user = recs_record_id(part->user_entities.record(
                                  part->user_entities.data, u));

        for (k = part->user_offsets[u];
             k < part->user_offsets[u + 1] && status == RECS_OK;
             k++)
        {
            status = recs_split_write_row(file, part, user, k, err);
        }
    }

    return status;
}


static recs_status_t
recs_split_write_row(recs_file_t *file, const recs_dataset_view_t *part,
    recs_str_t user, uint64_t k, recs_error_t *err)
{
    int         n;
    int64_t     time_ms;
    char        row[4 * RECS_ID_MAX + 128];
    size_t      len;
    recs_str_t  item;

    item = recs_record_id(part->item_entities.record(part->item_entities.data,
                                                     part->items[k]));

    len = recs_split_quote(row, user);
    row[len++] = ',';
    len += recs_split_quote(row + len, item);

    time_ms = part->times_ms[k];

    if (time_ms == 0) {
        n = snprintf(row + len, sizeof(row) - len, ",,%.9g\n",
                     (double) part->weights[k]);

    } else if (time_ms < RECS_SPLIT_SECONDS) {
        n = snprintf(row + len, sizeof(row) - len, ",%" PRId64 ".%03d,%.9g\n",
                     time_ms / 1000, (int) (time_ms % 1000),
                     (double) part->weights[k]);

    } else {
        n = snprintf(row + len, sizeof(row) - len, ",%" PRId64 ",%.9g\n",
                     time_ms, (double) part->weights[k]);
    }

    return recs_file_write(file, row, len + (size_t) n, err);
}


/* RFC 4180: quoted where need be; ids hold no line breaks. */

static size_t
recs_split_quote(char *out, recs_str_t id)
{
    char    *p;
    size_t   i;

    if (memchr(id.data, ',', id.len) == NULL
        && memchr(id.data, '"', id.len) == NULL)
    {
        memcpy(out, id.data, id.len);
        return id.len;
    }

    p = out;
    *p++ = '"';

    for (i = 0; i < id.len; i++) {
        if (id.data[i] == '"') {
            *p++ = '"';
        }

        *p++ = id.data[i];
    }

    *p++ = '"';

    return (size_t) (p - out);
}
