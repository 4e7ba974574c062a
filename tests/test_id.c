/*
 * Ids, their order, names and UTF-8.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "recs_id.h"


static void
test_lengths(void **state)
{
    char  id[513];

    (void) state;

    memset(id, 'a', sizeof(id));

    assert_false(recs_id_valid(id, 0));
    assert_true(recs_id_valid(id, 1));
    assert_true(recs_id_valid(id, RECS_ID_MAX));
    assert_false(recs_id_valid(id, RECS_ID_MAX + 1));
    assert_false(recs_id_valid(id, 512));
}


static void
test_control_characters(void **state)
{
    int   c;
    char  id[4] = "a-b";

    (void) state;

    for (c = 0; c < 0x80; c++) {
        id[1] = (char) c;
        assert_int_equal(recs_id_valid(id, 3), c >= 0x20 && c != 0x7f);
    }

    /* C1 in UTF-8: c2 80 .. c2 9f; c2 a0 is a space that does not break. */
    for (c = 0x80; c <= 0xbf; c++) {
        id[0] = (char) 0xc2;
        id[1] = (char) c;
        assert_int_equal(recs_id_valid(id, 2), c >= 0xa0);
        assert_int_equal(recs_utf8_valid(id, 2), 1);
    }
}


static void
test_utf8(void **state)
{
    size_t  i;

    static const char *const  good[] = {
        "", "a", "\xc3\xa9", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
        "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"
    };

    static const char *const  bad[] = {
        "\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc3", "\xc3(", "\xe0\x9f\xbf",
        "\xe0\xa0", "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf",
        "\xf0\x90\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xfe",
        "a\xe2\x82", "\xf8\x88\x80\x80\x80"
    };

    (void) state;

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_true(recs_utf8_valid(good[i], strlen(good[i])));
    }

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(recs_utf8_valid(bad[i], strlen(bad[i])));
        assert_false(recs_id_valid(bad[i], strlen(bad[i])));
    }

    assert_true(recs_utf8_valid("a\0b", 3));
    assert_false(recs_id_valid("a\0b", 3));
}


static void
test_order(void **state)
{
    int         got;
    size_t      i, j, n;
    recs_str_t  a, b;

    static const char *const  sorted[] = {
        "0", "2", "9", "10", "99", "100", "18446744073709551615",
        "18446744073709551616", "", "-1", "00", "01", "1.0", "a", "a0", "ab",
        "b", "\xc3\xa9"
    };

    (void) state;

    n = sizeof(sorted) / sizeof(sorted[0]);

    for (i = 0; i < n; i++) {
        for (j = 0; j < n; j++) {
            a.data = sorted[i];
            a.len = strlen(sorted[i]);
            b.data = sorted[j];
            b.len = strlen(sorted[j]);
            got = recs_id_compare(a, b);

            assert_int_equal((got > 0) - (got < 0), (i > j) - (i < j));
        }
    }
}


static void
test_names(void **state)
{
    (void) state;

    assert_true(recs_name_valid("a", 1));
    assert_true(recs_name_valid("for_you2", 8));
    assert_true(recs_name_valid("abcdefghijklmnopqrstuvwxyz012345", 32));
    assert_false(recs_name_valid("abcdefghijklmnopqrstuvwxyz0123456", 33));
    assert_false(recs_name_valid("", 0));
    assert_false(recs_name_valid("2a", 2));
    assert_false(recs_name_valid("_a", 2));
    assert_false(recs_name_valid("A", 1));
    assert_false(recs_name_valid("a-b", 3));
    assert_false(recs_name_valid("a\0", 2));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_control_characters),
        cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_names)
    };

    return cmocka_run_group_tests_name("id", tests, NULL, NULL);
}
