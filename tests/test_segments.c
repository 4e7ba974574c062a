/*
 * Segments of a dataset: what is published of them, and what never is.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "recs_import.h"
#include "recs_popularity.h"
#include "recs_segments.h"
#include "recs_temp.h"
#include "recs_trainer.h"


#define DAY_MS  86400000ull


static char    *text;
static size_t   text_len;
static FILE    *out;


static void
begin(void)
{
    out = open_memstream(&text, &text_len);
    assert_non_null(out);
    fprintf(out, "user,item,timestamp,value,context.country,context.hour\n");
}


/* Users first .. first + n - 1 come to an item. */
static void
visit(uint32_t first, uint32_t n, const char *item, uint32_t day,
    const char *country, const char *hour)
{
    uint32_t  u;

    for (u = first; u < first + n; u++) {
        fprintf(out, "u%u,%s,%llu,1,%s,%s\n", u, item,
                1700000000000ull + day * DAY_MS, country, hour);
    }
}


static recs_dataset_t *
end(void)
{
    const char             *path;
    recs_error_t            err;
    recs_dataset_t         *dataset;
    recs_import_report_t    report;
    recs_import_options_t   options;

    fclose(out);
    path = recs_temp_text("events.csv", text);
    free(text);

    memset(&options, 0, sizeof(options));
    options.format = RECS_FORMAT_CSV;
    options.inputs = &path;
    options.n_inputs = 1;

    if (recs_import_memory(&options, &dataset, &report, &err) != RECS_OK) {
        fail_msg("%s", err.message);
    }

    return dataset;
}


/* The number of a segment among those published, or -1. */
static int
find(const recs_segment_lists_t *lists, const char *name)
{
    uint32_t  i;

    for (i = 0; i < lists->model.n; i++) {
        if (strcmp(lists->model.names[i], name) == 0) {
            return (int) i;
        }
    }

    return -1;
}


/* The boost of an item in a segment; 1 where it is not listed. */
static double
boost(const recs_dataset_t *d, const recs_segment_lists_t *lists,
    const char *name, const char *item)
{
    int         i;
    uint32_t    number;
    uint64_t    k;
    recs_str_t  id;

    i = find(lists, name);
    assert_true(i >= 0);

    id.data = item;
    id.len = strlen(item);
    number = recs_dataset_item(d, id);
    assert_true(number != UINT32_MAX);

    for (k = lists->model.offsets[i]; k < lists->model.offsets[i + 1]; k++) {
        if (lists->model.items[k] == number) {
            return (double) lists->model.boosts[k];
        }
    }

    return 1;
}


static void
make(const recs_dataset_t *d, double half_life_days,
    recs_segment_lists_t *lists)
{
    float                      *popularity;
    const recs_dataset_view_t  *v;

    v = recs_dataset_view(d);
    popularity = recs_popularity_create(v, half_life_days);
    assert_non_null(popularity);
    assert_int_equal(recs_segments_create(lists, v, popularity,
                                          half_life_days), RECS_OK);
    free(popularity);
}


static void
test_boosts(void **state)
{
    recs_dataset_t        *d;
    recs_segment_lists_t   lists;

    (void) state;

    begin();
    visit(0, 30, "beer", 0, "de", "");
    visit(0, 25, "bread", 0, "de", "");
    visit(100, 40, "wine", 0, "fr", "9");
    visit(100, 20, "bread", 0, "fr", "9");
    visit(100, 9, "beer", 0, "fr", "");
    visit(200, 76, "tea", 0, "", "");
    d = end();

    make(d, 0, &lists);
    assert_int_equal(lists.model.n, 3);

    /* 200 interactions: beer has 39 of them, bread 45. */

    assert_float_equal(boost(d, &lists, "country=de", "beer"),
                       1 + 30 / (100 * 39 / 200.0), 1e-5);
    assert_float_equal(boost(d, &lists, "country=de", "bread"),
                       1 + 25 / (100 * 45 / 200.0), 1e-5);
    assert_float_equal(boost(d, &lists, "country=fr", "wine"),
                       1 + 40 / (100 * 40 / 200.0), 1e-5);
    assert_float_equal(boost(d, &lists, "hour=9", "wine"),
                       1 + 40 / (100 * 40 / 200.0), 1e-5);

    /* Nobody there; fewer than ten there. */

    assert_float_equal(boost(d, &lists, "country=de", "wine"), 1, 0);
    assert_float_equal(boost(d, &lists, "country=fr", "beer"), 1, 0);

    assert_int_equal(lists.model.n_users[find(&lists, "country=de")], 30);
    assert_int_equal(lists.model.n_interactions[find(&lists, "country=de")],
                     55);
    assert_int_equal(lists.model.n_users[find(&lists, "country=fr")], 40);
    assert_int_equal(lists.model.n_interactions[find(&lists, "country=fr")],
                     69);

    recs_segments_free(&lists);
    recs_dataset_close(d);
}


static void
test_thin(void **state)
{
    char                   item[16];
    uint32_t               i;
    recs_dataset_t        *d;
    recs_segment_lists_t   lists;

    (void) state;

    begin();

    /* 49 and 50 interactions; 19 and 20 users; none of ten on an item. */

    visit(0, 25, "a", 0, "few", "");
    visit(0, 24, "b", 0, "few", "");
    visit(100, 25, "a", 0, "many", "");
    visit(100, 25, "b", 0, "many", "");
    visit(200, 19, "a", 0, "lonely", "");
    visit(200, 19, "b", 0, "lonely", "");
    visit(200, 19, "c", 0, "lonely", "");
    visit(300, 20, "a", 0, "twenty", "");
    visit(300, 20, "b", 0, "twenty", "");
    visit(300, 20, "c", 0, "twenty", "");

    for (i = 0; i < 40; i++) {
        snprintf(item, sizeof(item), "x%u", i / 9);
        visit(400 + i, 1, item, 0, "apart", "");
        snprintf(item, sizeof(item), "y%u", i / 9);
        visit(400 + i, 1, item, 0, "apart", "");
    }

    d = end();
    make(d, 0, &lists);

    assert_int_equal(find(&lists, "country=few"), -1);
    assert_true(find(&lists, "country=many") >= 0);
    assert_int_equal(find(&lists, "country=lonely"), -1);
    assert_true(find(&lists, "country=twenty") >= 0);
    assert_int_equal(find(&lists, "country=apart"), -1);

    recs_segments_free(&lists);
    recs_dataset_close(d);
}


/* What was wanted long ago weighs less, as in popularity. */
static void
test_decay(void **state)
{
    double                 all, de;
    recs_dataset_t        *d;
    recs_segment_lists_t   lists;

    (void) state;

    begin();
    visit(0, 30, "old", 0, "de", "");
    visit(0, 30, "new", 20, "de", "");
    visit(100, 30, "old", 20, "fr", "");
    visit(100, 30, "new", 20, "fr", "");
    d = end();

    make(d, 10, &lists);

    /* Two half-lives: 30 of old count 7.5. */

    all = 7.5 + 90;
    de = 7.5;
    assert_float_equal(boost(d, &lists, "country=de", "old"),
                       1 + de / (100 * 37.5 / all), 1e-4);
    assert_float_equal(boost(d, &lists, "country=de", "new"),
                       1 + 30 / (100 * 60 / all), 1e-4);
    assert_true(boost(d, &lists, "country=de", "new")
                > boost(d, &lists, "country=de", "old"));

    recs_segments_free(&lists);
    recs_dataset_close(d);
}


/* The best hundred, by their share here. */
static void
test_many_items(void **state)
{
    int                    at;
    char                   item[16];
    uint32_t               i;
    recs_dataset_t        *d;
    recs_segment_lists_t   lists;

    (void) state;

    begin();

    for (i = 0; i < 150; i++) {
        snprintf(item, sizeof(item), "x%03u", i);
        visit(0, 20 + i, item, 0, "de", "");
    }

    d = end();
    make(d, 0, &lists);

    at = find(&lists, "country=de");
    assert_int_equal(lists.model.offsets[at + 1] - lists.model.offsets[at],
                     RECS_SEGMENT_ITEMS);
    assert_true(boost(d, &lists, "country=de", "x149") > 1);
    assert_true(boost(d, &lists, "country=de", "x050") > 1);
    assert_float_equal(boost(d, &lists, "country=de", "x049"), 1, 0);

    recs_segments_free(&lists);
    recs_dataset_close(d);
}


static void
test_without_contexts(void **state)
{
    recs_dataset_t        *d;
    recs_segment_lists_t   lists;

    (void) state;

    begin();
    visit(0, 60, "a", 0, "", "");
    d = end();
    make(d, 0, &lists);
    assert_int_equal(lists.model.n, 0);
    recs_segments_free(&lists);
    recs_dataset_close(d);
}


/* Every model carries them. */
static void
test_trainers(void **state)
{
    double                  values[RECS_PARAMS_MAX];
    uint32_t                i;
    recs_error_t            err;
    recs_dataset_t         *d;
    recs_trained_t         *trained;
    const recs_trainer_t   *trainer;
    recs_train_options_t    options;

    (void) state;

    begin();
    visit(0, 40, "beer", 0, "de", "");
    visit(0, 40, "bread", 0, "de", "");
    visit(20, 60, "wine", 1, "fr", "");
    visit(30, 60, "cheese", 1, "fr", "");
    d = end();

    for (i = 0; (trainer = recs_trainer_at(i)) != NULL; i++) {
        memset(&options, 0, sizeof(options));
        recs_trainer_defaults(trainer, values);
        options.values = values;
        options.n_threads = 1;

        if (recs_trainer_param(trainer, "factors") < trainer->n_params) {
            values[recs_trainer_param(trainer, "factors")] = 8;
        }

        /* There are no words here to train it on. */
        if (strcmp(trainer->name, "content") == 0) {
            continue;
        }

        if (trainer->train(d, &options, &trained, &err) != RECS_OK) {
            fail_msg("%s: %s", trainer->name, err.message);
        }

        if (trained->model.segments == NULL
            || trained->model.segments->n != 2)
        {
            fail_msg("%s has no segments", trainer->name);
        }

        trained->destroy(trained);
    }

    recs_dataset_close(d);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_boosts),
        cmocka_unit_test(test_thin),
        cmocka_unit_test(test_decay),
        cmocka_unit_test(test_many_items),
        cmocka_unit_test(test_without_contexts),
        cmocka_unit_test(test_trainers)
    };

    return cmocka_run_group_tests_name("segments", tests, NULL, NULL);
}
