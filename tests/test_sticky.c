/*
 * The payload of the sticky cookie, there and back; what is none is refused.
 * Whose bucket counts is in test_growthbook_run.c.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "recs_sticky.h"


static recs_sticky_t  sticky, back;
static recs_ticket_t  made, got;
static char           text[RECS_TICKET_LEN_MAX];


static void
fill(uint32_t n)
{
    uint32_t             i;
    recs_sticky_entry_t  e;

    sticky.n = 0;

    for (i = 0; i < n; i++) {
        e.experiment = 0xfffffff0 + i;
        e.unit = 0xffffff - i;
        e.version = (uint8_t) (255 - i);
        e.variant = i % 16;
        e.era = (uint8_t) (i * 17);
        assert_true(recs_sticky_set(&sticky, &e));
    }
}


static recs_str_t
write_cookie(void)
{
    recs_str_t  str;

    recs_sticky_make(&made, &sticky, 0xfedcba98);
    made.kid = 201;
    memset(made.mac, 0x5a, sizeof(made.mac));

    str.data = text;
    str.len = recs_ticket_write(&made, text);

    return str;
}


/* Entry by entry: between fields there may be anything. */
static void
assert_same(const recs_sticky_entry_t *a, const recs_sticky_entry_t *b)
{
    assert_int_equal(a->experiment, b->experiment);
    assert_int_equal(a->unit, b->unit);
    assert_int_equal(a->version, b->version);
    assert_int_equal(a->variant, b->variant);
    assert_int_equal(a->era, b->era);
}


static void
test_there_and_back(void **state)
{
    uint32_t    n, i;
    recs_str_t  str;

    (void) state;

    for (n = 0; n <= RECS_STICKY_MAX; n++) {
        fill(n);
        str = write_cookie();
        assert_true(str.len <= RECS_STICKY_LEN);
        assert_int_equal(recs_ticket_read(&got, RECS_STICKY_VERSION, str),
                         RECS_OK);
        assert_int_equal(got.time, 0xfedcba98);
        assert_int_equal(got.kid, 201);
        assert_memory_equal(got.mac, made.mac, sizeof(made.mac));
        assert_int_equal(recs_sticky_read(&back, &got), RECS_OK);
        assert_int_equal(back.n, n);

        for (i = 0; i < n; i++) {
            assert_same(&back.entries[i], &sticky.entries[i]);
        }
    }

    assert_int_equal(str.len, RECS_STICKY_LEN);
}


static void
test_the_oldest_drops(void **state)
{
    recs_sticky_entry_t         e, *first;
    const recs_sticky_entry_t  *found;

    (void) state;

    fill(RECS_STICKY_MAX);
    first = &sticky.entries[RECS_STICKY_MAX - 1];
    e = *first;
    assert_false(recs_sticky_set(&sticky, &e));

    /* In its place; the others stay where they are. */

    e.era++;
    assert_true(recs_sticky_set(&sticky, &e));
    found = recs_sticky_find(&sticky, e.experiment, e.unit, e.version);
    assert_ptr_equal(found, first);
    assert_int_equal(found->era, e.era);

    /* Another version is another entry, and one too many. */

    e.version++;
    assert_true(recs_sticky_set(&sticky, &e));
    assert_int_equal(sticky.n, RECS_STICKY_MAX);
    assert_ptr_equal(recs_sticky_find(&sticky, e.experiment, e.unit,
                                      e.version), &sticky.entries[0]);
    assert_null(recs_sticky_find(&sticky, e.experiment, e.unit,
                                 (uint8_t) (e.version - 1)));
    assert_null(recs_sticky_find(&sticky, e.experiment, e.unit - 1,
                                 e.version));
    assert_null(recs_sticky_find(NULL, e.experiment, e.unit, e.version));
}


static void
test_refused(void **state)
{
    size_t      len;
    recs_str_t  str;

    (void) state;

    fill(3);
    str = write_cookie();
    assert_int_equal(recs_ticket_read(&got, RECS_STICKY_VERSION + 1, str),
                     RECS_VERSION);

    /* Whole entries alone. */

    for (len = 0; len < str.len; len++) {
        assert_true(recs_ticket_read(&got, RECS_STICKY_VERSION,
                                     (recs_str_t) { text, len }) != RECS_OK
                    || recs_sticky_read(&back, &got) != RECS_OK
                    || back.n < 3);
    }

    /* A variant that there is not. */

    recs_ticket_read(&got, RECS_STICKY_VERSION, str);
    got.bytes[RECS_TICKET_HEAD + 8] = 16;
    assert_int_equal(recs_sticky_read(&back, &got), RECS_CORRUPT);
    assert_int_equal(back.n, 0);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_the_oldest_drops),
        cmocka_unit_test(test_refused)
    };

    return cmocka_run_group_tests_name("sticky", tests, NULL, NULL);
}
