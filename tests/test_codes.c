/*
 * The bound that the search rests on, by brute force in float64 over rows of
 * every awkward kind: no score lies further from its approximation than the
 * slack.
 */

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "recs_bundle_format.h"
#include "recs_coded.h"
#include "recs_kernel_set.h"
#include "recs_rng.h"
#include "recs_rotate.h"
#include "recs_search.h"


static const uint32_t  factors[] = {
    1, 2, 3, 7, 16, 17, 32, 33, 48, 64, 65, 100, 128, 200, 256, 500, 1023,
    1024
};

#define N_FACTORS  (sizeof(factors) / sizeof(factors[0]))


static double
exact(const float *a, const float *b, uint32_t n)
{
    double    sum;
    uint32_t  i;

    sum = 0.0;

    for (i = 0; i < n; i++) {
        sum += (double) a[i] * b[i];
    }

    return sum;
}


/* The rotation keeps inner products, to within the rounding it states. */

static void
test_rotation_is_orthogonal(void **state)
{
    float       a[1024], b[1024], x[1024], y[1024];
    double      one, two;
    uint32_t    n, i;
    recs_rng_t  rng;

    (void) state;

    recs_rng_seed(&rng, 1);

    for (n = 16; n <= 1024; n += 16) {
        for (i = 0; i < n; i++) {
            a[i] = (float) (recs_rng_normal(&rng) / (1 + i / 4));
            b[i] = (float) (recs_rng_normal(&rng) / (1 + i / 4));
        }

        recs_rotate(a, x, n);
        recs_rotate(b, y, n);

        one = sqrt(exact(a, a, n));
        two = sqrt(exact(b, b, n));

        assert_true(fabs(exact(a, b, n) - exact(x, y, n))
                    <= 2.01 * RECS_ROTATE_ROUNDING * one * two);
        assert_true(fabs(sqrt(exact(x, x, n)) - one)
                    <= RECS_ROTATE_ROUNDING * one);
    }
}


/* One factor that has it all is spread over the whole row. */

static void
test_rotation_spreads(void **state)
{
    float     a[1024], x[1024];
    uint32_t  n, i, at;

    (void) state;

    for (n = 16; n <= 1024; n += 16) {
        for (at = 0; at < n; at += 5) {
            memset(a, 0, sizeof(a));
            a[at] = 1;
            recs_rotate(a, x, n);

            for (i = 0; i < n; i++) {
                assert_true(fabsf(x[i]) <= 0.75f);
            }
        }
    }

    memset(a, 0, sizeof(a));
    a[5] = 1;
    recs_rotate(a, x, 1024);

    for (i = 0; i < 1024; i++) {
        assert_true(fabsf(x[i]) == 0x1p-5f);
    }
}


/* What a block says of its rows, row by row. */

static void
check_block(const recs_coded_t *c, uint32_t block)
{
    float          scratch[1024];
    double         norm, error;
    uint32_t       i, item;
    const float   *row;
    const uint8_t *codes;

    codes = c->codes + block * c->block_size;

    assert_true(c->blocks[block].scale > 0);
    assert_true(isfinite(c->blocks[block].error));

    for (i = 0; i < RECS_BLOCK_ITEMS; i++) {
        item = block * RECS_BLOCK_ITEMS + i;

        if (item == c->n_items) {
            return;
        }

        row = c->rows + (size_t) item * c->stride;
        norm = sqrt(exact(row, row, c->stride));
        error = recs_codes_row_error(c->kind, c->n_factors, row, i, codes,
                                     c->blocks[block].scale, scratch);

        assert_true(c->blocks[block].norm >= norm * (1 - 1e-15));
        assert_true(c->blocks[block].norm_min <= norm * (1 + 1e-15));
        assert_true(c->blocks[block].error >= error);
    }
}


/* Both the exact inner product and the one in floats are within the slack. */

static void
check_scores(const recs_coded_t *c)
{
    float          score;
    double         score64, a;
    uint32_t       i, item, hits;
    const float   *row;
    recs_scan_t    scan;

    recs_coded_scan(c, &scan);

    while (scan.block < scan.end) {
        hits = c->kind == RECS_CODES_INT8
               ? recs_kernel_portable.next_int8(&scan)
               : recs_kernel_portable.next_int4(&scan);
        assert_int_equal(hits, 0xffffffff);

        for (i = 0; i < RECS_BLOCK_ITEMS; i++) {
            item = (scan.block - 1) * RECS_BLOCK_ITEMS + i;

            if (item == c->n_items) {
                return;
            }

            row = c->rows + (size_t) item * c->stride;
            score = recs_dot(c->query, row, c->stride);
            score64 = exact(c->query, row, c->stride);
            a = scan.approximate[i];

            assert_true(fabs(a - score) <= scan.slack);
            assert_true(fabs(a - score64) <= scan.slack);
        }
    }
}


static void
check_all(recs_codes_kind_t kind, unsigned span)
{
    uint32_t             i, b, seed;
    recs_coded_t        *c;
    recs_coded_style_t   style;

    for (i = 0; i < N_FACTORS; i++) {
        for (style = 0; style < RECS_CODED_STYLES; style++) {
            for (seed = 0; seed < 2; seed++) {
                c = recs_coded(kind, style, 70, factors[i], span, seed);

                for (b = 0; b < c->n_blocks; b++) {
                    check_block(c, b);
                }

                check_scores(c);
                recs_coded_free(c);
            }
        }
    }
}


static void
test_int8(void **state)
{
    (void) state;

    check_all(RECS_CODES_INT8, 0);
    check_all(RECS_CODES_INT8, 2);
    check_all(RECS_CODES_INT8, 4);
}


static void
test_int4(void **state)
{
    (void) state;

    check_all(RECS_CODES_INT4, 0);
}


/* Bounds so wide that they would decide nothing are no use either. */

static void
test_errors_are_small(void **state)
{
    recs_coded_t  *c;

    (void) state;

    c = recs_coded(RECS_CODES_INT8, RECS_CODED_FLAT, 320, 64, 0, 7);
    assert_true(c->blocks[5].error < 0.015);
    assert_true(c->coded.error < 0.010 * c->coded.norm);
    recs_coded_free(c);

    c = recs_coded(RECS_CODES_INT8, RECS_CODED_FLAT, 320, 64, 2, 7);
    assert_true(c->coded.error < 0.018 * c->coded.norm);
    recs_coded_free(c);

    c = recs_coded(RECS_CODES_INT4, RECS_CODED_FLAT, 320, 128, 0, 7);
    assert_true(c->blocks[5].error < 0.14);
    assert_true(c->coded.error < 0.016 * c->coded.norm);
    recs_coded_free(c);
}


/*
 * What a 16-bit lane may be asked to hold: 255 times the sum of a window's
 * values of one sign.
 */

static void
check_windows(const recs_code_query_t *q, unsigned span)
{
    int       c, sums[4];
    uint32_t  g, j;

    for (g = 0; g < q->n_groups; g++) {
        if (g % span == 0) {
            memset(sums, 0, sizeof(sums));
        }

        for (j = 0; j < 4; j++) {
            c = q->codes[g * 4 + j];
            sums[j / 2 * 2 + (c < 0)] += abs(c);
        }

        for (j = 0; j < 4; j++) {
            assert_true(255 * sums[j] <= INT16_MAX);
        }
    }
}


/* The same of INT4: the high halves' codes by bytes, the low halves' by 15. */

static void
check_int4_windows(const recs_code_query_t *q)
{
    int       c, sums[4];
    uint32_t  g, j;

    for (g = 0; g < q->n_groups; g++) {
        if (g % RECS_CODES_INT4_SPAN == 0) {
            memset(sums, 0, sizeof(sums));
        }

        for (j = 0; j < 4; j++) {
            assert_true(q->codes[g * 8 + j] >= -127);
            c = q->codes[g * 8 + 4 + j];
            sums[j / 2 * 2 + (c < 0)] += abs(c);
        }

        for (j = 0; j < 4; j++) {
            assert_true(255 * sums[j] <= INT16_MAX);
        }
    }
}


static void
test_windows_fit_16_bits(void **state)
{
    uint32_t             i, j, seed;
    unsigned             span;
    recs_coded_t        *c;
    recs_coded_style_t   style;

    (void) state;

    for (i = 0; i < N_FACTORS; i++) {
        for (style = 0; style < RECS_CODED_STYLES; style++) {
            for (span = 1; span <= 4; span *= 2) {
                for (seed = 0; seed < 2; seed++) {
                    c = recs_coded(RECS_CODES_INT8, style, 3, factors[i],
                                   span, seed);
                    check_windows(&c->coded, span);

                    for (j = 0; j < c->stride; j++) {
                        assert_true(c->coded.codes[j] >= -127);
                    }

                    recs_coded_free(c);

                    c = recs_coded(RECS_CODES_INT4, style, 3, factors[i], 0,
                                   seed);
                    check_int4_windows(&c->coded);
                    recs_coded_free(c);
                }
            }
        }
    }
}


/* A query that is too long, infinite or no number: nothing is known. */

static void
test_unknown_query(void **state)
{
    float          query[16];
    int8_t         codes[16];
    uint32_t       i, hits;
    const float    bad[] = { 1e19f, 3e38f, INFINITY, -INFINITY, NAN };
    recs_scan_t    scan;
    recs_coded_t  *c;

    (void) state;

    for (i = 0; i < 5; i++) {
        c = recs_coded(RECS_CODES_INT8, RECS_CODED_NORMAL, 32, 16, 0, 1);

        memset(query, 0, sizeof(query));
        query[0] = 1;
        query[3] = bad[i];

        free(c->coded.codes);
        c->coded.codes = codes;
        recs_codes_query(RECS_CODES_INT8, 16, query, 0, &c->coded);
        assert_true(isinf(c->coded.error));

        recs_coded_scan(c, &scan);
        scan.threshold = 1e30f;
        hits = recs_kernel_portable.next_int8(&scan);
        assert_true(hits == 0xffffffff || i == 0);
        assert_true(hits == 0xffffffff || scan.stopped);

        c->coded.codes = NULL;
        recs_coded_free(c);
    }
}


static void
test_zero_query(void **state)
{
    float              query[32] = { 0 };
    int8_t             codes[32];
    recs_code_query_t  q;

    (void) state;

    q.codes = codes;
    recs_codes_query(RECS_CODES_INT4, 20, query, 0, &q);

    assert_int_equal(q.n_groups, 4);
    assert_int_equal(q.offset, 0);
    assert_true(q.norm == 0 && q.error == 0 && q.coded_norm == 0);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_rotation_is_orthogonal),
        cmocka_unit_test(test_rotation_spreads),
        cmocka_unit_test(test_int8),
        cmocka_unit_test(test_int4),
        cmocka_unit_test(test_errors_are_small),
        cmocka_unit_test(test_windows_fit_16_bits),
        cmocka_unit_test(test_unknown_query),
        cmocka_unit_test(test_zero_query)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
