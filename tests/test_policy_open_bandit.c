/*
 * recs_policy_open_bandit: the Open Bandit Dataset, where it is there, and a
 * log as small as can be.  Expected: by the definitions, in another language.
 */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "recs_policy_log.h"
#include "recs_temp.h"


static const char  header[] = "item_id,position,click,propensity_score\n";

/* Drawn from { a .5, b .3, c .2 } at 1 and { a .2, b .2, c .6 } at 2. */
static const char  tiny[] =
    ",timestamp,item_id,position,click,propensity_score,user_feature_0\n"
    "0,,b,1,0,0.3,x\n1,,b,1,0,0.3,x\n2,,c,2,0,0.6,x\n3,,a,2,1,0.2,x\n"
    "4,,c,1,0,0.2,x\n5,,c,1,0,0.2,x\n6,,c,2,0,0.6,x\n7,,c,2,0,0.6,x\n"
    "8,,a,1,1,0.5,x\n9,,a,1,0,0.5,x\n10,,c,2,0,0.6,x\n11,,c,2,0,0.6,x\n"
    "12,,b,1,1,0.3,x\n13,,a,1,0,0.5,x\n14,,b,2,1,0.2,x\n15,,c,2,0,0.6,x\n"
    "16,,a,1,0,0.5,x\n17,,b,1,0,0.3,x\n18,,b,2,0,0.2,x\n19,,c,2,0,0.6,x\n"
    "20,,c,1,0,0.2,x\n21,,a,1,1,0.5,x\n22,,a,2,1,0.2,x\n23,,b,2,0,0.2,x\n";


static recs_status_t
evaluate(const char *path, const recs_policy_target_t *target,
    recs_policy_report_t *report, recs_error_t *err)
{
    const char             *paths[1];
    recs_policy_options_t   options;

    memset(&options, 0, sizeof(recs_policy_options_t));
    paths[0] = path;
    options.scan.paths = paths;
    options.scan.n_paths = 1;
    options.target = target;
    options.z = 1.959963984540054;

    return recs_policy_open_bandit(&options, report, err);
}


static void
near(double value, double expected, double error)
{
    if (!(fabs(value - expected) <= error)) {
        fail_msg("%.12g, expected %.12g +- %g", value, expected, error);
    }
}


static void
check(const recs_policy_value_t *value, double expected, double se)
{
    near(value->value, expected, 1e-12);
    near(value->se, se, 1e-12);
}


static void
test_tiny(void **state)
{
    recs_error_t             err;
    recs_policy_report_t     r;
    recs_policy_estimate_t  *e;

    (void) state;

    assert_int_equal(evaluate(recs_temp_text("log.csv", tiny), NULL, &r,
                              &err), RECS_OK);
    e = &r.estimate;

    assert_int_equal(e->n_rows, 24);
    assert_int_equal(e->n_units, 24);
    assert_int_equal(r.n_places, 2);
    assert_int_equal(r.n_items, 3);
    assert_int_equal(r.n_rejected, 0);
    near(r.unseen, 0, 0);

    check(&e->logged, .25, .0902893898143269);
    check(&e->ips, .3101851851851852, .12149158843114069);
    check(&e->snips, .29777777777777775, .10830818033370457);
    check(&e->dr, .3075787071652588, .11408553307480722);
    check(&e->gain, .05757870716525881, .04517489489541852);
    check(&e->weight, 1.0416666666666667, .09983267894836954);
    near(e->effective, 19.814090019569473, 1e-10);
    near(e->max_weight, 1.6666666666666665, 1e-12);

    assert_int_equal(e->refused,
                     RECS_POLICY_FEW_EFFECTIVE | RECS_POLICY_FEW_UNITS);
}


/* At position 2 an item that the log does not know. */

static void
test_tiny_target(void **state)
{
    char                     path[4096];
    recs_error_t             err;
    recs_policy_target_t    *target;
    recs_policy_report_t     r;
    recs_policy_estimate_t  *e;

    (void) state;

    strcpy(path, recs_temp_text("policy", "a .7 1\nb .2 1\nc .1 1\n"
                                          "a .25 2\nc .5 2\nd .25 2\n"));
    assert_int_equal(recs_policy_target_read(&target, path, &err), RECS_OK);
    assert_int_equal(evaluate(recs_temp_text("log.csv", tiny), target, &r,
                              &err), RECS_OK);
    recs_policy_target_destroy(target);
    e = &r.estimate;

    near(r.unseen, .125, 1e-12);
    check(&e->ips, .24861111111111112, .10430988544117703);
    check(&e->snips, .305982905982906, .11486613242812176);
    check(&e->dr, .2899070332916303, .09460048566323204);
    check(&e->gain, .03990703329163033, .04744739234367661);
    check(&e->weight, .8125, .08998931990665603);
    near(e->effective, 18.718720087515383, 1e-10);
    near(e->max_weight, 1.4, 1e-12);
}


/* The uniform policy on the men's campaign, and what it really earned. */

static void
test_men(void **state)
{
    char                    path[4096];
    const char             *data;
    recs_error_t            err;
    recs_policy_report_t    r;
    recs_policy_estimate_t  e;

    (void) state;

    data = recs_temp_data("open-bandit/bts/men/men.csv");

    if (data == NULL) {
        print_message("no ../shared/data/open-bandit: not tested on it\n");
        skip();
    }

    strcpy(path, data);
    assert_int_equal(evaluate(path, NULL, &r, &err), RECS_OK);
    e = r.estimate;

    assert_int_equal(e.n_rows, 10000);
    assert_int_equal(r.n_places, 3);
    assert_int_equal(r.n_items, 34);
    near(r.unseen, 0, 0);

    near(e.ips.value, .00301, .000005);
    near(e.ips.se, .00077, .000005);
    near(e.snips.value, .00319, .000005);
    near(e.effective, 656, .5);
    near(e.max_weight, 178.3, .05);
    near(e.weight.value, .9433, .00005);

    check(&e.ips, .003008626327256482, .0007739354628865024);
    check(&e.snips, .003189423162277403, .0008278645084519992);
    check(&e.dr, .0032128150038829195, .0008161222862979994);
    check(&e.gain, -.0036871849961170803, .000865909635409023);
    check(&e.weight, .9433136257492332, .0356118985458347);
    near(e.effective, 655.7098495873269, 1e-8);

    /* The mean weight is 1.6 standard errors off 1: no ground to refuse. */
    assert_int_equal(e.refused, 0);

    data = recs_temp_data("open-bandit/random/men/men.csv");
    assert_non_null(data);
    strcpy(path, data);
    assert_int_equal(evaluate(path, NULL, &r, &err), RECS_OK);
    near(r.estimate.logged.value, .0046, 1e-12);
    near(r.estimate.ips.value, .0046, 1e-12);
    near(r.estimate.weight.value, 1, 1e-12);
    assert_int_equal(r.estimate.refused, 0);
}


/* A row that is none costs that row, and is named. */

static void
test_rejected(void **state)
{
    size_t                i;
    char                  text[512];
    const char           *path;
    recs_error_t          err;
    recs_policy_report_t  r;

    static const char *const  cases[][2] = {
        { "a,1,0\n", ":3: too few fields" },
        { ",1,0,.5\n", ":3: item_id is no id" },
        { "a,0,0,.5\n", ":3: position is no whole number from 1" },
        { "a,1.5,0,.5\n", ":3: position is no whole number from 1" },
        { "a,x,0,.5\n", "is no number" },
        { "a,1,2,.5\n", "click is neither 0 nor 1" },
        { "a,1,0,0\n", "no probability above 0" },
        { "a,1,0,1e-300\n", "no probability above 0" },
        { "a,1,0,1.5\n", "no probability above 0" },
        { "a,1,0,nan\n", "is no number" },
        { "a,1,\"0\n", ":3: " }
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        strcpy(text, header);
        strcat(text, "a,1,1,.5\n");
        strcat(text, cases[i][0]);
        strcat(text, "b,1,0,.5\n");

        path = recs_temp_text("log.csv", text);

        assert_int_equal(evaluate(path, NULL, &r, &err), RECS_OK);
        assert_int_equal(r.estimate.n_rows, 2);
        assert_int_equal(r.n_rejected, 1);

        if (strstr(r.first, cases[i][1]) == NULL) {
            fail_msg("case %zu: \"%s\", expected \"%s\"", i, r.first,
                     cases[i][1]);
        }
    }
}


static void
test_no_log(void **state)
{
    char                  text[512];
    recs_error_t          err;
    recs_policy_report_t  r;

    (void) state;

    assert_int_equal(evaluate(recs_temp_text("log.csv", ""), NULL, &r, &err),
                     RECS_INVALID);
    assert_int_equal(evaluate(recs_temp_text("log.csv", header), NULL, &r,
                              &err), RECS_INVALID);
    assert_non_null(strstr(err.message, "not one row can be used"));

    strcpy(text, header);
    strcat(text, "a,1,7,.5\n");
    assert_int_equal(evaluate(recs_temp_text("log.csv", text), NULL, &r,
                              &err), RECS_INVALID);
    assert_non_null(strstr(err.message, "log.csv:2: click is neither"));

    assert_int_equal(evaluate(recs_temp_text("log.csv",
                                             "item_id,position,click\n"),
                              NULL, &r, &err), RECS_INVALID);
    assert_non_null(strstr(err.message, "no column propensity_score"));

    assert_int_equal(evaluate("-", NULL, &r, &err), RECS_IO);
    assert_int_equal(evaluate("no/such/file", NULL, &r, &err), RECS_IO);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_tiny),
        cmocka_unit_test(test_tiny_target),
        cmocka_unit_test(test_men),
        cmocka_unit_test(test_rejected),
        cmocka_unit_test(test_no_log)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
