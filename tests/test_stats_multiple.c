/*
 * Corrections for several metrics: known ones, ties, ends.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "recs_stats_multiple.h"


static const double  p[] = { 0.01, 0.04, 0.03, 0.005, 0.2, 0.6 };

#define N  (sizeof(p) / sizeof(p[0]))


static void
same(const double *got, const double *expected, unsigned n)
{
    unsigned  i;

    for (i = 0; i < n; i++) {

        if (!(fabs(got[i] - expected[i]) <= 1e-15)) {
            fail_msg("%u: %.17g, expected %.17g", i, got[i], expected[i]);
        }
    }
}


static void
test_holm(void **state)
{
    static const double  expected[] = { 0.05, 0.12, 0.12, 0.03, 0.4, 0.6 };

    double  adjusted[N];

    (void) state;

    recs_stats_holm(p, adjusted, N);
    same(adjusted, expected, N);
}


/* As scipy.stats.false_discovery_control has it. */
static void
test_benjamini_hochberg(void **state)
{
    static const double  expected[] = { 0.03, 0.06, 0.06, 0.03, 0.24, 0.6 };

    double  adjusted[N];

    (void) state;

    recs_stats_benjamini_hochberg(p, adjusted, N);
    same(adjusted, expected, N);
}


static void
test_ends(void **state)
{
    static const double  ones[] = { 1, 1, 1 };
    static const double  ties[] = { 0.02, 0.02, 1 };
    static const double  holm[] = { 0.06, 0.06, 1 };
    static const double  bh[] = { 0.03, 0.03, 1 };

    double  adjusted[3];

    (void) state;

    recs_stats_holm(ones, adjusted, 3);
    same(adjusted, ones, 3);
    recs_stats_benjamini_hochberg(ones, adjusted, 3);
    same(adjusted, ones, 3);

    recs_stats_holm(ties, adjusted, 3);
    same(adjusted, holm, 3);
    recs_stats_benjamini_hochberg(ties, adjusted, 3);
    same(adjusted, bh, 3);

    recs_stats_holm(p, adjusted, 1);
    same(adjusted, p, 1);
    recs_stats_benjamini_hochberg(p, adjusted, 1);
    same(adjusted, p, 1);
    recs_stats_holm(p, adjusted, 0);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_holm),
        cmocka_unit_test(test_benjamini_hochberg),
        cmocka_unit_test(test_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
