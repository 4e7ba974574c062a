/* recs_policy_target: the file of a policy. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "recs_policy_target.h"
#include "recs_temp.h"


static double
probability(const recs_policy_target_t *target, const char *slot,
    uint32_t position, const char *item)
{
    const recs_str_t  s = { slot, strlen(slot) };
    const recs_str_t  i = { item, strlen(item) };

    return recs_policy_target_probability(target, s, position, i);
}


static void
equals(double value, double expected)
{
    if (!(fabs(value - expected) <= 1e-15)) {
        fail_msg("%.17g, expected %.17g", value, expected);
    }
}


static void
test_places(void **state)
{
    recs_error_t           err;
    recs_policy_target_t  *target;

    (void) state;

    assert_int_equal(recs_policy_target_read(&target,
                         recs_temp_text("policy",
                                        "a 0.5\n"
                                        "  b   5e-1  \n"
                                        "\n"
                                        "a 1 2\r\n"
                                        "c 0.25 * for_you\n"
                                        "a 0.75 * for_you\n"
                                        "a\t0.1\t1\tfor_you\n"
                                        "b c d\t0.9\t1\tfor_you\n"), &err),
                     RECS_OK);

    equals(probability(target, "top", 1, "a"), .5);
    equals(probability(target, "top", 1, "b"), .5);
    equals(probability(target, "top", 1, "c"), 0);
    equals(probability(target, "", 1, "b"), .5);

    equals(probability(target, "top", 2, "a"), 1);
    equals(probability(target, "top", 2, "b"), 0);

    equals(probability(target, "for_you", 3, "a"), .75);
    equals(probability(target, "for_you", 2, "a"), .75);
    equals(probability(target, "for_you", 1, "a"), .1);
    equals(probability(target, "for_you", 1, "b c d"), .9);
    equals(probability(target, "for_you", 1, "c"), 0);

    recs_policy_target_destroy(target);
}


/* Thirds of four digits sum to .9999. */

static void
test_scaled(void **state)
{
    recs_error_t           err;
    recs_policy_target_t  *target;

    (void) state;

    assert_int_equal(recs_policy_target_read(&target,
                         recs_temp_text("policy",
                                        "a .3333\nb .3333\nc .3333\n"),
                         &err), RECS_OK);

    equals(probability(target, "", 1, "a"), 1 / 3.0);
    recs_policy_target_destroy(target);
}


static void
test_refused(void **state)
{
    size_t                 i;
    recs_error_t           err;
    recs_policy_target_t  *target;

    static const char *const  cases[][2] = {
        { "", "no lines" },
        { "\n\n", "no lines" },
        { "a\n", ":1: not two to four fields" },
        { "a .5\nb c d\n", ":2: the probability is no number" },
        { "a 1 1 top more\n", "not two to four fields" },
        { "a\t1\t1\ttop\t\n", "not two to four fields" },
        { "a -0.5\n", "the probability" },
        { "a nan\n", "the probability" },
        { "a 0x1\n", "the probability" },
        { "a 1.5\n", "the probability" },
        { "a\t\n", "the probability" },
        { "\t1\n", "not an item's id" },
        { "a\x01 1\n", "not an item's id" },
        { "\xff 1\n", "not an item's id" },
        { "a 1 0\n", "the position" },
        { "a 1 1.5\n", "the position" },
        { "a 1 10001\n", "the position" },
        { "a 1 x\n", "the position" },
        { "a 1 1 Top\n", "not a slot's name" },
        { "a .5\nb .4\n", "for position * of slot * sum to 0.900000" },
        { "a .5\nb .6 3 top\n", "for position * of slot * sum to 0.500000" },
        { "a 1\nb .6 3 top\n", "for position 3 of slot top sum to 0.600000" },
        { "a .5\na .5\n", ":2: item \"a\" already" }
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        target = NULL;

        if (recs_policy_target_read(&target,
                                    recs_temp_text("policy", cases[i][0]),
                                    &err) != RECS_INVALID
            || strstr(err.message, cases[i][1]) == NULL || target != NULL)
        {
            fail_msg("case %zu: \"%s\", expected \"%s\"", i, err.message,
                     cases[i][1]);
        }
    }

    assert_int_equal(recs_policy_target_read(&target, "no/such/file", &err),
                     RECS_IO);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_scaled),
        cmocka_unit_test(test_refused)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
