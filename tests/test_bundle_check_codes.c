/*
 * Item factors in codes, under a valid seal: wrong bounds, and none at all.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
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
refused_float(const void *address, float value, const char *words)
{
    refused(address, &value, sizeof(float), words);
}


/* Bounds that are none, and codes that the bounds are not of. */
static void
test_codes(void **state)
{
    char                      code;
    const char               *codes;
    const recs_code_block_t  *b;

    (void) state;

    b = recs_sealed_file_row(&file, RECS_TABLE_CODE_BLOCKS, 3);
    refused_float(&b->norm, NAN, "wrong bounds at row 3");
    refused_float(&b->norm, b->norm * 0.999f, "wrong bounds");
    refused_float(&b->norm_min, -1.0f, "wrong bounds");
    refused_float(&b->norm_min, NAN, "wrong bounds");
    refused_float(&b->norm_min, b->norm * 1.001f, "wrong bounds");
    refused_float(&b->scale, 0.0f, "wrong bounds");
    refused_float(&b->scale, -1.0f, "wrong bounds");
    refused_float(&b->scale, INFINITY, "wrong bounds");
    refused_float(&b->scale, b->scale * 1.1f, "wrong bounds");
    refused_float(&b->error, NAN, "wrong bounds");
    refused_float(&b->error, -b->error, "wrong bounds");
    refused_float(&b->error, b->error * 0.99f, "wrong bounds");

    codes = recs_sealed_file_row(&file, RECS_TABLE_ITEM_CODES, 3);
    code = (char) (codes[200] ^ 0x40);
    refused(&codes[200], &code, 1, "wrong bounds at row 3");
}


/* A bundle from before there were codes: its tables have other names. */
static void
test_without_codes(void **state)
{
    recs_status_t  rc;

    (void) state;

    recs_sealed_file_rename(&file, "codesint", "codetint");
    recs_sealed_file_rename(&file, "item_codes/0", "item_codet/0");
    recs_sealed_file_rename(&file, "code_blocks/0", "code_blockt/0");

    rc = recs_sealed_file_try(&file, 0, file.bytes, 1, 1, &err);

    if (rc != RECS_OK) {
        fail_msg("%s", err.message);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test_setup_teardown(test_codes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_without_codes, setup, teardown),
        { "sharded: test_codes", test_codes, setup_shards, teardown, NULL }
    };

    return cmocka_run_group_tests_name("bundle_check_codes", tests, NULL,
                                       NULL);
}
