/*
 * recs_policy_events: the same log as test_policy_open_bandit's, as nginx
 * writes it, gives the same numbers; then what only events have.
 */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recs_policy_log.h"
#include "recs_temp.h"


#define NOW     1700000000000
#define WINDOW  60000

/* An event so many milliseconds after another time, five digits. */
#define AT(ms)  "{\"ts\":16900000" #ms ","


static recs_status_t
evaluate(const char *path, recs_policy_report_t *report, recs_error_t *err)
{
    const char             *paths[1];
    recs_policy_options_t   options;

    memset(&options, 0, sizeof(recs_policy_options_t));
    paths[0] = path;
    options.scan.paths = paths;
    options.scan.n_paths = 1;
    options.scan.n_threads = 2;
    options.scan.now_ms = NOW;
    options.window_ms = WINDOW;
    options.z = 2;

    return recs_policy_events(&options, report, err);
}


static void
near(double value, double expected, double error)
{
    if (!(fabs(value - expected) <= error)) {
        fail_msg("%.12g, expected %.12g +- %g", value, expected, error);
    }
}


/* Item, position and click of visitor after visitor. */

static void
test_tiny(void **state)
{
    int                      i;
    char                     text[8192];
    size_t                   len;
    recs_error_t             err;
    recs_policy_report_t     r;
    recs_policy_estimate_t  *e;

    static const char  rows[] =
        "b10 b10 c20 a21 c10 c10 c20 c20 a11 a10 c20 c20 "
        "b11 a10 b21 c20 a10 b10 b20 c20 c10 a11 a21 b20 ";

    static const double  propensities[2][3] = {
        { .5, .3, .2 }, { .2, .2, .6 }
    };

    (void) state;

    len = 0;

    for (i = 0; i < 24; i++) {
        const char  item = rows[4 * i];
        const char  position = rows[4 * i + 1];

        /* The click comes first, as from another worker's log. */

        if (rows[4 * i + 2] == '1') {
            len += sprintf(text + len, AT(%05d) "\"user\":\"u%d\",\"event\":"
                           "\"click\",\"slot\":\"s\",\"item\":\"%c\",\"rank\":"
                           "%c,\"verified\":true}\n", 2000 + i, i, item,
                           position);
        }

        len += sprintf(text + len, AT(%05d) "\"user\":\"u%d\",\"event\":"
                       "\"exposure\",\"slot\":\"s\",\"items\":[{\"id\":\"%c\""
                       ",\"rank\":%c,\"propensity\":%g}]}\n", 1000 + i, i,
                       item, position,
                       propensities[position - '1'][item - 'a']);
    }

    assert_int_equal(evaluate(recs_temp_text("events.log", text), &r, &err),
                     RECS_OK);
    e = &r.estimate;

    assert_int_equal(e->n_rows, 24);
    assert_int_equal(e->n_units, 24);
    assert_int_equal(r.n_places, 2);
    assert_int_equal(r.n_items, 3);
    assert_int_equal(r.n_exposures, 24);
    assert_int_equal(r.n_clicks, 6);
    assert_int_equal(r.n_unexplained, 0);

    near(e->ips.value, .3101851851851852, 1e-12);
    near(e->ips.se, .12149158843114069, 1e-12);
    near(e->snips.value, .29777777777777775, 1e-12);
    near(e->snips.se, .10830818033370457, 1e-12);
    near(e->dr.value, .3075787071652588, 1e-12);
    near(e->dr.se, .11408553307480722, 1e-12);
    near(e->gain.se, .04517489489541852, 1e-12);
    near(e->weight.value, 1.0416666666666667, 1e-12);
    near(e->effective, 19.814090019569473, 1e-10);
}


static const char  mixed[] =
    /* Two items to one visitor, the second clicked; without a rank, second. */
    AT(01000) "\"user\":\"u\",\"event\":\"exposure\",\"slot\":\"s\","
    "\"items\":[{\"id\":\"a\",\"rank\":1,\"propensity\":0.5},"
    "{\"id\":\"b\",\"propensity\":0.25}]}\n"
    AT(01500) "\"user\":\"u\",\"event\":\"click\",\"slot\":\"s\","
    "\"item\":\"b\",\"rank\":2,\"verified\":true}\n"
    /* Too late for its click; another visitor. */
    AT(01000) "\"user\":\"v\",\"event\":\"exposure\",\"slot\":\"s\","
    "\"items\":[{\"id\":\"a\",\"rank\":1,\"propensity\":0.5}]}\n"
    AT(61001) "\"user\":\"v\",\"event\":\"click\",\"slot\":\"s\","
    "\"item\":\"a\",\"rank\":1,\"verified\":true}\n"
    /* Left out: forced, without a visitor, without a propensity. */
    AT(01000) "\"user\":\"w\",\"event\":\"exposure\",\"slot\":\"s\","
    "\"forced\":true,\"items\":[{\"id\":\"a\",\"rank\":1,"
    "\"propensity\":0.5}]}\n"
    AT(01000) "\"event\":\"exposure\",\"slot\":\"s\","
    "\"items\":[{\"id\":\"a\",\"rank\":1,\"propensity\":0.5}]}\n"
    AT(01000) "\"user\":\"x\",\"event\":\"exposure\",\"slot\":\"s\","
    "\"items\":[{\"id\":\"a\",\"rank\":1},{\"id\":\"a\",\"rank\":1,"
    "\"propensity\":1e-12}]}\n"
    /* Of no interest: another slot's click, a view, an unverified click. */
    AT(01500) "\"user\":\"u\",\"event\":\"click\",\"slot\":\"t\","
    "\"item\":\"a\",\"verified\":true}\n"
    AT(01500) "\"user\":\"u\",\"event\":\"view\",\"item\":\"a\"}\n"
    AT(01500) "\"user\":\"u\",\"event\":\"click\",\"slot\":\"s\","
    "\"item\":\"a\",\"rank\":1,\"verified\":false}\n"
    AT(01500) "\"user\":\"u\",\"event\":\"click\",\"item\":\"a\","
    "\"verified\":true}\n"
    "no event\n";


static void
test_mixed(void **state)
{
    recs_error_t             err;
    recs_policy_report_t     r;
    recs_policy_estimate_t  *e;

    (void) state;

    assert_int_equal(evaluate(recs_temp_text("events.log", mixed), &r, &err),
                     RECS_OK);
    e = &r.estimate;

    assert_int_equal(e->n_rows, 3);
    assert_int_equal(e->n_units, 2);
    assert_int_equal(r.n_places, 2);
    assert_int_equal(r.n_items, 2);
    assert_int_equal(r.n_exposures, 5);
    assert_int_equal(r.n_forced, 1);
    assert_int_equal(r.n_no_user, 1);
    assert_int_equal(r.n_no_propensity, 2);
    assert_int_equal(r.n_clicks, 3);
    assert_int_equal(r.n_unexplained, 2);
    assert_int_equal(r.counts.n_unverified, 1);
    assert_int_equal(r.counts.n_torn, 1);

    /* Uniform over a and b: weights 1, 2, 1; of b alone a reward. */
    near(e->logged.value, 1 / 3.0, 1e-12);
    near(e->ips.value, 2 / 3.0, 1e-12);
    near(e->weight.value, 4 / 3.0, 1e-12);
    near(e->max_weight, 2, 1e-12);

    /* Between visitors: sums 2 of 2 rows and 0 of 1, residuals +-2/3. */
    near(e->ips.se, sqrt(2 * (4 / 9.0 + 4 / 9.0)) / 3, 1e-12);

    /* Half of the policy is what a place never showed. */
    near(r.unseen, .5, 1e-12);
}


static void
test_no_log(void **state)
{
    recs_error_t          err;
    recs_policy_report_t  r;

    (void) state;

    assert_int_equal(evaluate(recs_temp_text("events.log", ""), &r, &err),
                     RECS_INVALID);
    assert_int_equal(evaluate(recs_temp_text("events.log",
                         AT(00001) "\"user\":\"u\",\"event\":\"exposure\","
                         "\"slot\":\"s\",\"items\":[{\"id\":\"a\"}]}\n"),
                         &r, &err), RECS_INVALID);
    assert_non_null(strstr(err.message, "with propensities"));
    assert_int_equal(evaluate("-", &r, &err), RECS_IO);
    assert_int_equal(evaluate("no/such/file", &r, &err), RECS_IO);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_tiny),
        cmocka_unit_test(test_mixed),
        cmocka_unit_test(test_no_log)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
