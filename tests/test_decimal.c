/*
 * Numbers in decimal, against printf.
 */

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "recs_decimal.h"
#include "recs_fewer.h"


static void
check(float value)
{
    char    text[RECS_DECIMAL_MAX + 1], expected[64];
    size_t  len;

    len = recs_decimal(text, value);
    assert_in_range(len, 1, RECS_DECIMAL_MAX);
    text[len] = '\0';

    snprintf(expected, sizeof(expected), "%.9g", (double) value);
    assert_string_equal(text, expected);
}


static float
from_bits(uint32_t bits)
{
    float  value;

    memcpy(&value, &bits, sizeof(value));

    return value;
}


/* Every exponent, two million mantissas: 1021 is prime. */
static void
test_all_over(void **state)
{
    uint32_t  bits;

    (void) state;

    for (bits = 0; bits < 0x7f800000; bits += 1021 * RECS_FEWER) {
        check(from_bits(bits));
    }
}


/* What the scores of a model look like, and their neighbours. */
static void
test_scores(void **state)
{
    int       i;
    uint32_t  bits;
    float     value;

    (void) state;

    for (i = -200000; i < 200000; i += RECS_FEWER) {
        value = (float) i / 4096.0f;
        memcpy(&bits, &value, sizeof(bits));

        check(value);
        check(from_bits(bits + 1));
        check((float) i / 1000.0f);
    }
}


/* Powers of ten and of two, where an exponent may be one off, and ties. */
static void
test_edges(void **state)
{
    int       i, j;
    float     value;
    uint32_t  bits;

    (void) state;

    for (i = -46; i < 39; i++) {
        value = (float) pow(10.0, i);
        memcpy(&bits, &value, sizeof(bits));

        for (j = bits > 64 ? -64 : 0; j < 64; j++) {
            check(from_bits(bits + (uint32_t) j));
        }
    }

    for (i = -149; i < 128; i++) {
        check(ldexpf(1.0f, i));
        check(-ldexpf(1.0f, i));
    }

    check(0.0f);
    check(-0.0f);
    check(FLT_MAX);
    check(-FLT_MAX);
    check(FLT_MIN);
    check(FLT_TRUE_MIN);
    check(16777216.0f);
    check(999999999.0f);
}


/* Nine digits give the float back. */
static void
test_round_trip(void **state)
{
    char      text[RECS_DECIMAL_MAX + 1];
    float     value, back;
    uint32_t  bits;

    (void) state;

    for (bits = 1; bits < 0x7f800000; bits += 65521) {
        value = from_bits(bits);
        text[recs_decimal(text, value)] = '\0';
        back = strtof(text, NULL);

        assert_memory_equal(&back, &value, sizeof(value));
    }
}


static void
test_not_finite(void **state)
{
    char  text[RECS_DECIMAL_MAX];

    (void) state;

    assert_int_equal(recs_decimal(text, NAN), 1);
    assert_int_equal(text[0], '0');
    assert_int_equal(recs_decimal(text, INFINITY), 1);
    assert_int_equal(text[0], '0');
}


static void
check_double(double value)
{
    char    text[RECS_DECIMAL_DOUBLE_MAX + 1], expected[64];
    size_t  len;

    len = recs_decimal_double(text, value);
    assert_in_range(len, 1, RECS_DECIMAL_DOUBLE_MAX);
    text[len] = '\0';

    snprintf(expected, sizeof(expected), "%.15g", value);
    assert_string_equal(text, expected);
}


static void
test_double(void **state)
{
    int     i;
    char    text[RECS_DECIMAL_DOUBLE_MAX];
    double  prices[] = { 19.99, .05, .1, 1e15, 999999999999999.0, 1e300,
                         -1.23456789012345e-300, DBL_MAX, DBL_TRUE_MIN,
                         0.0, -0.0, 1.0 / 3, 123456.789, -7.0, 1e14 + .5 };

    (void) state;

    for (i = 0; i < (int) (sizeof(prices) / sizeof(prices[0])); i++) {
        check_double(prices[i]);
        check_double(-prices[i]);
    }

    for (i = -1074; i < 1024; i++) {
        check_double(ldexp(1.0, i));
        check_double(ldexp(-1.7, i));
    }

    assert_int_equal(recs_decimal_double(text, 19.99), 5);
    assert_memory_equal(text, "19.99", 5);
    assert_int_equal(recs_decimal_double(text, (double) NAN), 1);
    assert_int_equal(text[0], '0');
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_all_over),
        cmocka_unit_test(test_scores),
        cmocka_unit_test(test_edges),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_not_finite),
        cmocka_unit_test(test_double)
    };

    return cmocka_run_group_tests_name("decimal", tests, NULL, NULL);
}
