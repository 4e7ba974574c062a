#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <xxhash.h>

#include "recs_digest.h"


#define BYTES  100000


/* The library's hash, whatever parts the bytes come in. */
static void
test_hash(void **state)
{
    size_t              i, at, part, size;
    uint8_t             got[RECS_DIGEST_SIZE];
    unsigned char      *bytes;
    recs_digest_t      *digest;
    XXH128_canonical_t  expected;

    static const size_t  sizes[] = { 0, 1, 15, 240, 241, 1024, 65537, BYTES };
    static const size_t  parts[] = { 7, 256, 1000, BYTES };

    (void) state;

    bytes = malloc(BYTES);
    assert_non_null(bytes);

    for (i = 0; i < BYTES; i++) {
        bytes[i] = (unsigned char) (i * 2654435761u >> 13);
    }

    for (i = 0; i < 8 * 4; i++) {
        size = sizes[i / 4];
        digest = recs_digest_create();
        assert_non_null(digest);

        for (at = 0; at < size; at += part) {
            part = parts[i % 4] < size - at ? parts[i % 4] : size - at;
            recs_digest_update(digest, bytes + at, part);
        }

        recs_digest_final(digest, got);
        recs_digest_destroy(digest);

        XXH128_canonicalFromHash(&expected, XXH3_128bits(bytes, size));
        assert_memory_equal(got, expected.digest, RECS_DIGEST_SIZE);
    }

    free(bytes);
}


/* Every byte, the length, the number and the seed count. */
static void
test_pair(void **state)
{
    char      id[40];
    size_t    len, i;
    uint64_t  hash;

    (void) state;

    memset(id, 'a', sizeof(id));

    for (len = 1; len < 40; len++) {
        hash = recs_digest_pair(id, len, 7, 1);

        assert_int_not_equal(hash, recs_digest_pair(id, len + 1, 7, 1));
        assert_int_not_equal(hash, recs_digest_pair(id, len, 8, 1));
        assert_int_not_equal(hash, recs_digest_pair(id, len, 7, 2));

        for (i = 0; i < len; i++) {
            id[i] = 'b';
            assert_int_not_equal(hash, recs_digest_pair(id, len, 7, 1));
            id[i] = 'a';
        }

        assert_int_equal(hash, recs_digest_pair(id, len, 7, 1));
    }
}


/* Numbers that stand at each other's ids do not add up to the same. */
static void
test_pairs(void **state)
{
    char      id[2];
    uint32_t  n, i;
    uint64_t  right, next, turned, swapped;

    (void) state;

    right = next = turned = swapped = 0;
    n = 64;

    for (i = 0; i < n; i++) {
        id[0] = (char) ('0' + i / 8);
        id[1] = (char) ('0' + i % 8);

        right += recs_digest_pair(id, 2, i, 0);
        next += recs_digest_pair(id, 2, i ^ 1, 0);
        turned += recs_digest_pair(id, 2, (i + 1) % n, 0);
        swapped += recs_digest_pair(id, 2, i < 2 ? 1 - i : i, 0);
    }

    assert_int_not_equal(right, next);
    assert_int_not_equal(right, turned);
    assert_int_not_equal(right, swapped);
    assert_int_not_equal(next, turned);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hash),
        cmocka_unit_test(test_pair),
        cmocka_unit_test(test_pairs)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
