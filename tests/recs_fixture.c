#include "recs_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "recs_temp.h"


#define RECS_FIXTURE_SEEN  12
#define RECS_FIXTURE_TAGS  3


static const char *const  recs_fixture_item_columns[] = {
    "title", "url", "image", "tags"
};

static const char *const  recs_fixture_user_columns[] = { "country" };


uint64_t
recs_fixture_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;

    return *state * 0x2545f4914f6cdd1d;
}


static float
recs_fixture_float(uint64_t *state)
{
    return (float) (recs_fixture_random(state) >> 40) / (1 << 23) - 1.0f;
}


static void *
recs_fixture_alloc(size_t n, size_t size)
{
    void  *p;

    p = calloc(n + 1, size);
    assert_non_null(p);

    return p;
}


static recs_str_t
recs_fixture_record(void *data, uint32_t index)
{
    recs_str_t  *records;

    records = data;

    return records[index];
}


void
recs_fixture_set_id(recs_str_t *record, const char *id, size_t len)
{
    char  *p;

    free((char *) record->data);

    p = recs_fixture_alloc(len + 3, 1);
    p[0] = (char) len;
    memcpy(p + 1, id, len);

    record->data = p;
    record->len = len + 3;
}


static void
recs_fixture_set_attributes(recs_str_t *record, const char *prefix,
    uint32_t index, uint32_t n_columns)
{
    char                    text[64], *p;
    uint32_t                column;
    recs_str_t              id, value, built;
    recs_record_builder_t   b;

    memset(&b, 0, sizeof(recs_record_builder_t));

    id.data = text;
    id.len = (size_t) snprintf(text, sizeof(text), "%s%u", prefix, index);
    assert_int_equal(recs_record_begin(&b, id), RECS_OK);

    for (column = 0; column < n_columns; column++) {
        value.data = text;

        if (column == RECS_FIXTURE_TAGS) {
            value.len = (size_t) snprintf(text, sizeof(text),
                                          "every|half%u|t%u|r%u", index % 2,
                                          index % 24, index % 97);

        } else {
            value.len = (size_t) snprintf(text, sizeof(text),
                                          "value %u of %s%u <&>", column,
                                          prefix, index);
        }

        assert_int_equal(recs_record_add(&b, column, value), RECS_OK);
    }

    built = recs_record_end(&b);
    p = recs_fixture_alloc(built.len, 1);
    memcpy(p, built.data, built.len);
    recs_record_free(&b);

    free((char *) record->data);
    record->data = p;
    record->len = built.len;
}


static recs_str_t *
recs_fixture_entities(recs_entities_t *entities, const char *prefix,
    uint32_t n, const char *const *columns, uint32_t n_columns)
{
    uint32_t     i;
    recs_str_t  *records;

    records = recs_fixture_alloc(n, sizeof(recs_str_t));

    for (i = 0; i < n; i++) {
        recs_fixture_set_attributes(&records[i], prefix, i,
                                    i % 3 == 0 ? n_columns : 0);
    }

    entities->n = n;
    entities->n_columns = n_columns;
    entities->columns = columns;
    entities->record = recs_fixture_record;
    entities->data = records;

    return records;
}


/* Row 5 repeats row 3, row 6 is its opposite, row 7 is zero; and so on. */
static float *
recs_fixture_factors(uint32_t n, uint32_t n_factors, uint64_t *state)
{
    float     *values, *row;
    uint32_t   i, f;

    values = recs_fixture_alloc((size_t) n * n_factors, sizeof(float));

    for (i = 0; i < n; i++) {
        row = values + (size_t) i * n_factors;

        for (f = 0; f < n_factors; f++) {
            row[f] = recs_fixture_float(state);

            if (i % 16 == 5) {
                row[f] = *(row + f - (size_t) 2 * n_factors);
            }

            if (i % 16 == 6) {
                row[f] = -*(row + f - (size_t) 3 * n_factors);
            }

            if (i % 16 == 7) {
                row[f] = 0.0f;
            }
        }
    }

    return values;
}


static void
recs_fixture_seen(recs_fixture_t *fixture, uint64_t *state)
{
    uint32_t       u, i, n;
    uint64_t       at;
    recs_model_t  *m;

    m = &fixture->model;

    fixture->seen_offsets = recs_fixture_alloc((size_t) m->users.n + 1,
                                               sizeof(uint64_t));
    fixture->seen_items = recs_fixture_alloc((size_t) m->users.n
                                             * RECS_FIXTURE_SEEN,
                                             sizeof(uint32_t));
    at = 0;

    for (u = 0; u < m->users.n; u++) {
        n = (uint32_t) (recs_fixture_random(state) >> 33)
            % (RECS_FIXTURE_SEEN + 1);

        for (i = 0; i < n; i++) {
            fixture->seen_items[at++] =
                (uint32_t) (recs_fixture_random(state) >> 33) % m->items.n;
        }

        fixture->seen_offsets[u + 1] = at;
    }

    m->seen_offsets = fixture->seen_offsets;
    m->seen_items = fixture->seen_items;
}


static void
recs_fixture_times(recs_fixture_t *fixture, uint64_t *state)
{
    uint64_t       i, n;
    recs_model_t  *m;

    m = &fixture->model;
    n = m->seen_offsets[m->users.n];
    fixture->seen_times = recs_fixture_alloc(n, sizeof(int64_t));

    for (i = 0; i < n; i++) {
        fixture->seen_times[i] = 1500000000000
                                 + (int64_t) (recs_fixture_random(state) % 9);
    }

    m->seen_times = fixture->seen_times;
}


/* Twelve items behind the row's number, or fewer; lighter ones behind. */
static void
recs_fixture_rows(uint32_t n_rows, uint32_t n_items, uint64_t **offsets,
    uint32_t **items, float **weights)
{
    uint32_t  i, j;
    uint64_t  at;

    *offsets = recs_fixture_alloc((size_t) n_rows + 1, sizeof(uint64_t));
    *items = recs_fixture_alloc((size_t) n_rows * 12, sizeof(uint32_t));
    *weights = recs_fixture_alloc((size_t) n_rows * 12, sizeof(float));
    at = 0;

    for (i = 0; i < n_rows; i++) {
        for (j = 0; j < 12 && j + 1 < n_items; j++) {
            (*items)[at] = (i + 1 + j) % n_items;
            (*weights)[at++] = (float) (1 + i % 3) / (float) (4 + j);
        }

        (*offsets)[i + 1] = at;
    }
}


static void
recs_fixture_further(recs_fixture_t *fixture)
{
    recs_fixture_rows(fixture->model.items.n, fixture->model.items.n,
                      &fixture->opposed_offsets, &fixture->opposed_items,
                      &fixture->opposed_weights);
    recs_fixture_rows(fixture->model.users.n, fixture->model.items.n,
                      &fixture->user_list_offsets, &fixture->user_list_items,
                      &fixture->user_list_weights);

    fixture->lists.opposed.offsets = fixture->opposed_offsets;
    fixture->lists.opposed.items = fixture->opposed_items;
    fixture->lists.opposed.weights = fixture->opposed_weights;
    fixture->lists.users.offsets = fixture->user_list_offsets;
    fixture->lists.users.items = fixture->user_list_items;
    fixture->lists.users.weights = fixture->user_list_weights;
}


/* Item i's neighbours are every other item from a random one on. */
static void
recs_fixture_lists(recs_fixture_t *fixture, uint32_t n_neighbors,
    uint64_t *state)
{
    uint32_t  i, j, n, first, item, n_items;
    uint64_t  at;

    n_items = fixture->model.items.n;
    fixture->list_offsets = recs_fixture_alloc((size_t) n_items + 1,
                                               sizeof(uint64_t));
    fixture->list_items = recs_fixture_alloc((size_t) n_items * n_neighbors,
                                             sizeof(uint32_t));
    fixture->list_weights = recs_fixture_alloc((size_t) n_items
                                               * n_neighbors, sizeof(float));
    at = 0;

    for (i = 0; i < n_items; i++) {
        n = (uint32_t) (recs_fixture_random(state) >> 33) % (n_neighbors + 1);
        first = (uint32_t) (recs_fixture_random(state) >> 33) % n_items;

        for (j = 0; j < n && 2 * j + 1 < n_items; j++) {
            item = (first + 2 * j) % n_items;

            if (item == i) {
                continue;
            }

            fixture->list_items[at] = item;
            fixture->list_weights[at++] =
                   (float) ((recs_fixture_random(state) >> 33) % 64) / 64;
        }

        fixture->list_offsets[i + 1] = at;
    }

    fixture->lists.offsets = fixture->list_offsets;
    fixture->lists.items = fixture->list_items;
    fixture->lists.weights = fixture->list_weights;
    fixture->lists.weight = 0.5;
    fixture->lists.history = 5;
    fixture->model.neighbors = &fixture->lists;
}


static void
recs_fixture_popularity(recs_fixture_t *fixture, uint64_t *state)
{
    uint32_t       i;
    recs_model_t  *m;

    m = &fixture->model;

    fixture->popularity = recs_fixture_alloc(m->items.n, sizeof(float));

    /* Few distinct values, so that there are ties. */
    for (i = 0; i < m->items.n; i++) {
        fixture->popularity[i] =
            (float) ((recs_fixture_random(state) >> 33) % 50);
    }

    m->popularity = fixture->popularity;
}


static void
recs_fixture_vectors(recs_fixture_t *fixture,
    const recs_fixture_params_t *p, uint64_t *state)
{
    uint32_t       f;
    recs_model_t  *m;

    m = &fixture->model;
    m->n_factors = p->n_factors;

    fixture->item_factors = recs_fixture_factors(p->n_items, p->n_factors,
                                                 state);
    m->item_factors = fixture->item_factors;

    if (!p->no_user_factors) {
        fixture->user_factors = recs_fixture_factors(p->n_users,
                                                     p->n_factors, state);
        m->user_factors = fixture->user_factors;
    }

    if (!p->no_fold_in) {
        fixture->gram = recs_fixture_alloc(p->n_factors, sizeof(float));

        for (f = 0; f < p->n_factors; f++) {
            fixture->gram[f] = 2.0f + recs_fixture_float(state);
        }

        fixture->fold_in.gram = fixture->gram;
        fixture->fold_in.unobserved_weight = 0.1;
        fixture->fold_in.regularization = 0.003;
        fixture->fold_in.regularization_exponent = 0.5;
        m->fold_in = &fixture->fold_in;
    }
}


static void
recs_fixture_segments(recs_fixture_t *fixture, uint32_t n, uint64_t *state)
{
    uint32_t          i, j, n_listed, step;
    uint64_t          at;
    recs_segments_t  *s;

    s = &fixture->segments;

    fixture->segment_names = recs_fixture_alloc(n, 16);
    fixture->segment_pointers = recs_fixture_alloc(n, sizeof(char *));
    fixture->segment_counts = recs_fixture_alloc(n, sizeof(uint32_t));
    fixture->segment_offsets = recs_fixture_alloc((size_t) n + 1,
                                                  sizeof(uint64_t));
    fixture->segment_items = recs_fixture_alloc((size_t) n * 40,
                                                sizeof(uint32_t));
    fixture->segment_boosts = recs_fixture_alloc((size_t) n * 40,
                                                 sizeof(float));
    at = 0;

    for (i = 0; i < n; i++) {
        snprintf(fixture->segment_names[i], 16, "area=a%03u", i % 1000);
        fixture->segment_pointers[i] = fixture->segment_names[i];
        fixture->segment_counts[i] = 20 + i;
        n_listed = (uint32_t) (recs_fixture_random(state) >> 33) % 41;
        step = fixture->model.items.n / 41;

        /* Falling, so that the writer has something to sort. */

        for (j = n_listed; j > 0 && step > 0; j--) {
            fixture->segment_items[at] = j * step;
            fixture->segment_boosts[at++] =
                1 + (float) ((recs_fixture_random(state) >> 33) % 13) / 4;
        }

        fixture->segment_offsets[i + 1] = at;
    }

    s->n = n;
    s->names = fixture->segment_pointers;
    s->n_users = fixture->segment_counts;
    s->n_interactions = fixture->segment_counts;
    s->offsets = fixture->segment_offsets;
    s->items = fixture->segment_items;
    s->boosts = fixture->segment_boosts;
    fixture->model.segments = s;
}


recs_fixture_t *
recs_fixture_create(const recs_fixture_params_t *p)
{
    uint64_t         state;
    recs_model_t    *m;
    recs_fixture_t  *fixture;

    static const recs_pair_t  params[] = {
        { "epochs", "16" }, { "factors", "64" }
    };

    static const recs_pair_t  notes[] = { { "data.interactions", "1000" } };

    fixture = recs_fixture_alloc(1, sizeof(recs_fixture_t));
    state = p->seed * 2 + 0x9e3779b97f4a7c15;

    m = &fixture->model;
    m->algorithm = "fixture";
    m->params = params;
    m->n_params = 2;
    m->notes = notes;
    m->n_notes = 1;
    m->trained_from_ms = 1500000000000;
    m->trained_to_ms = 1600000000000;

    fixture->item_records = recs_fixture_entities(&m->items, "i", p->n_items,
        recs_fixture_item_columns, p->no_attributes ? 0 : 4);
    fixture->user_records = recs_fixture_entities(&m->users, "u", p->n_users,
        recs_fixture_user_columns, p->no_attributes ? 0 : 1);

    if (p->n_factors > 0) {
        recs_fixture_vectors(fixture, p, &state);
    }

    if (!p->no_popularity) {
        recs_fixture_popularity(fixture, &state);
    }

    if (!p->no_seen) {
        recs_fixture_seen(fixture, &state);
    }

    if (p->times) {
        recs_fixture_times(fixture, &state);
    }

    if (p->n_neighbors > 0) {
        recs_fixture_lists(fixture, p->n_neighbors, &state);
    }

    if (p->further) {
        recs_fixture_further(fixture);
    }

    if (p->n_segments > 0) {
        recs_fixture_segments(fixture, p->n_segments, &state);
    }

    if (p->n_trees > 0) {
        recs_fixture_trees(fixture, p->n_trees, &state);
    }

    if (p->n_logistic > 0) {
        recs_fixture_logistic(fixture, p->n_logistic, &state);
    }

    if (p->n_hidden > 0) {
        recs_fixture_mlp(fixture, p->n_hidden, &state);
    }

    if (p->n_terms > 0) {
        recs_fixture_terms(fixture, p->n_terms, &state);
    }

    return fixture;
}


static void
recs_fixture_free_records(recs_str_t *records, uint32_t n)
{
    uint32_t  i;

    for (i = 0; i < n; i++) {
        free((char *) records[i].data);
    }

    free(records);
}


void
recs_fixture_destroy(recs_fixture_t *fixture)
{
    recs_fixture_free_records(fixture->item_records, fixture->model.items.n);
    recs_fixture_free_records(fixture->user_records, fixture->model.users.n);
    free(fixture->item_factors);
    free(fixture->user_factors);
    free(fixture->popularity);
    free(fixture->gram);
    free(fixture->seen_offsets);
    free(fixture->seen_items);
    free(fixture->seen_times);
    free(fixture->list_offsets);
    free(fixture->list_items);
    free(fixture->list_weights);
    free(fixture->opposed_offsets);
    free(fixture->opposed_items);
    free(fixture->opposed_weights);
    free(fixture->user_list_offsets);
    free(fixture->user_list_items);
    free(fixture->user_list_weights);
    free(fixture->segment_names);
    free(fixture->segment_pointers);
    free(fixture->segment_counts);
    free(fixture->segment_offsets);
    free(fixture->segment_items);
    free(fixture->segment_boosts);
    free(fixture->tree_nodes);
    free(fixture->tree_leaves);
    free(fixture->tree_means);
    free(fixture->logistic_numeric);
    free(fixture->logistic_weights);
    free(fixture->mlp_rows);
    free(fixture->mlp_weights);
    free(fixture->term_hashes);
    free(fixture->term_weights);
    free(fixture->term_factors);
    free(fixture);
}


void
recs_fixture_write(const recs_fixture_t *fixture, const char *path)
{
    recs_error_t  err;

    if (recs_model_write(&fixture->model, path, &err) != RECS_OK) {
        fail_msg("%s", err.message);
    }
}


void
recs_fixture_bundle(const recs_fixture_params_t *params, const char *path)
{
    recs_fixture_t  *fixture;

    fixture = recs_fixture_create(params);
    recs_fixture_write(fixture, path);
    recs_fixture_destroy(fixture);
}


recs_bundle_t *
recs_fixture_open(const recs_fixture_params_t *params)
{
    const char     *path;
    recs_error_t    err;
    recs_bundle_t  *bundle;

    path = recs_temp_path("fixture.mdb");
    recs_fixture_bundle(params, path);

    if (recs_bundle_open(&bundle, path, 0, &err) != RECS_OK) {
        fail_msg("%s", err.message);
    }

    unlink(path);

    return bundle;
}
