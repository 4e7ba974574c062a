/* recs_policy: estimates of a policy, their errors, and what is refused. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "recs_policy.h"
#include "recs_rng.h"


#define N_ITEMS  5


/* A row that is a unit of its own. */

static void
add(recs_policy_t *policy, double weight, double reward, double expected,
    double baseline)
{
    recs_policy_unit_t       unit;
    const recs_policy_row_t  row = { weight, reward, expected, baseline };

    memset(&unit, 0, sizeof(recs_policy_unit_t));
    recs_policy_row(&unit, &row);
    recs_policy_add(policy, &unit);
}


static void
near(double value, double expected, double error)
{
    if (!(fabs(value - expected) <= error)) {
        fail_msg("%.12g, expected %.12g +- %g", value, expected, error);
    }
}


/* Figures by the definitions, in the comments. */

static void
test_definitions(void **state)
{
    recs_policy_t           policy;
    recs_policy_estimate_t  e;

    (void) state;

    memset(&policy, 0, sizeof(recs_policy_t));
    add(&policy, 2, 1, 0.5, 0.25);
    add(&policy, 0.5, 0, 0.5, 0.25);
    add(&policy, 0.5, 1, 0, 0.5);
    add(&policy, 1, 0, 0.25, 0.5);
    recs_policy_estimate(&policy, 2, &e);

    assert_int_equal(e.n_rows, 4);
    assert_int_equal(e.n_units, 4);

    near(e.logged.value, 0.5, 1e-15);
    near(e.logged.se, sqrt(1.0 / 3 / 4), 1e-15);

    /* w r: 2, 0, .5, 0 */
    near(e.ips.value, 0.625, 1e-15);
    near(e.ips.se, sqrt(2.6875 / 3 / 4), 1e-15);
    near(e.ips.hi - e.ips.lo, 4 * e.ips.se, 1e-15);
    near(e.ips.hi + e.ips.lo, 2 * 0.625, 1e-15);

    /* w (r - 2.5 / 4): .75, -.3125, .1875, -.625 */
    near(e.snips.value, 0.625, 1e-15);
    near(e.snips.se, sqrt(1.0859375 * 4 / 3) / 4, 1e-15);

    /* .25 + 2 * .5, .25 - .25, .5 + .5, .5 - .25: 1.25, 0, 1, .25 */
    near(e.dr.value, 0.625, 1e-15);
    near(e.dr.se, sqrt(1.0625 / 3 / 4), 1e-15);
    near(e.gain.value, 0.125, 1e-15);

    near(e.weight.value, 1, 1e-15);
    near(e.weight.se, sqrt(1.5 / 3 / 4), 1e-15);
    near(e.effective, 16 / 5.5, 1e-14);
    near(e.max_weight, 2, 0);
}


/* Twins say no more than one of them: the error is between units. */

static void
test_units(void **state)
{
    int                     i, twice;
    recs_rng_t              rng;
    recs_policy_t           one, two;
    recs_policy_row_t       row;
    recs_policy_unit_t      unit;
    recs_policy_estimate_t  e, f;

    (void) state;

    recs_rng_seed(&rng, 3);
    memset(&one, 0, sizeof(recs_policy_t));
    memset(&two, 0, sizeof(recs_policy_t));

    for (i = 0; i < 200; i++) {
        row.weight = 2 * recs_rng_uniform(&rng);
        row.reward = recs_rng_uniform(&rng);
        row.expected = recs_rng_uniform(&rng);
        row.baseline = recs_rng_uniform(&rng);

        memset(&unit, 0, sizeof(recs_policy_unit_t));

        for (twice = 0; twice < 2; twice++) {
            recs_policy_row(&unit, &row);

            if (twice == 0) {
                recs_policy_add(&one, &unit);
            }
        }

        recs_policy_add(&two, &unit);
    }

    recs_policy_estimate(&one, 1, &e);
    recs_policy_estimate(&two, 1, &f);

    assert_int_equal(f.n_rows, 400);
    assert_int_equal(f.n_units, 200);
    near(f.ips.value, e.ips.value, 1e-12);
    near(f.ips.se, e.ips.se, 1e-12);
    near(f.snips.se, e.snips.se, 1e-12);
    near(f.dr.se, e.dr.se, 1e-12);
    near(f.gain.se, e.gain.se, 1e-12);
    near(f.effective, 2 * e.effective, 1e-9);
}


static unsigned
refused(int n, double weight, double first)
{
    int                     i;
    recs_policy_t           policy;
    recs_policy_estimate_t  e;

    memset(&policy, 0, sizeof(recs_policy_t));

    for (i = 0; i < n; i++) {
        add(&policy, i == 0 ? first : i % 2 ? weight : 2 - weight, i % 3 == 0,
            0, 0);
    }

    recs_policy_estimate(&policy, 2, &e);

    return e.refused;
}


static void
test_refused(void **state)
{
    int                     i;
    recs_policy_t           policy;
    recs_policy_unit_t      unit;
    recs_policy_estimate_t  e;
    const recs_policy_row_t row = { 1, 0, 0, 0 };

    (void) state;

    assert_int_equal(refused(101, 1, 1), 0);
    assert_int_equal(refused(200, 0.5, 0.5), 0);

    assert_int_equal(refused(99, 1, 1),
                     RECS_POLICY_FEW_EFFECTIVE | RECS_POLICY_FEW_UNITS);
    assert_int_equal(refused(120, 0.5, 0.5), RECS_POLICY_FEW_EFFECTIVE);

    /* As in the Open Bandit Dataset's women: 2 of 10,000. */
    assert_int_equal(refused(10000, 1, 21739.1),
                     RECS_POLICY_FEW_EFFECTIVE | RECS_POLICY_FEW_OF_MANY);

    /* (20000 + 2000)^2 / (20000 + 2000^2): 120, .6 %. */
    assert_int_equal(refused(20000, 1, 2000), RECS_POLICY_FEW_OF_MANY);

    /* Propensities of 9 digits are right; 1 % off with no spread is not. */
    assert_int_equal(refused(200, 1 + 1e-8, 1), 0);

    memset(&policy, 0, sizeof(recs_policy_t));

    for (i = 0; i < 1000; i++) {
        add(&policy, i % 2 ? 0.8 : 1.0, 0, 0, 0);
    }

    recs_policy_estimate(&policy, 2, &e);
    near(e.weight.value, 0.9, 1e-12);
    assert_int_equal(e.refused, RECS_POLICY_WRONG_WEIGHTS);

    /* Many rows of a few visitors. */

    memset(&policy, 0, sizeof(recs_policy_t));
    memset(&unit, 0, sizeof(recs_policy_unit_t));

    for (i = 0; i < 1000; i++) {
        recs_policy_row(&unit, &row);
    }

    recs_policy_add(&policy, &unit);
    recs_policy_add(&policy, &unit);
    recs_policy_estimate(&policy, 2, &e);
    assert_int_equal(e.refused, RECS_POLICY_FEW_UNITS);

    /* Nothing at all: numbers, none of them NaN. */

    memset(&policy, 0, sizeof(recs_policy_t));
    recs_policy_estimate(&policy, 2, &e);
    near(e.ips.value + e.snips.se + e.dr.hi + e.weight.value + e.effective,
         0, 0);
    assert_true(e.refused & RECS_POLICY_FEW_EFFECTIVE);
}


/*
 * Two contexts, five items.  Each run draws 1,000 rows from a logging policy;
 * the target is another; propensities or the model of the rewards may be
 * wrong.
 */

typedef struct {
    int     wrong_model;
    int     wrong_propensities;
    double  bias[3];                   /* of IPS, the model alone, DR */
    double  error[3];                  /* standard errors of these */
    double  covered;                   /* share of DR's 95 % intervals */
} simulation_t;


static void
simulate(simulation_t *s)
{
    enum { RUNS = 300, ROWS = 1000 };

    int                     run, row, context, item, k;
    double                  u, truth, baseline[2], sum[3], squares[3], x[3];
    double                  model_alone, propensity;
    recs_rng_t              rng;
    recs_policy_t           policy;
    recs_policy_estimate_t  e;

    static const double  logging[2][N_ITEMS] = {
        { .4, .3, .15, .1, .05 }, { .1, .1, .2, .2, .4 }
    };
    static const double  target[2][N_ITEMS] = {
        { .1, .2, .3, .2, .2 }, { .3, .3, .2, .1, .1 }
    };
    static const double  rewards[2][N_ITEMS] = {
        { .02, .1, .2, .3, .4 }, { .3, .25, .1, .05, .02 }
    };

    recs_rng_seed(&rng, 20261124);

    truth = 0;

    for (context = 0; context < 2; context++) {
        baseline[context] = 0;

        for (item = 0; item < N_ITEMS; item++) {
            truth += target[context][item] * rewards[context][item] / 2;
            baseline[context] += target[context][item]
                                 * (s->wrong_model ? .5 - .1 * item
                                    : rewards[context][item]);
        }
    }

    memset(sum, 0, sizeof(sum));
    memset(squares, 0, sizeof(squares));
    s->covered = 0;

    for (run = 0; run < RUNS; run++) {
        memset(&policy, 0, sizeof(recs_policy_t));
        model_alone = 0;

        for (row = 0; row < ROWS; row++) {
            context = recs_rng_uniform(&rng) < .5;
            u = recs_rng_uniform(&rng);

            for (item = 0; item < N_ITEMS - 1; item++) {
                u -= logging[context][item];
                if (u < 0) {
                    break;
                }
            }

            propensity = s->wrong_propensities
                         ? .1 + .05 * item : logging[context][item];

            add(&policy, target[context][item] / propensity,
                recs_rng_uniform(&rng) < rewards[context][item],
                s->wrong_model ? .5 - .1 * item : rewards[context][item],
                baseline[context]);
            model_alone += baseline[context] / ROWS;
        }

        recs_policy_estimate(&policy, 1.959963984540054, &e);

        x[0] = e.ips.value - truth;
        x[1] = model_alone - truth;
        x[2] = e.dr.value - truth;
        s->covered += (e.dr.lo <= truth && truth <= e.dr.hi) / (double) RUNS;

        for (k = 0; k < 3; k++) {
            sum[k] += x[k];
            squares[k] += x[k] * x[k];
        }
    }

    for (k = 0; k < 3; k++) {
        s->bias[k] = sum[k] / RUNS;
        s->error[k] = sqrt((squares[k] / RUNS - s->bias[k] * s->bias[k])
                           / (RUNS - 1));
    }
}


/* The error is of the mean over 300 runs: 17 times as sharp as one run's. */

static void
test_wrong_model(void **state)
{
    simulation_t  s;

    (void) state;

    memset(&s, 0, sizeof(simulation_t));
    s.wrong_model = 1;
    simulate(&s);

    near(s.bias[2], 0, 2 * s.error[2]);
    near(s.bias[0], 0, 2 * s.error[0]);
    assert_true(fabs(s.bias[1]) > 20 * s.error[1]);
    near(s.covered, .95, .03);
}


static void
test_wrong_propensities(void **state)
{
    simulation_t  s;

    (void) state;

    memset(&s, 0, sizeof(simulation_t));
    s.wrong_propensities = 1;
    simulate(&s);

    near(s.bias[2], 0, 2 * s.error[2]);
    near(s.bias[1], 0, 2 * s.error[1]);
    assert_true(fabs(s.bias[0]) > 20 * s.error[0]);
    near(s.covered, .95, .03);
}


static void
test_both_wrong(void **state)
{
    simulation_t  s;

    (void) state;

    memset(&s, 0, sizeof(simulation_t));
    s.wrong_propensities = 1;
    s.wrong_model = 1;
    simulate(&s);

    assert_true(fabs(s.bias[2]) > 20 * s.error[2]);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_definitions),
        cmocka_unit_test(test_units),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_wrong_model),
        cmocka_unit_test(test_wrong_propensities),
        cmocka_unit_test(test_both_wrong)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
