/*
 * Golden answers: all of them pass, and one changed bit is found.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "recs_bundle_private.h"
#include "recs_fixture.h"
#include "recs_golden.h"


static void
check_all(const recs_fixture_params_t *params, unsigned n)
{
    unsigned        n_checked;
    recs_error_t    err;
    recs_bundle_t  *bundle;

    bundle = recs_fixture_open(params);

    if (recs_golden_check(bundle, 10000, &n_checked, &err) != RECS_OK) {
        fail_msg("%s", err.message);
    }

    assert_int_equal(n_checked, n);
    recs_bundle_close(bundle);
}


static void
test_users(void **state)
{
    recs_fixture_params_t  p = { .n_items = 300, .n_users = 90,
                                 .n_factors = 24 };

    (void) state;

    check_all(&p, RECS_GOLDEN_QUERIES);

    p.n_users = 3;
    check_all(&p, 3);
}


static void
test_items_where_no_users(void **state)
{
    recs_fixture_params_t  p = { .n_items = 300, .n_factors = 24 };

    (void) state;

    check_all(&p, RECS_GOLDEN_QUERIES);

    p.n_items = 1;
    check_all(&p, 1);
}


static void
test_popular_where_no_vectors(void **state)
{
    recs_fixture_params_t  p = { .n_items = 300, .n_users = 90 };

    (void) state;

    check_all(&p, 1);
}


static void
test_budget(void **state)
{
    unsigned                n_checked;
    recs_bundle_t          *bundle;
    recs_fixture_params_t   p = { .n_items = 300, .n_users = 90,
                                  .n_factors = 24 };

    (void) state;

    bundle = recs_fixture_open(&p);
    assert_int_equal(recs_golden_check(bundle, 0, &n_checked, NULL), RECS_OK);
    assert_int_equal(n_checked, 1);
    recs_bundle_close(bundle);
}


/* Every field of a row, in a copy that the bundle is made to point at. */
static void
test_one_changed_bit(void **state)
{
    size_t                  i;
    unsigned                n_checked;
    recs_error_t            err;
    recs_bundle_t          *bundle;
    const char             *shard;
    recs_golden_row_t       rows[RECS_GOLDEN_QUERIES];
    recs_loaded_table_t    *t;
    recs_fixture_params_t   p = { .n_items = 300, .n_users = 90,
                                  .n_factors = 24 };

    (void) state;

    bundle = recs_fixture_open(&p);
    t = &bundle->tables[RECS_TABLE_GOLDEN];
    shard = t->shards[0];

    for (i = 0; i < sizeof(recs_golden_row_t) / sizeof(uint32_t); i++) {
        memcpy(rows, shard, sizeof(rows));
        ((uint32_t *) &rows[31])[i] ^= 1;
        t->shards[0] = (const char *) rows;

        assert_int_equal(recs_golden_check(bundle, 10000, &n_checked, &err),
                         RECS_CORRUPT);
        assert_non_null(strstr(err.message, "golden answer 31"));
        assert_int_equal(n_checked, 31);
    }

    t->shards[0] = shard;
    recs_bundle_close(bundle);
}


/* Whichever of the two threads meets one, the first wrong row is named. */
static void
test_first_of_two(void **state)
{
    char                    words[32];
    unsigned                i, j, n_checked;
    recs_error_t            err;
    recs_bundle_t          *bundle;
    const char             *shard;
    recs_golden_row_t       rows[RECS_GOLDEN_QUERIES];
    recs_loaded_table_t    *t;
    recs_fixture_params_t   p = { .n_items = 300, .n_users = 90,
                                  .n_factors = 24 };

    (void) state;

    bundle = recs_fixture_open(&p);
    t = &bundle->tables[RECS_TABLE_GOLDEN];
    shard = t->shards[0];

    for (i = 0; i < 6; i++) {
        for (j = i + 1; j < 8; j++) {
            memcpy(rows, shard, sizeof(rows));
            rows[i].scores[0] ^= 1;
            rows[j].scores[0] ^= 1;
            t->shards[0] = (const char *) rows;

            assert_int_equal(recs_golden_check(bundle, 10000, &n_checked,
                                               &err),
                             RECS_CORRUPT);
            snprintf(words, sizeof(words), "golden answer %u differs", i);
            assert_non_null(strstr(err.message, words));
        }
    }

    t->shards[0] = shard;
    recs_bundle_close(bundle);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_users),
        cmocka_unit_test(test_items_where_no_users),
        cmocka_unit_test(test_popular_where_no_vectors),
        cmocka_unit_test(test_budget),
        cmocka_unit_test(test_one_changed_bit),
        cmocka_unit_test(test_first_of_two)
    };

    return cmocka_run_group_tests_name("golden", tests, NULL, NULL);
}
