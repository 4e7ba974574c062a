/* recs_import_accesslog: views found in a log of any log_format. */

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
test_accesslog(void **state)
{
    static const char  log[] =
        "1.1.1.1 - joe [30/Jul/2000:20:45:03 +0200] \"GET /item/a%20b?x=1"
            " HTTP/1.1\" 200 5 \"-\" \"x \\x22y\\x22\"\n"
        "1.1.1.1 - joe [30/Jul/2000:20:45:03 +0200] \"POST /item/b HTTP/1.1\""
            " 200 5 \"-\" \"x\"\n"
        "1.1.1.1 - joe [30/Jul/2000:20:45:03 +0200] \"GET /item/b HTTP/1.1\""
            " 404 5 \"-\" \"x\"\n"
        "1.1.1.1 - - [30/Jul/2000:20:45:03 +0200] \"GET /item/b HTTP/1.1\""
            " 200 5 \"-\" \"x\"\n"
        "1.1.1.1 - joe [30/Jul/2000:20:45:03 +0200] \"GET /item/b/c HTTP/1.1\""
            " 200 5 \"-\" \"x\"\n"
        "1.1.1.1 - joe [30/Jul/2000:20:45:03 +0200] \"\\x16\\x03\" 200 5"
            " \"-\" \"x\"\n"
        "nonsense\n";

    (void) state;

    recs_helper_text(&h, RECS_FORMAT_ACCESSLOG, log);
    assert_int_equal(h.status, RECS_INVALID);
    assert_non_null(strstr(h.err.message, "--user-from"));

    h.options.user_from = "$remote_user";
    h.options.item_from = "/item/{}";
    recs_helper_text(&h, RECS_FORMAT_ACCESSLOG, log);
    assert_string_equal(h.text, "joe:a b@964982703000");
    assert_string_equal(h.rejects, "7 malformed row; ");
    assert_int_equal(h.report.n_reason[RECS_REJECT_HTTP_METHOD], 2);
    assert_int_equal(h.report.n_reason[RECS_REJECT_HTTP_STATUS], 1);
    assert_int_equal(h.report.n_reason[RECS_REJECT_NO_USER], 1);
    assert_int_equal(h.report.n_reason[RECS_REJECT_NO_ITEM], 1);

    h.options.log_format = "$msec|${cookie_uid}|$request_method $uri"
                           " \"$args\"";
    h.options.user_from = "cookie_uid";
    h.options.item_from = "id";
    recs_helper_text(&h, RECS_FORMAT_ACCESSLOG,
                     "964982703.123|u1|GET /p \"a=1&id=x+y%2f&id=2\"\n"
                     "964982703.123|u1|GET /p \"idx=1\"\n");
    assert_string_equal(h.text, "u1:x y/@964982703123");

    h.options.user_from = "$cookie_other";
    recs_helper_text(&h, RECS_FORMAT_ACCESSLOG, "x");
    assert_non_null(strstr(h.err.message, "no variable"));

    h.options.user_from = "$a";
    h.options.log_format = "$a$request";
    recs_helper_text(&h, RECS_FORMAT_ACCESSLOG, "x");
    assert_non_null(strstr(h.err.message, "no text between"));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test_setup(test_accesslog, reset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
