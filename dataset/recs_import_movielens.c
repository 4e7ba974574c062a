#include "recs_importer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recs_csv.h"
#include "recs_movielens.h"


/*
 * Fields of ratings and tags: user, item, rating or tag, time; of movies:
 * item, title, genres.  ml-1m and ml-10m have the same ones, "::" between
 * them and no header.
 */

typedef recs_status_t (*recs_movielens_row_pt)(recs_importer_t *im,
    recs_movielens_file_t *f, const recs_str_t *fields, recs_error_t *err);


static recs_status_t recs_movielens_read(recs_importer_t *im,
    const char *folder, const char *name, uint32_t n_fields, int required,
    recs_movielens_row_pt row, recs_movielens_tags_t *tags,
    recs_error_t *err);
static int recs_movielens_find(const char *folder, const char *name,
    char *path, size_t size);
static recs_status_t recs_movielens_csv(recs_importer_t *im,
    recs_movielens_file_t *f, recs_movielens_row_pt row, recs_error_t *err);
static recs_status_t recs_movielens_dat(recs_importer_t *im,
    recs_movielens_file_t *f, recs_movielens_row_pt row, recs_error_t *err);
static uint32_t recs_movielens_fields(recs_str_t line, recs_str_t *fields);
static recs_status_t recs_movielens_rating(recs_importer_t *im,
    recs_movielens_file_t *f, const recs_str_t *fields, recs_error_t *err);
static recs_status_t recs_movielens_movie(recs_importer_t *im,
    recs_movielens_file_t *f, const recs_str_t *fields, recs_error_t *err);
static recs_status_t recs_movielens_tag(recs_importer_t *im,
    recs_movielens_file_t *f, const recs_str_t *fields, recs_error_t *err);
static recs_status_t recs_movielens_reject(recs_importer_t *im,
    recs_movielens_file_t *f, recs_reject_reason_t reason, const char *detail,
    recs_error_t *err);


recs_status_t
recs_import_movielens(recs_importer_t *im, const char *folder,
    recs_error_t *err)
{
    recs_status_t          status;
    recs_movielens_tags_t  tags;

    memset(&tags, 0, sizeof(tags));

    status = recs_movielens_read(im, folder, "ratings", 4, 1,
                                 recs_movielens_rating, NULL, err);

    if (status == RECS_OK) {
        status = recs_movielens_read(im, folder, "movies", 3, 0,
                                     recs_movielens_movie, NULL, err);
    }

    if (status == RECS_OK) {
        status = recs_movielens_read(im, folder, "tags", 4, 0,
                                     recs_movielens_tag, &tags, err);
    }

    if (status == RECS_OK) {
        status = recs_movielens_tags_set(&tags, im);

        if (status != RECS_OK) {
            recs_error(err, status, "%s: no room for the tags", folder);
        }
    }

    recs_movielens_tags_free(&tags);

    return status;
}


static recs_status_t
recs_movielens_read(recs_importer_t *im, const char *folder, const char *name,
    uint32_t n_fields, int required, recs_movielens_row_pt row,
    recs_movielens_tags_t *tags, recs_error_t *err)
{
    char                   path[4096];
    recs_status_t          status;
    recs_input_t           in;
    recs_movielens_file_t  f;

    f.in = &in;
    f.name = name;
    f.n_fields = n_fields;
    f.tags = tags;
    f.line = 1;
    f.entity = strcmp(name, "ratings") != 0;
    f.is_dat = recs_movielens_find(folder, name, path, sizeof(path));

    if (f.is_dat == -1) {

        if (!required) {
            return RECS_OK;
        }

        return recs_error(err, RECS_IO, "\"%s\" is no movielens folder:"
                          " it holds neither ratings.csv nor ratings.dat",
                          folder);
    }

    status = recs_input_open(&in, path, err);
    if (status != RECS_OK) {
        return status;
    }

    status = f.is_dat ? recs_movielens_dat(im, &f, row, err)
                      : recs_movielens_csv(im, &f, row, err);

    im->bytes_before += recs_input_bytes(&in);
    recs_input_close(&in);

    return status;
}


/* Returns 0 for a csv, 1 for a dat, -1 for none. */

static int
recs_movielens_find(const char *folder, const char *name, char *path,
    size_t size)
{
    size_t  i;

    static const char *const  suffixes[] = {
        ".csv", ".csv.gz", ".csv.zst", ".dat", ".dat.gz", ".dat.zst"
    };

    for (i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {

        if ((size_t) snprintf(path, size, "%s/%s%s", folder, name,
                              suffixes[i]) < size
            && (access(path, F_OK) == 0 || errno == EACCES))
        {
            return i > 2;
        }
    }

    return -1;
}


static recs_status_t
recs_movielens_csv(recs_importer_t *im, recs_movielens_file_t *f,
    recs_movielens_row_pt row, recs_error_t *err)
{
    int                header;
    recs_csv_t        *csv;
    recs_status_t      status;
    recs_csv_result_t  result;

    csv = malloc(sizeof(recs_csv_t));
    if (csv == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory to read \"%s\"",
                          f->in->name);
    }

    recs_csv_init(csv, f->in);

    for (header = 1; /* void */ ; header = 0) {
        recs_importer_tick(im, f->in);

        status = recs_csv_read(csv, &result, err);

        if (status != RECS_OK || result == RECS_CSV_END) {
            break;
        }

        f->line = csv->line;

        if (result == RECS_CSV_MALFORMED) {
            status = recs_movielens_reject(im, f, RECS_REJECT_SYNTAX,
                                           csv->fault, err);

        } else if (result == RECS_CSV_TOO_LONG) {
            status = recs_movielens_reject(im, f, RECS_REJECT_TOO_LONG, "",
                                           err);

        } else if (csv->n_fields != f->n_fields) {
            status = recs_movielens_reject(im, f, RECS_REJECT_FIELDS, "",
                                           err);

        } else if (!header) {
            status = row(im, f, csv->fields, err);
        }

        if (status != RECS_OK) {
            break;
        }
    }

    recs_csv_free(csv);
    free(csv);

    return status;
}


static recs_status_t
recs_movielens_dat(recs_importer_t *im, recs_movielens_file_t *f,
    recs_movielens_row_pt row, recs_error_t *err)
{
    int            too_long;
    recs_str_t     line, fields[4];
    recs_status_t  status;

    for ( ;; ) {
        recs_importer_tick(im, f->in);

        status = recs_input_line(f->in, &line, &too_long, err);

        if (status == RECS_NOT_FOUND) {
            return RECS_OK;
        }

        if (status != RECS_OK) {
            return status;
        }

        f->line = f->in->line;

        if (too_long) {
            status = recs_movielens_reject(im, f, RECS_REJECT_TOO_LONG, "",
                                           err);

        } else if (recs_movielens_fields(line, fields) != f->n_fields) {
            status = recs_movielens_reject(im, f, RECS_REJECT_FIELDS, "",
                                           err);

        } else {
            status = row(im, f, fields, err);
        }

        if (status != RECS_OK) {
            return status;
        }
    }
}


/* At most four; 5 stands for more. */

static uint32_t
recs_movielens_fields(recs_str_t line, recs_str_t *fields)
{
    uint32_t     n;
    const char  *p, *end, *sep;

    p = line.data;
    end = p + line.len;

    for (n = 0; n < 4; n++) {
        sep = memmem(p, (size_t) (end - p), "::", 2);

        fields[n].data = p;
        fields[n].len = (size_t) ((sep ? sep : end) - p);

        if (sep == NULL) {
            return n + 1;
        }

        p = sep + 2;
    }

    return 5;
}


static recs_status_t
recs_movielens_rating(recs_importer_t *im, recs_movielens_file_t *f,
    const recs_str_t *fields, recs_error_t *err)
{
    recs_row_t            row;
    recs_reject_reason_t  reason;

    memset(&row, 0, sizeof(row));
    row.user = fields[0];
    row.item = fields[1];

    if (!recs_row_value(&row, fields[2], &reason)
        || !recs_row_time(&row, fields[3], &reason))
    {
        return recs_movielens_reject(im, f, reason, "", err);
    }

    if (row.value < im->options->min_rating) {
        return recs_movielens_reject(im, f, RECS_REJECT_LOW_RATING, "", err);
    }

    row.value = 1;

    return recs_importer_row(im, f->in, f->line, &row, err);
}


static recs_status_t
recs_movielens_movie(recs_importer_t *im, recs_movielens_file_t *f,
    const recs_str_t *fields, recs_error_t *err)
{
    char              *title;
    uint32_t           n, number;
    recs_str_t         name;
    recs_status_t      status;
    recs_attribute_t   values[3];

    im->report->n_item_rows++;

    if (!recs_id_valid(fields[0].data, fields[0].len)) {
        return recs_movielens_reject(im, f, RECS_REJECT_ID, "", err);
    }

    title = NULL;
    name = fields[1];

    if (f->is_dat && !recs_utf8_valid(name.data, name.len)) {
        title = recs_movielens_latin1(name, &name);
        if (title == NULL) {
            return recs_error(err, RECS_NOMEM, "no memory for a title");
        }
    }

    if (!recs_attributes_valid(name) || !recs_attributes_valid(fields[2])) {
        free(title);
        return recs_movielens_reject(im, f, RECS_REJECT_ATTRIBUTE, "", err);
    }

    n = 0;
    status = recs_movielens_attributes(&im->item_attributes, name, fields[2],
                                       values, &n);

    if (status == RECS_OK) {
        status = recs_id_map_add(im->items, fields[0], &number);
    }

    if (status == RECS_OK) {
        status = recs_attributes_set(&im->item_attributes, number, values, n,
                                     im->options->unrated);
    }

    free(title);

    if (status != RECS_OK) {
        return recs_error(err, status, "%s: no room in memory for more movies",
                          f->in->name);
    }

    return RECS_OK;
}


static recs_status_t
recs_movielens_tag(recs_importer_t *im, recs_movielens_file_t *f,
    const recs_str_t *fields, recs_error_t *err)
{
    recs_status_t  status;

    if (!recs_attributes_valid(fields[2])
        || !recs_id_valid(fields[1].data, fields[1].len))
    {
        return recs_movielens_reject(im, f, RECS_REJECT_ATTRIBUTE, "", err);
    }

    status = recs_movielens_tags_add(f->tags,
                                     recs_id_map_find(im->items, fields[1]),
                                     fields[2]);
    if (status != RECS_OK) {
        return recs_error(err, status, "%s: no room in memory for more tags",
                          f->in->name);
    }

    return RECS_OK;
}


static recs_status_t
recs_movielens_reject(recs_importer_t *im, recs_movielens_file_t *f,
    recs_reject_reason_t reason, const char *detail, recs_error_t *err)
{
    if (f->entity) {
        return recs_importer_reject_entity(im, f->in, f->line, reason, detail,
                                           err);
    }

    return recs_importer_reject(im, f->in, f->line, reason, detail, err);
}
