/*
 * What an experiment rests on: variants of a fair share under any salt, two
 * experiments that know nothing of each other, namespaces that share nobody.
 *
 *     ASSIGN_IDS=1000000 ASSIGN_SALTS=100 build/tests/test_assign_stats
 *
 * is the whole of it; by default fewer ids and salts.  Ids and salts are
 * fixed, so that a pass is a pass for good.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recs_assign.h"
#include "recs_stats_dist.h"


#define IDS       20000
#define SALTS     10

/* Of an eighth: sums of tenths round, and GrowthBook's version 1 then gives a
   variant 99 or 101 of its 1000 steps. */
#define VARIANTS  8


static uint32_t  n_ids, n_salts;


static uint32_t
from_env(const char *name, uint32_t value)
{
    const char  *text;

    text = getenv(name);

    return text != NULL ? (uint32_t) strtoul(text, NULL, 10) : value;
}


/* As a shop's ids are: numbers that were counted up, or 32 hex digits. */
static recs_str_t
make_id(uint32_t i, int hex, char text[33])
{
    recs_str_t  id;

    id.data = text;
    id.len = (size_t) (hex
                       ? snprintf(text, 33, "%08x%08x%08x%08x",
                                  i * 2654435761u, i ^ 0x5bd1e995, i << 7,
                                  i * 40503u)
                       : snprintf(text, 33, "%u", i));

    return id;
}


static void
experiment(recs_experiment_t *x, uint32_t n_variants,
    recs_bucket_hash_t hash)
{
    uint32_t    i;
    recs_str_t  name = { "t", 1 };

    assert_int_equal(recs_experiment_init(x, name, NULL), RECS_OK);
    x->hash = hash;
    x->n_variants = n_variants;

    for (i = 0; i < n_variants; i++) {
        x->weights[i] = 1.0 / n_variants;
    }

    assert_int_equal(recs_experiment_settle(x, NULL), RECS_OK);
}


static int32_t
assign(const recs_experiment_t *x, recs_str_t id)
{
    recs_assign_t      in;
    recs_assignment_t  a;

    memset(&in, 0, sizeof(in));
    in.units = &id;
    in.n_units = 1;
    in.forced = RECS_VARIANT_NONE;
    in.when = 1;
    recs_assign(x, &in, &a);

    return a.variant;
}


/* The p-value of equal shares. */
static double
uniformity(const recs_experiment_t *x, int hex)
{
    char      text[33];
    double    chi2, due, off;
    uint32_t  i, n[VARIANTS];

    memset(n, 0, sizeof(n));

    for (i = 0; i < n_ids; i++) {
        n[assign(x, make_id(i, hex, text))]++;
    }

    chi2 = 0;
    due = (double) n_ids / VARIANTS;

    for (i = 0; i < VARIANTS; i++) {
        off = n[i] - due;
        chi2 += off * off / due;
    }

    return recs_chi2_upper(chi2, VARIANTS - 1);
}


static void
test_uniform(void **state)
{
    char               salt[16];
    double             p;
    unsigned           hash;
    uint32_t           i, missed;
    recs_experiment_t  x;

    (void) state;

    for (hash = 0; hash < RECS_HASH_COUNT; hash++) {
        experiment(&x, VARIANTS, (recs_bucket_hash_t) hash);
        missed = 0;

        for (i = 0; i < n_salts; i++) {
            x.salt.data = salt;
            x.salt.len = (size_t) snprintf(salt, sizeof(salt), "exp-%u", i);
            p = uniformity(&x, i % 2);

            if (p <= 0.001 || p >= 0.999) {
                print_message("hash %u, salt %s: p %.6f\n", hash, salt, p);
                missed++;
            }
        }

        print_message("hash %u: %u of %u salts outside (0.001, 0.999)\n",
                      hash, missed, n_salts);
        assert_true(missed <= 1);
    }
}


/* Of two experiments: the units in both, and the phi of their variants. */
static double
phi_of(const recs_experiment_t *x, const recs_experiment_t *y, int hex,
    uint32_t *n_both)
{
    char        text[33];
    double      n[2][2], rows, columns, all;
    int32_t     i, j;
    uint32_t    k;
    recs_str_t  id;

    memset(n, 0, sizeof(n));
    *n_both = 0;

    for (k = 0; k < n_ids; k++) {
        id = make_id(k, hex, text);
        i = assign(x, id);
        j = assign(y, id);

        if (i >= 0 && j >= 0) {
            n[i][j]++;
            (*n_both)++;
        }
    }

    rows = (n[0][0] + n[0][1]) * (n[1][0] + n[1][1]);
    columns = (n[0][0] + n[1][0]) * (n[0][1] + n[1][1]);
    all = rows * columns;

    return all > 0 ? (n[0][0] * n[1][1] - n[0][1] * n[1][0]) / sqrt(all) : 0;
}


/* 0.005 of a million ids: five standard deviations. */
static double
phi_limit(uint32_t n)
{
    return 5 / sqrt(n);
}


static void
test_independent(void **state)
{
    int                hex;
    double             phi;
    unsigned           hash;
    uint32_t           n;
    recs_experiment_t  x, y;

    (void) state;

    for (hash = 0; hash < RECS_HASH_COUNT; hash++) {
        experiment(&x, 2, (recs_bucket_hash_t) hash);
        experiment(&y, 2, (recs_bucket_hash_t) hash);
        x.salt = (recs_str_t) { "home_page", 9 };
        y.salt = (recs_str_t) { "home_page2", 10 };

        for (hex = 0; hex < 2; hex++) {
            phi = phi_of(&x, &y, hex, &n);
            print_message("hash %u, %s ids: phi %.5f\n", hash,
                          hex ? "hex" : "counted", phi);
            assert_int_equal(n, n_ids);
            assert_true(fabs(phi) < phi_limit(n_ids));
        }
    }
}


static void
test_namespaces(void **state)
{
    double             phi;
    uint32_t           n;
    recs_experiment_t  x, y;

    (void) state;

    experiment(&x, 2, RECS_HASH_GROWTHBOOK2);
    experiment(&y, 2, RECS_HASH_GROWTHBOOK2);
    x.salt = (recs_str_t) { "a", 1 };
    y.salt = (recs_str_t) { "b", 1 };
    x.namespace_name = y.namespace_name = (recs_str_t) { "page", 4 };
    x.namespace_hi = y.namespace_lo = 400;
    y.namespace_hi = 1000;

    phi_of(&x, &y, 1, &n);
    print_message("one namespace: %u in both\n", n);
    assert_int_equal(n, 0);

    y.namespace_name = (recs_str_t) { "search", 6 };
    phi = phi_of(&x, &y, 1, &n);
    print_message("two namespaces: %u in both, phi %.5f\n", n, phi);
    assert_true(fabs((double) n / n_ids - 0.24) < 2.5 / sqrt(n_ids));
    assert_true(fabs(phi) < phi_limit(n));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_uniform),
        cmocka_unit_test(test_independent),
        cmocka_unit_test(test_namespaces)
    };

    n_ids = from_env("ASSIGN_IDS", IDS);
    n_salts = from_env("ASSIGN_SALTS", SALTS);

    return cmocka_run_group_tests_name("assign_stats", tests, NULL, NULL);
}
