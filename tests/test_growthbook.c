/*
 * GrowthBook's cases of the parts that an assignment is made of, 79 of them.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "recs_force.h"
#include "recs_growthbook.h"


/* Their own tests round to 8 digits before they compare. */
#define near(a, b)  (fabs((a) - (b)) < 5e-9)


static const json_t *
at(const json_t *array, size_t i)
{
    const json_t  *value;

    value = json_array_get(array, i);
    assert_non_null(value);

    return value;
}


/* [seed, value, version, hash]; version 99 is none that a name stands for. */
static void
test_hash(void **state)
{
    char                 name[32];
    size_t               i;
    json_t              *c, *cases;
    recs_str_t           str;
    recs_bucket_hash_t   hash;

    (void) state;

    cases = recs_growthbook_cases("hash", 15);

    json_array_foreach(cases, i, c) {
        str.data = name;
        str.len = (size_t) snprintf(name, sizeof(name), "growthbook%d",
                                    (int) json_integer_value(at(c, 2)));

        if (json_is_null(at(c, 3))) {
            assert_false(recs_bucket_hash_find(str, &hash));
            continue;
        }

        assert_true(recs_bucket_hash_find(str, &hash));
        assert_true(recs_bucket_hash(hash, recs_growthbook_str(at(c, 0)),
                                     recs_growthbook_str(at(c, 1)))
                    == json_number_value(at(c, 3)));
    }
}


/* [name, [variations, coverage, weights or null], ranges] */
static void
test_bucket_ranges(void **state)
{
    size_t               i, j;
    double               weights[RECS_VARIANTS_MAX];
    json_t              *c, *cases, *weight;
    uint32_t             n;
    const json_t        *in;
    recs_bucket_range_t  got[RECS_VARIANTS_MAX], want[RECS_VARIANTS_MAX];

    (void) state;

    cases = recs_growthbook_cases("getBucketRange", 13);

    json_array_foreach(cases, i, c) {
        in = at(c, 1);
        n = (uint32_t) json_integer_value(at(in, 0));

        json_array_foreach(at(in, 2), j, weight) {
            weights[j] = json_number_value(weight);
        }

        recs_bucket_ranges(got, n, json_number_value(at(in, 1)), weights,
                           (uint32_t) json_array_size(at(in, 2)));
        assert_int_equal(recs_growthbook_ranges(at(c, 2), want), n);

        for (j = 0; j < n; j++) {
            assert_true(near(got[j].lo, want[j].lo));
            assert_true(near(got[j].hi, want[j].hi));
        }
    }
}


/* [name, hash, ranges, variation] */
static void
test_choose(void **state)
{
    size_t               i;
    json_t              *c, *cases;
    uint32_t             n;
    recs_bucket_range_t  ranges[RECS_VARIANTS_MAX];

    (void) state;

    cases = recs_growthbook_cases("chooseVariation", 13);

    json_array_foreach(cases, i, c) {
        n = recs_growthbook_ranges(at(c, 2), ranges);
        assert_int_equal(recs_bucket_choose(json_number_value(at(c, 1)),
                                            ranges, n),
                         json_integer_value(at(c, 3)));
    }
}


/* [name, id, [namespace, lo, hi], in], through an experiment's lines. */
static void
test_namespace(void **state)
{
    size_t             i;
    json_t            *c, *cases, *experiment;
    recs_str_t         unit;
    recs_assign_t      in;
    recs_assignment_t  a;
    recs_growthbook_t  g;

    (void) state;

    cases = recs_growthbook_cases("inNamespace", 16);

    json_array_foreach(cases, i, c) {
        experiment = json_pack("{ss, s[ii], sO}", "key", "x", "variations",
                               0, 1, "namespace", at(c, 2));
        unit = recs_growthbook_str(at(c, 1));
        assert_int_equal(recs_growthbook_experiment(&g, experiment, unit),
                         RECS_OK);
        json_decref(experiment);

        memset(&in, 0, sizeof(in));
        in.units = &unit;
        in.n_units = 1;
        in.forced = RECS_VARIANT_NONE;
        in.when = 1;
        recs_assign(&g.x, &in, &a);

        assert_int_equal(a.variant != RECS_VARIANT_NONE,
                         json_is_true(at(c, 3)));
        assert_int_equal(a.reason, json_is_true(at(c, 3))
                                   ? RECS_ASSIGN_HASH : RECS_ASSIGN_NAMESPACE);
    }
}


/* [n, weights]; less than none are none. */
static void
test_equal_weights(void **state)
{
    size_t      i, j;
    double      got[RECS_VARIANTS_MAX];
    json_t     *c, *cases, *weight;
    json_int_t  n;

    (void) state;

    cases = recs_growthbook_cases("getEqualWeights", 6);

    json_array_foreach(cases, i, c) {
        n = json_integer_value(at(c, 0));
        recs_bucket_equal(got, n > 0 ? (uint32_t) n : 0);
        assert_int_equal(json_array_size(at(c, 1)), n > 0 ? n : 0);

        json_array_foreach(at(c, 1), j, weight) {
            assert_true(near(got[j], json_number_value(weight)));
        }
    }
}


/* [name, key, url, variations, variation or null] */
static void
test_query_override(void **state)
{
    size_t      i;
    json_t     *c, *cases;
    int32_t     got;
    recs_str_t  arguments, value;

    (void) state;

    cases = recs_growthbook_cases("getQueryStringOverride", 16);

    json_array_foreach(cases, i, c) {
        arguments = recs_growthbook_arguments(at(c, 2));
        got = -1;

        if (recs_force_argument(arguments, recs_growthbook_str(at(c, 1)),
                                &value))
        {
            got = recs_force_number(value, (uint32_t)
                                    json_integer_value(at(c, 3)));
        }

        assert_int_equal(got, json_is_null(at(c, 4))
                              ? -1 : json_integer_value(at(c, 4)));
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_hash),
        cmocka_unit_test(test_bucket_ranges),
        cmocka_unit_test(test_choose),
        cmocka_unit_test(test_namespace),
        cmocka_unit_test(test_equal_weights),
        cmocka_unit_test(test_query_override)
    };

    return cmocka_run_group_tests_name("growthbook", tests, NULL, NULL);
}
