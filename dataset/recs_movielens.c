#include "recs_movielens.h"

#include <stdlib.h>
#include <string.h>


typedef struct {
    recs_str_t    tag;
    uint32_t      count;
} recs_movielens_count_t;


static recs_status_t recs_movielens_column(recs_attributes_t *a,
    const char *name, recs_str_t value, recs_attribute_t *values,
    uint32_t *n);
static void recs_movielens_split_year(recs_str_t *title, recs_str_t *year);
static recs_status_t recs_movielens_tags_item(recs_movielens_tags_t *tags,
    recs_importer_t *im, size_t from, size_t to, recs_movielens_count_t *top);
static int recs_movielens_pair_compare(const void *a, const void *b);
static int recs_movielens_count_compare(const void *a, const void *b);


recs_status_t
recs_movielens_attributes(recs_attributes_t *a, recs_str_t title,
    recs_str_t genres, recs_attribute_t *values, uint32_t *n)
{
    recs_str_t     year;
    recs_status_t  status;

    static const char  none[] = "(no genres listed)";

    *n = 0;
    recs_movielens_split_year(&title, &year);

    status = recs_movielens_column(a, "title", title, values, n);

    if (status == RECS_OK) {
        status = recs_movielens_column(a, "year", year, values, n);
    }

    if (genres.len == sizeof(none) - 1
        && memcmp(genres.data, none, genres.len) == 0)
    {
        genres.len = 0;
    }

    if (status == RECS_OK) {
        status = recs_movielens_column(a, "genres", genres, values, n);
    }

    return status;
}


char *
recs_movielens_latin1(recs_str_t text, recs_str_t *utf8)
{
    char    *out, *p;
    size_t   i;

    out = malloc(2 * text.len + 1);
    if (out == NULL) {
        return NULL;
    }

    p = out;

    for (i = 0; i < text.len; i++) {

        if (text.data[i] & 0x80) {
            *p++ = (char) (0xc0 | (text.data[i] >> 6 & 3));
            *p++ = (char) (0x80 | (text.data[i] & 0x3f));

        } else {
            *p++ = text.data[i];
        }
    }

    utf8->data = out;
    utf8->len = (size_t) (p - out);

    return out;
}


recs_status_t
recs_movielens_tags_add(recs_movielens_tags_t *tags, uint32_t item,
    recs_str_t tag)
{
    char           lower[RECS_ID_MAX];
    void          *pairs;
    size_t         i, size;
    recs_status_t  status;

    while (tag.len > 0 && (tag.data[0] == ' ' || tag.data[0] == '\t')) {
        tag.data++;
        tag.len--;
    }

    while (tag.len > 0 && (tag.data[tag.len - 1] == ' '
                           || tag.data[tag.len - 1] == '\t'))
    {
        tag.len--;
    }

    if (item == RECS_ID_MAP_NONE || !recs_id_valid(tag.data, tag.len)) {
        return RECS_OK;
    }

    for (i = 0; i < tag.len; i++) {
        lower[i] = tag.data[i];

        if (lower[i] >= 'A' && lower[i] <= 'Z') {
            lower[i] |= 0x20;

        } else if (lower[i] == '|') {
            lower[i] = ' ';
        }
    }

    tag.data = lower;

    if (tags->names == NULL) {
        tags->names = recs_id_map_create();
        if (tags->names == NULL) {
            return RECS_NOMEM;
        }
    }

    if (tags->n == tags->size) {
        size = tags->size ? 2 * tags->size : 1024;

        pairs = realloc(tags->pairs, size * sizeof(tags->pairs[0]));
        if (pairs == NULL) {
            return RECS_NOMEM;
        }

        tags->pairs = pairs;
        tags->size = size;
    }

    status = recs_id_map_add(tags->names, tag, &tags->pairs[tags->n].tag);

    if (status == RECS_OK) {
        tags->pairs[tags->n++].item = item;
    }

    return status;
}


recs_status_t
recs_movielens_tags_set(recs_movielens_tags_t *tags, recs_importer_t *im)
{
    size_t                   from, to;
    recs_status_t            status;
    recs_movielens_count_t  *top;

    if (tags->n == 0) {
        return RECS_OK;
    }

    top = malloc(tags->n * sizeof(recs_movielens_count_t));
    if (top == NULL) {
        return RECS_NOMEM;
    }

    qsort(tags->pairs, tags->n, sizeof(tags->pairs[0]),
          recs_movielens_pair_compare);

    status = RECS_OK;

    for (from = 0; from < tags->n && status == RECS_OK; from = to) {

        for (to = from;
             to < tags->n && tags->pairs[to].item == tags->pairs[from].item;
             to++)
        {
            /* void */
        }

        status = recs_movielens_tags_item(tags, im, from, to, top);
    }

    free(top);

    return status;
}


void
recs_movielens_tags_free(recs_movielens_tags_t *tags)
{
    recs_id_map_destroy(tags->names);
    free(tags->pairs);
}


static recs_status_t
recs_movielens_column(recs_attributes_t *a, const char *name,
    recs_str_t value, recs_attribute_t *values, uint32_t *n)
{
    uint32_t       column;
    recs_str_t     text;
    recs_status_t  status;

    text.data = name;
    text.len = strlen(name);

    status = recs_attributes_column(a, text, &column);

    if (status == RECS_OK && value.len > 0) {
        values[*n].column = column;
        values[*n].value = value;
        ++*n;
    }

    return status;
}


/* "Toy Story (1995)", "Babylon 5 " */

static void
recs_movielens_split_year(recs_str_t *title, recs_str_t *year)
{
    size_t       i, n;
    const char  *p;

    while (title->len > 0 && title->data[title->len - 1] == ' ') {
        title->len--;
    }

    n = title->len;
    year->data = "";
    year->len = 0;

    if (n < 7 || title->data[n - 1] != ')' || title->data[n - 6] != '(') {
        return;
    }

    p = title->data + n - 5;

    for (i = 0; i < 4; i++) {
        if (p[i] < '0' || p[i] > '9') {
            return;
        }
    }

    year->data = p;
    year->len = 4;
    title->len = n - 6;

    while (title->len > 0 && title->data[title->len - 1] == ' ') {
        title->len--;
    }
}


static recs_status_t
recs_movielens_tags_item(recs_movielens_tags_t *tags, recs_importer_t *im,
    size_t from, size_t to, recs_movielens_count_t *top)
{
    char              joined[RECS_MOVIELENS_TAGS * (RECS_ID_MAX + 1)];
    size_t            k, n, len;
    uint32_t          n_values;
    recs_str_t        text;
    recs_status_t     status;
    recs_attribute_t  value;

    n = 0;

    for (k = from; k < to; k++) {

        if (k == from || tags->pairs[k].tag != tags->pairs[k - 1].tag) {
            top[n].tag = recs_id_map_id(tags->names, tags->pairs[k].tag);
            top[n++].count = 0;
        }

        top[n - 1].count++;
    }

    qsort(top, n, sizeof(top[0]), recs_movielens_count_compare);

    len = 0;

    for (k = 0; k < n && k < RECS_MOVIELENS_TAGS; k++) {

        if (k > 0) {
            joined[len++] = '|';
        }

        memcpy(joined + len, top[k].tag.data, top[k].tag.len);
        len += top[k].tag.len;
    }

    text.data = joined;
    text.len = len;
    n_values = 0;

    status = recs_movielens_column(&im->item_attributes, "tags", text, &value,
                                   &n_values);
    if (status != RECS_OK) {
        return status;
    }

    return recs_attributes_set(&im->item_attributes, tags->pairs[from].item,
                               &value, n_values, 0);
}


static int
recs_movielens_pair_compare(const void *a, const void *b)
{
    const uint32_t  *x, *y;

    /* item, tag */
    x = a;
    y = b;

    if (x[0] != y[0]) {
        return x[0] < y[0] ? -1 : 1;
    }

    return x[1] < y[1] ? -1 : x[1] > y[1];
}


static int
recs_movielens_count_compare(const void *a, const void *b)
{
    int                            rc;
    const recs_movielens_count_t  *x, *y;

    x = a;
    y = b;

    if (x->count != y->count) {
        return x->count > y->count ? -1 : 1;
    }

    rc = memcmp(x->tag.data, y->tag.data,
                x->tag.len < y->tag.len ? x->tag.len : y->tag.len);

    return rc ? rc : x->tag.len < y->tag.len ? -1 : x->tag.len > y->tag.len;
}
