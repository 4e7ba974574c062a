/*
 * The table of sessions: who stays and who goes, and for how long.  What
 * becomes of it when writers are killed is in test_session_kill.c.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recs_session_table.h"


#define TTL  1000


static char                  *memory;
static recs_session_table_t  *table;
static recs_session_t         session;

static const uint64_t  seed[2] = { 0x1234567890abcdef, 42 };


static void
make(size_t size, uint32_t n_items)
{
    memory = aligned_alloc(64, (size + 63) / 64 * 64);
    assert_non_null(memory);
    memset(memory, 0, size);

    assert_int_equal(recs_session_table_init(memory, size, n_items, seed),
                     RECS_OK);

    table = recs_session_table_at(memory, size, n_items);
    assert_non_null(table);
}


static void
drop(void)
{
    free(memory);
}


static recs_session_key_t
key_of(unsigned visitor)
{
    char                 id[32];
    recs_str_t           str;
    recs_session_key_t   key;

    str.data = id;
    str.len = (size_t) snprintf(id, sizeof(id), "visitor-%u", visitor);
    recs_session_table_key(table, str, &key);

    return key;
}


static unsigned
add(unsigned visitor, uint64_t hash, uint64_t now)
{
    recs_session_key_t  key;

    key = key_of(visitor);

    return recs_session_table_add(table, &key, hash, now, TTL);
}


static uint32_t
look(unsigned visitor, uint64_t now)
{
    recs_session_key_t  key;

    key = key_of(visitor);
    memset(&session, 0xff, sizeof(session));
    recs_session_table_read(table, &key, now, TTL, &session);

    return session.n;
}


/* One set of so many items. */
static void
make_set(uint32_t n_items)
{
    make(64 + RECS_SESSION_WAYS * (32 + n_items * 8), n_items);
    assert_int_equal(recs_session_table_capacity(table), RECS_SESSION_WAYS);
}


static void
test_sizes(void **state)
{
    static char  buf[64 + RECS_SESSION_WAYS * 40]
                     __attribute__((aligned(64)));

    (void) state;

    assert_int_equal(recs_session_table_init(buf, sizeof(buf) - 1, 1, seed),
                     RECS_LIMIT);
    assert_null(recs_session_table_at(buf, sizeof(buf), 1));
    assert_int_equal(recs_session_table_init(buf, sizeof(buf), 1, seed),
                     RECS_OK);
    assert_non_null(recs_session_table_at(buf, sizeof(buf), 1));
    assert_null(recs_session_table_at(buf, sizeof(buf), 2));
    assert_null(recs_session_table_at(buf, sizeof(buf) - 1, 1));
    assert_null(recs_session_table_at(buf, 0, 1));
}


static void
test_items(void **state)
{
    (void) state;

    make_set(3);

    assert_int_equal(look(1, 0), 0);
    assert_int_equal(add(1, 11, 0), RECS_SESSION_NEW);
    assert_int_equal(add(2, 12, 0), RECS_SESSION_NEW);
    assert_int_equal(add(1, 0xffffffffffff, 1), 0);
    assert_int_equal(add(1, 13, 2), 0);
    assert_int_equal(add(1, 13, 3), 0);

    assert_int_equal(look(1, 3), 3);
    assert_int_equal(session.items[0].hash, 13);
    assert_int_equal(session.items[0].weight, 2);
    assert_int_equal(session.items[1].hash, 0xffffffffffff);
    assert_int_equal(session.items[2].hash, 11);

    add(1, 14, 4);
    assert_int_equal(look(1, 4), 3);
    assert_int_equal(session.items[0].hash, 14);
    assert_int_equal(session.items[2].hash, 0xffffffffffff);

    assert_int_equal(look(2, 4), 1);
    assert_int_equal(session.items[0].hash, 12);

    drop();
}


static void
test_oldest_goes(void **state)
{
    unsigned  i;

    (void) state;

    make_set(2);

    for (i = 0; i < RECS_SESSION_WAYS; i++) {
        assert_int_equal(add(i, 1, 100 + i), RECS_SESSION_NEW);
    }

    add(0, 2, 200);

    for (i = 0; i < 3; i++) {
        assert_int_equal(add(100 + i, 1, 300 + i),
                         RECS_SESSION_NEW|RECS_SESSION_EVICTED);
        assert_int_equal(look(1 + i, 300 + i), 0);
    }

    for (i = 4; i <= RECS_SESSION_WAYS; i++) {
        assert_int_equal(look(i % RECS_SESSION_WAYS, 302),
                         i == RECS_SESSION_WAYS ? 2 : 1);
    }

    /* What has expired goes first, though others are as old. */
    add(0, 3, 2000);
    assert_int_equal(add(200, 1, 1500), RECS_SESSION_NEW);
    assert_int_equal(look(0, 2000), 1);

    drop();
}


static void
test_time(void **state)
{
    (void) state;

    make_set(4);

    add(1, 1, 5000);
    assert_int_equal(look(1, 5000 + TTL), 1);
    assert_int_equal(look(1, 5001 + TTL), 0);

    /* The clock goes back: neither gone nor in the way. */
    assert_int_equal(look(1, 10), 1);
    assert_int_equal(add(1, 2, 10), 0);
    assert_int_equal(look(1, 10), 2);
    assert_int_equal(look(1, 10 + TTL), 2);
    assert_int_equal(look(1, 11 + TTL), 0);

    /* An expired session does not come back with the next touch. */
    assert_int_equal(add(1, 3, 11 + TTL), 0);
    assert_int_equal(look(1, 11 + TTL), 1);
    assert_int_equal(session.items[0].hash, 3);

    add(1, 4, UINT64_MAX);
    assert_int_equal(look(1, UINT64_MAX >> 8), 1);

    drop();
}


static int
has(const void *bytes, size_t size)
{
    return memmem(memory, 64 + RECS_SESSION_WAYS * (32 + 4 * 8), bytes, size)
           != NULL;
}


static void
test_forget(void **state)
{
    uint64_t             hash;
    recs_session_key_t   key;

    (void) state;

    make_set(4);
    key = key_of(1);
    hash = 0x123456789abc;

    assert_int_equal(recs_session_table_forget(table, &key), 0);

    add(1, hash, 1);
    add(2, 7, 1);
    assert_true(has(&key.words[0], 8));
    hash = hash << 16 | 1;
    assert_true(has(&hash, 8));

    assert_int_equal(recs_session_table_forget(table, &key), 1);
    assert_int_equal(recs_session_table_forget(table, &key), 0);
    assert_int_equal(look(1, 1), 0);
    assert_int_equal(look(2, 1), 1);
    assert_false(has(&key.words[0], 8));
    assert_false(has(&hash, 8));

    drop();
}


/* Whatever byte is damaged: what was there, or nothing. */
static void
test_damage(void **state)
{
    char            was;
    size_t          i, size;
    unsigned        bit;
    recs_session_t  want;

    (void) state;

    make_set(4);
    size = 64 + RECS_SESSION_WAYS * (32 + 4 * 8);

    for (i = 0; i < RECS_SESSION_WAYS; i++) {
        add((unsigned) i, 3 + i, 10);
        add((unsigned) i, 5 + i, 10);
        add((unsigned) i, 9 + i, 10);
    }

    assert_int_equal(look(3, 10), 3);
    want = session;

    for (i = 64; i < size; i++) {
        for (bit = 0; bit < 8; bit++) {
            was = memory[i];
            memory[i] ^= (char) (1 << bit);

            if (look(3, 10) != 0) {
                assert_int_equal(session.n, want.n);
                assert_memory_equal(session.items, want.items,
                                    want.n * sizeof(recs_session_item_t));
            }

            memory[i] = was;
        }
    }

    drop();
}


/* Ten times what it holds. */
static void
test_full(void **state)
{
    unsigned               i, n, found, evicted;
    recs_session_census_t  census;

    (void) state;

    make(1 << 20, 20);
    n = (unsigned) recs_session_table_capacity(table);
    evicted = 0;

    for (i = 0; i < 10 * n; i++) {
        evicted += (add(i, i, i / 100) & RECS_SESSION_EVICTED) != 0;
    }

    recs_session_table_census(table, &census);
    assert_int_equal(census.whole + census.empty, n);
    assert_int_equal(census.whole + evicted, 10 * n);
    assert_true(census.whole > n - n / 50);

    for (i = 9 * n, found = 0; i < 10 * n; i++) {
        found += look(i, n / 10) == 1 && session.items[0].hash == i;
    }

    assert_true(found > n - n / 5);

    drop();
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_items),
        cmocka_unit_test(test_oldest_goes),
        cmocka_unit_test(test_time),
        cmocka_unit_test(test_forget),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_full)
    };

    return cmocka_run_group_tests_name("session_table", tests, NULL, NULL);
}
