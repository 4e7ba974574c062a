/* recs_import_jsonl: free-form objects, and the events that nginx writes. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "recs_import_helper.h"


static recs_helper_t  h;


static int
reset(void **state)
{
    (void) state;

    memset(&h, 0, sizeof(h));

    return 0;
}


static void
test_jsonl(void **state)
{
    (void) state;

    recs_helper_text(&h, RECS_FORMAT_JSONL,
        "{\"user_id\":1,\"itemId\":\"a\",\"ts\":964982703,\"value\":2}\n"
        "\n"
        "{\"item\":\"a\",\"user\":\"2\",\"time\":\"2000-07-30\"}\n"
        "{\"user\":2,\"item\":null}\n"             /* 4 */
        "{\"user\":2.5,\"item\":\"a\"}\n"
        "{\"user\":[],\"item\":\"a\"}\n"
        "{\"user\":2,\"item\":\"a\",\"value\":1e999}\n"
        "{\"user\":2,\"item\":\"a\",\"value\":\"x\"}\n"
        "{\"user\":2,\"item\":\"a\\u0000\"}\n"
        "{\"user\":2,\"item\":\"\xff\"}\n"
        "{\"user\":2,\"item\":\"b\",\"ts\":-1}\n"
        "[1,2]\n"
        "{\"user\":2,\n");
    assert_string_equal(h.err.message, "");
    assert_string_equal(h.text, "1:a*2@964982703000 2:a@964915200000");
    assert_string_equal(h.rejects,
        "4 item is not a valid id; 5 user is not a valid id;"
        " 6 user is not a valid id; 7 malformed row;"
        " 8 value is not a number above 0; 9 malformed row;"
        " 10 malformed row; 11 timestamp out of range; 12 malformed row;"
        " 13 malformed row; ");
}


static const char  events[] =
    "{\"id\":\"e1\",\"ts\":1700000000000,\"user\":\"u\",\"event\":\"view\","
        "\"item\":\"a\"}\n"
    "{\"id\":\"e1\",\"ts\":1700000000000,\"user\":\"u\",\"event\":\"view\","
        "\"item\":\"b\"}\n"
    "{\"id\":\"e2\",\"ts\":1700000000001,\"user\":\"u\","
        "\"event\":\"purchase\",\"item\":\"a\",\"value\":49.9}\n"
    "{\"id\":\"e3\",\"ts\":1700000000002,\"user\":\"u\","
        "\"event\":\"exposure\",\"items\":[{\"id\":\"c\",\"rank\":1}]}\n"
    "{\"id\":\"e4\",\"ts\":1700000000003,\"event\":\"view\","
        "\"item\":\"a\"}\n"
    "{\"id\":\"e5\",\"ts\":1700000000003,\"user\":\"u\",\"item\":\"a\"}\n";


static void
test_events(void **state)
{
    recs_event_weight_t  counted[] = { { "view", 1 }, { "purchase", 5 } };

    (void) state;

    recs_helper_text(&h, RECS_FORMAT_EVENTS, events);
    assert_string_equal(h.text, "u:a*2@1700000000001");
    assert_int_equal(h.report.n_duplicates, 1);
    assert_int_equal(h.report.n_repeats, 1);
    assert_int_equal(h.report.n_reason[RECS_REJECT_NOT_COUNTED], 1);
    assert_int_equal(h.report.n_reason[RECS_REJECT_NO_USER], 1);
    assert_string_equal(h.rejects, "6 event is not a valid name; ");

    h.options.events = counted;
    h.options.n_events = 2;
    recs_helper_text(&h, RECS_FORMAT_EVENTS, events);
    assert_string_equal(h.text, "u:a*6@1700000000001");

    h.options.n_events = 1;
    recs_helper_text(&h, RECS_FORMAT_SNIFF, events);
    assert_int_equal(h.report.format, RECS_FORMAT_EVENTS);
    assert_string_equal(h.text, "u:a@1700000000000");
    assert_int_equal(h.report.n_reason[RECS_REJECT_NOT_COUNTED], 2);

    counted[0].name = "exposure";
    recs_helper_text(&h, RECS_FORMAT_EVENTS, events);
    assert_int_equal(h.status, RECS_INVALID);
    counted[0].name = "view";
    counted[0].weight = 0;
    recs_helper_text(&h, RECS_FORMAT_EVENTS, events);
    assert_int_equal(h.status, RECS_INVALID);
}


static void
test_unverified(void **state)
{
    static const char  text[] =
        "{\"id\":\"e1\",\"user\":\"u\",\"event\":\"click\",\"item\":\"x\","
            "\"verified\":false}\n"
        "{\"id\":\"e1\",\"user\":\"u\",\"event\":\"click\",\"item\":\"a\","
            "\"verified\":true}\n"
        "{\"id\":\"e2\",\"user\":\"u\",\"event\":\"click\",\"item\":\"b\","
            "\"verified\":\"true\"}\n"
        "{\"id\":\"e3\",\"user\":\"u\",\"event\":\"view\",\"item\":\"c\"}\n";

    (void) state;

    recs_helper_text(&h, RECS_FORMAT_EVENTS, text);
    assert_string_equal(h.text, "u:a,c");
    assert_int_equal(h.report.n_reason[RECS_REJECT_UNVERIFIED], 2);
    assert_int_equal(h.report.n_skipped, 2);
    assert_int_equal(h.report.n_duplicates, 0);

    h.options.unverified = 1;
    recs_helper_text(&h, RECS_FORMAT_EVENTS, text);
    assert_string_equal(h.text, "u:b,c,x");
    assert_int_equal(h.report.n_duplicates, 1);

    recs_helper_text(&h, RECS_FORMAT_CSV, "user,item\nu,a\n");
    assert_int_equal(h.status, RECS_INVALID);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test_setup(test_jsonl, reset),
        cmocka_unit_test_setup(test_events, reset),
        cmocka_unit_test_setup(test_unverified, reset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
