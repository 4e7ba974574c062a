/*
 * Moments added one by one, and merged from parts, against two passes in long
 * double.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "recs_moments.h"
#include "recs_rng.h"


#define N  10000


static double  xs[N], ys[N];


static void
make_values(double mean_x, double mean_y)
{
    double      x;
    uint32_t    i;
    recs_rng_t  rng;

    recs_rng_seed(&rng, 5);

    for (i = 0; i < N; i++) {
        x = recs_rng_normal(&rng);
        xs[i] = mean_x + x;
        ys[i] = mean_y + 0.3 * x + 3 * recs_rng_normal(&rng);
    }
}


static void
two_passes(uint32_t from, uint32_t to, recs_pair_moments_t *m)
{
    uint32_t     i;
    long double  mx, my, vx, vy, c, n;

    n = to - from;
    mx = my = vx = vy = c = 0;

    for (i = from; i < to; i++) {
        mx += xs[i] / n;
        my += ys[i] / n;
    }

    for (i = from; i < to; i++) {
        vx += (xs[i] - mx) * (xs[i] - mx);
        vy += (ys[i] - my) * (ys[i] - my);
        c += (xs[i] - mx) * (ys[i] - my);
    }

    *m = (recs_pair_moments_t) { to - from, (double) mx, (double) my,
                                 (double) vx, (double) vy, (double) c };
}


static void
near(double got, double expected, double relative)
{
    if (!(fabs(got - expected) <= relative * fabs(expected))) {
        fail_msg("%.17g, expected %.17g", got, expected);
    }
}


static void
same(const recs_pair_moments_t *got, const recs_pair_moments_t *expected,
    double relative)
{
    assert_int_equal(got->n, expected->n);
    near(got->mean_x, expected->mean_x, relative);
    near(got->mean_y, expected->mean_y, relative);
    near(got->m2_x, expected->m2_x, relative);
    near(got->m2_y, expected->m2_y, relative);
    near(got->c_xy, expected->c_xy, relative);
}


/*
 * Far from zero beside their spread: of sums of squares few digits would be
 * left.  The means' own rounding, 1e6 * 2^-53 beside a spread of 1, allows for
 * 1e-10.
 */
static void
test_add(void **state)
{
    uint32_t             i;
    recs_moments_t       y = { 0 }, alone;
    recs_pair_moments_t  m = { 0 }, expected;

    (void) state;

    make_values(1e6, -2e5);

    for (i = 0; i < N; i++) {
        recs_pair_moments_add(&m, xs[i], ys[i]);
        recs_moments_add(&y, ys[i]);
    }

    two_passes(0, N, &expected);
    same(&m, &expected, 1e-9);

    alone = recs_pair_moments_y(&m);
    assert_memory_equal(&alone, &y, sizeof(y));
    assert_true(recs_pair_moments_x(&m).m2 == m.m2_x);
    near(recs_moments_variance(&y), expected.m2_y / (N - 1), 1e-9);
}


/* Parts of any size, empty ones too, of values about zero: 1e-12. */
static void
test_merge(void **state)
{
    static const uint32_t  ends[] = { 0, 1, 1, 3, 10, 4000, 4001, 9998, N };

    uint32_t             i, j;
    recs_moments_t       y = { 0 }, y_part;
    recs_pair_moments_t  m = { 0 }, part, expected;

    (void) state;

    make_values(0.5, -0.25);

    for (i = 1; i < sizeof(ends) / sizeof(ends[0]); i++) {
        part = (recs_pair_moments_t) { 0 };

        for (j = ends[i - 1]; j < ends[i]; j++) {
            recs_pair_moments_add(&part, xs[j], ys[j]);
        }

        y_part = recs_pair_moments_y(&part);
        recs_pair_moments_merge(&m, &part);
        recs_moments_merge(&y, &y_part);

        two_passes(0, ends[i], &expected);
        same(&m, &expected, 1e-12);
        near(y.mean, expected.mean_y, 1e-12);
        near(y.m2, expected.m2_y, 1e-12);
    }
}


static void
test_counts(void **state)
{
    uint32_t        i;
    recs_moments_t  m = { 0 }, zeros = { .n = 70 }, count;

    (void) state;

    for (i = 0; i < 30; i++) {
        recs_moments_add(&m, 1);
    }

    recs_moments_merge(&m, &zeros);
    count = recs_moments_of_count(30, 100);

    assert_int_equal(count.n, 100);
    near(count.mean, 0.3, 1e-15);
    near(count.m2, 21, 1e-15);
    near(m.mean, count.mean, 1e-15);
    near(m.m2, count.m2, 1e-14);
}


static void
test_empty(void **state)
{
    recs_moments_t       m = { 0 }, other = { 0 };
    recs_pair_moments_t  pair = { 0 }, other_pair = { 0 };

    (void) state;

    recs_moments_merge(&m, &other);
    recs_pair_moments_merge(&pair, &other_pair);
    other = recs_moments_of_count(0, 0);

    assert_true(m.n == 0 && m.mean == 0 && m.m2 == 0);
    assert_true(pair.n == 0 && pair.mean_x == 0 && pair.c_xy == 0);
    assert_true(other.n == 0 && other.mean == 0 && other.m2 == 0);
    assert_true(recs_moments_variance(&m) == 0);

    recs_moments_add(&m, 7);
    assert_true(m.mean == 7 && recs_moments_variance(&m) == 0);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_add),
        cmocka_unit_test(test_merge),
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_empty),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
