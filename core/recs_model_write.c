#include "recs_model.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "recs_bundle.h"
#include "recs_bundle_write.h"
#include "recs_golden_write.h"


typedef struct {
    double    sort;                   /* norm, or popularity without factors */
    uint32_t  index;
} recs_ranked_t;

/* A model on its way into a bundle: what is renumbered how. */
typedef struct {
    const recs_model_t    *model;
    recs_bundle_writer_t  *writer;

    recs_ranked_t         *items;             /* [n_items] number -> index */
    uint32_t              *item_numbers;      /* [n_items] index -> number */
    float                 *norms;             /* [n_items] by number */
    uint32_t              *popular_items;     /* [n_items] */

    uint32_t              *users;             /* [n_users] number -> index */
    uint32_t               n_users;

    uint32_t              *seen;              /* one user's, sorted */
    uint32_t               stride;
} recs_writing_t;


static recs_status_t
recs_model_no_memory(recs_error_t *err)
{
    return recs_error(err, RECS_NOMEM, "no memory to write the bundle");
}


static recs_status_t
recs_model_check_rows(const float *values, uint32_t n_rows, uint32_t n_cols,
    const char *what, const recs_entities_t *entities, recs_error_t *err)
{
    size_t      i;
    uint32_t    row;
    recs_str_t  id;

    if (values == NULL) {
        return RECS_OK;
    }

    for (i = 0; i < (size_t) n_rows * n_cols; i++) {
        if (!isfinite(values[i])) {
            row = (uint32_t) (i / n_cols);
            id = recs_record_id(entities->record(entities->data, row));

            return recs_error(err, RECS_INVALID,
                              "%s of row %u (\"%.*s\") is not a finite "
                              "number", what, row, (int) id.len, id.data);
        }
    }

    return RECS_OK;
}


static recs_status_t
recs_model_check_seen(const recs_model_t *m, recs_error_t *err)
{
    uint32_t  u;
    uint64_t  i;

    if (m->seen_offsets == NULL) {
        return RECS_OK;
    }

    for (u = 0; u < m->users.n; u++) {
        if (m->seen_offsets[u + 1] < m->seen_offsets[u]) {
            return recs_error(err, RECS_INVALID,
                              "seen_offsets falls at user %u", u);
        }
    }

    for (i = m->seen_offsets[0]; i < m->seen_offsets[m->users.n]; i++) {
        if (m->seen_items[i] >= m->items.n) {
            return recs_error(err, RECS_INVALID,
                              "seen item %u is out of range", m->seen_items[i]);
        }
    }

    return RECS_OK;
}


static recs_status_t
recs_model_check(const recs_model_t *m, recs_error_t *err)
{
    recs_status_t  rc;

    if (m->items.n == 0) {
        return recs_error(err, RECS_INVALID, "a model needs at least one "
                          "item");
    }

    if (m->items.n > RECS_ENTITIES_MAX || m->users.n > RECS_ENTITIES_MAX) {
        return recs_error(err, RECS_INVALID, "more than 2^31 items or users");
    }

    if (m->n_factors > RECS_FACTORS_MAX) {
        return recs_error(err, RECS_INVALID, "%u factors, at most %d are "
                          "possible", m->n_factors, RECS_FACTORS_MAX);
    }

    if (m->items.n_columns > RECS_COLUMNS_MAX
        || m->users.n_columns > RECS_COLUMNS_MAX)
    {
        return recs_error(err, RECS_INVALID, "more than %d attribute columns",
                          RECS_COLUMNS_MAX);
    }

    if ((rc = recs_model_check_rows(m->item_factors, m->items.n, m->n_factors,
                                    "an item factor", &m->items, err))
        != RECS_OK
        || (rc = recs_model_check_rows(m->user_factors, m->users.n,
                                       m->n_factors, "a user factor",
                                       &m->users, err)) != RECS_OK
        || (rc = recs_model_check_rows(m->popularity, m->items.n, 1,
                                       "the popularity", &m->items, err))
           != RECS_OK)
    {
        return rc;
    }

    return recs_model_check_seen(m, err);
}


static int
recs_ranked_compare(const void *one, const void *two)
{
    const recs_ranked_t  *a, *b;

    a = one;
    b = two;

    if (a->sort != b->sort) {
        return a->sort < b->sort ? 1 : -1;
    }

    return (a->index > b->index) - (a->index < b->index);
}


static double
recs_model_norm(const recs_model_t *m, uint32_t index)
{
    double        sum;
    uint32_t      f;
    const float  *row;

    row = m->item_factors + (size_t) index * m->n_factors;
    sum = 0.0;

    for (f = 0; f < m->n_factors; f++) {
        sum += (double) row[f] * row[f];
    }

    return sqrt(sum);
}


/* The smallest float that is not below x. */
static float
recs_model_float_up(double x)
{
    float  f;

    f = (float) x;

    return (double) f < x ? nextafterf(f, INFINITY) : f;
}


static recs_status_t
recs_model_rank_items(recs_writing_t *w, recs_error_t *err)
{
    size_t               n;
    uint32_t             i;
    const recs_model_t  *m;

    m = w->model;
    n = m->items.n;

    w->items = malloc(n * sizeof(recs_ranked_t));
    w->item_numbers = malloc(n * sizeof(uint32_t));
    w->norms = malloc(n * sizeof(float));

    if (w->items == NULL || w->item_numbers == NULL || w->norms == NULL) {
        return recs_model_no_memory(err);
    }

    for (i = 0; i < n; i++) {
        w->items[i].index = i;
        w->items[i].sort = m->n_factors > 0 ? recs_model_norm(m, i) : 0.0;

        if (m->n_factors == 0 && m->popularity != NULL) {
            w->items[i].sort = m->popularity[i];
        }
    }

    qsort(w->items, n, sizeof(recs_ranked_t), recs_ranked_compare);

    for (i = 0; i < n; i++) {
        w->item_numbers[w->items[i].index] = i;
        w->norms[i] = recs_model_float_up(w->items[i].sort);

        if (!isfinite(w->norms[i])) {
            return recs_error(err, RECS_INVALID, "the vector of item row %u "
                              "is too long", w->items[i].index);
        }
    }

    return RECS_OK;
}


static recs_status_t
recs_model_rank_popular(recs_writing_t *w, recs_error_t *err)
{
    uint32_t        i, n;
    recs_ranked_t  *ranked;

    if (w->model->popularity == NULL) {
        return RECS_OK;
    }

    n = w->model->items.n;

    ranked = malloc((size_t) n * sizeof(recs_ranked_t));
    w->popular_items = malloc((size_t) n * sizeof(uint32_t));

    if (ranked == NULL || w->popular_items == NULL) {
        free(ranked);
        return recs_model_no_memory(err);
    }

    for (i = 0; i < n; i++) {
        ranked[i].index = i;
        ranked[i].sort = w->model->popularity[i];
    }

    qsort(ranked, n, sizeof(recs_ranked_t), recs_ranked_compare);

    for (i = 0; i < n; i++) {
        w->popular_items[i] = w->item_numbers[ranked[i].index];
    }

    free(ranked);

    return RECS_OK;
}


static int
recs_model_user_known(const recs_model_t *m, uint32_t index)
{
    uint32_t      f;
    const float  *row;

    if (m->seen_offsets != NULL
        && m->seen_offsets[index + 1] > m->seen_offsets[index])
    {
        return 1;
    }

    if (m->user_factors == NULL) {
        return 0;
    }

    row = m->user_factors + (size_t) index * m->n_factors;

    for (f = 0; f < m->n_factors; f++) {
        if (row[f] != 0.0f) {
            return 1;
        }
    }

    return 0;
}


static recs_status_t
recs_model_choose_users(recs_writing_t *w, recs_error_t *err)
{
    uint32_t  index;
    uint64_t  n, longest;

    w->users = malloc(((size_t) w->model->users.n + 1) * sizeof(uint32_t));
    if (w->users == NULL) {
        return recs_model_no_memory(err);
    }

    longest = 0;

    for (index = 0; index < w->model->users.n; index++) {
        if (!recs_model_user_known(w->model, index)) {
            continue;
        }

        w->users[w->n_users++] = index;

        if (w->model->seen_offsets != NULL) {
            n = w->model->seen_offsets[index + 1]
                - w->model->seen_offsets[index];

            if (n > longest) {
                longest = n;
            }
        }
    }

    w->seen = malloc(((size_t) longest + 1) * sizeof(uint32_t));

    return w->seen != NULL ? RECS_OK : recs_model_no_memory(err);
}


static void
recs_fill_item_factors(void *data, uint64_t row, void *dst)
{
    recs_writing_t  *w;

    w = data;

    memset(dst, 0, w->stride * sizeof(float));
    memcpy(dst, w->model->item_factors
                + (size_t) w->items[row].index * w->model->n_factors,
           w->model->n_factors * sizeof(float));
}


static void
recs_fill_user_factors(void *data, uint64_t row, void *dst)
{
    recs_writing_t  *w;

    w = data;

    memset(dst, 0, w->stride * sizeof(float));
    memcpy(dst, w->model->user_factors
                + (size_t) w->users[row] * w->model->n_factors,
           w->model->n_factors * sizeof(float));
}


static void
recs_fill_norm(void *data, uint64_t row, void *dst)
{
    memcpy(dst, &((recs_writing_t *) data)->norms[row], sizeof(float));
}


static void
recs_fill_order(void *data, uint64_t row, void *dst)
{
    memcpy(dst, &((recs_writing_t *) data)->items[row].index,
           sizeof(uint32_t));
}


static void
recs_fill_popularity(void *data, uint64_t row, void *dst)
{
    recs_writing_t  *w;

    w = data;
    memcpy(dst, &w->model->popularity[w->items[row].index], sizeof(float));
}


static void
recs_fill_popular_item(void *data, uint64_t row, void *dst)
{
    memcpy(dst, &((recs_writing_t *) data)->popular_items[row],
           sizeof(uint32_t));
}


static void
recs_fill_gram(void *data, uint64_t row, void *dst)
{
    memcpy(dst, &((recs_writing_t *) data)->model->fold_in->gram[row],
           sizeof(float));
}


static recs_str_t
recs_get_item_record(void *data, uint64_t i)
{
    recs_writing_t  *w;

    w = data;

    return w->model->items.record(w->model->items.data, w->items[i].index);
}


static recs_str_t
recs_get_user_record(void *data, uint64_t i)
{
    recs_writing_t  *w;

    w = data;

    return w->model->users.record(w->model->users.data, w->users[i]);
}


static int
recs_number_compare(const void *one, const void *two)
{
    uint32_t  a, b;

    a = *(const uint32_t *) one;
    b = *(const uint32_t *) two;

    return (a > b) - (a < b);
}


static recs_str_t
recs_get_seen(void *data, uint64_t i)
{
    uint64_t             at, end;
    uint32_t             j, n, unique;
    recs_str_t           run;
    recs_writing_t      *w;
    const recs_model_t  *m;

    w = data;
    m = w->model;
    n = 0;
    end = m->seen_offsets[w->users[i] + 1];

    for (at = m->seen_offsets[w->users[i]]; at < end; at++) {
        w->seen[n++] = w->item_numbers[m->seen_items[at]];
    }

    qsort(w->seen, n, sizeof(uint32_t), recs_number_compare);

    for (j = 0, unique = 0; j < n; j++) {
        if (j == 0 || w->seen[j] != w->seen[j - 1]) {
            w->seen[unique++] = w->seen[j];
        }
    }

    run.data = (const char *) w->seen;
    run.len = unique * sizeof(uint32_t);

    return run;
}


/* Records are built by others: looked at before the bundle promises them. */
static recs_status_t
recs_model_put_ids(recs_writing_t *w, const char *db,
    const recs_entities_t *entities, recs_str_t (*get)(void *, uint64_t),
    uint32_t n, recs_error_t *err)
{
    uint32_t       i;
    recs_str_t    *ids, record;
    recs_status_t  rc;

    ids = malloc(((size_t) n + 1) * sizeof(recs_str_t));
    if (ids == NULL) {
        return recs_model_no_memory(err);
    }

    for (i = 0; i < n; i++) {
        record = get(w, i);

        if (recs_record_check(record, entities->n_columns) != RECS_OK) {
            free(ids);
            return recs_error(err, RECS_INVALID,
                              "%s: the record of row %u is malformed (an id "
                              "is 1 to %d bytes of UTF-8 without control "
                              "characters)", db, i, RECS_ID_MAX);
        }

        ids[i] = recs_record_id(record);
    }

    rc = recs_bundle_writer_ids(w->writer, db, ids, n, err);
    free(ids);

    return rc;
}


static recs_status_t
recs_model_put_entities(recs_writing_t *w, recs_error_t *err)
{
    recs_status_t        rc;
    const recs_model_t  *m;

    m = w->model;

    if ((rc = recs_model_put_ids(w, RECS_DB_ITEMS, &m->items,
                                 recs_get_item_record, m->items.n, err))
        != RECS_OK
        || (rc = recs_model_put_ids(w, RECS_DB_USERS, &m->users,
                                    recs_get_user_record, w->n_users, err))
           != RECS_OK
        || (rc = recs_bundle_writer_runs(w->writer, RECS_TABLE_ITEM_RECORDS,
                                         RECS_TABLE_ITEM_SPANS, m->items.n,
                                         recs_get_item_record, w, err))
           != RECS_OK
        || (rc = recs_bundle_writer_runs(w->writer, RECS_TABLE_USER_RECORDS,
                                         RECS_TABLE_USER_SPANS, w->n_users,
                                         recs_get_user_record, w, err))
           != RECS_OK)
    {
        return rc;
    }

    if (m->seen_offsets == NULL) {
        return RECS_OK;
    }

    return recs_bundle_writer_runs(w->writer, RECS_TABLE_SEEN_ITEMS,
                                   RECS_TABLE_SEEN_SPANS, w->n_users,
                                   recs_get_seen, w, err);
}


static recs_status_t
recs_model_put_tables(recs_writing_t *w, recs_error_t *err)
{
    unsigned             i;
    uint32_t             n_items, stride;
    recs_status_t        rc;
    const recs_model_t  *m;

    m = w->model;
    n_items = m->items.n;
    stride = w->stride * sizeof(float);

    const struct {
        recs_table_id_t    id;
        int                wanted;
        uint64_t           n_rows;
        uint32_t           row_size;
        void             (*fill)(void *data, uint64_t row, void *dst);
    } tables[] = {
        { RECS_TABLE_ITEM_FACTORS, m->n_factors > 0, n_items, stride,
          recs_fill_item_factors },
        { RECS_TABLE_ITEM_NORMS, m->n_factors > 0, n_items, sizeof(float),
          recs_fill_norm },
        { RECS_TABLE_ITEM_ORDER, 1, n_items, sizeof(uint32_t),
          recs_fill_order },
        { RECS_TABLE_USER_FACTORS, m->n_factors > 0 && m->user_factors != NULL,
          w->n_users, stride, recs_fill_user_factors },
        { RECS_TABLE_POPULARITY, m->popularity != NULL, n_items,
          sizeof(float), recs_fill_popularity },
        { RECS_TABLE_POPULAR_ITEMS, m->popularity != NULL, n_items,
          sizeof(uint32_t), recs_fill_popular_item },
        { RECS_TABLE_GRAM, m->fold_in != NULL, m->n_factors, sizeof(float),
          recs_fill_gram }
    };

    for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        if (!tables[i].wanted) {
            continue;
        }

        rc = recs_bundle_writer_table(w->writer, tables[i].id,
                                      tables[i].n_rows, tables[i].row_size,
                                      tables[i].fill, w, err);
        if (rc != RECS_OK) {
            return rc;
        }
    }

    return RECS_OK;
}


static void
recs_model_time(char *buf, size_t size, int64_t ms)
{
    time_t     seconds;
    struct tm  tm;

    seconds = (time_t) (ms / 1000);
    gmtime_r(&seconds, &tm);
    strftime(buf, size, "%Y-%m-%dT%H:%M:%SZ", &tm);
}


static recs_status_t
recs_model_put_columns(recs_writing_t *w, const char *entity,
    const recs_entities_t *entities, recs_error_t *err)
{
    char           name[64], value[16];
    uint32_t       i;
    recs_status_t  rc;

    snprintf(name, sizeof(name), "%s_columns", entity);
    snprintf(value, sizeof(value), "%u", entities->n_columns);

    rc = recs_bundle_writer_manifest(w->writer, name, value, err);

    for (i = 0; i < entities->n_columns && rc == RECS_OK; i++) {
        snprintf(name, sizeof(name), "%s_column.%03u", entity, i);

        if (!recs_id_valid(entities->columns[i],
                           strlen(entities->columns[i])))
        {
            return recs_error(err, RECS_INVALID, "the name of %s attribute "
                              "%u is not 1 to %d bytes of UTF-8 without "
                              "control characters", entity, i, RECS_ID_MAX);
        }

        rc = recs_bundle_writer_manifest(w->writer, name,
                                         entities->columns[i], err);
    }

    return rc;
}


static recs_status_t
recs_model_put_pairs(recs_writing_t *w, const char *prefix,
    const recs_pair_t *pairs, uint32_t n, recs_error_t *err)
{
    char           name[256];
    uint32_t       i;
    recs_status_t  rc;

    rc = RECS_OK;

    for (i = 0; i < n && rc == RECS_OK; i++) {
        snprintf(name, sizeof(name), "%s%s", prefix, pairs[i].name);
        rc = recs_bundle_writer_manifest(w->writer, name, pairs[i].value,
                                         err);
    }

    return rc;
}


static recs_status_t
recs_model_put_manifest(recs_writing_t *w, recs_error_t *err)
{
    char                          format[16], n_items[16], n_users[16],
                                  n_factors[16], created[32], from[32],
                                  to[32], weight[32], reg[32], exponent[32];
    uint32_t                      n;
    recs_pair_t                   pairs[16];
    recs_status_t                 rc;
    const recs_model_t           *m;
    const recs_fold_in_params_t  *fold_in;

    m = w->model;
    fold_in = m->fold_in;

    snprintf(format, sizeof(format), "%d", RECS_BUNDLE_FORMAT);
    snprintf(n_items, sizeof(n_items), "%u", m->items.n);
    snprintf(n_users, sizeof(n_users), "%u", w->n_users);
    snprintf(n_factors, sizeof(n_factors), "%u", m->n_factors);
    recs_model_time(created, sizeof(created), (int64_t) time(NULL) * 1000);

    n = 0;
    pairs[n++] = (recs_pair_t) { "algorithm", m->algorithm };
    pairs[n++] = (recs_pair_t) { "reader", format };
    pairs[n++] = (recs_pair_t) { "n_items", n_items };
    pairs[n++] = (recs_pair_t) { "n_users", n_users };
    pairs[n++] = (recs_pair_t) { "n_factors", n_factors };
    pairs[n++] = (recs_pair_t) { "created", created };

    if (m->trained_to_ms != 0) {
        recs_model_time(from, sizeof(from), m->trained_from_ms);
        recs_model_time(to, sizeof(to), m->trained_to_ms);
        pairs[n++] = (recs_pair_t) { "trained_from", from };
        pairs[n++] = (recs_pair_t) { "trained_to", to };
    }

    if (fold_in != NULL) {
        snprintf(weight, sizeof(weight), "%.17g", fold_in->unobserved_weight);
        snprintf(reg, sizeof(reg), "%.17g", fold_in->regularization);
        snprintf(exponent, sizeof(exponent), "%.17g",
                 fold_in->regularization_exponent);
        pairs[n++] = (recs_pair_t) { "fold_in.unobserved_weight", weight };
        pairs[n++] = (recs_pair_t) { "fold_in.regularization", reg };
        pairs[n++] = (recs_pair_t) { "fold_in.regularization_exponent",
                                     exponent };
    }

    if ((rc = recs_model_put_pairs(w, "", pairs, n, err)) != RECS_OK
        || (rc = recs_model_put_pairs(w, "param.", m->params, m->n_params,
                                      err)) != RECS_OK
        || (rc = recs_model_put_pairs(w, "", m->notes, m->n_notes, err))
           != RECS_OK
        || (rc = recs_model_put_columns(w, "item", &m->items, err))
           != RECS_OK)
    {
        return rc;
    }

    return recs_model_put_columns(w, "user", &m->users, err);
}


static recs_status_t
recs_model_put_golden(recs_writing_t *w, recs_error_t *err)
{
    int             fd;
    const char     *path;
    recs_bundle_t  *bundle;
    recs_status_t   rc;

    rc = recs_bundle_writer_flush(w->writer, err);
    if (rc != RECS_OK) {
        return rc;
    }

    path = recs_bundle_writer_path(w->writer);

    fd = open(path, O_RDONLY|O_CLOEXEC);
    if (fd == -1) {
        return recs_error(err, RECS_IO, "cannot read back \"%s\"", path);
    }

    rc = recs_bundle_open_fd(&bundle, fd, path,
                             RECS_BUNDLE_UNSEALED|RECS_BUNDLE_TRUSTED, err);
    close(fd);

    if (rc != RECS_OK) {
        return rc;
    }

    rc = recs_golden_write(bundle, w->writer, err);
    recs_bundle_close(bundle);

    return rc;
}


/* An upper estimate of what LMDB will be given. */
static uint64_t
recs_model_size(const recs_model_t *m)
{
    uint64_t  i, size;

    size = ((uint64_t) m->items.n + m->users.n)
           * (((m->n_factors + 15) / 16) * 64 + 1024);

    if (m->seen_offsets != NULL) {
        size += m->seen_offsets[m->users.n] * sizeof(uint32_t);
    }

    for (i = 0; i < m->items.n; i++) {
        size += m->items.record(m->items.data, (uint32_t) i).len;
    }

    for (i = 0; i < m->users.n; i++) {
        size += m->users.record(m->users.data, (uint32_t) i).len;
    }

    return size;
}


recs_status_t
recs_model_write(const recs_model_t *model, const char *path,
    recs_error_t *err)
{
    recs_status_t   rc;
    recs_writing_t  w;

    rc = recs_model_check(model, err);
    if (rc != RECS_OK) {
        return rc;
    }

    memset(&w, 0, sizeof(recs_writing_t));
    w.model = model;
    w.stride = (model->n_factors + 15) / 16 * 16;

    if ((rc = recs_model_rank_items(&w, err)) != RECS_OK
        || (rc = recs_model_rank_popular(&w, err)) != RECS_OK
        || (rc = recs_model_choose_users(&w, err)) != RECS_OK
        || (rc = recs_bundle_writer_create(&w.writer, path,
                                           recs_model_size(model), err))
           != RECS_OK
        || (rc = recs_model_put_manifest(&w, err)) != RECS_OK
        || (rc = recs_model_put_entities(&w, err)) != RECS_OK
        || (rc = recs_model_put_tables(&w, err)) != RECS_OK
        || (rc = recs_model_put_golden(&w, err)) != RECS_OK)
    {
        recs_bundle_writer_abort(w.writer);

    } else {
        rc = recs_bundle_writer_finish(w.writer, err);
    }

    free(w.items);
    free(w.item_numbers);
    free(w.norms);
    free(w.popular_items);
    free(w.users);
    free(w.seen);

    return rc;
}
