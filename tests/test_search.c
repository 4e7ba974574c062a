/*
 * The search against a float64 brute force over rows of every awkward kind:
 * ties, duplicates, zero rows, denormals, shards, exclusions.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "recs_rng.h"
#include "recs_search.h"
#include "recs_tiny_view.h"


#define N_ITEMS  900


typedef struct {
    double    score;
    uint32_t  order;
} ranked_t;


static int
compare(const void *a, const void *b)
{
    const ranked_t  *x, *y;

    x = a;
    y = b;

    if (x->score != y->score) {
        return x->score < y->score ? 1 : -1;
    }

    return x->order < y->order ? -1 : x->order > y->order;
}


static void
search(const recs_bundle_view_t *view, const float *query,
    recs_search_measure_t measure, const recs_bitmap_word_t *excluded,
    const recs_bitmap_word_t *blocked, recs_topk_t *topk)
{
    recs_search_query_t     q;
    recs_search_scratch_t  *scratch;

    memset(&q, 0, sizeof(recs_search_query_t));
    q.vector = query;
    q.measure = measure;
    q.excluded = excluded;
    q.blocked = blocked;

    scratch = recs_search_scratch_create(view);
    assert_non_null(scratch);
    assert_int_equal(recs_search(view, scratch, &q, topk), 0);
    recs_search_scratch_destroy(scratch);
}


/*
 * Small whole numbers, whose products and sums no rounding touches: so the
 * float64 ranking is the exact one.  Norms differ much, rows repeat, some are
 * zero.
 */

static float *
make_rows(uint32_t d, uint64_t seed)
{
    int          scale;
    float       *rows;
    uint32_t     i, f;
    recs_rng_t   rng;

    recs_rng_seed(&rng, seed);
    rows = calloc((size_t) N_ITEMS * d, sizeof(float));

    for (i = 0; i < N_ITEMS; i++) {
        if (i % 50 == 7) {
            continue;
        }

        if (i % 9 == 5) {
            memcpy(rows + i * d, rows + (i - 5) * d, d * sizeof(float));
            continue;
        }

        scale = i % 30 == 0 ? 12 : 1 + (int) i % 3;

        for (f = 0; f < d; f++) {
            rows[i * d + f] = (float) (scale * ((int)
                                (recs_rng_uniform(&rng) * 5) - 2));
        }
    }

    return rows;
}


static uint32_t
brute_force(const float *rows, uint32_t d, const float *query, int cosine,
    const char *out, ranked_t *ranked)
{
    double        dot, norm, own;
    uint32_t      i, f, n;
    const float  *row;

    n = 0;

    for (i = 0; i < N_ITEMS; i++) {
        if (out[i]) {
            continue;
        }

        row = rows + i * d;
        dot = norm = own = 0;

        for (f = 0; f < d; f++) {
            dot += (double) row[f] * query[f];
            norm += (double) row[f] * row[f];
            own += (double) query[f] * query[f];
        }

        if (cosine) {
            dot = norm > 0 && own > 0 ? dot / sqrt(norm) / sqrt(own) : 0;
        }

        ranked[n].score = dot;
        ranked[n].order = i;
        n++;
    }

    qsort(ranked, n, sizeof(ranked_t), compare);

    return n;
}


static void
check(uint32_t d, uint32_t rows_per_shard, uint32_t k, uint64_t seed)
{
    char                 out[N_ITEMS];
    float               *rows, *query;
    uint32_t             i, f, n, order;
    ranked_t             ranked[N_ITEMS];
    recs_rng_t           rng;
    recs_topk_t          topk;
    recs_topk_entry_t    entries[N_ITEMS + 1];
    recs_bitmap_word_t   excluded[recs_bitmap_words(N_ITEMS)];
    recs_bitmap_word_t   blocked[recs_bitmap_words(N_ITEMS)];
    recs_bundle_view_t  *view;

    recs_rng_seed(&rng, seed);
    rows = make_rows(d, seed);
    view = recs_tiny_view(rows, N_ITEMS, d, rows_per_shard);
    query = calloc(view->stride, sizeof(float));

    for (f = 0; f < d; f++) {
        query[f] = (float) ((int) (recs_rng_uniform(&rng) * 7) - 3);
    }

    memset(excluded, 0, sizeof(excluded));
    memset(blocked, 0, sizeof(blocked));
    memset(out, 0, sizeof(out));

    for (i = 0; i < N_ITEMS; i++) {
        order = view->item_order[i];

        if (recs_rng_uniform(&rng) < 0.1) {
            recs_bitmap_set(excluded, i);
            out[order] = 1;
        }

        if (recs_rng_uniform(&rng) < 0.1) {
            recs_bitmap_set(blocked, i);
            out[order] = 1;
        }
    }

    n = brute_force(rows, d, query, 0, out, ranked);
    recs_topk_init(&topk, entries, k);
    search(view, query, RECS_SEARCH_DOT, excluded, blocked, &topk);
    recs_topk_sort(&topk);

    assert_int_equal(topk.n, k < n ? k : n);

    for (i = 0; i < topk.n; i++) {
        assert_true(entries[i].score == ranked[i].score);
        assert_int_equal(entries[i].order, ranked[i].order);
        assert_int_equal(view->item_order[entries[i].item], ranked[i].order);
    }

    memset(out, 0, sizeof(out));
    n = brute_force(rows, d, query, 1, out, ranked);
    recs_topk_init(&topk, entries, k);
    search(view, query, RECS_SEARCH_COSINE, NULL, NULL, &topk);
    recs_topk_sort(&topk);

    assert_int_equal(topk.n, k < n ? k : n);

    for (i = 0; i < topk.n; i++) {
        assert_true(fabs(entries[i].score - ranked[i].score) < 1e-5);
    }

    free(query);
    free(rows);
    recs_tiny_view_free(view);
}


static void
test_against_brute_force(void **state)
{
    uint32_t        i, j, k;
    const uint32_t  factors[] = { 1, 3, 16, 40 };
    const uint32_t  shards[] = { 1, 7, 256, 100000 };

    (void) state;

    for (i = 0; i < 4; i++) {
        for (j = 0; j < 4; j++) {
            for (k = 0; k <= N_ITEMS; k = k * 5 + 1) {
                check(factors[i], shards[j], k, i * 100 + j * 10 + k);
            }
        }
    }
}


/* Random reals: exact against a full scan with the same inner product. */

static void
test_scan_stops_exactly(void **state)
{
    float               *rows, query[32], score;
    uint32_t             i, f, round;
    recs_rng_t           rng;
    recs_topk_t          topk, want;
    recs_topk_entry_t    entries[20], all[20];
    recs_bundle_view_t  *view;

    (void) state;

    recs_rng_seed(&rng, 5);
    rows = calloc(N_ITEMS * 32, sizeof(float));

    for (i = 0; i < N_ITEMS; i++) {
        for (f = 0; f < 32; f++) {
            rows[i * 32 + f] = (float) (recs_rng_normal(&rng)
                                        / (1 + i % 40));
        }
    }

    view = recs_tiny_view(rows, N_ITEMS, 32, 100);

    for (round = 0; round < 100; round++) {
        for (f = 0; f < 32; f++) {
            query[f] = (float) recs_rng_normal(&rng);
        }

        recs_topk_init(&topk, entries, 20);
        search(view, query, RECS_SEARCH_DOT, NULL, NULL, &topk);
        recs_topk_sort(&topk);
        recs_topk_init(&want, all, 20);

        for (i = 0; i < N_ITEMS; i++) {
            score = recs_dot(query, recs_table_row(&view->item_factors, i),
                             32);
            recs_topk_push(&want, score, i, view->item_order[i]);
        }

        recs_topk_sort(&want);
        assert_memory_equal(entries, all, sizeof(all));
    }

    free(rows);
    recs_tiny_view_free(view);
}


/* Rows whose products underflow still come in their order. */

static void
test_denormals(void **state)
{
    float                rows[4] = { 1e-40f, 3e-40f, 2e-40f, 0 };
    float                query[16] = { 1 };
    recs_topk_t          topk;
    recs_topk_entry_t    entries[4];
    recs_bundle_view_t  *view;

    (void) state;

    view = recs_tiny_view(rows, 4, 1, 10);
    recs_topk_init(&topk, entries, 4);
    search(view, query, RECS_SEARCH_DOT, NULL, NULL, &topk);
    recs_topk_sort(&topk);

    assert_int_equal(topk.n, 4);
    assert_int_equal(entries[0].order, 1);
    assert_int_equal(entries[1].order, 2);
    assert_int_equal(entries[2].order, 0);
    assert_int_equal(entries[3].order, 3);
    assert_true(entries[0].score == 3e-40f);

    recs_tiny_view_free(view);
}


static void
test_zero_query(void **state)
{
    float                rows[3] = { 1, 3, 2 };
    float                query[16] = { 0 };
    recs_topk_t          topk;
    recs_topk_entry_t    entries[3];
    recs_bundle_view_t  *view;

    (void) state;

    view = recs_tiny_view(rows, 3, 1, 10);
    recs_topk_init(&topk, entries, 3);
    search(view, query, RECS_SEARCH_COSINE, NULL, NULL, &topk);
    recs_topk_sort(&topk);

    assert_int_equal(topk.n, 3);
    assert_true(entries[0].score == 0);
    assert_int_equal(entries[0].order, 0);
    assert_int_equal(entries[2].order, 2);

    recs_tiny_view_free(view);
}


/* The order of summation is part of the contract: bit for bit. */

static void
test_dot_order(void **state)
{
    float       a[64], b[64], l[16], want, got;
    uint32_t    i, j, round;
    recs_rng_t  rng;

    (void) state;

    recs_rng_seed(&rng, 9);

    for (round = 0; round < 1000; round++) {
        for (i = 0; i < 64; i++) {
            a[i] = (float) recs_rng_normal(&rng);
            b[i] = (float) recs_rng_normal(&rng);
        }

        memset(l, 0, sizeof(l));

        for (i = 0; i < 64; i++) {
            volatile float  product = a[i] * b[i];

            l[i % 16] += product;
        }

        for (j = 8; j > 0; j /= 2) {
            if (j == 1) {
                break;
            }

            for (i = 0; i < j; i++) {
                l[i] += l[i + j];
            }
        }

        want = l[0] + l[1];
        got = recs_dot(a, b, 64);
        assert_memory_equal(&want, &got, sizeof(float));
    }
}


/* More equal scores than a search keeps: the first by item_order win. */

static void
test_many_ties(void **state)
{
    float               *rows, query[16] = { 1, 1 };
    uint32_t             i, n;
    recs_topk_t          topk;
    recs_topk_entry_t    entries[1000];
    recs_bundle_view_t  *view;

    (void) state;

    n = 20000;
    rows = calloc((size_t) n * 2, sizeof(float));

    for (i = 0; i < n; i++) {
        rows[i * 2] = i % 2 == 0 ? 3 : 4;
        rows[i * 2 + 1] = i % 2 == 0 ? 4 : 3;
    }

    view = recs_tiny_view(rows, n, 2, n);
    recs_topk_init(&topk, entries, 1000);
    search(view, query, RECS_SEARCH_DOT, NULL, NULL, &topk);
    recs_topk_sort(&topk);

    assert_int_equal(topk.n, 1000);

    for (i = 0; i < 1000; i++) {
        assert_int_equal(entries[i].order, i);
        assert_true(entries[i].score == 7);
    }

    free(rows);
    recs_tiny_view_free(view);
}


/* Out of time before it began, a search still looks at its first rows. */

static void
test_out_of_time(void **state)
{
    float                  *rows, query[16] = { 1 };
    uint32_t                i, n;
    recs_topk_t             topk;
    recs_topk_entry_t       entries[10];
    recs_bundle_view_t     *view;
    recs_search_query_t     q;
    recs_search_scratch_t  *scratch;

    (void) state;

    n = 5000;
    rows = calloc(n, sizeof(float));

    for (i = 0; i < n; i++) {
        rows[i] = -1;
    }

    view = recs_tiny_view(rows, n, 1, n);
    scratch = recs_search_scratch_create(view);
    memset(&q, 0, sizeof(recs_search_query_t));
    q.vector = query;
    q.deadline_ns = 1;

    for (i = 0; i < 2; i++) {
        recs_topk_init(&topk, entries, 10);
        assert_int_equal(recs_search(view, scratch, &q, &topk), 1);
        assert_int_equal(topk.n, 10);
    }

    q.deadline_ns = UINT64_MAX;
    recs_topk_init(&topk, entries, 10);
    assert_int_equal(recs_search(view, scratch, &q, &topk), 0);
    assert_int_equal(topk.n, 10);

    recs_search_scratch_destroy(scratch);
    free(rows);
    recs_tiny_view_free(view);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_many_ties),
        cmocka_unit_test(test_out_of_time),
        cmocka_unit_test(test_against_brute_force),
        cmocka_unit_test(test_scan_stops_exactly),
        cmocka_unit_test(test_denormals),
        cmocka_unit_test(test_zero_query),
        cmocka_unit_test(test_dot_order)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
