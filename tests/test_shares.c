/*
 * What part of the units a variant gets, against the draw itself.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "recs_shares.h"


static recs_str_t
str(const char *text)
{
    recs_str_t  s;

    s.data = text;
    s.len = strlen(text);

    return s;
}


/* Three variants, the first two of that weight. */
static void
make(recs_experiment_t *x, const char *hash, const char *weight,
    const char *rest, const char *coverage)
{
    unsigned    i;
    recs_str_t  lines[5][3];

    lines[0][0] = str("hash");
    lines[0][1] = str(hash);
    lines[1][0] = str("coverage");
    lines[1][1] = str(coverage);

    for (i = 2; i < 5; i++) {
        lines[i][0] = str("variant");
        lines[i][1] = str(i == 2 ? "a" : i == 3 ? "b" : "c");
        lines[i][2] = str(i == 4 ? rest : weight);
    }

    assert_int_equal(recs_experiment_init(x, str("x"), NULL), RECS_OK);

    for (i = 0; i < 5; i++) {
        assert_int_equal(recs_experiment_set(x, lines[i], i < 2 ? 2 : 3,
                                             NULL), RECS_OK);
    }

    assert_int_equal(recs_experiment_settle(x, NULL), RECS_OK);
}


static void
test_steps(void **state)
{
    double             shares[RECS_VARIANTS_MAX];
    recs_experiment_t  x;

    (void) state;

    make(&x, "growthbook2", "33.33", "33.34", "100");
    recs_shares(&x, shares);
    assert_float_equal(shares[0], .3333, 1e-12);
    assert_float_equal(shares[1], .3333, 1e-12);
    assert_float_equal(shares[2], .3334, 1e-12);

    /* n / 1000 < .3333 holds for 334 numbers, < .6666 for 667. */

    make(&x, "growthbook1", "33.33", "33.34", "100");
    recs_shares(&x, shares);
    assert_float_equal(shares[0], .334, 1e-12);
    assert_float_equal(shares[1], .333, 1e-12);
    assert_float_equal(shares[2], .333, 1e-12);

    make(&x, "split_clients", "33.33", "33.34", "50");
    recs_shares(&x, shares);
    assert_float_equal(shares[0], .3333, 1e-8);
    assert_float_equal(shares[2], .3334, 1e-8);

    make(&x, "growthbook2", "25", "50", "0");
    recs_shares(&x, shares);
    assert_true(shares[0] == 0 && shares[1] == 0 && shares[2] == 0);
}


/* So little coverage that a number more or less is much. */
static void
test_drawn(void **state)
{
    char               id[16];
    int32_t            variant;
    double             shares[RECS_VARIANTS_MAX], off;
    unsigned           i, n, counts[3];
    recs_experiment_t  x;

    (void) state;

    make(&x, "growthbook1", "33.33", "33.34", "1");
    recs_shares(&x, shares);

    memset(counts, 0, sizeof(counts));

    for (n = 0, i = 0; i < 200000; i++) {
        snprintf(id, sizeof(id), "u%u", i);

        variant = recs_bucket_choose(recs_bucket_hash(x.hash, x.salt,
                                                      str(id)),
                                     x.ranges, x.n_variants);

        if (variant >= 0) {
            counts[variant]++;
            n++;
        }
    }

    /* 4, 3 and 3 of 1000 numbers. */

    for (i = 0; i < 3; i++) {
        off = fabs((double) counts[i] / n - shares[i]);
        printf("# share %.4f, drawn %.4f\n", shares[i],
               (double) counts[i] / n);
        assert_true(off < 4 * sqrt(.25 / n));
    }

    assert_true(fabs(shares[0] - 1 / 3.) > .02
                || fabs(shares[1] - 1 / 3.) > .02);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_steps),
        cmocka_unit_test(test_drawn)
    };

    return cmocka_run_group_tests_name("shares", tests, NULL, NULL);
}
