/*
 * The simulated shop is the same for a seed, and what is planted in it is
 * found again by a model that learns.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "recs_bundle.h"
#include "recs_evaluate.h"
#include "recs_import.h"
#include "recs_simulate.h"
#include "recs_split.h"
#include "recs_trainer.h"


#define USERS  400


static char  root[] = "/tmp/recs_simulate.XXXXXX";


static void
make(const char *name, uint64_t seed, recs_simulate_report_t *report)
{
    char                    dir[256];
    recs_error_t            err;
    recs_simulate_params_t  params;

    params.n_items = RECS_SIMULATE_ITEMS;
    params.n_users = USERS;
    params.seed = seed;

    snprintf(dir, sizeof(dir), "%s/%s", root, name);

    if (recs_simulate(&params, dir, report, &err) != RECS_OK) {
        fail_msg("%s", err.message);
    }
}


static char *
slurp(const char *name, const char *file, size_t *len)
{
    char   *text, path[256];
    FILE   *f;

    snprintf(path, sizeof(path), "%s/%s/%s", root, name, file);

    f = fopen(path, "r");
    assert_non_null(f);

    text = malloc(8 << 20);
    assert_non_null(text);

    *len = fread(text, 1, (8 << 20) - 1, f);
    text[*len] = '\0';
    fclose(f);

    return text;
}


static int
same(const char *one, const char *two, const char *file)
{
    int      equal;
    char    *a, *b;
    size_t   a_len, b_len;

    a = slurp(one, file, &a_len);
    b = slurp(two, file, &b_len);
    equal = a_len == b_len && memcmp(a, b, a_len) == 0;
    free(a);
    free(b);

    return equal;
}


static void
test_seeded(void **state)
{
    recs_simulate_report_t  report;

    (void) state;

    make("one", 7, &report);
    make("two", 7, &report);
    make("three", 8, &report);

    assert_true(same("one", "two", "items.csv"));
    assert_true(same("one", "two", "users.csv"));
    assert_true(same("one", "two", "events.csv"));
    assert_false(same("one", "three", "events.csv"));
    assert_false(same("one", "three", "users.csv"));

    assert_true(report.n_events > 20 * USERS);
    assert_true(report.n_purchases > report.n_events / 10);
}


static void
test_refusals(void **state)
{
    recs_error_t            err;
    recs_simulate_params_t  params;
    recs_simulate_report_t  report;

    (void) state;

    params.n_items = RECS_SIMULATE_ITEMS_MIN - 1;
    params.n_users = USERS;
    params.seed = 1;

    assert_int_equal(recs_simulate(&params, root, &report, &err),
                     RECS_INVALID);
    assert_non_null(strstr(err.message, "59 items"));

    params.n_items = RECS_SIMULATE_ITEMS_MIN;
    params.n_users = 0;
    assert_int_equal(recs_simulate(&params, root, &report, &err),
                     RECS_INVALID);

    params.n_users = 1;
    assert_int_equal(recs_simulate(&params, "/dev/null/x", &report, &err),
                     RECS_IO);
    assert_non_null(strstr(err.message, "/dev/null/x"));
}


static recs_dataset_t *
import(const char *name)
{
    char                    events[256], items[256], users[256];
    recs_error_t            err;
    recs_dataset_t         *dataset;
    recs_import_report_t    report;
    recs_import_options_t   options;

    const char  *inputs[] = { events };
    const char  *item_files[] = { items };
    const char  *user_files[] = { users };

    snprintf(events, sizeof(events), "%s/%s/events.csv", root, name);
    snprintf(items, sizeof(items), "%s/%s/items.csv", root, name);
    snprintf(users, sizeof(users), "%s/%s/users.csv", root, name);

    memset(&options, 0, sizeof(options));
    options.format = RECS_FORMAT_CSV;
    options.inputs = inputs;
    options.n_inputs = 1;
    options.item_files = item_files;
    options.n_item_files = 1;
    options.user_files = user_files;
    options.n_user_files = 1;

    if (recs_import_memory(&options, &dataset, &report, &err) != RECS_OK) {
        fail_msg("%s", err.message);
    }

    assert_int_equal(report.n_rejected, 0);

    return dataset;
}


/* Recall@20 of a model with its default parameters. */
static double
recall(const char *model, const recs_split_t *split)
{
    char                    path[256];
    double                  values[RECS_PARAMS_MAX];
    uint32_t                at = 20;
    recs_error_t            err;
    recs_bundle_t          *bundle;
    recs_trained_t         *trained;
    recs_evaluation_t       evaluation;
    recs_train_options_t    options;
    const recs_figures_t   *figures;
    const recs_trainer_t   *trainer;

    const recs_evaluate_params_t  asked = { &at, 1, 2, 0, 0, NULL, 0 };

    bundle = NULL;
    trained = NULL;

    trainer = recs_trainer_find(model);
    assert_non_null(trainer);
    recs_trainer_defaults(trainer, values);

    memset(&options, 0, sizeof(options));
    options.values = values;
    options.seed = 1;
    options.n_threads = 2;

    snprintf(path, sizeof(path), "%s/%s.mdb", root, model);

    if (trainer->train(split->train, &options, &trained, &err) != RECS_OK
        || recs_model_write(&trained->model, path, &err) != RECS_OK
        || recs_bundle_open(&bundle, path, 0, &err) != RECS_OK
        || recs_evaluate(bundle, split->test, &asked, &evaluation, NULL, &err)
           != RECS_OK)
    {
        fail_msg("%s: %s", model, err.message);
    }

    recs_bundle_close(bundle);
    trained->destroy(trained);

    figures = &evaluation.parts[RECS_PART_ALL].model;

    return figures->at[0].values[RECS_QUALITY_RECALL];
}


static void
test_tastes_are_found(void **state)
{
    double                   popular, learned;
    recs_split_t             split;
    recs_error_t             err;
    recs_dataset_t          *dataset;
    recs_split_params_t      params;
    recs_simulate_report_t   report;

    (void) state;

    make("tastes", 3, &report);
    dataset = import("tastes");

    assert_int_equal(recs_dataset_view(dataset)->n_users, USERS);
    assert_int_equal(recs_dataset_view(dataset)->n_items,
                     RECS_SIMULATE_ITEMS);

    assert_int_equal(recs_split_parse(&params, "last=0.2", &err), RECS_OK);

    if (recs_split(recs_dataset_view(dataset), &params, &split, &err)
        != RECS_OK)
    {
        fail_msg("%s", err.message);
    }

    popular = recall("popularity", &split);
    learned = recall("ials", &split);

    print_message("recall@20: popularity %.4f, ials %.4f\n", popular, learned);

    assert_true(popular > 0);
    assert_true(learned > 2 * popular);

    recs_split_free(&split);
    recs_dataset_close(dataset);
}


static int
setup(void **state)
{
    (void) state;

    return mkdtemp(root) == NULL;
}


static int
teardown(void **state)
{
    char  command[64];

    (void) state;

    snprintf(command, sizeof(command), "rm -rf %s", root);

    return system(command);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_seeded),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_tastes_are_found),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
