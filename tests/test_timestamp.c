/* recs_timestamp against hand-computed times. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "recs_timestamp.h"


static void
test_accepted(void **state)
{
    size_t   i;
    int64_t  ms;

    static const struct {
        const char  *text;
        int64_t      ms;
    } cases[] = {
        { "964982703", 964982703000 },
        { " 964982703 ", 964982703000 },
        { "964982703.25", 964982703250 },
        { "964982703000", 964982703000 },
        { "9.64982703e8", 964982703000 },
        { "1", 1000 },
        { "0", 0 },
        { "", 0 },
        { "2000-07-30T18:45:03Z", 964982703000 },
        { "2000-07-30T18:45:03.5Z", 964982703500 },
        { "2000-07-30 18:45:03", 964982703000 },
        { "2000-07-30t20:45:03+02:00", 964982703000 },
        { "2000-07-30T13:15:03-0530", 964982703000 },
        { "2000-07-30T20:45:03+02", 964982703000 },
        { "2000-07-30", 964915200000 },
        { "2000-02-29", 951782400000 },
        { "1970-01-01T00:00:00Z", 0 },
        { "2099-12-31T23:59:59Z", 4102444799000 },
        { "2016-12-31T23:59:60Z", 1483228800000 },
        { "30/Jul/2000:18:45:03 +0000", 964982703000 },
        { "30/Jul/2000:20:45:03 +0200", 964982703000 },
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ms = -1;
        print_message("%s\n", cases[i].text);
        assert_int_equal(recs_timestamp_parse(cases[i].text,
                                              strlen(cases[i].text), &ms),
                         RECS_TIMESTAMP_OK);
        assert_int_equal(ms, cases[i].ms);
    }
}


static void
test_refused(void **state)
{
    size_t   i;
    int64_t  ms;

    static const struct {
        const char               *text;
        recs_timestamp_result_t   result;
    } cases[] = {
        { "-1", RECS_TIMESTAMP_RANGE },
        { "1e999", RECS_TIMESTAMP_RANGE },
        { "4102444800", RECS_TIMESTAMP_RANGE },
        { "4102444800000", RECS_TIMESTAMP_RANGE },
        { "1752000000000000", RECS_TIMESTAMP_RANGE },
        { "1969-12-31T23:59:59Z", RECS_TIMESTAMP_RANGE },
        { "2100-01-01", RECS_TIMESTAMP_RANGE },
        { "9999-12-31", RECS_TIMESTAMP_RANGE },
        { "nan", RECS_TIMESTAMP_MALFORMED },
        { "inf", RECS_TIMESTAMP_MALFORMED },
        { "0x10", RECS_TIMESTAMP_MALFORMED },
        { "yesterday", RECS_TIMESTAMP_MALFORMED },
        { "2000-13-01", RECS_TIMESTAMP_MALFORMED },
        { "2000-02-30", RECS_TIMESTAMP_MALFORMED },
        { "1900-02-29", RECS_TIMESTAMP_MALFORMED },
        { "2000-07-30T24:00:00Z", RECS_TIMESTAMP_MALFORMED },
        { "2000-07-30T18:60:00Z", RECS_TIMESTAMP_MALFORMED },
        { "2000-07-30T18:45:03+25:00", RECS_TIMESTAMP_MALFORMED },
        { "2000-07-30T18:45:03Zx", RECS_TIMESTAMP_MALFORMED },
        { "2000-07-30T18:45:03.", RECS_TIMESTAMP_MALFORMED },
        { "2000-07-30T", RECS_TIMESTAMP_MALFORMED },
        { "2000-7-30", RECS_TIMESTAMP_MALFORMED },
        { "30/Xxx/2000:18:45:03 +0000", RECS_TIMESTAMP_MALFORMED },
        { "30/Jul/2000", RECS_TIMESTAMP_MALFORMED },
        { "1 2", RECS_TIMESTAMP_MALFORMED },
        { "+", RECS_TIMESTAMP_MALFORMED },
        { "1e", RECS_TIMESTAMP_MALFORMED },
        { ".", RECS_TIMESTAMP_MALFORMED },
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        print_message("%s\n", cases[i].text);
        assert_int_equal(recs_timestamp_parse(cases[i].text,
                                              strlen(cases[i].text), &ms),
                         cases[i].result);
    }

    assert_int_equal(recs_timestamp_parse("1\0", 2, &ms),
                     RECS_TIMESTAMP_MALFORMED);
    assert_int_equal(recs_timestamp_number(NAN, &ms), RECS_TIMESTAMP_RANGE);
}


/* Every day of the accepted range goes there and back. */

static void
test_round_trip(void **state)
{
    char     text[20];
    int64_t  ms, back;

    (void) state;

    for (ms = 45296000; ms < RECS_TIMESTAMP_MAX; ms += 86400000) {
        recs_timestamp_format(ms, text);
        back = -1;
        assert_int_equal(recs_timestamp_parse(text, strlen(text), &back),
                         RECS_TIMESTAMP_OK);
        assert_int_equal(back, ms);
    }

    recs_timestamp_format(964982703000, text);
    assert_string_equal(text, "2000-07-30 18:45:03");
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_accepted),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_round_trip),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
