#include "recs_heaviest.h"
#include "recs_radix.h"

#include <stdlib.h>


#define RECS_HEAVIEST_BINS       4096    /* by the first 12 bits of a weight */
#define RECS_HEAVIEST_BIN_SHIFT  52


/* The lists of a chunk of rows, until they are put behind one another. */
struct recs_heaviest_chunk_s {
    uint32_t  *items;
    float     *weights;
    uint32_t   n;
    uint32_t   size;
};


recs_status_t
recs_heaviest_create(recs_heaviest_t *heaviest)
{
    uint32_t              t, n;
    recs_heaviest_row_t  *row;

    n = heaviest->n_rows;
    heaviest->n_chunks = n / RECS_HEAVIEST_CHUNK
                         + (n % RECS_HEAVIEST_CHUNK > 0);
    heaviest->column_bytes = 1;

    while (heaviest->column_bytes < sizeof(uint32_t)
           && heaviest->n_columns >> (heaviest->column_bytes * 8) > 0)
    {
        heaviest->column_bytes++;
    }

    heaviest->counts = calloc((size_t) n + 1, sizeof(uint32_t));
    heaviest->chunks = calloc((size_t) heaviest->n_chunks + 1,
                              sizeof(recs_heaviest_chunk_t));
    heaviest->rows = calloc(heaviest->n_threads, sizeof(recs_heaviest_row_t));

    if (heaviest->counts == NULL || heaviest->chunks == NULL
        || heaviest->rows == NULL)
    {
        return RECS_NOMEM;
    }

    for (t = 0; t < heaviest->n_threads; t++) {
        row = &heaviest->rows[t];
        row->keys = malloc(((size_t) heaviest->n_columns + 1)
                           * sizeof(uint64_t));
        row->spare = malloc(((size_t) heaviest->n_columns + 1)
                            * sizeof(uint64_t));
        row->bins = malloc(RECS_HEAVIEST_BINS * sizeof(uint32_t));

        if (row->keys == NULL || row->spare == NULL || row->bins == NULL) {
            return RECS_NOMEM;
        }
    }

    return RECS_OK;
}


void
recs_heaviest_free(recs_heaviest_t *heaviest)
{
    uint32_t  t, c;

    for (t = 0; heaviest->rows != NULL && t < heaviest->n_threads; t++) {
        free(heaviest->rows[t].keys);
        free(heaviest->rows[t].spare);
        free(heaviest->rows[t].bins);
    }

    for (c = 0; heaviest->chunks != NULL && c < heaviest->n_chunks; c++) {
        free(heaviest->chunks[c].items);
        free(heaviest->chunks[c].weights);
    }

    free(heaviest->rows);
    free(heaviest->chunks);
    free(heaviest->counts);
}


/*
 * Drops keys that cannot be among the first n_kept: those of the bins behind
 * the one that holds the last of them.
 */
static void
recs_heaviest_thin(recs_heaviest_row_t *row, uint32_t n_kept)
{
    uint32_t  i, bin, count, kept;

    if (row->n <= n_kept) {
        return;
    }

    memset(row->bins, 0, RECS_HEAVIEST_BINS * sizeof(uint32_t));

    for (i = 0; i < row->n; i++) {
        row->bins[row->keys[i] >> RECS_HEAVIEST_BIN_SHIFT]++;
    }

    for (bin = 0, count = 0; count < n_kept; bin++) {
        count += row->bins[bin];
    }

    for (i = 0, kept = 0; i < row->n; i++) {
        row->keys[kept] = row->keys[i];
        kept += row->keys[i] >> RECS_HEAVIEST_BIN_SHIFT < bin;
    }

    row->n = kept;
}


static recs_status_t
recs_heaviest_reserve(recs_heaviest_chunk_t *chunk, uint32_t n)
{
    float     *weights;
    uint32_t   size, *items;

    if (chunk->n + n <= chunk->size) {
        return RECS_OK;
    }

    size = (chunk->n + n) * 2;

    items = realloc(chunk->items, size * sizeof(uint32_t));
    if (items == NULL) {
        return RECS_NOMEM;
    }

    chunk->items = items;

    weights = realloc(chunk->weights, size * sizeof(float));
    if (weights == NULL) {
        return RECS_NOMEM;
    }

    chunk->weights = weights;
    chunk->size = size;

    return RECS_OK;
}


static float
recs_heaviest_weight(uint64_t key)
{
    float     weight;
    uint32_t  bits;

    bits = ~(uint32_t) (key >> 32);
    memcpy(&weight, &bits, sizeof(float));

    return weight;
}


void
recs_heaviest_end(recs_heaviest_t *heaviest, uint32_t thread, uint32_t row)
{
    uint32_t                i, n;
    recs_heaviest_row_t    *r;
    recs_heaviest_chunk_t  *chunk;

    r = &heaviest->rows[thread];
    chunk = &heaviest->chunks[row / RECS_HEAVIEST_CHUNK];

    recs_heaviest_thin(r, heaviest->n_kept);
    recs_radix_sort(&r->keys, &r->spare, r->n, 0, heaviest->column_bytes - 1);
    recs_radix_sort(&r->keys, &r->spare, r->n, 4, 7);

    n = r->n < heaviest->n_kept ? r->n : heaviest->n_kept;
    r->n = 0;

    if (recs_heaviest_reserve(chunk, n) != RECS_OK) {
        __atomic_store_n(&heaviest->no_memory, 1, __ATOMIC_RELAXED);
        return;
    }

    for (i = 0; i < n; i++) {
        chunk->items[chunk->n] = (uint32_t) r->keys[i];
        chunk->weights[chunk->n++] = recs_heaviest_weight(r->keys[i]);
    }

    heaviest->counts[row] = n;
}


recs_status_t
recs_heaviest_join(recs_heaviest_t *heaviest, recs_knn_lists_t *lists)
{
    uint32_t                i, c;
    uint64_t                at;
    recs_heaviest_chunk_t  *chunk;

    if (heaviest->no_memory) {
        return RECS_NOMEM;
    }

    lists->offsets = malloc(((size_t) heaviest->n_rows + 1)
                            * sizeof(uint64_t));
    if (lists->offsets == NULL) {
        return RECS_NOMEM;
    }

    lists->offsets[0] = 0;

    for (i = 0; i < heaviest->n_rows; i++) {
        lists->offsets[i + 1] = lists->offsets[i] + heaviest->counts[i];
    }

    at = lists->offsets[heaviest->n_rows];
    lists->items = malloc((at + 1) * sizeof(uint32_t));
    lists->weights = malloc((at + 1) * sizeof(float));

    if (lists->items == NULL || lists->weights == NULL) {
        recs_knn_lists_free(lists);
        return RECS_NOMEM;
    }

    for (c = 0, at = 0; c < heaviest->n_chunks; c++) {
        chunk = &heaviest->chunks[c];

        if (chunk->n > 0) {
            memcpy(lists->items + at, chunk->items,
                   chunk->n * sizeof(uint32_t));
            memcpy(lists->weights + at, chunk->weights,
                   chunk->n * sizeof(float));
        }

        at += chunk->n;
        free(chunk->items);
        free(chunk->weights);
        memset(chunk, 0, sizeof(recs_heaviest_chunk_t));
    }

    return RECS_OK;
}


void
recs_knn_lists_free(recs_knn_lists_t *lists)
{
    free(lists->offsets);
    free(lists->items);
    free(lists->weights);
    memset(lists, 0, sizeof(recs_knn_lists_t));
}
