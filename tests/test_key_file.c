/*
 * Key files: what t/recs_token.t has nginx say of a wrong one is said by
 * recs_key_file_read().
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "recs_key_file.h"


#define KEY  "00112233445566778899aAbBcCdDeEfF"


static recs_error_t     err;
static recs_key_file_t  keys;


static recs_status_t
parse(const char *text)
{
    return recs_key_file_parse("k", text, strlen(text), &keys, &err);
}


static void
test_the_first_two(void **state)
{
    static const uint8_t  bytes[] = {
        0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
        0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff
    };

    (void) state;

    assert_int_equal(parse("# keys\r\n\n  7\t " KEY " \r\n255 " KEY KEY KEY KEY
                           "\n3 " KEY), RECS_OK);
    assert_int_equal(keys.n, 2);
    assert_int_equal(keys.live[0].kid, 7);
    assert_int_equal(keys.live[0].len, sizeof(bytes));
    assert_memory_equal(keys.live[0].bytes, bytes, sizeof(bytes));
    assert_int_equal(keys.live[1].kid, 255);
    assert_int_equal(keys.live[1].len, RECS_KEY_MAX);
}


static void
test_refused(void **state)
{
    unsigned         i;
    recs_key_file_t  none;

    static const char *const  wrong[][2] = {
        { "",                      "key file \"k\" has no key" },
        { "# none\n",              "key file \"k\" has no key" },
        { "0 " KEY,                "line 1: it does not begin" },
        { "\n256 " KEY,            "line 2: it does not begin" },
        { "-1 " KEY,               "line 1: it does not begin" },
        { "99999999999999 " KEY,   "line 1: it does not begin" },
        { KEY,                     "line 1: it does not begin" },
        { "1",                     "line 1: the key is shorter" },
        { "1 0011",                "line 1: the key is shorter" },
        { "1 " KEY "0",            "line 1: the key is not pairs" },
        { "1 " KEY " " KEY,        "line 1: the key is not pairs" },
        { "1 " KEY KEY KEY KEY "00", "line 1: the key is longer" },
        { "1 " KEY "\n1 " KEY,     "line 2: another key" },
        { "1 " KEY "\n2 " KEY "\n3 " KEY "\n4 xx", "line 4: the key is not" }
    };

    (void) state;

    memset(&none, 0, sizeof(none));

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(parse(wrong[i][0]), RECS_INVALID);
        assert_non_null(strstr(err.message, wrong[i][1]));
        assert_memory_equal(&keys, &none, sizeof(none));
    }
}


static void
test_what_is_no_file(void **state)
{
    (void) state;

    assert_int_equal(recs_key_file_read("/nowhere/keys", &keys, &err),
                     RECS_IO);
    assert_non_null(strstr(err.message, "(2: No such file"));
    assert_int_equal(recs_key_file_read("/", &keys, &err), RECS_REFUSED);
    assert_int_equal(recs_key_file_read("/dev/null", &keys, &err),
                     RECS_REFUSED);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_the_first_two),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_what_is_no_file)
    };

    return cmocka_run_group_tests_name("key_file", tests, NULL, NULL);
}
