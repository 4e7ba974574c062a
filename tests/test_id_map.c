/* recs_id_map, and recs_id_set beside it. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recs_id_map.h"
#include "recs_id_set.h"


#define N_IDS  100000


static recs_str_t
id_of(uint32_t i)
{
    recs_str_t   id;

    static char  text[32];

    id.len = (size_t) snprintf(text, sizeof(text), "user-%u", i * 7919);
    id.data = text;

    return id;
}


static void
test_numbers(void **state)
{
    uint32_t        i, number;
    recs_str_t      id;
    recs_id_map_t  *map;

    (void) state;

    map = recs_id_map_create();

    for (i = 0; i < 2 * N_IDS; i++) {
        assert_int_equal(recs_id_map_add(map, id_of(i % N_IDS), &number),
                         RECS_OK);
        assert_int_equal(number, i % N_IDS);
    }

    assert_int_equal(recs_id_map_count(map), N_IDS);

    for (i = 0; i < N_IDS; i++) {
        id = recs_id_map_id(map, i);
        assert_int_equal(id.len, id_of(i).len);
        assert_memory_equal(id.data, id_of(i).data, id.len);
        assert_int_equal(recs_id_map_find(map, id_of(i)), i);
    }

    assert_int_equal(recs_id_map_find(map, id_of(N_IDS)), RECS_ID_MAP_NONE);

    id.data = "";
    id.len = 0;
    assert_int_equal(recs_id_map_find(map, id), RECS_ID_MAP_NONE);
    assert_int_equal(recs_id_map_add(map, id, &number), RECS_OK);
    assert_int_equal(number, N_IDS);
    assert_int_equal(recs_id_map_find(map, id), N_IDS);

    recs_id_map_destroy(map);
}


/* Numeric ids first and by value, then bytes; only what is kept. */

static void
test_order(void **state)
{
    size_t          i;
    uint8_t         keep[8];
    uint32_t        n, number, *order;
    recs_str_t      id;
    recs_id_map_t  *map;

    static const char *const  ids[] = {
        "b", "10", "9", "a", "007", "dropped", "100", "-1"
    };
    static const char *const  sorted[] = {
        "9", "10", "100", "-1", "007", "a", "b"
    };

    (void) state;

    map = recs_id_map_create();

    for (i = 0; i < 8; i++) {
        id.data = ids[i];
        id.len = strlen(ids[i]);
        keep[i] = i != 5;
        assert_int_equal(recs_id_map_add(map, id, &number), RECS_OK);
    }

    assert_int_equal(recs_id_map_order(map, keep, &order, &n), RECS_OK);
    assert_int_equal(n, 7);

    for (i = 0; i < n; i++) {
        id = recs_id_map_id(map, order[i]);
        assert_int_equal(id.len, strlen(sorted[i]));
        assert_memory_equal(id.data, sorted[i], id.len);
    }

    free(order);
    recs_id_map_destroy(map);
}


static void
test_set(void **state)
{
    int             added;
    uint32_t        i;
    recs_id_set_t   set;

    (void) state;

    memset(&set, 0, sizeof(set));

    for (i = 0; i < 2 * N_IDS; i++) {
        assert_int_equal(recs_id_set_add(&set, id_of(i % N_IDS), &added),
                         RECS_OK);
        assert_int_equal(added, i < N_IDS);
    }

    assert_int_equal(set.n, N_IDS);
    recs_id_set_free(&set);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_set),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
