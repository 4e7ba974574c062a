/*
 * GrowthBook's cases of whole experiments: run 73, stickyBucket 13.
 *
 * In our terms: hashAttribute and fallbackAttribute are the chain of units,
 * a feature's rule is an experiment, an experiment's `force` are the arms of a
 * bandit that is settled, forcedVariations a forced variant, a filter another
 * experiment that decides `when`, QA mode a `when` that only forces pass.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "recs_force.h"
#include "recs_growthbook.h"


#define UNITS  2


/* A range of a filter as a variant "in", what is between them as "out". */
static int
filter_lets_in(const json_t *filter, const json_t *attributes)
{
    double               at;
    uint32_t             i, n;
    recs_str_t           unit, seed;
    const char          *attribute;
    recs_assign_t        in;
    recs_assignment_t    a;
    recs_experiment_t    x;
    recs_bucket_range_t  ranges[RECS_VARIANTS_MAX];

    static const recs_str_t  name = { "filter", 6 };

    attribute = json_string_value(json_object_get(filter, "attribute"));
    unit = recs_growthbook_str(json_object_get(attributes, attribute != NULL
                                                           ? attribute
                                                           : "id"));
    seed = recs_growthbook_str(json_object_get(filter, "seed"));
    n = recs_growthbook_ranges(json_object_get(filter, "ranges"), ranges);

    assert_int_equal(recs_experiment_init(&x, name, NULL), RECS_OK);
    x.salt = seed;
    at = 0;

    for (i = 0; i < n; i++) {
        x.weights[x.n_variants++] = ranges[i].lo - at;
        x.weights[x.n_variants++] = ranges[i].hi - ranges[i].lo;
        at = ranges[i].hi;
    }

    x.weights[x.n_variants++] = 1 - at;

    assert_int_equal(recs_experiment_settle(&x, NULL), RECS_OK);

    memset(&in, 0, sizeof(recs_assign_t));
    in.units = &unit;
    in.n_units = 1;
    in.forced = RECS_VARIANT_NONE;
    in.when = 1;
    recs_assign(&x, &in, &a);

    return a.variant % 2;
}


static int
when(const json_t *context, const json_t *experiment)
{
    size_t   i;
    json_t  *filter;

    if (json_is_true(json_object_get(context, "qaMode"))
        && json_object_get(experiment, "force") == NULL)
    {
        return 0;
    }

    json_array_foreach(json_object_get(experiment, "filters"), i, filter) {
        if (!filter_lets_in(filter, json_object_get(context, "attributes"))) {
            return 0;
        }
    }

    return recs_growthbook_when(context, experiment);
}


/* By the address, else by the context. */
static int32_t
forced(const json_t *context, const json_t *experiment, uint32_t n_variants)
{
    json_t      *force;
    int32_t      variant;
    recs_str_t   key, arguments, value;

    key = recs_growthbook_str(json_object_get(experiment, "key"));
    arguments = recs_growthbook_arguments(json_object_get(context, "url"));

    if (recs_force_argument(arguments, key, &value)) {
        variant = recs_force_number(value, n_variants);

        if (variant >= 0) {
            return variant;
        }
    }

    force = json_object_get(json_object_get(context, "forcedVariations"),
                            key.data);

    return force != NULL ? (int32_t) json_integer_value(force)
                         : RECS_VARIANT_NONE;
}


/* The units of an experiment; how many. */
static uint32_t
units_of(const json_t *context, const json_t *experiment,
    recs_str_t units[UNITS], const char *names[UNITS])
{
    json_t  *attributes;

    attributes = json_object_get(context, "attributes");
    names[0] = json_string_value(json_object_get(experiment,
                                                 "hashAttribute"));
    names[1] = json_string_value(json_object_get(experiment,
                                                 "fallbackAttribute"));

    if (names[0] == NULL) {
        names[0] = "id";
    }

    units[0] = recs_growthbook_str(json_object_get(attributes, names[0]));

    if (names[1] == NULL) {
        return 1;
    }

    units[1] = recs_growthbook_str(json_object_get(attributes, names[1]));

    return 2;
}


static void
run(const json_t *context, const json_t *experiment, recs_assignment_t *a)
{
    double              arms[RECS_VARIANTS_MAX];
    json_t             *force;
    json_int_t          arm;
    recs_str_t          units[UNITS], none;
    const char         *names[UNITS];
    recs_assign_t       in;
    recs_growthbook_t   g;

    memset(&none, 0, sizeof(none));
    memset(a, 0, sizeof(recs_assignment_t));
    a->variant = RECS_VARIANT_NONE;

    /* One variant is no experiment; nothing is evaluated where all is off. */

    if (recs_growthbook_experiment(&g, experiment, none) != RECS_OK
        || json_is_false(json_object_get(context, "enabled")))
    {
        return;
    }

    memset(&in, 0, sizeof(recs_assign_t));
    in.units = units;
    in.n_units = units_of(context, experiment, units, names);
    in.when = (unsigned) when(context, experiment);
    in.forced = forced(context, experiment, g.x.n_variants);

    force = json_object_get(experiment, "force");

    if (force != NULL) {
        arm = json_integer_value(force);

        if (arm < 0 || arm >= g.x.n_variants) {
            in.forced = (int32_t) arm;

        } else {
            memset(arms, 0, sizeof(arms));
            arms[arm] = 1;
            in.arms = arms;
        }
    }

    recs_assign(&g.x, &in, a);
}


/*
 * [name, context, experiment, value, in the experiment, hash used]; a variant
 * with propensity 1 takes no hash.
 */
static void
test_run(void **state)
{
    size_t              i, variant;
    json_t             *c, *cases, *variations;
    const char         *name;
    recs_assignment_t   a;

    (void) state;

    cases = recs_growthbook_cases("run", 73);

    json_array_foreach(cases, i, c) {
        name = json_string_value(json_array_get(c, 0));
        run(json_array_get(c, 1), json_array_get(c, 2), &a);

        variations = json_object_get(json_array_get(c, 2), "variations");
        variant = a.variant > 0 ? (size_t) a.variant : 0;

        if (!json_equal(json_array_get(variations, variant),
                        json_array_get(c, 3))
            || (a.variant != RECS_VARIANT_NONE)
               != json_is_true(json_array_get(c, 4))
            || (a.variant != RECS_VARIANT_NONE && a.propensity < 1)
               != json_is_true(json_array_get(c, 5)))
        {
            fail_msg("\"%s\": variant %d, %s", name, a.variant,
                     recs_assign_reason(a.reason));
        }
    }
}


/* A variant by its key; in a rule without meta the key is its number. */
static uint8_t
variant_of(const json_t *rule, const json_t *key)
{
    size_t   i;
    json_t  *meta;

    json_array_foreach(json_object_get(rule, "meta"), i, meta) {
        if (json_equal(json_object_get(meta, "key"), key)) {
            return (uint8_t) i;
        }
    }

    return (uint8_t) (json_string_value(key)[0] - '0');
}


/* The assignments of a document, as entries: "feature-exp__3": "2". */
static uint32_t
entries_of(const json_t *document, const json_t *rule, uint32_t experiment,
    recs_sticky_entry_t *entries)
{
    json_t      *key, *assignments;
    uint32_t     n;
    const char  *name;

    n = 0;
    assignments = json_object_get(document, "assignments");

    json_object_foreach(assignments, name, key) {
        entries[n].experiment = experiment;
        entries[n].unit = recs_sticky_unit(recs_growthbook_str(
                              json_object_get(document, "attributeValue")));
        entries[n].version = (uint8_t) (strstr(name, "__")[2] - '0');
        entries[n].variant = variant_of(rule, key);
        entries[n].era = 0;
        n++;
    }

    return n;
}


/* What the visitor has are the wanted documents, no more and no less. */
static void
check_documents(const recs_sticky_t *sticky, const recs_assign_t *in,
    const json_t *documents, const json_t *rule, uint32_t experiment)
{
    json_t                     *document;
    uint32_t                    i, j, n, n_wanted, n_his;
    const char                 *name;
    recs_sticky_entry_t         wanted[RECS_STICKY_MAX];
    const recs_sticky_entry_t  *e;

    n_wanted = 0;

    json_object_foreach((json_t *) documents, name, document) {
        n = entries_of(document, rule, experiment, wanted);
        n_wanted += n;

        for (i = 0; i < n; i++) {
            e = recs_sticky_find(sticky, experiment, wanted[i].unit,
                                 wanted[i].version);
            assert_non_null(e);
            assert_int_equal(e->variant, wanted[i].variant);
        }
    }

    n_his = 0;

    for (i = 0; i < sticky->n; i++) {
        for (j = 0; j < in->n_units; j++) {
            n_his += in->units[j].len > 0
                     && sticky->entries[i].unit
                        == recs_sticky_unit(in->units[j]);
        }
    }

    assert_int_equal(n_his, n_wanted);
}


static void
check_result(const json_t *result, const recs_experiment_t *x,
    const recs_assign_t *in, const char *const *names,
    const recs_assignment_t *a)
{
    recs_str_t  unit;

    if (json_is_null(result)) {
        assert_int_equal(a->variant, RECS_VARIANT_NONE);
        assert_int_equal(a->reason, RECS_ASSIGN_VERSION);
        return;
    }

    unit = in->units[a->unit];

    assert_int_equal(a->variant, json_integer_value(
                                     json_object_get(result, "variationId")));
    assert_int_equal(a->sticky, json_is_true(
                             json_object_get(result, "stickyBucketUsed")));
    assert_string_equal(names[a->unit],
                        json_string_value(json_object_get(result,
                                                          "hashAttribute")));
    assert_string_equal(unit.data,
                        json_string_value(json_object_get(result,
                                                          "hashValue")));
    assert_true(recs_bucket_hash(x->hash, x->salt, unit)
                == json_number_value(json_object_get(result, "bucket")));
}


/* [name, context, documents, feature, result or null, documents after it] */
static void
run_sticky(const json_t *c)
{
    size_t               i;
    json_t              *context, *feature, *rule, *document;
    uint32_t             n;
    recs_str_t           key, units[UNITS];
    const char          *names[UNITS];
    recs_sticky_t        sticky;
    recs_assign_t        in;
    recs_assignment_t    a;
    recs_growthbook_t    g;
    recs_sticky_entry_t  entries[RECS_STICKY_MAX];

    context = json_array_get(c, 1);
    key = recs_growthbook_str(json_array_get(c, 3));
    feature = json_object_get(json_object_get(context, "features"), key.data);
    rule = json_array_get(json_object_get(feature, "rules"), 0);

    assert_int_equal(recs_growthbook_experiment(&g, rule, key), RECS_OK);

    sticky.n = 0;

    json_array_foreach(json_array_get(c, 2), i, document) {
        n = entries_of(document, rule, g.x.name_hash, entries);

        while (n > 0) {
            recs_sticky_set(&sticky, &entries[--n]);
        }
    }

    memset(&in, 0, sizeof(recs_assign_t));
    in.units = units;
    in.n_units = units_of(context, rule, units, names);
    in.forced = RECS_VARIANT_NONE;
    in.when = (unsigned) recs_growthbook_when(context, rule);
    in.sticky = &sticky;
    recs_assign(&g.x, &in, &a);

    check_result(json_array_get(c, 4), &g.x, &in, names, &a);

    if (a.changed) {
        assert_true(recs_sticky_set(&sticky, &a.entry));
    }

    check_documents(&sticky, &in, json_array_get(c, 5), rule, g.x.name_hash);
}


static void
test_sticky(void **state)
{
    size_t   i;
    json_t  *c, *cases;

    (void) state;

    cases = recs_growthbook_cases("stickyBucket", 13);

    json_array_foreach(cases, i, c) {
        run_sticky(c);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_run),
        cmocka_unit_test(test_sticky)
    };

    return cmocka_run_group_tests_name("growthbook_run", tests, NULL, NULL);
}
