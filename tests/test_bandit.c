/* recs_bandit: from a report's moments to the file of a bandit's arms. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "recs_bandit.h"
#include "recs_report_fixture.h"
#include "recs_temp.h"
#include "recs_thompson.h"


static recs_report_fixture_t   f;
static recs_bandit_options_t   options;
static recs_bandit_t           bandit;
static recs_error_t            err;


/* n units, the first so many of which have the outcome y, per x. */

static recs_pair_moments_t
moments(int n, int n_outcomes, double x, double y)
{
    int                  i;
    recs_pair_moments_t  m;

    memset(&m, 0, sizeof(recs_pair_moments_t));

    for (i = 0; i < n; i++) {
        recs_pair_moments_add(&m, x, i < n_outcomes ? y : 0);
    }

    return m;
}


static int
setup(void **state)
{
    (void) state;

    recs_report_fixture(&f);
    memset(&options, 0, sizeof(recs_bandit_options_t));
    options.floor = RECS_ARM_FLOOR;
    options.seed = 1;

    f.experiment.variants[0].moments[0] = moments(1000, 50, 2, 1);
    f.experiment.variants[1].moments[0] = moments(1200, 72, 2, 1);
    f.experiment.variants[2].moments[0] = moments(1200, 40, 2, 1);

    return 0;
}


static recs_status_t
choose(void)
{
    return recs_bandit_choose(&bandit, &f.report, &f.experiment, &options,
                              &err);
}


static void
near(double value, double expected, double error)
{
    if (!(fabs(value - expected) <= error)) {
        fail_msg("%.12g, expected %.12g +- %g", value, expected, error);
    }
}


static void
test_rates(void **state)
{
    unsigned  i;
    uint32_t  steps;

    (void) state;

    assert_int_equal(choose(), RECS_OK);
    assert_int_equal(bandit.n, 3);
    assert_string_equal(bandit.experiment, "home_page");
    assert_string_equal(bandit.arms[1].name, "deep");
    assert_int_equal(bandit.arms[0].n, 1000);
    assert_int_equal(bandit.arms[1].n, 1200);
    near(bandit.arms[0].mean, .05, 1e-12);
    near(bandit.arms[1].mean, .06, 1e-12);
    near(bandit.arms[2].mean, 1 / 30.0, 1e-12);

    steps = 0;

    for (i = 0; i < bandit.n; i++) {
        near(bandit.arms[i].steps, 100 + 9700 * bandit.arms[i].best, 1);
        steps += bandit.arms[i].steps;
    }

    assert_int_equal(steps, RECS_THOMPSON_STEPS);
    assert_true(bandit.arms[1].best > .8 && bandit.arms[2].best < .01);

    f.report.options.metrics[0].lower = 1;
    assert_int_equal(choose(), RECS_OK);
    assert_true(bandit.arms[2].best > .8);
}


/* Clicks per exposure: 2 exposures each. */

static void
test_ratio(void **state)
{
    (void) state;

    f.report.options.metrics[0].kind = RECS_METRIC_RATIO;
    assert_int_equal(choose(), RECS_OK);
    near(bandit.arms[0].mean, .025, 1e-12);
    assert_true(bandit.arms[1].best > .8);

    f.report.options.metrics[0].kind = RECS_METRIC_VALUE;
    assert_int_equal(choose(), RECS_OK);
    near(bandit.arms[0].mean, .05, 1e-12);
    assert_true(bandit.arms[1].best > .8);
}


static void
test_more_arms(void **state)
{
    unsigned  i;

    static char         names[RECS_ARMS_MAX][8];
    static const char  *more[RECS_ARMS_MAX] = { "deep", "new" };

    (void) state;

    options.more = more;
    options.n_more = 2;
    assert_int_equal(choose(), RECS_OK);
    assert_int_equal(bandit.n, 4);
    assert_string_equal(bandit.arms[3].name, "new");
    assert_int_equal(bandit.arms[3].n, 0);
    assert_true(bandit.arms[3].best > .5);

    for (i = 0; i < RECS_ARMS_MAX; i++) {
        snprintf(names[i], sizeof(names[i]), "arm%u", i);
        more[i] = names[i];
    }

    options.n_more = RECS_ARMS_MAX - 3;
    assert_int_equal(choose(), RECS_OK);
    assert_int_equal(bandit.n, RECS_ARMS_MAX);

    options.n_more = RECS_ARMS_MAX - 2;
    assert_int_equal(choose(), RECS_LIMIT);
}


static void
test_refused(void **state)
{
    int  i;

    (void) state;

    options.floor = .34;
    assert_int_equal(choose(), RECS_INVALID);

    options.floor = .01;

    for (i = 0; i < 3; i++) {
        f.experiment.variants[i].moments[0] = moments(1000, 0, 2, 1);
    }

    assert_int_equal(choose(), RECS_NOT_FOUND);

    f.experiment.n_variants = 1;
    f.experiment.n_results = 0;
    assert_int_equal(choose(), RECS_INVALID);
}


static void
test_write(void **state)
{
    char         path[4096], text[1024];
    FILE        *file;
    unsigned     i;
    recs_str_t   read;
    recs_arms_t  arms;

    (void) state;

    strcpy(path, recs_temp_path("arms"));
    assert_int_equal(choose(), RECS_OK);
    assert_int_equal(recs_bandit_write(&bandit, "2026-11-24T20:00Z", path,
                                       &err), RECS_OK);

    file = fopen(path, "r");
    read.data = text;
    read.len = fread(text, 1, sizeof(text), file);
    fclose(file);

    assert_int_equal(recs_arms_read(&arms, read, &err), RECS_OK);
    assert_int_equal(arms.n, 3);
    assert_memory_equal(arms.epoch.data, "2026-11-24T20:00Z", 17);

    for (i = 0; i < 3; i++) {
        near(arms.probabilities[i], bandit.arms[i].steps / 10000.0, 1e-12);
    }

    /* What nginx could not read is not written. */

    bandit.arms[1].name = "a b";
    assert_int_equal(recs_bandit_write(&bandit, "1", path, &err),
                     RECS_INVALID);
    bandit.arms[1].name = "deep";
    assert_int_equal(recs_bandit_write(&bandit, "1 2", path, &err),
                     RECS_INVALID);
    assert_int_equal(recs_bandit_write(&bandit, "1", "no/such/x", &err),
                     RECS_IO);

    file = fopen(path, "r");
    assert_int_equal(fread(text, 1, sizeof(text), file), read.len);
    fclose(file);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test_setup(test_rates, setup),
        cmocka_unit_test_setup(test_ratio, setup),
        cmocka_unit_test_setup(test_more_arms, setup),
        cmocka_unit_test_setup(test_refused, setup),
        cmocka_unit_test_setup(test_write, setup)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
