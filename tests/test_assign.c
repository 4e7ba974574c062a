/*
 * recs_assign(): the order of what decides, that every hash lands somewhere,
 * that nobody moves while coverage grows, and nginx's own split_clients.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recs_assign.h"


#define str(text)  ((recs_str_t) { text, sizeof(text) - 1 })

#define STEPS  10000


static recs_experiment_t  x;
static recs_assign_t      in;
static recs_assignment_t  a;
static recs_str_t         units[3];


/* An experiment of 50, 50, and one unit that is let in. */
static void
begin(void)
{
    assert_int_equal(recs_experiment_init(&x, str("t"), NULL), RECS_OK);
    x.n_variants = 2;
    x.weights[0] = x.weights[1] = 0.5;
    assert_int_equal(recs_experiment_settle(&x, NULL), RECS_OK);

    memset(&in, 0, sizeof(in));
    units[0] = str("1");
    in.units = units;
    in.n_units = 1;
    in.forced = RECS_VARIANT_NONE;
    in.when = 1;
}


static recs_assign_reason_t
assign(void)
{
    recs_assign(&x, &in, &a);

    assert_int_equal(a.variant != RECS_VARIANT_NONE,
                     a.reason <= RECS_ASSIGN_STICKY || a.forced);

    return a.reason;
}


/* Each step wins over those below it. */
static void
test_order(void **state)
{
    recs_sticky_t        sticky;
    static const double  arms[] = { 0, 1 };

    (void) state;

    begin();
    assert_int_equal(assign(), RECS_ASSIGN_HASH);
    assert_true(a.propensity == 0.5);
    assert_int_equal(a.changed, 0);

    in.arms = arms;
    assert_int_equal(assign(), RECS_ASSIGN_ARMS);
    assert_int_equal(a.variant, 1);
    assert_true(a.propensity == 1);

    x.sticky = 1;
    assert_int_equal(assign(), RECS_ASSIGN_ARMS);
    assert_int_equal(a.changed, 1);

    sticky.n = 0;
    in.sticky = &sticky;
    a.entry.variant = 0;
    assert_true(recs_sticky_set(&sticky, &a.entry));
    assert_int_equal(assign(), RECS_ASSIGN_STICKY);
    assert_int_equal(a.variant, 0);
    assert_int_equal(a.changed, 0);
    assert_true(a.propensity == 0);

    in.arms = NULL;
    assert_int_equal(assign(), RECS_ASSIGN_STICKY);
    assert_true(a.propensity == 0.5);

    in.when = 0;
    assert_int_equal(assign(), RECS_ASSIGN_WHEN);

    x.namespace_name = str("n");
    x.namespace_lo = recs_bucket_namespace(x.namespace_name, units[0]);
    x.namespace_hi = x.namespace_lo + 1;
    assert_int_equal(assign(), RECS_ASSIGN_WHEN);
    x.namespace_lo++;
    x.namespace_hi++;
    assert_int_equal(assign(), RECS_ASSIGN_NAMESPACE);
    x.namespace_lo = 0;
    x.namespace_hi -= 2;
    assert_int_equal(assign(), RECS_ASSIGN_NAMESPACE);

    x.holdout_name = str("h");
    x.holdout = recs_bucket_namespace(x.holdout_name, units[0]) + 1;
    assert_int_equal(assign(), RECS_ASSIGN_HOLDOUT);
    x.holdout--;
    assert_int_equal(assign(), RECS_ASSIGN_NAMESPACE);

    in.n_units = 0;
    assert_int_equal(assign(), RECS_ASSIGN_NO_UNIT);
    assert_int_equal(a.unit, 0);

    in.forced = 1;
    assert_int_equal(assign(), RECS_ASSIGN_FORCED);
    assert_int_equal(a.variant, 1);
    assert_int_equal(a.forced, 1);
    assert_int_equal(a.changed, 0);

    in.forced = 2;
    assert_int_equal(assign(), RECS_ASSIGN_FORCED);
    assert_int_equal(a.variant, RECS_VARIANT_NONE);
}


/* The first of the chain that is an id. */
static void
test_units(void **state)
{
    int32_t  variant;

    (void) state;

    begin();
    assign();
    variant = a.variant;

    in.n_units = 3;
    units[0] = (recs_str_t) { NULL, 0 };
    units[1] = str("bad\tid");
    units[2] = str("1");
    assert_int_equal(assign(), RECS_ASSIGN_HASH);
    assert_int_equal(a.unit, 2);
    assert_int_equal(a.variant, variant);
    assert_int_equal(a.entry.unit, recs_sticky_unit(str("1")));

    in.n_units = 2;
    assert_int_equal(assign(), RECS_ASSIGN_NO_UNIT);
    assert_int_equal(a.unit, 2);
}


/* n weights in hundredths of a percent that sum to 100. */
static void
split_weights(uint32_t n)
{
    uint32_t  i, left, weight;

    left = STEPS;
    x.n_variants = n;

    for (i = 0; i < n; i++) {
        weight = i + 1 < n ? (uint32_t) rand() % (left + 1) : left;
        weight = i + 1 < n && rand() % 4 == 0 ? 0 : weight;
        x.weights[i] = (double) weight / STEPS;
        left -= weight;
    }
}


/* Every value of every hash, and nearby ones of split_clients' 2^32. */
static void
each_hash(void (*check)(double hash))
{
    uint32_t  i;

    for (i = 0; i < STEPS; i++) {
        check((double) i / STEPS);
        check((i * 429497.0 + i % 3) / 4294967296.0);
    }

    check(4294967295 / 4294967296.0);
}


static void
lands(double hash)
{
    int32_t  variant;

    variant = recs_bucket_choose(hash, x.ranges, x.n_variants);
    assert_true(variant >= 0 && x.weights[variant] > 0);
}


static void
test_total(void **state)
{
    unsigned  i, hash;

    (void) state;

    for (i = 0; i < 25; i++) {
        for (hash = 0; hash < RECS_HASH_COUNT; hash++) {
            begin();
            x.hash = (recs_bucket_hash_t) hash;

            if (i == 0) {
                x.n_variants = 3;
                x.weights[0] = x.weights[1] = 0.3333;
                x.weights[2] = 0.3334;

            } else {
                split_weights(2 + i % 15);
            }

            assert_int_equal(recs_experiment_settle(&x, NULL), RECS_OK);
            each_hash(lands);
        }
    }
}


static recs_experiment_t  narrow;            /* x with less coverage */


static void
stays(double hash)
{
    int32_t  before;

    before = recs_bucket_choose(hash, narrow.ranges, narrow.n_variants);
    assert_true(before == -1
                || before == recs_bucket_choose(hash, x.ranges,
                                                x.n_variants));
}


static void
test_ramp(void **state)
{
    unsigned             i, hash;
    static const double  steps[] = { 0, 0.0001, 0.05, 0.3333, 0.9999, 1 };

    (void) state;

    for (hash = 0; hash < RECS_HASH_COUNT; hash++) {
        begin();
        x.hash = (recs_bucket_hash_t) hash;
        split_weights(2 + hash * 2);

        for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
            x.coverage = steps[i];
            assert_int_equal(recs_experiment_settle(&x, NULL), RECS_OK);

            if (i > 0) {
                each_hash(stays);
            }

            narrow = x;
        }
    }
}


/* ngx_conf_split_clients_block() and ngx_http_split_clients_variable(). */
static int32_t
nginx_split(const char *text, const uint32_t *percents, uint32_t n)
{
    uint32_t  i, hash, last;

    hash = recs_murmur2(text, strlen(text));
    last = 0;

    for (i = 0; i + 1 < n; i++) {
        last += (uint32_t) (percents[i] * (uint64_t) 0xffffffff / 10000);

        if (hash < last) {
            return (int32_t) i;
        }
    }

    return (int32_t) i;
}


static void
test_split_clients(void **state)
{
    char      id[16], text[32];
    uint32_t  i, bound;

    static const uint32_t  percents[] = { 50, 2500, 3333, 4117 };

    (void) state;

    begin();
    x.hash = RECS_HASH_SPLIT_CLIENTS;
    x.salt = str("AAA");
    x.n_variants = 4;

    for (i = 0; i < 4; i++) {
        x.weights[i] = (double) percents[i] / STEPS;
    }

    assert_int_equal(recs_experiment_settle(&x, NULL), RECS_OK);

    for (i = 0; i < 20000; i++) {
        units[0].len = (size_t) sprintf(id, "10.0.%u.%u", i / 200, i % 200);
        units[0].data = id;
        snprintf(text, sizeof(text), "%sAAA", id);
        assign();
        assert_int_equal(a.variant, nginx_split(text, percents, 4));
    }

    /* Bounds of nginx's own, but for the last one. */

    bound = 0;

    for (i = 0; i < 3; i++) {
        bound += (uint32_t) (percents[i] * (uint64_t) 0xffffffff / 10000);
        assert_true(x.ranges[i].hi == bound / 4294967296.0);
    }

    assert_true(x.ranges[3].hi == 1);
}


/* How often an arm is drawn is what it says of its propensity. */
static void
test_arms(void **state)
{
    char      id[16];
    double    sum;
    uint32_t  i, n[3];

    static const double  arms[] = { 0.01, 0.33337, 0.65663 };
    static const double  cut[] = { 0.01, 0.3334, 0.6566 };

    (void) state;

    begin();
    split_weights(3);
    assert_int_equal(recs_experiment_settle(&x, NULL), RECS_OK);
    in.arms = arms;
    in.epoch = str("2026-11-24T20:00Z");
    units[0].data = id;
    memset(n, 0, sizeof(n));
    sum = 0;

    for (i = 0; i < 30000; i++) {
        units[0].len = (size_t) sprintf(id, "%x", i * 2654435761u);
        assert_int_equal(assign(), RECS_ASSIGN_ARMS);
        assert_true(a.propensity > cut[a.variant] - 1e-9
                    && a.propensity < cut[a.variant] + 1e-9);
        n[a.variant]++;
        sum += 1 / a.propensity;
    }

    for (i = 0; i < 3; i++) {
        assert_true(abs((int) n[i] - (int) (cut[i] * 30000)) < 400);
    }

    /* Mean of the inverse weights of a draw: the number of arms. */
    assert_true(sum / 30000 > 2.8 && sum / 30000 < 3.2);

    /* Another epoch, another draw. */

    n[0] = 0;

    for (i = 0; i < 1000; i++) {
        units[0].len = (size_t) sprintf(id, "%u", i);
        in.epoch = str("a");
        assign();
        n[1] = (uint32_t) a.variant;
        in.epoch = str("b");
        assign();
        n[0] += n[1] != (uint32_t) a.variant;
    }

    assert_true(n[0] > 300);

    /* An epoch that is too long for the seed is cut, not overrun. */

    in.epoch = str("0123456789012345678901234567890123456789012345678901234567"
                   "0123456789012345678901234567890123456789012345678901234567"
                   "0123456789012345678901234567890123456789012345678901234567"
                   );
    assert_int_equal(assign(), RECS_ASSIGN_ARMS);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_units),
        cmocka_unit_test(test_total),
        cmocka_unit_test(test_ramp),
        cmocka_unit_test(test_split_clients),
        cmocka_unit_test(test_arms)
    };

    return cmocka_run_group_tests_name("assign", tests, NULL, NULL);
}
