/*
 * The generator against the reference sequence of its authors, and the
 * moments of what is drawn from it.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "recs_rng.h"


#define N  200000


/* xoshiro256** from the state 1, 2, 3, 4. */

static void
test_reference(void **state)
{
    int         i;
    recs_rng_t  rng = { { 1, 2, 3, 4 }, 0, 0 };

    static const uint64_t  want[] = {
        UINT64_C(11520), UINT64_C(0), UINT64_C(1509978240),
        UINT64_C(1215971899390074240)
    };

    (void) state;

    for (i = 0; i < 4; i++) {
        assert_true(recs_rng_next(&rng) == want[i]);
    }
}


static void
test_moments(void **state)
{
    int         i;
    double      u, z, sum_u, sum_z, sum_zz;
    recs_rng_t  rng;

    (void) state;

    recs_rng_seed(&rng, 42);
    sum_u = sum_z = sum_zz = 0;

    for (i = 0; i < N; i++) {
        u = recs_rng_uniform(&rng);
        assert_true(u > 0 && u < 1);
        z = recs_rng_normal(&rng);
        sum_u += u;
        sum_z += z;
        sum_zz += z * z;
    }

    assert_true(fabs(sum_u / N - 0.5) < 0.005);
    assert_true(fabs(sum_z / N) < 0.01);
    assert_true(fabs(sum_zz / N - 1) < 0.02);
}


static void
test_seeds_differ(void **state)
{
    recs_rng_t  a, b;

    (void) state;

    recs_rng_seed(&a, 1);
    recs_rng_seed(&b, 1);
    assert_true(recs_rng_next(&a) == recs_rng_next(&b));

    recs_rng_seed(&b, 2);
    assert_true(recs_rng_next(&a) != recs_rng_next(&b));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_reference),
        cmocka_unit_test(test_moments),
        cmocka_unit_test(test_seeds_differ)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
