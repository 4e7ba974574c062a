#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "recs_growthbook.h"
#include "recs_temp.h"


#define WORDS_MAX  4


json_t *
recs_growthbook_cases(const char *part, size_t n)
{
    json_t      *cases;
    const char  *path;

    static json_t  *all;

    path = recs_temp_data("growthbook/cases.json");

    if (path == NULL) {
        print_message("no growthbook/cases.json under RECS_TEST_DATA\n");
        skip();
    }

    if (all == NULL) {
        all = json_load_file(path, 0, NULL);
        assert_non_null(all);
    }

    cases = json_object_get(all, part);
    assert_int_equal(json_array_size(cases), n);

    return cases;
}


recs_str_t
recs_growthbook_str(const json_t *value)
{
    recs_str_t  str;

    str.data = json_string_value(value);
    str.len = json_string_length(value);

    return str;
}


recs_str_t
recs_growthbook_arguments(const json_t *url)
{
    size_t      end;
    recs_str_t  str;

    str = recs_growthbook_str(url);

    for (end = 0; end < str.len && str.data[end] != '#'; end++) {
        /* void */
    }

    str.len = end;

    for (end = 0; end < str.len; end++) {
        if (str.data[end] == '?') {
            str.data += end + 1;
            str.len -= end + 1;
            return str;
        }
    }

    str.len = 0;

    return str;
}


uint32_t
recs_growthbook_ranges(const json_t *ranges, recs_bucket_range_t *to)
{
    size_t   i;
    json_t  *range;

    json_array_foreach(ranges, i, range) {
        to[i].lo = json_number_value(json_array_get(range, 0));
        to[i].hi = json_number_value(json_array_get(range, 1));
    }

    return (uint32_t) json_array_size(ranges);
}


/* A line of the block: directive and up to three arguments. */
static void
set(recs_growthbook_t *g, const char *format, ...)
{
    char          *word, *save;
    va_list        args;
    uint32_t       n;
    recs_str_t     words[WORDS_MAX];
    recs_error_t   err;

    word = g->text + g->used;

    va_start(args, format);
    g->used += (size_t) vsnprintf(word, sizeof(g->text) - g->used, format,
                                  args) + 1;
    va_end(args);

    assert_true(g->used <= sizeof(g->text));

    for (n = 0; (word = strtok_r(word, "\t", &save)) != NULL; n++) {
        words[n].data = word;
        words[n].len = strlen(word);
        word = NULL;
    }

    if (recs_experiment_set(&g->x, words, n, &err) != RECS_OK) {
        fail_msg("%s", err.message);
    }
}


/* By default 50, 50 or 33.33, 33.33, 33.34. */
static void
set_variants(recs_growthbook_t *g, const json_t *experiment)
{
    double   weight;
    size_t   i, n;
    json_t  *weights;

    n = json_array_size(json_object_get(experiment, "variations"));
    weights = json_object_get(experiment, "weights");

    for (i = 0; i < n; i++) {
        weight = weights != NULL
                 ? json_number_value(json_array_get(weights, i)) * 100
                 : i + 1 < n ? floor(10000.0 / n) / 100
                             : 100 - floor(10000.0 / n) / 100 * (n - 1);
        set(g, "variant\tv%zu\t%.2f", i, weight);
    }
}


static void
set_sticky(recs_growthbook_t *g, const json_t *experiment)
{
    json_int_t  version, min;

    version = json_integer_value(json_object_get(experiment,
                                                 "bucketVersion"));
    min = json_integer_value(json_object_get(experiment, "minBucketVersion"));

    set(g, "sticky\t%s\tversion=%d\tmin=%d",
        json_is_true(json_object_get(experiment, "disableStickyBucketing"))
        ? "off" : "on", (int) version, (int) min);
}


static void
set_namespace(recs_growthbook_t *g, const json_t *namespace)
{
    set(g, "namespace\t%s\t%.0f\t%.0f",
        json_string_value(json_array_get(namespace, 0)),
        json_number_value(json_array_get(namespace, 1)) * 1000,
        json_number_value(json_array_get(namespace, 2)) * 1000);
}


recs_status_t
recs_growthbook_experiment(recs_growthbook_t *g, const json_t *experiment,
    recs_str_t key)
{
    char           name[33];
    size_t         i;
    json_t        *value;
    recs_str_t     str;
    recs_status_t  status;

    value = json_object_get(experiment, "key");

    if (value != NULL) {
        key = recs_growthbook_str(value);
    }

    /* Its name is a variable's in nginx; what is hashed is the salt. */

    assert_true(key.len < sizeof(name));

    for (i = 0; i < key.len; i++) {
        name[i] = key.data[i] == '-' ? '_' : key.data[i];
    }

    memcpy(g->text, name, key.len);
    g->used = key.len;
    str.data = g->text;
    str.len = key.len;

    assert_int_equal(recs_experiment_init(&g->x, str, NULL), RECS_OK);

    value = json_object_get(experiment, "seed");
    set(g, "salt\t%s", value != NULL ? json_string_value(value) : key.data);

    value = json_object_get(experiment, "hashVersion");
    set(g, "hash\tgrowthbook%d",
        value != NULL ? (int) json_integer_value(value) : 1);

    value = json_object_get(experiment, "coverage");

    if (value != NULL) {
        set(g, "coverage\t%.2f", json_number_value(value) * 100);
    }

    /* Filters are in its place. */

    value = json_object_get(experiment, "namespace");

    if (value != NULL && json_object_get(experiment, "filters") == NULL) {
        set_namespace(g, value);
    }

    set_variants(g, experiment);
    set_sticky(g, experiment);

    status = recs_experiment_settle(&g->x, NULL);

    value = json_object_get(experiment, "ranges");

    if (status == RECS_OK && value != NULL) {
        assert_int_equal(recs_growthbook_ranges(value, g->x.ranges),
                         g->x.n_variants);
    }

    return status;
}


static int
in_group(const json_t *context, const char *group, const json_t *value)
{
    size_t   i;
    json_t  *member, *groups;

    groups = json_object_get(context, "savedGroups");

    json_array_foreach(json_object_get(groups, group), i, member) {
        if (json_equal(member, value)) {
            return 1;
        }
    }

    return 0;
}


static int
condition_holds(const json_t *context, const json_t *condition,
    const json_t *attributes)
{
    json_t      *wanted, *value, *group;
    const char  *name;

    json_object_foreach((json_t *) condition, name, wanted) {
        assert_true(name[0] != '$');
        value = json_object_get(attributes, name);
        group = json_object_get(wanted, "$inGroup");

        if (group != NULL) {
            if (!in_group(context, json_string_value(group), value)) {
                return 0;
            }

            continue;
        }

        assert_false(json_is_object(wanted) || json_is_array(wanted));

        if (value == NULL || !json_equal(wanted, value)) {
            return 0;
        }
    }

    return 1;
}


static int
parent_holds(const json_t *context, const json_t *parent)
{
    int      holds;
    json_t  *feature, *result;

    feature = json_object_get(json_object_get(context, "features"),
                              json_string_value(json_object_get(parent,
                                                                "id")));
    assert_null(json_object_get(feature, "rules"));

    result = json_pack("{sO}", "value", json_object_get(feature,
                                                        "defaultValue"));
    holds = condition_holds(context, json_object_get(parent, "condition"),
                            result);
    json_decref(result);

    return holds;
}


int
recs_growthbook_when(const json_t *context, const json_t *experiment)
{
    size_t   i;
    json_t  *parent;

    if (json_is_false(json_object_get(experiment, "active"))) {
        return 0;
    }

    json_array_foreach(json_object_get(experiment, "parentConditions"), i,
                       parent)
    {
        if (!parent_holds(context, parent)) {
            return 0;
        }
    }

    return condition_holds(context, json_object_get(experiment, "condition"),
                           json_object_get(context, "attributes"));
}
