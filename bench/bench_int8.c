#include "bench_int8.h"
#include "bench_stats.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#if (__x86_64__)
#include <immintrin.h>
#endif


#define BENCH_INT8_ITEMS  32        /* of a block */
#define BENCH_INT8_QUERY  64        /* 2 * 255 * 64 fits 16 bits with sign */


typedef struct {
    float  scale[BENCH_INT8_ITEMS] __attribute__((aligned(64)));
    float  norm;                    /* the longest row */
    float  error;                   /* the largest ||v - v^|| */
} bench_int8_block_t;

typedef struct {
    uint32_t  item;
    float     upper;
} bench_int8_candidate_t;

struct bench_int8_s {
    const recs_bundle_view_t  *view;
    uint32_t                   n_blocks;
    uint32_t                   n_groups;    /* of 4 factors */
    bench_int8_block_t        *blocks;
    uint8_t                   *codes;       /* [block][group][32][4] */
    int8_t                    *query;       /* [4 n_groups] */
    bench_int8_candidate_t    *candidates;  /* [n_items] */
    recs_topk_entry_t         *lowest;
    recs_bitmap_word_t        *excluded;
};

/* The query in codes, and where the scan is. */
typedef struct {
    const bench_int8_block_t  *blocks;
    const uint8_t             *codes;
    const int8_t              *query;
    uint32_t                   n_blocks;
    uint32_t                   n_groups;
    int32_t                    offset;
    float                      scale;
    float                      coded_norm;      /* ||u^|| */
    float                      error;           /* ||u - u^|| and roundings */
    float                      threshold;
    uint32_t                   block;           /* the next one */
    float                      slack;           /* of the one before */
    float                      approximate[BENCH_INT8_ITEMS];
} bench_int8_scan_t;

/*
 * approximate = scale of item * scale of query * (products - offset).  Walks
 * to the next block where one of these plus the slack reaches the threshold;
 * returns these items as bits, 0 at the end.
 */
typedef uint32_t (*bench_int8_next_pt)(bench_int8_scan_t *s);


static inline float
bench_int8_slack(const bench_int8_scan_t *s, const bench_int8_block_t *block)
{
    return s->error * block->norm + s->coded_norm * block->error;
}


static uint32_t
bench_int8_portable(bench_int8_scan_t *s)
{
    int32_t                    sums[BENCH_INT8_ITEMS];
    uint32_t                   g, i, j, bits;
    const uint8_t             *codes;
    const bench_int8_block_t  *block;

    for (bits = 0; s->block < s->n_blocks && bits == 0; s->block++) {
        block = s->blocks + s->block;
        codes = s->codes + (size_t) s->block * 128 * s->n_groups;
        s->slack = bench_int8_slack(s, block);
        memset(sums, 0, sizeof(sums));

        for (g = 0; g < s->n_groups; g++, codes += 128) {
            for (i = 0; i < BENCH_INT8_ITEMS; i++) {
                for (j = 0; j < 4; j++) {
                    sums[i] += codes[4 * i + j] * s->query[4 * g + j];
                }
            }
        }

        for (i = 0; i < BENCH_INT8_ITEMS; i++) {
            s->approximate[i] = block->scale[i] * s->scale
                                * (float) (sums[i] - s->offset);
            bits |= (uint32_t) (s->approximate[i]
                                >= s->threshold - s->slack) << i;
        }
    }

    return bits;
}


#if (__x86_64__)

__attribute__((target("avx2")))
static uint32_t
bench_int8_avx2(bench_int8_scan_t *s)
{
    __m256                     f, least;
    __m256i                    sums[4], ones, q, p;
    int32_t                    four;
    uint32_t                   g, j, bits;
    const uint8_t             *codes;
    const bench_int8_block_t  *block;

    ones = _mm256_set1_epi16(1);
    codes = s->codes + (size_t) s->block * 128 * s->n_groups;

    for (bits = 0; s->block < s->n_blocks && bits == 0; s->block++) {
        block = s->blocks + s->block;
        s->slack = bench_int8_slack(s, block);
        least = _mm256_set1_ps(s->threshold - s->slack);

#pragma GCC unroll 4
        for (j = 0; j < 4; j++) {
            sums[j] = _mm256_set1_epi32(-s->offset);
        }

        for (g = 0; g < s->n_groups; g++, codes += 128) {
            memcpy(&four, s->query + 4 * g, 4);
            q = _mm256_set1_epi32(four);
            _mm_prefetch((const char *) codes + 1024, _MM_HINT_T0);
            _mm_prefetch((const char *) codes + 1088, _MM_HINT_T0);

#pragma GCC unroll 4
            for (j = 0; j < 4; j++) {
                p = _mm256_load_si256((const __m256i *) codes + j);
                p = _mm256_maddubs_epi16(p, q);
                sums[j] = _mm256_add_epi32(sums[j],
                                           _mm256_madd_epi16(p, ones));
            }
        }

#pragma GCC unroll 4
        for (j = 0; j < 4; j++) {
            f = _mm256_mul_ps(_mm256_load_ps(block->scale + 8 * j),
                              _mm256_set1_ps(s->scale));
            f = _mm256_mul_ps(f, _mm256_cvtepi32_ps(sums[j]));
            _mm256_storeu_ps(s->approximate + 8 * j, f);
            f = _mm256_cmp_ps(f, least, _CMP_GE_OQ);
            bits |= (uint32_t) _mm256_movemask_ps(f) << (8 * j);
        }
    }

    return bits;
}


__attribute__((target("avx512f,avx512vnni")))
static uint32_t
bench_int8_vnni(bench_int8_scan_t *s)
{
    __m512                     f, least;
    __m512i                    sums[2], q, p;
    int32_t                    four;
    uint32_t                   g, j, bits;
    const uint8_t             *codes;
    const bench_int8_block_t  *block;

    codes = s->codes + (size_t) s->block * 128 * s->n_groups;

    for (bits = 0; s->block < s->n_blocks && bits == 0; s->block++) {
        block = s->blocks + s->block;
        s->slack = bench_int8_slack(s, block);
        least = _mm512_set1_ps(s->threshold - s->slack);
        sums[0] = sums[1] = _mm512_set1_epi32(-s->offset);

        for (g = 0; g < s->n_groups; g++, codes += 128) {
            memcpy(&four, s->query + 4 * g, 4);
            q = _mm512_set1_epi32(four);

#pragma GCC unroll 2
            for (j = 0; j < 2; j++) {
                p = _mm512_load_si512(codes + 64 * j);
                sums[j] = _mm512_dpbusd_epi32(sums[j], p, q);
            }
        }

#pragma GCC unroll 2
        for (j = 0; j < 2; j++) {
            f = _mm512_mul_ps(_mm512_load_ps(block->scale + 16 * j),
                              _mm512_set1_ps(s->scale));
            f = _mm512_mul_ps(f, _mm512_cvtepi32_ps(sums[j]));
            _mm512_storeu_ps(s->approximate + 16 * j, f);
            bits |= (uint32_t) _mm512_cmp_ps_mask(f, least, _CMP_GE_OQ)
                    << (16 * j);
        }
    }

    return bits;
}

#endif


static bench_int8_next_pt
bench_int8_choose(const char **name)
{
#if (__x86_64__)

    if (__builtin_cpu_supports("avx512f")
        && __builtin_cpu_supports("avx512vnni"))
    {
        *name = "avx512 vnni";
        return bench_int8_vnni;
    }

    if (__builtin_cpu_supports("avx2")) {
        *name = "avx2";
        return bench_int8_avx2;
    }

#endif

    *name = "portable";
    return bench_int8_portable;
}


const char *
bench_int8_path(void)
{
    const char  *name;

    (void) bench_int8_choose(&name);

    return name;
}


static void
bench_int8_encode(bench_int8_t *s, uint32_t item)
{
    double               error, d;
    float                largest, scale;
    uint32_t             f, at;
    const float         *row;
    bench_int8_block_t  *block;

    row = recs_table_row(&s->view->item_factors, item);
    block = &s->blocks[item / BENCH_INT8_ITEMS];
    at = item % BENCH_INT8_ITEMS;
    largest = 0;
    error = 0;

    for (f = 0; f < s->view->n_factors; f++) {
        largest = fabsf(row[f]) > largest ? fabsf(row[f]) : largest;
    }

    scale = largest > 0 ? largest / 127 : 1;

    for (f = 0; f < s->view->n_factors; f++) {
        d = rint(row[f] / scale);
        s->codes[(size_t) (item - at) * 4 * s->n_groups
                 + (f / 4 * BENCH_INT8_ITEMS + at) * 4 + f % 4] =
                                                       (uint8_t) (d + 128);
        error += (row[f] - d * scale) * (row[f] - d * scale);
    }

    error = sqrt(error) * (1 + 1e-6);
    block->scale[at] = scale;
    block->error = error > block->error ? (float) (error * (1 + 1e-6))
                                        : block->error;
    block->norm = s->view->item_norms[item] > block->norm
                  ? s->view->item_norms[item] : block->norm;
}


bench_int8_t *
bench_int8_create(const recs_bundle_view_t *view)
{
    size_t         size;
    uint32_t       i;
    bench_int8_t  *s;

    s = bench_alloc(sizeof(bench_int8_t));
    s->view = view;
    s->n_groups = (view->n_factors + 3) / 4;
    s->n_blocks = (view->n_items + BENCH_INT8_ITEMS - 1) / BENCH_INT8_ITEMS;
    size = (size_t) s->n_blocks * BENCH_INT8_ITEMS * 4 * s->n_groups;
    s->blocks = bench_alloc(s->n_blocks * sizeof(bench_int8_block_t));
    s->codes = bench_alloc(size);
    s->query = bench_alloc(4 * s->n_groups);
    s->candidates = bench_alloc(view->n_items
                                * sizeof(bench_int8_candidate_t));
    s->lowest = bench_alloc(BENCH_K_MAX * sizeof(recs_topk_entry_t));
    s->excluded = bench_alloc(recs_bitmap_words(view->n_items)
                              * sizeof(recs_bitmap_word_t));
    memset(s->codes, 128, size);

    for (i = 0; i < view->n_items; i++) {
        bench_int8_encode(s, i);
    }

    return s;
}


void
bench_int8_destroy(bench_int8_t *s)
{
    free(s->blocks);
    free(s->codes);
    free(s->query);
    free(s->candidates);
    free(s->lowest);
    free(s->excluded);
    free(s);
}


static void
bench_int8_query(bench_int8_t *s, const float *vector, bench_int8_scan_t *q)
{
    double    norm, coded, error, rest, rounding;
    float     largest, code;
    uint32_t  f;

    largest = 0;

    for (f = 0; f < s->view->n_factors; f++) {
        largest = fabsf(vector[f]) > largest ? fabsf(vector[f]) : largest;
    }

    q->offset = 0;
    q->scale = largest > 0 ? largest / BENCH_INT8_QUERY : 1;
    norm = coded = error = 0;

    for (f = 0; f < s->view->n_factors; f++) {
        code = rintf(vector[f] / q->scale);
        s->query[f] = (int8_t) code;
        q->offset += 128 * (int32_t) code;
        rest = vector[f] - (double) code * q->scale;
        norm += (double) vector[f] * vector[f];
        coded += (double) code * code;
        error += rest * rest;
    }

    rounding = ((double) s->view->stride / 16 + 16) * FLT_EPSILON;
    q->coded_norm = (float) (sqrt(coded) * q->scale * (1 + 1e-6));
    q->error = (float) (sqrt(error) * (1 + 1e-6) + rounding * sqrt(norm));
    q->blocks = s->blocks;
    q->codes = s->codes;
    q->query = s->query;
    q->n_blocks = s->n_blocks;
    q->n_groups = s->n_groups;
    q->block = 0;
}


/* Candidates: whatever could reach the threshold when it was looked at. */
static uint32_t
bench_int8_scan(bench_int8_t *s, bench_int8_scan_t *q,
    const bench_query_t *query, recs_topk_t *lowest)
{
    uint32_t             i, n, item, bits;
    const char          *name;
    bench_int8_next_pt   next;

    next = bench_int8_choose(&name);
    n = 0;

    for ( ;; ) {
        q->threshold = recs_topk_threshold(lowest);
        bits = next(q);

        if (bits == 0) {
            return n;
        }

        for ( /* void */ ; bits != 0; bits &= bits - 1) {
            i = (uint32_t) __builtin_ctz(bits);
            item = (q->block - 1) * BENCH_INT8_ITEMS + i;

            if (item >= s->view->n_items
                || recs_bitmap_test(s->excluded, item)
                || (query->allowed != NULL
                    && !recs_bitmap_test(query->allowed, item)))
            {
                continue;
            }

            recs_topk_push(lowest, q->approximate[i] - q->slack, item, item);
            s->candidates[n].item = item;
            s->candidates[n++].upper = q->approximate[i] + q->slack;
        }
    }
}


void
bench_int8_search(void *int8, const bench_query_t *query, recs_topk_t *topk)
{
    float               threshold, score;
    uint32_t            i, n, item;
    recs_topk_t         lowest;
    bench_int8_t       *s;
    bench_int8_scan_t   q;

    s = int8;
    bench_int8_query(s, query->vector, &q);
    recs_topk_init(&lowest, s->lowest, topk->k);

    for (i = 0; i < query->n_seen; i++) {
        recs_bitmap_set(s->excluded, query->seen[i]);
    }

    n = bench_int8_scan(s, &q, query, &lowest);
    threshold = recs_topk_threshold(&lowest);

    for (i = 0; i < n; i++) {

        if (s->candidates[i].upper < threshold) {
            continue;
        }

        item = s->candidates[i].item;
        score = recs_dot(query->vector,
                         recs_table_row(&s->view->item_factors, item),
                         s->view->stride);
        recs_topk_push(topk, score, item, s->view->item_order[item]);
    }

    recs_topk_sort(topk);

    for (i = 0; i < query->n_seen; i++) {
        recs_bitmap_clear(s->excluded, query->seen[i]);
    }
}
