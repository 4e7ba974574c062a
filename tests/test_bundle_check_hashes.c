/*
 * The hashes of items' ids, under a valid seal: wrong ones, and none at all.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "recs_sealed_case.h"


static recs_error_t  err;


/* A bundle from before items had hashes. */
static void
test_without_hashes(void **state)
{
    recs_status_t  rc;

    (void) state;

    recs_sealed_file_rename(&recs_sealed, "item_hashes/0", "item_hashet/0");
    rc = recs_sealed_file_try(&recs_sealed, 0, recs_sealed.bytes, 1, 1, &err);
    assert_int_equal(rc, RECS_CORRUPT);

    recs_sealed_file_rename(&recs_sealed, "item_hashes.collisions",
                            "item_hashet.collisions");
    rc = recs_sealed_file_try(&recs_sealed, 0, recs_sealed.bytes, 1, 1, &err);

    if (rc != RECS_OK) {
        fail_msg("%s", err.message);
    }
}


static void
test_hashes(void **state)
{
    const recs_hashed_item_t  *rows;

    (void) state;

    rows = recs_sealed_file_row(&recs_sealed, RECS_TABLE_ITEM_HASHES, 8);
    recs_refuses_u32(&rows[0].item, 300,
                     "hash is out of order or range at row 8");
    recs_refuses_u32(&rows[0].item, UINT32_MAX,
                     "hash is out of order or range");
    recs_refuses_u32(&rows[0].low, 65536, "hash is out of order or range");
    recs_refuses_u32(&rows[0].high, rows[1].high + 1, "out of order or range");
    recs_refuses(&rows[0], &rows[1], sizeof(recs_hashed_item_t),
                 "hash is out of order or range at row 9");
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        RECS_SEALED_TEST(test_without_hashes),
        RECS_SEALED_TEST(test_hashes),
        RECS_SEALED_TEST_SHARDS(test_hashes)
    };

    return cmocka_run_group_tests_name("bundle_check_hashes", tests, NULL,
                                       NULL);
}
