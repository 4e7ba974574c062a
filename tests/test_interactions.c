/* recs_interactions: duplicates, repeats, and memory that follows neither. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "recs_interactions.h"


static void
add(recs_interactions_t *in, uint32_t user, uint32_t item, int64_t time_ms,
    float value, uint32_t event)
{
    recs_interaction_t  row;

    row.user = user;
    row.item = item;
    row.time_ms = time_ms;
    row.value = value;
    row.event = event;

    assert_int_equal(recs_interactions_add(in, &row), RECS_OK);
}


static void
test_aggregate(void **state)
{
    double               weights[] = { 1, 5 };
    recs_interactions_t  in;

    (void) state;

    memset(&in, 0, sizeof(in));

    add(&in, 1, 2, 30, 1, 0);
    add(&in, 1, 2, 10, 2, 1);
    add(&in, 1, 2, 30, 1, 0);                     /* a duplicate */
    add(&in, 1, 2, 30, 1, 1);                     /* another event */
    add(&in, 1, 2, 30, 2, 0);                     /* another value */
    add(&in, 1, 2, 0, 1, 0);                      /* another time */
    add(&in, 0, 2, 30, 1, 0);                     /* another user */
    add(&in, 1, 1, 30, 1, 0);                     /* another item */

    assert_int_equal(recs_interactions_compact(&in), RECS_OK);
    assert_int_equal(in.n, 7);
    assert_int_equal(in.n_duplicates, 1);

    assert_int_equal(recs_interactions_aggregate(&in, weights), 4);
    assert_int_equal(in.n, 3);

    assert_int_equal(in.rows[0].user, 0);
    assert_int_equal(in.rows[1].item, 1);
    assert_int_equal(in.rows[2].item, 2);
    assert_int_equal(in.rows[2].time_ms, 30);

    /* 1 + 2 * 5 + 1 * 5 + 2 + 1 */
    assert_true(in.rows[2].value == 19);

    recs_interactions_free(&in);
}


/* A million rows of ten kinds need the room of the first buffer. */

static void
test_memory(void **state)
{
    uint32_t             i;
    recs_interactions_t  in;

    (void) state;

    memset(&in, 0, sizeof(in));

    for (i = 0; i < 1000000; i++) {
        add(&in, i % 5, i % 10, 1, 1, 0);
    }

    assert_true(in.size <= 65536);
    assert_int_equal(recs_interactions_compact(&in), RECS_OK);
    assert_int_equal(in.n, 10);
    assert_int_equal(in.n_duplicates, 1000000 - 10);

    recs_interactions_free(&in);
}


/* The order of arrival makes no difference. */

static void
test_order(void **state)
{
    size_t               k;
    uint32_t             i, seed;
    recs_interactions_t  a, b;

    (void) state;

    memset(&a, 0, sizeof(a));
    memset(&b, 0, sizeof(b));

    for (i = 0; i < 200000; i++) {
        seed = i * 2654435761u;
        add(&a, seed % 97, seed % 89, seed % 13, (float) (1 + seed % 3),
            seed % 2);
        seed = (199999 - i) * 2654435761u;
        add(&b, seed % 97, seed % 89, seed % 13, (float) (1 + seed % 3),
            seed % 2);
    }

    assert_int_equal(recs_interactions_compact(&a), RECS_OK);
    assert_int_equal(recs_interactions_compact(&b), RECS_OK);
    assert_int_equal(a.n, b.n);
    assert_memory_equal(a.rows, b.rows, a.n * sizeof(recs_interaction_t));

    for (k = 1; k < a.n; k++) {
        assert_true(a.rows[k - 1].user <= a.rows[k].user);
    }

    recs_interactions_free(&a);
    recs_interactions_free(&b);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_aggregate),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
