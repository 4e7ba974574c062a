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

#include "recs_sealed_case.h"


static recs_error_t  err;


/* Bounds that are none, and codes that the bounds are not of. */
static void
test_codes(void **state)
{
    char                      code;
    const char               *codes;
    const recs_code_block_t  *b;

    (void) state;

    b = recs_sealed_file_row(&recs_sealed, RECS_TABLE_CODE_BLOCKS, 3);
    recs_refuses_float(&b->norm, NAN, "wrong bounds at row 3");
    recs_refuses_float(&b->norm, b->norm * 0.999f, "wrong bounds");
    recs_refuses_float(&b->norm_min, -1.0f, "wrong bounds");
    recs_refuses_float(&b->norm_min, NAN, "wrong bounds");
    recs_refuses_float(&b->norm_min, b->norm * 1.001f, "wrong bounds");
    recs_refuses_float(&b->scale, 0.0f, "wrong bounds");
    recs_refuses_float(&b->scale, -1.0f, "wrong bounds");
    recs_refuses_float(&b->scale, INFINITY, "wrong bounds");
    recs_refuses_float(&b->scale, b->scale * 1.1f, "wrong bounds");
    recs_refuses_float(&b->error, NAN, "wrong bounds");
    recs_refuses_float(&b->error, -b->error, "wrong bounds");
    recs_refuses_float(&b->error, b->error * 0.99f, "wrong bounds");

    codes = recs_sealed_file_row(&recs_sealed, RECS_TABLE_ITEM_CODES, 3);
    code = (char) (codes[200] ^ 0x40);
    recs_refuses(&codes[200], &code, 1, "wrong bounds at row 3");
}


/* A bundle from before there were codes: its tables have other names. */
static void
test_without_codes(void **state)
{
    recs_status_t  rc;

    (void) state;

    recs_sealed_file_rename(&recs_sealed, "codesint", "codetint");
    recs_sealed_file_rename(&recs_sealed, "item_codes/0", "item_codet/0");
    recs_sealed_file_rename(&recs_sealed, "code_blocks/0", "code_blockt/0");

    rc = recs_sealed_file_try(&recs_sealed, 0, recs_sealed.bytes, 1, 1, &err);

    if (rc != RECS_OK) {
        fail_msg("%s", err.message);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        RECS_SEALED_TEST(test_codes),
        RECS_SEALED_TEST(test_without_codes),
        RECS_SEALED_TEST_SHARDS(test_codes)
    };

    return cmocka_run_group_tests_name("bundle_check_codes", tests, NULL,
                                       NULL);
}
