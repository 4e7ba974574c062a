#include "recs_bundle_private.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>


#define RECS_MANIFEST_PAIRS_MAX  4096


recs_str_t
recs_bundle_manifest(const recs_bundle_t *b, const char *name)
{
    size_t      len;
    uint32_t    i;
    recs_str_t  none = { NULL, 0 };

    len = strlen(name);

    for (i = 0; i < b->n_manifest; i++) {
        if (b->manifest[i].name.len == len
            && memcmp(b->manifest[i].name.data, name, len) == 0)
        {
            return b->manifest[i].value;
        }
    }

    return none;
}


int
recs_bundle_manifest_next(const recs_bundle_t *b, uint32_t *pos,
    recs_str_t *name, recs_str_t *value)
{
    if (*pos >= b->n_manifest) {
        return 0;
    }

    *name = b->manifest[*pos].name;
    *value = b->manifest[*pos].value;
    (*pos)++;

    return 1;
}


static recs_status_t
recs_manifest_missing(const recs_bundle_t *b, const char *name,
    recs_error_t *err)
{
    return recs_error(err, RECS_CORRUPT,
                      "\"%s\": manifest entry \"%s\" is missing or bad",
                      b->name, name);
}


/* A manifest value as text; values are short, so a copy on the stack does. */
static int
recs_manifest_text(const recs_bundle_t *b, const char *name, char *buf,
    size_t size)
{
    recs_str_t  value;

    value = recs_bundle_manifest(b, name);

    if (value.len == 0 || value.len >= size
        || memchr(value.data, '\0', value.len) != NULL)
    {
        return 0;
    }

    memcpy(buf, value.data, value.len);
    buf[value.len] = '\0';

    return 1;
}


static recs_status_t
recs_manifest_u32(const recs_bundle_t *b, const char *name, uint32_t max,
    uint32_t *number, recs_error_t *err)
{
    char                *end, buf[32];
    unsigned long long   n;

    if (!recs_manifest_text(b, name, buf, sizeof(buf))
        || strspn(buf, "0123456789") != strlen(buf)
        || (buf[0] == '0' && buf[1] != '\0'))
    {
        return recs_manifest_missing(b, name, err);
    }

    errno = 0;
    n = strtoull(buf, &end, 10);

    if (errno != 0 || *end != '\0' || n > max) {
        return recs_manifest_missing(b, name, err);
    }

    *number = (uint32_t) n;

    return RECS_OK;
}


static recs_status_t
recs_manifest_double(const recs_bundle_t *b, const char *name,
    double *number, recs_error_t *err)
{
    char  *end, buf[64];

    if (!recs_manifest_text(b, name, buf, sizeof(buf))
        || strspn(buf, "0123456789.e+-") != strlen(buf))
    {
        return recs_manifest_missing(b, name, err);
    }

    *number = strtod(buf, &end);

    if (*end != '\0' || !isfinite(*number) || *number < 0) {
        return recs_manifest_missing(b, name, err);
    }

    return RECS_OK;
}


/* Copies the pairs' places; the bytes stay in the map. */
static recs_status_t
recs_manifest_read(recs_bundle_t *b, recs_error_t *err)
{
    int          rc;
    MDB_val      key, data;
    MDB_stat     stat;
    MDB_cursor  *cursor;

    if (mdb_stat(b->txn, b->manifest_db, &stat) != 0
        || stat.ms_entries == 0 || stat.ms_entries > RECS_MANIFEST_PAIRS_MAX)
    {
        return recs_error(err, RECS_CORRUPT, "\"%s\": bad manifest", b->name);
    }

    b->manifest = calloc(stat.ms_entries, sizeof(recs_manifest_pair_t));
    if (b->manifest == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory to open \"%s\"",
                          b->name);
    }

    rc = mdb_cursor_open(b->txn, b->manifest_db, &cursor);
    if (rc != 0) {
        return recs_error(err, rc == ENOMEM ? RECS_NOMEM : RECS_CORRUPT,
                          "\"%s\": %s", b->name, mdb_strerror(rc));
    }

    while (b->n_manifest < stat.ms_entries
           && mdb_cursor_get(cursor, &key, &data, MDB_NEXT) == 0)
    {
        if (!recs_bundle_inside(b, key.mv_data, key.mv_size)
            || !recs_bundle_inside(b, data.mv_data, data.mv_size)
            || key.mv_size > RECS_MANIFEST_NAME_MAX
            || !recs_utf8_valid(key.mv_data, key.mv_size)
            || !recs_utf8_valid(data.mv_data, data.mv_size)
            || data.mv_size > RECS_MANIFEST_VALUE_MAX)
        {
            break;
        }

        b->manifest[b->n_manifest].name.data = key.mv_data;
        b->manifest[b->n_manifest].name.len = key.mv_size;
        b->manifest[b->n_manifest].value.data = data.mv_data;
        b->manifest[b->n_manifest].value.len = data.mv_size;
        b->n_manifest++;
    }

    mdb_cursor_close(cursor);

    if (b->n_manifest != stat.ms_entries) {
        return recs_error(err, RECS_CORRUPT, "\"%s\": bad manifest entry",
                          b->name);
    }

    return RECS_OK;
}


static uint32_t
recs_column_find(const recs_str_t *columns, uint32_t n, recs_str_t name)
{
    uint32_t  i;

    for (i = 0; i < n; i++) {
        if (columns[i].len == name.len
            && memcmp(columns[i].data, name.data, name.len) == 0)
        {
            return i;
        }
    }

    return RECS_COLUMN_NO;
}


static recs_status_t
recs_manifest_columns(const recs_bundle_t *b, const char *entity,
    recs_str_t **columns, uint32_t *n_columns, recs_error_t *err)
{
    char           name[64];
    uint32_t       i, n;
    recs_status_t  rc;

    snprintf(name, sizeof(name), "%s_columns", entity);

    rc = recs_manifest_u32(b, name, RECS_COLUMNS_MAX, &n, err);
    if (rc != RECS_OK) {
        return rc;
    }

    *columns = calloc((size_t) n + 1, sizeof(recs_str_t));
    if (*columns == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory to open \"%s\"",
                          b->name);
    }

    for (i = 0; i < n; i++) {
        snprintf(name, sizeof(name), "%s_column.%03u", entity, i);

        (*columns)[i] = recs_bundle_manifest(b, name);

        if (!recs_id_valid((*columns)[i].data, (*columns)[i].len)
            || recs_column_find(*columns, i, (*columns)[i]) != RECS_COLUMN_NO)
        {
            return recs_manifest_missing(b, name, err);
        }
    }

    *n_columns = n;

    return RECS_OK;
}


/* A bundle without codes is read too: it is only searched more slowly. */
static recs_status_t
recs_manifest_codes(const recs_bundle_t *b, recs_bundle_view_t *view,
    recs_error_t *err)
{
    char  kind[16];

    if (recs_bundle_manifest(b, "codes").data == NULL) {
        return RECS_OK;
    }

    if (view->n_factors == 0
        || !recs_manifest_text(b, "codes", kind, sizeof(kind)))
    {
        return recs_manifest_missing(b, "codes", err);
    }

    view->codes_kind = recs_codes_by_name(kind);

    if (view->codes_kind == RECS_CODES_NONE) {
        return recs_manifest_missing(b, "codes", err);
    }

    view->n_blocks = recs_codes_blocks(view->n_items);

    return RECS_OK;
}


static recs_status_t
recs_manifest_fold_in(const recs_bundle_t *b, recs_bundle_view_t *view,
    recs_error_t *err)
{
    recs_status_t  rc;

    if (recs_bundle_manifest(b, "fold_in.unobserved_weight").data == NULL) {
        return RECS_OK;
    }

    if ((rc = recs_manifest_double(b, "fold_in.unobserved_weight",
                                   &view->unobserved_weight, err)) != RECS_OK
        || (rc = recs_manifest_double(b, "fold_in.regularization",
                                      &view->regularization, err)) != RECS_OK)
    {
        return rc;
    }

    return recs_manifest_double(b, "fold_in.regularization_exponent",
                                &view->regularization_exponent, err);
}


static recs_status_t
recs_manifest_neighbors(const recs_bundle_t *b, recs_bundle_view_t *view,
    recs_error_t *err)
{
    double         step;
    recs_status_t  rc;

    if (recs_bundle_manifest(b, "neighbors.step").data == NULL) {
        return RECS_OK;
    }

    if ((rc = recs_manifest_double(b, "neighbors.step", &step, err))
        != RECS_OK
        || (rc = recs_manifest_u32(b, "neighbors.history", RECS_HISTORY_MAX,
                                   &view->neighbor_history, err)) != RECS_OK)
    {
        return rc;
    }

    if (step < RECS_NEIGHBOR_STEP_MIN || step > RECS_NEIGHBOR_STEP_MAX
        || (double) (float) step != step)
    {
        return recs_manifest_missing(b, "neighbors.step", err);
    }

    if (view->neighbor_history == 0) {
        return recs_manifest_missing(b, "neighbors.history", err);
    }

    view->neighbor_step = (float) step;
    view->neighbor_id_size = view->n_items <= RECS_NEIGHBOR_SHORT_MAX
                             ? sizeof(uint16_t) : sizeof(uint32_t);

    return RECS_OK;
}


/*
 * How many rows the table of hashes has; bundles from before there was one
 * are read too, only no session or token of theirs is understood.
 */
static recs_status_t
recs_manifest_hashes(const recs_bundle_t *b, recs_bundle_view_t *view,
    recs_error_t *err)
{
    uint32_t       collisions;
    recs_status_t  rc;

    if (recs_bundle_manifest(b, "item_hashes.collisions").data == NULL) {
        return RECS_OK;
    }

    rc = recs_manifest_u32(b, "item_hashes.collisions", view->n_items - 1,
                           &collisions, err);

    if (rc == RECS_OK) {
        view->item_hashes.n_rows = view->n_items - collisions;
    }

    return rc;
}


/* Bundles from before sessions were tuned have neither. */
static recs_status_t
recs_manifest_session(const recs_bundle_t *b, recs_bundle_view_t *view,
    recs_error_t *err)
{
    double         prior;
    recs_status_t  rc;

    view->session_window = RECS_SESSION_WINDOW_MAX;
    view->session_prior = RECS_SESSION_PRIOR;

    if (recs_bundle_manifest(b, "session.window").data == NULL) {
        return RECS_OK;
    }

    if ((rc = recs_manifest_u32(b, "session.window", RECS_SESSION_WINDOW_MAX,
                                &view->session_window, err)) != RECS_OK
        || (rc = recs_manifest_double(b, "session.prior", &prior, err))
           != RECS_OK)
    {
        return rc;
    }

    if (view->session_window == 0) {
        return recs_manifest_missing(b, "session.window", err);
    }

    if (prior < RECS_SESSION_PRIOR_MIN || prior > RECS_SESSION_PRIOR_MAX) {
        return recs_manifest_missing(b, "session.prior", err);
    }

    view->session_prior = (float) prior;

    return RECS_OK;
}


static recs_status_t
recs_manifest_trees(const recs_bundle_t *b, recs_bundle_view_t *view,
    recs_error_t *err)
{
    double         weight;
    recs_status_t  rc;

    if (recs_bundle_manifest(b, "trees.features").data == NULL) {
        return RECS_OK;
    }

    if ((rc = recs_manifest_u32(b, "trees.features", RECS_TREES_FEATURES_MAX,
                                &view->trees.n_features, err)) != RECS_OK
        || (rc = recs_manifest_double(b, "trees.retrieved_weight", &weight,
                                      err)) != RECS_OK)
    {
        return rc;
    }

    view->trees.retrieved_weight = (float) weight;

    return view->trees.n_features == 0
           ? recs_manifest_missing(b, "trees.features", err) : RECS_OK;
}


/* Bundles without terms, for questions, say nothing of languages. */
static recs_status_t
recs_manifest_languages(const recs_bundle_t *b, recs_bundle_view_t *view,
    recs_error_t *err)
{
    recs_str_t  languages;

    languages = recs_bundle_manifest(b, "languages");

    return recs_languages_parse(languages, &view->languages)
           ? RECS_OK : recs_manifest_missing(b, "languages", err);
}


recs_status_t
recs_bundle_load_manifest(recs_bundle_t *b, recs_error_t *err)
{
    uint32_t             reader;
    recs_str_t           algorithm;
    recs_status_t        rc;
    recs_bundle_view_t  *view;

    view = &b->view;

    if ((rc = recs_manifest_read(b, err)) != RECS_OK
        || (rc = recs_manifest_u32(b, "reader", UINT32_MAX, &reader, err))
           != RECS_OK)
    {
        return rc;
    }

    if (reader > RECS_BUNDLE_READER) {
        return recs_error(err, RECS_VERSION,
                          "\"%s\" needs a reader of version %u or newer, "
                          "this is %u", b->name, reader, RECS_BUNDLE_READER);
    }

    if (reader == RECS_READER_BY_WEIGHT) {
        return recs_error(err, RECS_VERSION,
                          "\"%s\" has neighbour lists in the order of reader "
                          "version %u, which no released version wrote: train "
                          "it again", b->name, reader);
    }

    if ((rc = recs_manifest_u32(b, "n_items", RECS_ENTITIES_MAX,
                                &view->n_items, err)) != RECS_OK
        || (rc = recs_manifest_u32(b, "n_users", RECS_ENTITIES_MAX,
                                   &view->n_users, err)) != RECS_OK
        || (rc = recs_manifest_u32(b, "n_factors", RECS_FACTORS_MAX,
                                   &view->n_factors, err)) != RECS_OK
        || (rc = recs_manifest_columns(b, "item", &b->item_columns,
                                       &b->n_item_columns, err)) != RECS_OK
        || (rc = recs_manifest_columns(b, "user", &b->user_columns,
                                       &b->n_user_columns, err)) != RECS_OK)
    {
        return rc;
    }

    if (view->n_items == 0) {
        return recs_manifest_missing(b, "n_items", err);
    }

    algorithm = recs_bundle_manifest(b, "algorithm");

    if (!recs_id_valid(algorithm.data, algorithm.len)) {
        return recs_manifest_missing(b, "algorithm", err);
    }

    if ((rc = recs_manifest_codes(b, view, err)) != RECS_OK
        || (rc = recs_manifest_fold_in(b, view, err)) != RECS_OK
        || (rc = recs_manifest_neighbors(b, view, err)) != RECS_OK
        || (rc = recs_manifest_trees(b, view, err)) != RECS_OK
        || (rc = recs_manifest_languages(b, view, err)) != RECS_OK)
    {
        return rc;
    }

    rc = recs_manifest_hashes(b, view, err);

    return rc == RECS_OK ? recs_manifest_session(b, view, err) : rc;
}


void
recs_bundle_free_manifest(recs_bundle_t *b)
{
    free(b->manifest);
    free(b->item_columns);
    free(b->user_columns);
}


static recs_str_t
recs_column_name(const recs_str_t *columns, uint32_t n, uint32_t column)
{
    recs_str_t  none = { NULL, 0 };

    return column < n ? columns[column] : none;
}


uint32_t
recs_bundle_item_column(const recs_bundle_t *b, recs_str_t name)
{
    return recs_column_find(b->item_columns, b->n_item_columns, name);
}


recs_str_t
recs_bundle_item_column_name(const recs_bundle_t *b, uint32_t column)
{
    return recs_column_name(b->item_columns, b->n_item_columns, column);
}


uint32_t
recs_bundle_user_column(const recs_bundle_t *b, recs_str_t name)
{
    return recs_column_find(b->user_columns, b->n_user_columns, name);
}


recs_str_t
recs_bundle_user_column_name(const recs_bundle_t *b, uint32_t column)
{
    return recs_column_name(b->user_columns, b->n_user_columns, column);
}
