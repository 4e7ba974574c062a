/*
 * Sorted like qsort() does it, and stable.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "recs_fixture.h"
#include "recs_radix.h"


#define N_MOST  700


static int
compare(const void *one, const void *two)
{
    uint64_t  a, b;

    a = *(const uint64_t *) one;
    b = *(const uint64_t *) two;

    return (a > b) - (a < b);
}


static void
test_whole(void **state)
{
    uint32_t   n, i;
    uint64_t   a[N_MOST], b[N_MOST], want[N_MOST], random, *keys, *spare;

    (void) state;

    random = 7;

    for (n = 0; n < N_MOST; n += n / 4 + 1) {
        for (i = 0; i < n; i++) {
            a[i] = recs_fixture_random(&random) >> (i % 4 * 16);
        }

        memcpy(want, a, sizeof(want));
        qsort(want, n, sizeof(uint64_t), compare);

        keys = a;
        spare = b;
        recs_radix_sort(&keys, &spare, n, 0, 7);
        assert_memory_equal(keys, want, n * sizeof(uint64_t));
        assert_ptr_equal(keys, a);
        assert_ptr_equal(spare, b);
    }
}


/* What lies outside the bytes keeps its order. */
static void
test_stable(void **state)
{
    uint32_t   i;
    uint64_t   a[N_MOST], b[N_MOST], random, *keys, *spare;

    (void) state;

    random = 9;

    for (i = 0; i < N_MOST; i++) {
        a[i] = (recs_fixture_random(&random) >> 61) << 8
               | (uint64_t) i << 32 | (recs_fixture_random(&random) >> 56);
    }

    keys = a;
    spare = b;
    recs_radix_sort(&keys, &spare, N_MOST, 1, 1);
    assert_ptr_equal(keys, b);

    for (i = 1; i < N_MOST; i++) {
        assert_true((keys[i] >> 8 & 0xff) >= (keys[i - 1] >> 8 & 0xff));
        assert_true((keys[i] >> 8 & 0xff) > (keys[i - 1] >> 8 & 0xff)
                    || keys[i] >> 32 > keys[i - 1] >> 32);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_whole),
        cmocka_unit_test(test_stable)
    };

    return cmocka_run_group_tests_name("radix", tests, NULL, NULL);
}
