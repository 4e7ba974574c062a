/*
 * Hashes of items: what they are for ever, every item found by its own, and
 * of two items with one hash the more popular.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "recs_fixture.h"
#include "recs_item_hash.h"
#include "recs_tiny_bundle.h"


#define HASH_SHARED  0xb2cd389e5391

static recs_str_t  popular_id = { "627498", 6 };
static recs_str_t  other_id = { "49110806", 8 };


/* They are in cookies and bundles: no release may change them. */
static void
test_for_ever(void **state)
{
    char        id[128];
    recs_str_t  long_id = { id, sizeof(id) };
    recs_str_t  short_id = { "i", 1 };
    recs_str_t  utf8 = { "\xd1\x81\xd0\xbb\xd0\xbe\xd0\xbd 42", 11 };

    (void) state;

    memset(id, 'x', sizeof(id));

    assert_int_equal(recs_item_hash(short_id), 0x2c022d030ff2);
    assert_int_equal(recs_item_hash(utf8), 0xb7bfd599eb69);
    assert_int_equal(recs_item_hash(long_id), 0x4ca37e83f6cd);
    assert_int_equal(recs_item_hash(popular_id), HASH_SHARED);
    assert_int_equal(recs_item_hash(other_id), HASH_SHARED);
}


static void
find_all(const recs_bundle_t *bundle)
{
    uint32_t    item, n;
    uint64_t    hash;
    recs_str_t  record;

    n = recs_bundle_view(bundle)->n_items;

    for (item = 0; item < n; item++) {
        record = recs_bundle_item_record(bundle, item);
        hash = recs_item_hash(recs_record_id(record));

        assert_int_equal(recs_bundle_item_by_hash(bundle, hash), item);
        assert_int_equal(recs_bundle_item_by_hash(bundle, hash ^ 1),
                         RECS_ITEM_NO);
    }

    assert_int_equal(recs_bundle_item_by_hash(bundle, 0), RECS_ITEM_NO);
    assert_int_equal(recs_bundle_item_by_hash(bundle, RECS_ITEM_HASH_MAX),
                     RECS_ITEM_NO);
    assert_int_equal(recs_bundle_item_by_hash(bundle, UINT64_MAX),
                     RECS_ITEM_NO);
}


static void
test_every_item(void **state)
{
    unsigned                i;
    recs_bundle_t          *bundle;
    recs_fixture_params_t   p = { .n_users = 3, .n_factors = 4 };

    static const uint32_t  sizes[] = { 1, 2, 9, 1000, 20000 };

    (void) state;

    for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        p.n_items = sizes[i];
        p.no_popularity = i % 2;

        bundle = recs_fixture_open(&p);
        find_all(bundle);
        recs_bundle_close(bundle);
    }
}


static void
test_equal_hashes(void **state)
{
    uint32_t                item;
    recs_str_t              collisions, record;
    recs_bundle_t          *bundle;
    recs_fixture_t         *fixture;
    recs_fixture_params_t   p = { .n_items = 50, .n_users = 3,
                                  .n_factors = 4 };

    (void) state;

    fixture = recs_fixture_create(&p);
    recs_fixture_set_id(&fixture->item_records[7], other_id.data,
                        other_id.len);
    recs_fixture_set_id(&fixture->item_records[31], popular_id.data,
                        popular_id.len);
    fixture->popularity[7] = 1.0f;
    fixture->popularity[31] = 2.0f;

    bundle = recs_tiny_bundle(&fixture->model);

    item = recs_bundle_item_by_hash(bundle, HASH_SHARED);
    assert_int_not_equal(item, RECS_ITEM_NO);
    record = recs_record_id(recs_bundle_item_record(bundle, item));
    assert_int_equal(record.len, popular_id.len);
    assert_memory_equal(record.data, popular_id.data, popular_id.len);

    collisions = recs_bundle_manifest(bundle, "item_hashes.collisions");
    assert_int_equal(collisions.len, 1);
    assert_int_equal(collisions.data[0], '1');
    assert_int_equal(recs_bundle_view(bundle)->item_hashes.n_rows, 49);

    recs_bundle_close(bundle);
    recs_fixture_destroy(fixture);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_for_ever),
        cmocka_unit_test(test_every_item),
        cmocka_unit_test(test_equal_hashes)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
