/*
 * A session as a cookie and back; what is none is refused.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "recs_session_cookie.h"


static recs_session_t  session, back;
static recs_ticket_t   made, got;
static char            text[RECS_TICKET_LEN_MAX];


static size_t
write_cookie(uint32_t n)
{
    uint32_t  i;

    session.n = n;

    for (i = 0; i < n; i++) {
        session.items[i].hash = 0xffffffffffff - i;
        session.items[i].weight = 255 - i;
    }

    recs_session_cookie_make(&made, &session, 0xfedcba98);
    made.kid = 201;
    memset(made.mac, 0x5a, sizeof(made.mac));

    return recs_ticket_write(&made, text);
}


static recs_status_t
read_cookie(size_t len)
{
    recs_str_t  str = { text, len };

    return recs_session_cookie_read(&got, str);
}


static void
test_there_and_back(void **state)
{
    size_t    len;
    uint32_t  n, want;

    (void) state;

    for (n = 0; n <= RECS_SESSION_ITEMS_MAX; n++) {
        len = write_cookie(n);
        assert_true(len <= RECS_SESSION_COOKIE_LEN);
        assert_int_equal(read_cookie(len), RECS_OK);
        assert_int_equal(got.kid, 201);
        assert_int_equal(got.time, 0xfedcba98);
        assert_memory_equal(got.mac, made.mac, sizeof(made.mac));
        assert_int_equal(got.body_len, made.body_len);
        assert_memory_equal(got.bytes, made.bytes, made.body_len);

        recs_session_cookie_items(&got, &back);
        want = n < RECS_SESSION_COOKIE_ITEMS ? n : RECS_SESSION_COOKIE_ITEMS;
        assert_int_equal(back.n, want);
        assert_memory_equal(back.items, session.items,
                            want * sizeof(recs_session_item_t));
    }
}


static void
test_refused(void **state)
{
    char    was;
    size_t  i, len;

    (void) state;

    len = write_cookie(3);

    /* Where an item is cut away, the MAC is another. */
    for (i = 0; i < len; i++) {
        assert_true(read_cookie(i) != RECS_OK
                    || got.body_len < made.body_len);
    }

    for (i = 0; i < len; i++) {
        was = text[i];
        text[i] = '*';
        assert_int_equal(read_cookie(len), RECS_CORRUPT);
        text[i] = was;
    }

    text[0] = 'B';
    assert_int_equal(read_cookie(len), RECS_VERSION);

    len = write_cookie(RECS_SESSION_COOKIE_ITEMS);
    memset(text + len - 4, 'A', 4);
    assert_int_equal(read_cookie(len), RECS_OK);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_refused)
    };

    return cmocka_run_group_tests_name("session_cookie", tests, NULL, NULL);
}
