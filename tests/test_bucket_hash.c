/*
 * Each hash beside the product that it is from.  GrowthBook's own vectors are
 * in test_growthbook.c.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "recs_bucket_hash.h"


#define VERY_LONG  "a very very very very very very very very very very very " \
                   "very very very very long ppd string"


static recs_str_t
str(const char *text)
{
    recs_str_t  s = { text, strlen(text) };

    return s;
}


/* Where nginx's split_clients puts a text. */
static void
test_murmur2(void **state)
{
    (void) state;

    assert_int_equal(recs_murmur2("", 0), 0);
    assert_int_equal(recs_murmur2("a", 1), 2456313694);
    assert_int_equal(recs_murmur2("abc", 3), 324500635);
    assert_int_equal(recs_murmur2("127.0.0.1AAA", 12), 3053215307);

    assert_true(recs_bucket_hash(RECS_HASH_SPLIT_CLIENTS, str("AAA"),
                                 str("127.0.0.1"))
                == 3053215307 / 4294967296.0);
}


static void
test_murmur3(void **state)
{
    (void) state;

    assert_int_equal(recs_murmur3("", 0, 0), 0);
    assert_int_equal(recs_murmur3("", 0, 1), 0x514e28b7);
    assert_int_equal(recs_murmur3("hello", 5, 0), 0x248bfa47);
    assert_int_equal(recs_murmur3("hello, world", 12, 0), 0x149bbb7f);
}


/* Of Optimizely's python-sdk, tests/test_bucketing.py. */
static void
test_optimizely(void **state)
{
    unsigned  i;

    static const struct {
        const char  *id;
        const char  *salt;
        unsigned     bucket;
    } vectors[] = {
        { "ppid1",   "1886780721", 5254 },
        { "ppid2",   "1886780721", 4299 },
        { "ppid2",   "1886780722", 2434 },
        { "ppid3",   "1886780721", 5439 },
        { VERY_LONG, "1886780721", 6128 }
    };

    (void) state;

    for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        assert_true(recs_bucket_hash(RECS_HASH_OPTIMIZELY,
                                     str(vectors[i].salt), str(vectors[i].id))
                    == vectors[i].bucket / 10000.0);
    }
}


static void
test_names(void **state)
{
    recs_bucket_hash_t  hash;

    (void) state;

    assert_true(recs_bucket_hash_find(str("growthbook2"), &hash));
    assert_int_equal(hash, RECS_HASH_GROWTHBOOK2);
    assert_true(recs_bucket_hash_find(str("optimizely"), &hash));
    assert_int_equal(hash, RECS_HASH_OPTIMIZELY);
    assert_false(recs_bucket_hash_find(str("growthbook"), &hash));
    assert_false(recs_bucket_hash_find(str(""), &hash));
}


/* No id or salt, however long or odd, leaves [0, 1). */
static void
test_any_bytes(void **state)
{
    char        bytes[3 * RECS_ID_MAX];
    double      n;
    unsigned    hash, len;
    recs_str_t  id, salt;

    (void) state;

    memset(bytes, 0xff, sizeof(bytes));
    id.data = salt.data = bytes;

    for (hash = 0; hash < RECS_HASH_COUNT; hash++) {
        for (len = 0; len <= sizeof(bytes); len++) {
            id.len = len;
            salt.len = sizeof(bytes) - len;
            n = recs_bucket_hash((recs_bucket_hash_t) hash, salt, id);
            assert_true(n >= 0 && n < 1);
        }
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_murmur2),
        cmocka_unit_test(test_murmur3),
        cmocka_unit_test(test_optimizely),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_any_bytes)
    };

    return cmocka_run_group_tests_name("bucket_hash", tests, NULL, NULL);
}
