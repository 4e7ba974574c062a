#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "recs_event.h"


static recs_event_result_t
parse(const char *text, recs_event_t *event)
{
    char                  line[2048 + RECS_EVENT_PADDING];
    static char           kept[4096];
    recs_event_result_t   result;
    recs_event_parser_t  *parser;

    assert_true(strlen(text) < 2048);
    memset(line, 0, sizeof(line));
    strcpy(line, text);

    parser = recs_event_parser_create(1);
    assert_non_null(parser);
    result = recs_event_parse(parser, line, strlen(text), event);

    /* The parser's text goes with it: what the tests look at is kept. */

    if (result == RECS_EVENT_OK) {
        memset(kept, 0, sizeof(kept));
        if (event->user.len != 0) {
            memcpy(kept, event->user.data, event->user.len);
            event->user.data = kept;
        }

        memcpy(kept + 200, event->event.data, event->event.len);
        event->event.data = kept + 200;

        if (event->n_contexts != 0) {
            memcpy(kept + 400, event->contexts[0].value.data,
                   event->contexts[0].value.len);
            event->contexts[0].value.data = kept + 400;
        }

        if (event->n_items != 0) {
            memcpy(kept + 600, event->items[0].id.data,
                   event->items[0].id.len);
            event->items[0].id.data = kept + 600;
        }
    }

    recs_event_parser_destroy(parser);

    return result;
}


static void
test_exposure(void **state)
{
    recs_event_t  e;

    (void) state;

    assert_int_equal(parse(
        "{\"id\":\"b-0-18\",\"ts\":1700000000007,\"boot\":\"b\",\"worker\":3,"
        "\"seq\":18446744073709551615,\"user\":\"zo\\u00eb\",\"event\":"
        "\"exposure\",\"context\":{\"country\":\"de\",\"Bad\":\"x\"},\"slot\":"
        "\"for_you\",\"experiment\":\"x\",\"variant\":\"deep\",\"propensity\":"
        "0.25,\"bucket_version\":1,\"items\":[{\"id\":318,\"rank\":1,"
        "\"propensity\":1},{\"id\":\"a\"}]}", &e), RECS_EVENT_OK);

    assert_int_equal(e.time_ms, 1700000000007);
    assert_int_equal(e.worker, 3);
    assert_true(e.seq == UINT64_MAX);
    assert_string_equal(e.user.data, "zo\xc3\xab");
    assert_string_equal(e.event.data, "exposure");
    assert_true(e.propensity == 0.25);
    assert_true(isnan(e.value));
    assert_int_equal(e.unverified, 0);
    assert_int_equal(e.forced, 0);
    assert_int_equal(e.n_contexts, 1);
    assert_string_equal(e.contexts[0].value.data, "de");
    assert_int_equal(e.n_items, 2);
    assert_string_equal(e.items[0].id.data, "318");
    assert_true(e.items[0].propensity == 1 && isnan(e.items[1].propensity));
    assert_int_equal(e.items[0].rank, 1);
}


static void
test_fields(void **state)
{
    recs_event_t  e;

    (void) state;

    assert_int_equal(parse("{\"event\":\"p\",\"user\":-7,\"value\":-2.5,"
                           "\"verified\":true,\"forced\":false}", &e),
                     RECS_EVENT_OK);
    assert_string_equal(e.user.data, "-7");
    assert_true(e.value == -2.5);
    assert_int_equal(e.unverified + e.forced, 0);
    assert_int_equal(e.time_ms, 0);

    /* What is there and not true is not verified; not false is forced. */

    assert_int_equal(parse("{\"event\":\"p\",\"verified\":1,\"forced\":1,"
                           "\"propensity\":0}", &e), RECS_EVENT_OK);
    assert_true(isnan(e.propensity));
    assert_int_equal(e.unverified, 1);
    assert_int_equal(e.forced, 1);

    /* The last of a name counts, and what is null is not there. */

    assert_int_equal(parse("{\"event\":\"a\",\"ts\":\"2000-07-30T00:00:00Z\","
                           "\"event\":\"b\",\"user\":null,\"value\":null,"
                           "\"context\":null}", &e), RECS_EVENT_OK);
    assert_string_equal(e.event.data, "b");
    assert_int_equal(e.user.len, 0);
    assert_int_equal(e.time_ms, 964915200000);
    assert_true(isnan(e.value));
}


static void
test_refused(void **state)
{
    size_t        i;
    recs_event_t  e;

    static const struct {
        recs_event_result_t  result;
        const char          *line;
    } cases[] = {
        { RECS_EVENT_EMPTY, "" },
        { RECS_EVENT_EMPTY, " \t\r" },
        { RECS_EVENT_TORN, "x" },
        { RECS_EVENT_TORN, "{\"event\":\"a\"" },
        { RECS_EVENT_TORN, "{\"event\":\"a\"}}" },
        { RECS_EVENT_TORN, "{\"event\":\"a\"} {\"event\":\"b\"}" },
        { RECS_EVENT_TORN, "{\"event\":\"a\",}" },
        { RECS_EVENT_TORN, "{\"event\":\"a\",\"x\":01}" },
        { RECS_EVENT_TORN, "{\"event\":\"a\",\"x\":NaN}" },
        { RECS_EVENT_TORN, "{\"event\":\"a\",\"x\":1e999}" },
        { RECS_EVENT_TORN, "{\"event\":\"\xff\"}" },
        { RECS_EVENT_TORN, "{\"event\":\"a\tb\"}" },
        { RECS_EVENT_TORN, "{\"event\":\"a\",\"x\":[[[[[[[[[[[[[[[[[[1]]]]]]]]"
                           "]]]]]]]]]]}" },
        { RECS_EVENT_TORN, "[{\"event\":\"a\"}]" },
        { RECS_EVENT_TORN, "\"event\"" },
        { RECS_EVENT_FOREIGN, "{}" },
        { RECS_EVENT_FOREIGN, "{\"event\":\"\"}" },
        { RECS_EVENT_FOREIGN, "{\"event\":1}" },
        { RECS_EVENT_FOREIGN, "{\"event\":\"a\\u0000\"}" },
        { RECS_EVENT_FOREIGN, "{\"event\":\"a\",\"ts\":-1}" },
        { RECS_EVENT_FOREIGN, "{\"event\":\"a\",\"ts\":true}" },
        { RECS_EVENT_FOREIGN, "{\"event\":\"a\",\"user\":1.5}" },
        { RECS_EVENT_FOREIGN, "{\"event\":\"a\",\"user\":{}}" },
        { RECS_EVENT_FOREIGN, "{\"event\":\"a\",\"worker\":-1}" },
        { RECS_EVENT_FOREIGN, "{\"event\":\"a\",\"value\":1e13}" },
        { RECS_EVENT_FOREIGN, "{\"event\":\"a\",\"value\":\"1\"}" },
        { RECS_EVENT_FOREIGN, "{\"event\":\"a\",\"propensity\":-1}" },
        { RECS_EVENT_FOREIGN, "{\"event\":\"a\",\"propensity\":1.01}" },
        { RECS_EVENT_FOREIGN, "{\"event\":\"a\",\"experiment\":\"x\"}" },
        { RECS_EVENT_FOREIGN, "{\"event\":\"a\",\"variant\":\"x\"}" },
        { RECS_EVENT_FOREIGN, "{\"event\":\"a\",\"context\":[]}" },
        { RECS_EVENT_FOREIGN, "{\"event\":\"a\",\"context\":{\"a\":{}}}" },
        { RECS_EVENT_FOREIGN, "{\"event\":\"a\",\"context\":{\"a\":1,\"b\":1,"
                              "\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,"
                              "\"h\":1,\"i\":1}}" },
        { RECS_EVENT_FOREIGN, "{\"event\":\"a\",\"items\":1}" },
        { RECS_EVENT_FOREIGN, "{\"event\":\"a\",\"items\":[1]}" },
        { RECS_EVENT_FOREIGN, "{\"event\":\"a\",\"items\":[{\"rank\":1}]}" }
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (parse(cases[i].line, &e) != cases[i].result) {
            fail_msg("%s", cases[i].line);
        }
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_exposure),
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_refused)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
