#include "recs_coded.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "recs_bundle_format.h"
#include "recs_rng.h"


typedef struct {
    double        norm;
    const float  *row;
} recs_coded_row_t;


static float
recs_coded_value(recs_coded_style_t style, uint32_t item, uint32_t factor,
    uint32_t n_factors, recs_rng_t *rng)
{
    double  x;

    x = recs_rng_normal(rng);

    switch (style) {

    case RECS_CODED_NORMAL:
        return (float) (x / (1 + item / 8) / (1 + factor / 8));

    case RECS_CODED_SPREAD:
        return (float) (x * pow(10, (int) (item % 47) - 30));

    case RECS_CODED_DENORMAL:
        return (float) (x * 1e-41);

    case RECS_CODED_ZERO:
        return item % 3 == 0 || item >= 40 ? 0.0f : (float) x;

    case RECS_CODED_EQUAL:
        return (float) (0.3 + factor % 7);

    case RECS_CODED_SPIKES:
        return factor == item % n_factors ? (float) (1 + item % 5) : 0.0f;

    case RECS_CODED_CONSTANT:
        return (float) (item % 2 == 0 ? 1 + item % 9 : -1.5);

    default:
        return (float) x;
    }
}


static int
recs_coded_compare(const void *one, const void *two)
{
    const recs_coded_row_t  *a, *b;

    a = one;
    b = two;

    return (a->norm < b->norm) - (a->norm > b->norm);
}


/* Rows of the style in falling order of their norm. */
static void
recs_coded_rows(recs_coded_t *c, recs_coded_style_t style, recs_rng_t *rng)
{
    float             *rows, *row;
    uint32_t           i, f;
    recs_coded_row_t  *sorted;

    rows = calloc((size_t) c->n_items * c->stride, sizeof(float));
    sorted = calloc(c->n_items, sizeof(recs_coded_row_t));

    for (i = 0; i < c->n_items; i++) {
        row = rows + (size_t) i * c->stride;

        for (f = 0; f < c->n_factors; f++) {
            row[f] = recs_coded_value(style, i, f, c->n_factors, rng);
        }

        sorted[i].row = row;
        sorted[i].norm = recs_row_norm(row, c->n_factors);

        for (f = 0; style == RECS_CODED_FLAT && f < c->n_factors; f++) {
            row[f] = (float) (row[f] / sorted[i].norm);
        }
    }

    qsort(sorted, c->n_items, sizeof(recs_coded_row_t), recs_coded_compare);

    for (i = 0; i < c->n_items; i++) {
        memcpy(c->rows + (size_t) i * c->stride, sorted[i].row,
               c->stride * sizeof(float));
    }

    free(sorted);
    free(rows);
}


static void
recs_coded_encode(recs_coded_t *c)
{
    float        *scratch;
    uint32_t      b, i, n;
    const float  *rows[RECS_BLOCK_ITEMS];

    scratch = calloc((size_t) RECS_BLOCK_ITEMS * c->stride, sizeof(float));

    for (b = 0; b < c->n_blocks; b++) {
        n = c->n_items - b * RECS_BLOCK_ITEMS;
        n = n < RECS_BLOCK_ITEMS ? n : RECS_BLOCK_ITEMS;

        for (i = 0; i < n; i++) {
            rows[i] = c->rows
                      + (size_t) (b * RECS_BLOCK_ITEMS + i) * c->stride;
        }

        recs_codes_encode(c->kind, c->n_factors, rows, n, scratch,
                          c->codes + b * c->block_size, &c->blocks[b]);
    }

    free(scratch);
}


recs_coded_t *
recs_coded(recs_codes_kind_t kind, recs_coded_style_t style, uint32_t n_items,
    uint32_t n_factors, unsigned span, uint64_t seed)
{
    uint32_t       i;
    recs_rng_t     rng;
    recs_coded_t  *c;

    recs_rng_seed(&rng, seed);

    c = calloc(1, sizeof(recs_coded_t));
    c->kind = kind;
    c->n_items = n_items;
    c->n_factors = n_factors;
    c->stride = recs_codes_stride(n_factors);
    c->n_blocks = (n_items + RECS_BLOCK_ITEMS - 1) / RECS_BLOCK_ITEMS;
    c->block_size = recs_codes_block_size(kind, n_factors);
    c->rows = calloc((size_t) n_items * c->stride, sizeof(float));
    c->codes = calloc(c->n_blocks, c->block_size);
    c->blocks = calloc(c->n_blocks, sizeof(recs_code_block_t));
    c->bonus = calloc((size_t) c->n_blocks * RECS_BLOCK_ITEMS,
                      sizeof(uint16_t));
    c->query = calloc(c->stride, sizeof(float));
    c->coded.codes = calloc(1, recs_codes_query_size(n_factors));

    recs_coded_rows(c, style, &rng);
    recs_coded_encode(c);

    for (i = 0; i < n_items; i++) {
        if (recs_rng_uniform(&rng) < 0.1) {
            c->bonus[i] = (uint16_t) (recs_rng_next(&rng) >> (48 + i % 16));
        }
    }

    for (i = 0; i < n_factors; i++) {
        c->query[i] = recs_coded_value(style, seed % 3, i, n_factors, &rng);
    }

    recs_codes_query(kind, n_factors, c->query, span, &c->coded);

    return c;
}


void
recs_coded_free(recs_coded_t *c)
{
    free(c->rows);
    free(c->codes);
    free(c->blocks);
    free(c->bonus);
    free(c->query);
    free(c->coded.codes);
    free(c);
}


void
recs_coded_scan(const recs_coded_t *c, recs_scan_t *scan)
{
    memset(scan, 0, sizeof(recs_scan_t));

    scan->codes = c->codes;
    scan->block_size = c->block_size;
    scan->blocks = c->blocks;
    scan->bonus = c->bonus;
    scan->query = &c->coded;
    scan->rounding = (c->stride / 16.0 + 6) * FLT_EPSILON;
    scan->threshold = -INFINITY;
    scan->end = c->n_blocks;
}
