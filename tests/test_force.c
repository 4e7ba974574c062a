/*
 * Forcing tokens as bytes, and what is signed of a ticket.  The number of a
 * query string is in test_growthbook.c.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "recs_force.h"


#define str(text)  ((recs_str_t) { text, sizeof(text) - 1 })


static void
test_there_and_back(void **state)
{
    char           text[RECS_TICKET_LEN_MAX];
    recs_str_t     s;
    recs_ticket_t  made, got;

    (void) state;

    recs_force_make(&made, 0xfedcba98, 15, 1000);
    made.kid = 9;
    memset(made.mac, 0xa5, sizeof(made.mac));
    s.data = text;
    s.len = recs_ticket_write(&made, text);
    assert_int_equal(s.len, RECS_FORCE_LEN);

    assert_int_equal(recs_ticket_read(&got, RECS_FORCE_VERSION, s), RECS_OK);
    assert_int_equal(got.time, 1000);
    assert_int_equal(got.kid, 9);
    assert_int_equal(recs_force_read(&got, 0xfedcba98), 15);
    assert_int_equal(recs_force_read(&got, 0xfedcba99), -1);

    /* A ticket of another size is no token. */

    recs_ticket_end(&made, recs_ticket_begin(&made, RECS_FORCE_VERSION, 1));
    assert_int_equal(recs_force_read(&made, 0xfedcba98), -1);
}


/* Neither purpose nor person can be told from the other's bytes. */
static void
test_signed(void **state)
{
    size_t         n;
    uint8_t        bytes[RECS_TICKET_SIGNED_MAX];
    recs_ticket_t  made;

    (void) state;

    recs_force_make(&made, 0x04030201, 5, 0x0d0c0b0a);

    n = recs_ticket_signed(&made, "p", str("id"), bytes);
    assert_int_equal(n, 1 + 1 + 2 + made.body_len);
    assert_memory_equal(bytes, "p\2id\1\x0a\x0b\x0c\x0d\1\2\3\4\5", n);

    n = recs_ticket_signed(&made, RECS_FORCE_PURPOSE, str(""), bytes);
    assert_int_equal(n, 12 + 1 + made.body_len);
    assert_memory_equal(bytes, "recs-force-1\0\1", 14);
}


static void
test_argument(void **state)
{
    recs_str_t  value;

    (void) state;

    assert_true(recs_force_argument(str("ab=1&a=&a=2"), str("a"), &value));
    assert_int_equal(value.len, 0);
    assert_true(recs_force_argument(str("&&x=1=2"), str("x"), &value));
    assert_memory_equal(value.data, "1=2", value.len);
    assert_false(recs_force_argument(str("a&b"), str("a"), &value));
    assert_false(recs_force_argument((recs_str_t) { NULL, 0 }, str("a"),
                                     &value));

    assert_int_equal(recs_force_number(str("007"), 8), 7);
    assert_int_equal(recs_force_number(str("99999999999999999999"), 16), -1);
    assert_int_equal(recs_force_number(str("0"), 0), -1);
    assert_int_equal(recs_force_number(str(""), 2), -1);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_signed),
        cmocka_unit_test(test_argument)
    };

    return cmocka_run_group_tests_name("force", tests, NULL, NULL);
}
