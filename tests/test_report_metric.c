#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "recs_report_metric.h"


static void
test_metric(void **state)
{
    size_t                 i;
    char                   text[2 * RECS_ID_MAX + 16];
    recs_error_t           err;
    recs_report_metric_t   m;

    static const char *const  wrong[] = {
        "", "a", "a=", "=event:a", "A=event:a", "a=event", "a=event:",
        "a=views:a", "a=event:a\n", "a=ratio:a", "a=ratio:a/", "a=ratio:/b",
        "a=--event:a"
    };

    (void) state;

    assert_int_equal(recs_report_metric_parse(&m, "r=-ratio:a b/c/d", &err),
                     RECS_OK);
    assert_int_equal(m.kind, RECS_METRIC_RATIO);
    assert_int_equal(m.lower, 1);
    assert_string_equal(m.event, "a b");
    assert_string_equal(m.per, "c/d");
    recs_report_metric_text(&m, text);
    assert_string_equal(text, "-ratio:a b/c/d");

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(recs_report_metric_parse(&m, wrong[i], &err),
                         RECS_INVALID);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_metric)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
