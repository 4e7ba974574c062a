/*
 * The hashes of items' ids, under a valid seal: wrong ones, and none at all.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "recs_sealed_file.h"


static recs_sealed_file_t  file;
static recs_error_t        err;


static int
setup_size(uint64_t shard_size)
{
    recs_fixture_params_t  p = { .n_items = 300, .n_users = 70,
                                 .n_factors = 20, .n_neighbors = 40,
                                 .times = 1 };

    recs_sealed_file_make(&file, &p, shard_size);

    return 0;
}


static int
setup(void **state)
{
    (void) state;

    return setup_size(0);
}


static int
setup_shards(void **state)
{
    (void) state;

    return setup_size(1500);
}


static int
teardown(void **state)
{
    (void) state;

    recs_sealed_file_free(&file);

    return 0;
}


static void
refused(const void *address, const void *bytes, size_t n, const char *words)
{
    recs_sealed_file_refused(&file, address, bytes, n, 1, words);
}


static void
refused_u32(const void *address, uint32_t value, const char *words)
{
    refused(address, &value, sizeof(uint32_t), words);
}


/* A bundle from before items had hashes. */
static void
test_without_hashes(void **state)
{
    recs_status_t  rc;

    (void) state;

    recs_sealed_file_rename(&file, "item_hashes/0", "item_hashet/0");
    rc = recs_sealed_file_try(&file, 0, file.bytes, 1, 1, &err);
    assert_int_equal(rc, RECS_CORRUPT);

    recs_sealed_file_rename(&file, "item_hashes.collisions",
                            "item_hashet.collisions");
    rc = recs_sealed_file_try(&file, 0, file.bytes, 1, 1, &err);

    if (rc != RECS_OK) {
        fail_msg("%s", err.message);
    }
}


static void
test_hashes(void **state)
{
    const recs_hashed_item_t  *rows;

    (void) state;

    rows = recs_sealed_file_row(&file, RECS_TABLE_ITEM_HASHES, 8);
    refused_u32(&rows[0].item, 300, "hash is out of order or range at row 8");
    refused_u32(&rows[0].item, UINT32_MAX, "hash is out of order or range");
    refused_u32(&rows[0].low, 65536, "hash is out of order or range");
    refused_u32(&rows[0].high, rows[1].high + 1, "out of order or range");
    refused(&rows[0], &rows[1], sizeof(recs_hashed_item_t),
            "hash is out of order or range at row 9");
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test_setup_teardown(test_without_hashes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_hashes, setup, teardown),
        { "sharded: test_hashes", test_hashes, setup_shards, teardown, NULL }
    };

    return cmocka_run_group_tests_name("bundle_check_hashes", tests, NULL,
                                       NULL);
}
