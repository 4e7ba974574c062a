/*
 * The inverse against the identity: A A^-1, in double precision, for sizes
 * around those of a block.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "recs_inverse.h"
#include "recs_rng.h"


static recs_error_t  err;
static uint32_t      n_reports;


/* B B' / n + I, B of normal numbers; the upper triangle is not to be read. */
static float *
definite(uint32_t n, float **whole)
{
    float       *a, *b;
    double       sum;
    uint32_t     i, j, k;
    recs_rng_t   rng;

    a = malloc((size_t) n * n * sizeof(float));
    b = malloc((size_t) n * 32 * sizeof(float));
    *whole = malloc((size_t) n * n * sizeof(float));
    assert_true(a != NULL && b != NULL && *whole != NULL);

    recs_rng_seed(&rng, n);

    for (i = 0; i < n * 32; i++) {
        b[i] = (float) recs_rng_normal(&rng);
    }

    for (i = 0; i < n; i++) {
        for (j = 0; j <= i; j++) {
            sum = i == j;

            for (k = 0; k < 32; k++) {
                sum += (double) b[i * 32 + k] * b[j * 32 + k] / 32;
            }

            a[(size_t) i * n + j] = (float) sum;
            (*whole)[(size_t) i * n + j] = (float) sum;
            (*whole)[(size_t) j * n + i] = (float) sum;
        }

        for (j = i + 1; j < n; j++) {
            a[(size_t) i * n + j] = NAN;
        }
    }

    free(b);

    return a;
}


static void
count(void *data, uint32_t step, uint32_t n_steps)
{
    assert_ptr_equal(data, &n_reports);
    assert_int_equal(step, ++n_reports);
    assert_true(step <= n_steps);
}


static void
check(uint32_t n, uint32_t n_threads)
{
    float           *a, *again, *whole, *other;
    double           sum;
    uint32_t         i, j, k;
    recs_threads_t  *threads;

    a = definite(n, &whole);
    n_reports = 0;

    assert_int_equal(recs_threads_create(&threads, n_threads, &err), RECS_OK);
    assert_int_equal(recs_inverse(a, n, threads, count, &n_reports, &err),
                     RECS_OK);
    recs_threads_destroy(threads);

    assert_int_equal(n_reports, (n - 1) / 512 + 1);

    for (i = 0; i < n; i += 1 + n / 40) {
        for (j = 0; j < n; j++) {
            sum = 0;

            for (k = 0; k < n; k++) {
                sum += (double) whole[(size_t) i * n + k]
                       * a[(size_t) k * n + j];
            }

            assert_true(fabs(sum - (i == j)) < 2e-4);
            assert_true(a[(size_t) i * n + j] == a[(size_t) j * n + i]);
        }
    }

    /* The same bytes from one thread. */
    again = definite(n, &other);
    assert_int_equal(recs_threads_create(&threads, 1, &err), RECS_OK);
    assert_int_equal(recs_inverse(again, n, threads, NULL, NULL, &err),
                     RECS_OK);
    recs_threads_destroy(threads);
    assert_memory_equal(a, again, (size_t) n * n * sizeof(float));

    free(a);
    free(again);
    free(whole);
    free(other);
}


static void
test_sizes(void **state)
{
    (void) state;

    check(1, 1);
    check(7, 2);
    check(511, 2);
    check(512, 2);
    check(513, 3);
    check(1100, 2);
}


static void
test_not_definite(void **state)
{
    float           *a, *whole;
    recs_threads_t  *threads;

    (void) state;

    a = definite(600, &whole);
    a[(size_t) 590 * 600 + 590] = -3;

    assert_int_equal(recs_threads_create(&threads, 2, &err), RECS_OK);
    assert_int_equal(recs_inverse(a, 600, threads, NULL, NULL, &err),
                     RECS_INVALID);
    assert_non_null(strstr(err.message, "not positive definite"));
    assert_int_equal(recs_inverse(a, 0, threads, NULL, NULL, &err), RECS_OK);

    recs_threads_destroy(threads);
    free(a);
    free(whole);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_not_definite)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
