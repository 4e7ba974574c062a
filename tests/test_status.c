/*
 * Every status has words, and a message cannot forge a log line.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "recs_status.h"


static void
test_words(void **state)
{
    int  status;

    (void) state;

    assert_string_equal(recs_strerror(RECS_OK), "success");

    for (status = 0; status < RECS_STATUS_COUNT; status++) {
        assert_true(strlen(recs_strerror(status)) > 0);
    }

    assert_non_null(recs_strerror(RECS_STATUS_COUNT));
}


static void
test_message(void **state)
{
    recs_error_t  err;

    (void) state;

    assert_int_equal(recs_error(&err, RECS_IO, "%s: line %d", "a.csv", 7),
                     RECS_IO);
    assert_int_equal(err.status, RECS_IO);
    assert_string_equal(err.message, "a.csv: line 7");

    assert_int_equal(recs_error(NULL, RECS_LIMIT, "x"), RECS_LIMIT);
}


static void
test_message_is_cut(void **state)
{
    char          text[RECS_ERROR_MAX * 2];
    recs_error_t  err;

    (void) state;

    memset(text, 'x', sizeof(text));
    text[sizeof(text) - 1] = '\0';

    recs_error(&err, RECS_INVALID, "%s", text);

    assert_int_equal(strlen(err.message), RECS_ERROR_MAX - 1);
}


static void
test_message_stays_one_line(void **state)
{
    recs_error_t  err;

    (void) state;

    recs_error(&err, RECS_INVALID, "id \"%s\"", "a\r\n\x1b[2J\x7f");

    assert_string_equal(err.message, "id \"a???[2J?\"");
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_message),
        cmocka_unit_test(test_message_is_cut),
        cmocka_unit_test(test_message_stays_one_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
