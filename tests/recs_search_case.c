#include "recs_search_case.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "recs_model.h"
#include "recs_tiny_view.h"


typedef enum {
    NORMAL,                     /* norms that fall by and by */
    INTEGERS,                   /* whole numbers: ties everywhere */
    REPEATED,                   /* few distinct rows */
    FLAT,                       /* all norms 1, but for the roundings */
    ZEROS,                      /* most rows are zero */
    ONE_HUGE,
    DENORMAL,
    NEAR,                       /* scores that differ in their last bits */
    STYLES
} style_t;


uint32_t
recs_search_case_below(recs_rng_t *rng, uint32_t n)
{
    return (uint32_t) (recs_rng_next(rng) >> 33) % n;
}


static float
value(style_t style, uint32_t item, recs_rng_t *rng)
{
    double  x;

    x = recs_rng_normal(rng);

    switch (style) {

    case NORMAL:
        return (float) (x / (1 + item % 50));

    case INTEGERS:
        return (float) ((int) recs_search_case_below(rng, 5) - 2);

    case ZEROS:
        return item % 5 == 0 ? (float) x : 0.0f;

    case ONE_HUGE:
        return item == 7 ? (float) (x * 1e12) : (float) x;

    case DENORMAL:
        return (float) (x * 1e-40);

    case NEAR:
        return (float) (1 + x * 1e-6);

    default:
        return (float) x;
    }
}


static void
make_rows(recs_search_case_t *c, uint32_t n, uint32_t d, recs_rng_t *rng)
{
    double    norm;
    float    *row;
    uint32_t  i, f;

    c->rows = calloc((size_t) n * d + 1, sizeof(float));

    for (i = 0; i < n; i++) {
        row = c->rows + (size_t) i * d;
        norm = 0;

        for (f = 0; f < d; f++) {
            row[f] = value((style_t) c->style, i, rng);
            norm += (double) row[f] * row[f];
        }

        for (f = 0; f < d && c->style == FLAT && norm > 0; f++) {
            row[f] = (float) (row[f] / sqrt(norm));
        }

        if (i >= 3 && (c->style == REPEATED || i % 11 == 3)) {
            memcpy(row, c->rows + (size_t) (i % 3) * d, d * sizeof(float));
        }
    }
}


static void
make_codes(recs_bundle_view_t *view, recs_codes_kind_t kind,
    uint32_t per_shard)
{
    char               **shards;
    float               *scratch;
    uint32_t             i, j, n, n_shards;
    const float         *rows[RECS_BLOCK_ITEMS];
    recs_code_block_t   *blocks;

    if (kind == RECS_CODES_NONE) {
        return;
    }

    view->codes_kind = kind;
    view->n_blocks = (view->n_items + RECS_BLOCK_ITEMS - 1)
                     / RECS_BLOCK_ITEMS;
    view->codes.n_rows = view->n_blocks;
    view->codes.rows_per_shard = per_shard;
    view->codes.row_size = recs_codes_block_size(kind, view->n_factors);

    n_shards = (view->n_blocks + per_shard - 1) / per_shard;
    shards = calloc(n_shards + 1, sizeof(char *));
    blocks = calloc(view->n_blocks + 1, sizeof(recs_code_block_t));
    scratch = malloc(RECS_BLOCK_ITEMS * view->stride * sizeof(float));

    for (i = 0; i < n_shards; i++) {
        shards[i] = aligned_alloc(64, per_shard * view->codes.row_size);
    }

    view->codes.shards = (const char *const *) shards;
    view->code_blocks = blocks;

    for (i = 0; i < view->n_blocks; i++) {
        n = view->n_items - i * RECS_BLOCK_ITEMS;
        n = n < RECS_BLOCK_ITEMS ? n : RECS_BLOCK_ITEMS;

        for (j = 0; j < n; j++) {
            rows[j] = recs_table_row(&view->item_factors,
                                     i * RECS_BLOCK_ITEMS + j);
        }

        recs_codes_encode(kind, view->n_factors, rows, n, scratch,
                          (uint8_t *) recs_table_row(&view->codes, i),
                          &blocks[i]);
    }

    free(scratch);
}


/* Distinct neighbours, heaviest first. */
static uint32_t
make_list(const recs_bundle_view_t *view, uint32_t item, char *heap,
    uint32_t longest, int heavy, recs_rng_t *rng)
{
    uint8_t    weights[64];
    uint32_t   j, n, id, step;

    n = view->n_items - 1 < longest ? view->n_items - 1 : longest;
    n = n > 0 ? recs_search_case_below(rng, n + 1) : 0;
    step = 1 + recs_search_case_below(rng, 3);
    n = n * step < view->n_items ? n : (view->n_items - 1) / step;

    for (j = 0; j < n; j++) {
        id = (item + 1 + j * step) % view->n_items;
        weights[j] = heavy ? 255 : (uint8_t) (1 + 250 / (j + 1));

        if (view->neighbor_id_size == 2) {
            ((uint16_t *) (void *) heap)[j] = (uint16_t) id;

        } else {
            ((uint32_t *) (void *) heap)[j] = id;
        }
    }

    memcpy(heap + n * view->neighbor_id_size, weights, n);

    return n * (view->neighbor_id_size + 1);
}


static void
make_rows_of_lists(const recs_bundle_view_t *view, recs_table_t *table,
    const char *const **lists, int heavy, recs_rng_t *rng)
{
    char         *heap;
    size_t        size;
    uint32_t      i;
    const char  **shards, **span_shards;
    recs_span_t  *spans;

    heap = calloc((size_t) view->n_items * 64 * 5 + 4, 1);
    spans = calloc(view->n_items + 1, sizeof(recs_span_t));
    shards = calloc(1, sizeof(char *));
    span_shards = calloc(1, sizeof(char *));
    size = 0;

    for (i = 0; i < view->n_items; i++) {
        spans[i].offset = size;
        spans[i].len = make_list(view, i, heap + size, 50, heavy, rng);
        size += (spans[i].len + 3) / 4 * 4;
    }

    shards[0] = heap;
    span_shards[0] = (const char *) spans;
    *lists = shards;
    table->shards = span_shards;
    table->n_rows = view->n_items;
    table->rows_per_shard = view->n_items;
    table->row_size = sizeof(recs_span_t);
}


static void
free_rows_of_lists(recs_table_t *table, const char *const *lists)
{
    if (table->n_rows > 0) {
        free((void *) lists[0]);
        free((void *) lists);
        free((void *) table->shards[0]);
        free((void *) table->shards);
    }
}


static void
make_lists(recs_bundle_view_t *view, float step, recs_rng_t *rng)
{
    int  heavy;

    heavy = recs_search_case_below(rng, 4) == 0;
    view->neighbor_id_size = recs_search_case_below(rng, 2) ? 2 : 4;
    view->neighbor_history = RECS_HISTORY_MAX;
    view->neighbor_step = step;

    make_rows_of_lists(view, &view->neighbor_spans, &view->neighbor_lists,
                       heavy, rng);

    if (recs_search_case_below(rng, 3) == 0) {
        make_rows_of_lists(view, &view->opposed_spans, &view->opposed_lists,
                           heavy, rng);
    }
}


recs_search_case_t *
recs_search_case(recs_rng_t *rng)
{
    size_t               words;
    uint32_t             n, d;
    recs_search_case_t  *c;

    c = calloc(1, sizeof(recs_search_case_t));
    c->style = recs_search_case_below(rng, STYLES);

    n = 1 + recs_search_case_below(rng, recs_search_case_below(rng, 4) == 0
                                        ? 700 : 130);
    d = 1 + recs_search_case_below(rng, recs_search_case_below(rng, 30) == 0
                                        ? 300 : 40);

    make_rows(c, n, d, rng);
    c->view = recs_tiny_view(c->rows, n, d,
                             1 + recs_search_case_below(rng, 2 * n));
    make_codes(c->view, (recs_codes_kind_t) recs_search_case_below(rng, 3),
               1 + recs_search_case_below(rng, 30));

    if (recs_search_case_below(rng, 2)) {
        make_lists(c->view, c->style == DENORMAL ? 1e-42f
                   : powf(10, -(float) recs_search_case_below(rng, 6)), rng);
    }

    words = recs_bitmap_words(n) + 1;
    c->vector = calloc(c->view->stride, sizeof(float));
    c->history = calloc(RECS_HISTORY_MAX, sizeof(uint32_t));
    c->excluded = calloc(words, sizeof(recs_bitmap_word_t));
    c->blocked = calloc(words, sizeof(recs_bitmap_word_t));
    c->allowed = calloc(words, sizeof(recs_bitmap_word_t));
    c->allowed_items = calloc(n, sizeof(uint32_t));

    return c;
}


void
recs_search_case_free(recs_search_case_t *c)
{
    uint32_t             i, n_shards;
    recs_bundle_view_t  *view;

    view = c->view;

    if (view->codes_kind != RECS_CODES_NONE) {
        n_shards = (uint32_t) ((view->n_blocks + view->codes.rows_per_shard
                                - 1) / view->codes.rows_per_shard);

        for (i = 0; i < n_shards; i++) {
            free((void *) view->codes.shards[i]);
        }

        free((void *) view->codes.shards);
        free((void *) view->code_blocks);
    }

    free_rows_of_lists(&view->neighbor_spans, view->neighbor_lists);
    free_rows_of_lists(&view->opposed_spans, view->opposed_lists);

    free(c->vector);
    free(c->history);
    free(c->excluded);
    free(c->blocked);
    free(c->allowed);
    free(c->allowed_items);
    free(c->rows);
    recs_tiny_view_free(view);
    free(c);
}


/* Of every item with this probability, or of every one. */
static const recs_bitmap_word_t *
some_items(recs_bitmap_word_t *bits, uint32_t n, double share,
    recs_rng_t *rng)
{
    uint32_t  i;

    memset(bits, 0, recs_bitmap_words(n) * sizeof(recs_bitmap_word_t));

    for (i = 0; i < n; i++) {
        if (recs_rng_uniform(rng) < share) {
            recs_bitmap_set(bits, i);
        }
    }

    return bits;
}


static void
make_vector(recs_search_case_t *c, recs_rng_t *rng)
{
    uint32_t      f, kind, item;
    const float  *row;

    kind = recs_search_case_below(rng, 8);
    item = recs_search_case_below(rng, c->view->n_items);
    row = recs_table_row(&c->view->item_factors, item);

    for (f = 0; f < c->view->n_factors; f++) {
        switch (kind) {

        case 0:
            c->vector[f] = 0;
            break;

        case 1:
            c->vector[f] = f == item % c->view->n_factors ? 1.5f : 0.0f;
            break;

        case 2:
            c->vector[f] = row[f];
            break;

        case 3:
            c->vector[f] = (float) (recs_rng_normal(rng) * 1e-39);
            break;

        case 4:
        case 5:
            c->vector[f] = (float) ((int) recs_search_case_below(rng, 7) - 3);
            break;

        default:
            c->vector[f] = (float) recs_rng_normal(rng);
        }
    }
}


static void
make_filter(recs_search_case_t *c, recs_rng_t *rng,
    recs_search_query_t *query)
{
    uint32_t  i, kind;

    kind = recs_search_case_below(rng, 6);

    if (kind > 1) {
        return;
    }

    query->allowed = some_items(c->allowed, c->view->n_items,
                                recs_rng_uniform(rng) * 0.3, rng);

    if (kind == 0) {
        query->allowed_items = c->allowed_items;

        for (i = 0; i < c->view->n_items; i++) {
            if (recs_bitmap_test(c->allowed, i)) {
                c->allowed_items[query->n_allowed++] = i;
            }
        }
    }
}


static void
make_history(recs_search_case_t *c, recs_rng_t *rng,
    recs_search_query_t *query)
{
    uint32_t  i;

    query->history = c->history;
    query->n_history = recs_search_case_below(rng,
                           recs_search_case_below(rng, 5) == 0
                           ? RECS_HISTORY_MAX + 1 : 12);

    for (i = 0; i < query->n_history; i++) {
        c->history[i] = recs_search_case_below(rng, c->view->n_items);
    }

    if (query->n_history < RECS_HISTORY_MAX
        && query->measure == RECS_SEARCH_DOT
        && recs_search_case_below(rng, 4) == 0)
    {
        recs_bundle_neighbors(c->view,
                              recs_search_case_below(rng, c->view->n_items),
                              &c->own);
        query->user_list = &c->own;
    }

    if (query->n_history + (query->user_list != NULL) > 0
        && query->measure == RECS_SEARCH_DOT
        && recs_search_case_below(rng, 6) == 0)
    {
        query->vector = NULL;
    }
}


void
recs_search_case_query(recs_search_case_t *c, recs_rng_t *rng,
    recs_search_query_t *query, uint32_t *k)
{
    uint32_t        n;
    const uint32_t  counts[] = { 1, 1, 2, 5, 10, 10, 20, 32, 33, 64, 200 };

    n = c->view->n_items;
    memset(query, 0, sizeof(recs_search_query_t));

    make_vector(c, rng);
    query->vector = c->vector;
    query->measure = recs_search_case_below(rng, 4) == 0 ? RECS_SEARCH_COSINE
                                                         : RECS_SEARCH_DOT;
    make_filter(c, rng, query);

    if (c->view->neighbor_id_size != 0) {
        make_history(c, rng, query);
    }

    if (recs_search_case_below(rng, 2)) {
        query->excluded = some_items(c->excluded, n,
                              recs_search_case_below(rng, 8) == 0 ? 1.0
                              : recs_rng_uniform(rng) * 0.5, rng);
    }

    if (recs_search_case_below(rng, 4) == 0) {
        query->blocked = some_items(c->blocked, n, 0.1, rng);
    }

    *k = recs_search_case_below(rng, 12) == 0
         ? n + 5 : counts[recs_search_case_below(rng, 11)];
}
