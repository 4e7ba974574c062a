/*
 * The sequential sample-ratio test: against sums of mpmath's loggamma() with
 * 60 digits, and against chance.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "recs_rng.h"
#include "recs_srm.h"


#define N_ARMS     16
#define N_RUNS     1000
#define N_LOOKS    500
#define LOOK       192                  /* units between two looks */
#define CHI2_001   10.827566170662733   /* chi-square, df 1, at .001 */


typedef struct {
    unsigned  n;
    uint64_t  counts[N_ARMS];
    double    weights[N_ARMS];
    double    p;
} vector_t;


static const double  half[] = { 50, 50 };


static void
test_vectors(void **state)
{
    double  p;
    size_t  i;

    static const vector_t  vectors[] = {
        { 2, { 0, 0 }, { 1, 1 }, 1 },
        { 2, { 1, 1 }, { 1, 1 }, 1 },
        { 2, { 821588, 815482 }, { .5, .5 }, 4.6226174021822002704e-4 },
        { 2, { 44000, 45000 }, { .5, .5 }, .036677949030322245502 },
        { 2, { 51000, 49000 }, { 50, 50 }, 2.5219134195825192908e-8 },
        { 2, { 50000, 50000 }, { 50, 50 }, 1 },
        { 2, { 50600, 49400 }, { 50, 50 }, .0080575688267080851089 },
        { 2, { 50500, 49500 }, { .5, .5 }, .071160515669803764958 },
        { 2, { 119, 0 }, { 50, 50 }, .0018567058736038105019 },
        { 2, { 585, 415 }, { 50, 50 }, .0010172487689386632884 },
        { 2, { 700, 300 }, { 50, 50 }, 4.4896970218856840003e-18 },
        { 2, { 5, 0 }, { 99.99, .01 }, .99999900289097045151 },
        { 2, { 0, 1 }, { 99.99, .01 }, 1 },
        { 2, { 5000100000, 4999900000 }, { 1, 1 }, 1 },
        { 2, { 5000300000, 4999700000 }, { 1, 1 },
          4.8173555083658104522e-5 },
        { 3, { 300, 300, 400 }, { 30, 30, 40 }, 1 },
        { 3, { 3100, 3200, 3700 }, { 30, 30, 40 },
          1.8512278956476643128e-7 },
        { 3, { 33, 17, 950 }, { 5, 5, 90 }, 3.4353697363648136119e-4 },
        { 3, { 12, 0, 19988 }, { .01, .01, 99.98 },
          4.6138775749283366025e-5 },
        { 16, { 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130, 140,
                150, 160 },
          { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 },
          9.1929095209389570986e-50 }
    };

    (void) state;

    for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        p = recs_srm_sequential(vectors[i].counts, vectors[i].weights,
                                vectors[i].n);

        if (fabs(p - vectors[i].p) > 1e-9 * vectors[i].p) {
            fail_msg("vector %zu: %.17g, not %.17g", i, p, vectors[i].p);
        }
    }
}


static void
test_edges(void **state)
{
    double  p;

    static const double    unused[] = { 50, 0, 50 };
    static const uint64_t  none[] = { 500, 0, 500 };
    static const uint64_t  some[] = { 500, 1, 500 };
    static const uint64_t  far[] = { 1000000, 0 };
    static const uint64_t  huge[] = { UINT64_MAX, UINT64_MAX };

    (void) state;

    /* A variant that is not drawn has no say, and may have no unit. */

    assert_true(recs_srm_sequential(none, unused, 3) == 1);
    assert_true(recs_srm_sequential(some, unused, 3) == 0);

    assert_true(recs_srm_sequential(far, half, 2) == 0);
    assert_true(recs_srm_sequential(huge, half, 2) == 1);
    assert_true(recs_srm_sequential(far, half, 1) == 1);
    assert_true(recs_srm_sequential(none, half, 0) == 1);

    /* The order of variants does not matter. */

    p = recs_srm_sequential((const uint64_t[]) { 330, 170, 9500 },
                            (const double[]) { 3, 2, 95 }, 3);

    assert_float_equal(recs_srm_sequential(
                           (const uint64_t[]) { 9500, 330, 170 },
                           (const double[]) { .95, .03, .02 }, 3), p, 1e-12);
}


/* Units of the next n that come into the first of two equal variants. */
static uint64_t
draw(recs_rng_t *rng, unsigned n)
{
    uint64_t  first;

    for (first = 0; n != 0; n -= 64) {
        first += (uint64_t) __builtin_popcountll(recs_rng_next(rng));
    }

    return first;
}


/* Is it ever under .001?  By chi2: the fixed test, by counts alone. */
static int
trips(recs_rng_t *rng, unsigned requests, int chi2)
{
    int       tripped;
    double    off, n;
    uint64_t  counts[2], first;
    unsigned  look;

    tripped = 0;
    counts[0] = 0;
    counts[1] = 0;

    for (look = 0; look < N_LOOKS; look++) {
        first = draw(rng, LOOK);
        counts[0] += first * requests;
        counts[1] += (LOOK - first) * requests;

        if (chi2) {
            off = (double) counts[0] - (double) counts[1];
            n = (double) (counts[0] + counts[1]);
            tripped |= off * off / n > CHI2_001;

        } else {
            tripped |= recs_srm_sequential(counts, half, 2) < RECS_SRM_ALPHA;
        }
    }

    return tripped;
}


static unsigned
share(unsigned runs, unsigned requests, int chi2)
{
    unsigned    run, n;
    recs_rng_t  rng;

    recs_rng_seed(&rng, 20261124);

    for (n = 0, run = 0; run < runs; run++) {
        n += (unsigned) trips(&rng, requests, chi2);
    }

    printf("# %u of %u fair experiments are flagged: %s, %u per unit\n",
           n, runs, chi2 ? "chi-square" : "sequential", requests);

    return n;
}


/* Fair experiments of 96,000 units, each looked at 500 times. */
static void
test_fair(void **state)
{
    (void) state;

    assert_in_range(share(N_RUNS, 1, 0), 0, N_RUNS / 1000);
    assert_in_range(share(N_RUNS, 1, 1), N_RUNS / 50, N_RUNS / 10);

    /* Counted by requests, 10 of each unit, no test is of any use. */

    assert_in_range(share(N_RUNS / 10, 10, 0), N_RUNS / 40, N_RUNS / 10);
}


/* 51 of 100 instead of 50, 100,000 units. */
static void
test_unfair(void **state)
{
    unsigned    run, n, flagged;
    uint64_t    counts[2];
    recs_rng_t  rng;

    (void) state;

    recs_rng_seed(&rng, 51);

    for (flagged = 0, run = 0; run < 50; run++) {
        counts[0] = 0;
        counts[1] = 0;

        for (n = 0; n < 100000; n++) {
            counts[recs_rng_uniform(&rng) >= .51]++;

            if (n % 1000 == 999
                && recs_srm_sequential(counts, half, 2) < RECS_SRM_ALPHA)
            {
                flagged++;
                break;
            }
        }
    }

    printf("# %u of 50 experiments at 51/49 are flagged\n", flagged);
    assert_in_range(flagged, 47, 50);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_edges),
        cmocka_unit_test(test_fair),
        cmocka_unit_test(test_unfair)
    };

    return cmocka_run_group_tests_name("srm", tests, NULL, NULL);
}
