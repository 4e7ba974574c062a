/*
 * Ranking models beside a retrieval model: their examples are what a slot
 * would have asked about, and trees see what retrieval cannot.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recs_evaluate.h"
#include "recs_rank_train.h"
#include "recs_recommend.h"
#include "recs_rng.h"
#include "recs_tiny_bundle.h"
#include "recs_tiny_dataset.h"


#define N_USERS    200
#define N_ITEMS    400
#define N_POPULAR  100
#define LONG       60
#define SHORT      20


static recs_error_t  err;


/*
 * Everybody begins with items drawn evenly, four of five from the popular
 * ones.  Then those with short histories stay with the popular ones, and those
 * with long ones turn to the others: neither says anything alone.
 */
static recs_dataset_t *
make_dataset(void)
{
    uint32_t            user, item, i, k, n;
    recs_rng_t          rng;
    recs_dataset_t     *dataset;
    recs_tiny_event_t  *events;
    static uint8_t      met[N_ITEMS];
    static uint8_t      order[N_ITEMS];

    events = calloc(N_USERS * LONG, sizeof(recs_tiny_event_t));
    recs_rng_seed(&rng, 3);
    n = 0;

    for (user = 0; user < N_USERS; user++) {
        k = user % 2 ? LONG : SHORT;
        memset(met, 0, sizeof(met));

        for (i = 0; i < k; /* void */) {
            item = (uint32_t) (recs_rng_next(&rng) % N_ITEMS);

            if (i < k * 6 / 10 ? recs_rng_next(&rng) % 5 > 0
                               : user % 2 == 0)
            {
                item %= N_POPULAR;

            } else {
                item = N_POPULAR + item % (N_ITEMS - N_POPULAR);
            }

            if (!met[item]) {
                met[item] = 1;
                order[item] = (uint8_t) i++;
            }
        }

        for (item = 0; item < N_ITEMS; item++) {
            if (met[item]) {
                events[n++] = (recs_tiny_event_t) {
                    user, item, (1 + order[item]) * 1000, 1
                };
            }
        }
    }

    dataset = recs_tiny_dataset(N_USERS, N_ITEMS, events, n);
    free(events);

    return dataset;
}


static recs_split_t
split_last(const recs_dataset_t *dataset)
{
    recs_split_t         split;
    recs_split_params_t  params = { RECS_SPLIT_LAST, 0.2, 1, 0, 0 };

    assert_int_equal(recs_split(recs_dataset_view(dataset), &params, &split,
                                &err), RECS_OK);

    return split;
}


static recs_status_t
open_model(const recs_model_t *model, recs_bundle_t **bundle,
    recs_error_t *e)
{
    (void) e;

    *bundle = recs_tiny_bundle(model);

    return RECS_OK;
}


static recs_trained_t *
train(const recs_dataset_t *dataset)
{
    double                 values[RECS_PARAMS_MAX];
    uint32_t               i;
    recs_trained_t        *trained;
    recs_rank_train_t      train;
    recs_rank_choice_t     choice;
    recs_train_options_t   options;

    memset(&options, 0, sizeof(options));
    options.values = values;
    options.seed = 1;
    options.n_threads = 1;

    train.trainer = recs_trainer_find("ials");
    train.options = &options;
    train.choices = &choice;
    train.n = 1;
    train.open = open_model;

    recs_trainer_defaults(train.trainer, values);
    assert_int_equal(recs_trainer_set(train.trainer, values, "factors=8",
                                      &err), RECS_OK);

    choice.ranker = recs_ranker_find("trees");

    for (i = 0; i < choice.ranker->n_params; i++) {
        choice.values[i] = choice.ranker->params[i].value;
    }

    if (recs_rank_train(&train, dataset, &trained, &err) != RECS_OK) {
        fail_msg("%s", err.message);
    }

    return trained;
}


static double
recall(const recs_bundle_t *bundle, const recs_dataset_t *test,
    recs_rank_t rank)
{
    uint32_t                at = 20;
    recs_evaluation_t       evaluation;
    recs_evaluate_params_t  params = { .at = &at, .n_at = 1, .n_threads = 1,
                                       .rank = rank };

    assert_int_equal(recs_evaluate(bundle, test, &params, &evaluation, NULL,
                                   &err), RECS_OK);

    /* 200 candidates each, of whom a few were taken */
    assert_int_equal(evaluation.probability.n,
                     rank == RECS_RANK_NONE ? 0 : N_USERS * RECS_CANDIDATES);
    assert_true(rank == RECS_RANK_NONE
                || (evaluation.probability.auc > 0.5
                    && evaluation.probability.log_loss
                       < evaluation.probability.base));

    return evaluation.parts[RECS_PART_ALL].model.at[0]
                     .values[RECS_QUALITY_RECALL];
}


static const char *
param(const recs_model_t *model, const char *name)
{
    uint32_t  i;

    for (i = 0; i < model->n_params; i++) {
        if (strcmp(model->params[i].name, name) == 0) {
            return model->params[i].value;
        }
    }

    return "missing";
}


static void
test_trees_win(void **state)
{
    double           plain, ranked;
    size_t           n;
    recs_split_t     split;
    recs_bundle_t   *bundle;
    recs_dataset_t  *dataset;
    recs_trained_t  *trained, *again;

    (void) state;

    dataset = make_dataset();
    split = split_last(dataset);
    trained = train(split.train);

    assert_string_equal(param(&trained->model, "factors"), "8");
    assert_string_equal(param(&trained->model, "trees.kind"), "boosting");
    assert_string_equal(param(&trained->model, "trees.depth"), "6");
    assert_int_equal(trained->model.trees->n_trees, 100);

    bundle = recs_tiny_bundle(&trained->model);
    assert_true(recs_rank_available(bundle, RECS_RANK_TREES));

    plain = recall(bundle, split.test, RECS_RANK_NONE);
    ranked = recall(bundle, split.test, RECS_RANK_TREES);

    /* .155 is all there is: a fifth of 85, and of 270, items left at random */
    if (!(ranked > 1.15 * plain)) {
        fail_msg("recall %g without, %g with trees", plain, ranked);
    }

    recs_bundle_close(bundle);

    again = train(split.train);
    n = (size_t) trained->model.trees->n_trees << trained->model.trees->depth;
    assert_memory_equal(trained->model.trees->leaves,
                        again->model.trees->leaves, n * sizeof(float));

    again->destroy(again);
    trained->destroy(trained);
    recs_split_free(&split);
    recs_dataset_close(dataset);
}


static int
holds(const recs_dataset_t *dataset, uint32_t user, uint32_t item)
{
    uint64_t                    k;
    const recs_dataset_view_t  *view;

    view = recs_dataset_view(dataset);

    for (k = view->user_offsets[user]; k < view->user_offsets[user + 1]; k++) {
        if (view->items[k] == item) {
            return 1;
        }
    }

    return 0;
}


/* What a slot answers is found, in its order, with its scores. */
static void
check_found(const recs_bundle_t *bundle, const recs_rank_examples_t *e,
    uint32_t u)
{
    char                 id[16];
    uint64_t             i;
    uint32_t             n;
    recs_query_t         query;
    recs_answer_t        answer;
    recs_scratch_t      *scratch;
    recs_answer_item_t   items[RECS_RANK_FOUND];

    assert_int_equal(recs_scratch_create(&scratch, bundle, &err), RECS_OK);

    memset(&query, 0, sizeof(query));
    query.strategy = RECS_SOURCE_PERSONAL;
    query.user.data = id;
    query.user.len = (size_t) sprintf(id, "u%05u", e->users[u]);
    query.exclude_seen = 1;
    query.count = RECS_RANK_FOUND;
    answer.items = items;
    recs_recommend(bundle, scratch, &query, &answer);

    for (i = e->offsets[u], n = 0; i < e->offsets[u + 1] && e->found[i];
         i++, n++)
    {
        assert_int_equal(e->items[i],
                         recs_bundle_view(bundle)->item_order[items[n].item]);
        assert_true(e->retrieved[i] == items[n].score);
    }

    assert_int_equal(n, answer.n);
    recs_scratch_destroy(scratch);
}


/* The mean of the probabilities of what was found is the share taken. */
static void
check_odds(const recs_rank_task_t *task)
{
    void                        *model;
    float                        score;
    double                       values[RECS_PARAMS_MAX], p, taken;
    uint32_t                     n, *keys;
    uint64_t                     i;
    recs_model_t                 shown;
    const recs_ranker_t         *ranker;
    const recs_rank_examples_t  *e;
    recs_train_options_t         options;

    e = task->examples;
    ranker = recs_ranker_find("trees");

    for (n = 0; n < ranker->n_params; n++) {
        values[n] = ranker->params[n].value;
    }

    memset(&options, 0, sizeof(options));
    options.values = values;
    options.seed = 1;
    options.n_threads = 1;

    assert_int_equal(ranker->train(task, &options, &model, &err), RECS_OK);
    ranker->attach(model, &shown);
    keys = calloc(recs_trees_keys_size(shown.trees, 1), sizeof(uint32_t));

    for (i = 0, p = taken = 0; i < e->n; i++) {
        if (e->found[i]) {
            recs_trees_set_keys(shown.trees, keys, 0,
                                e->numeric + i * RECS_FEATURE_COUNT);
            recs_trees_score(shown.trees, keys, 1, &score);
            score += shown.trees->retrieved_weight * e->retrieved[i];
            p += 1 / (1 + exp(-(double) score));
            taken += (double) e->labels[i];
        }
    }

    if (!(fabs(p / taken - 1) < 0.3)) {
        fail_msg("%g expected, %g taken", p, taken);
    }

    free(keys);
    ranker->destroy(model);
}


static void
test_examples(void **state)
{
    float                       label;
    double                      values[RECS_PARAMS_MAX];
    uint32_t                    u;
    uint64_t                    i, j, n_drawn, n_taken;
    recs_split_t                split;
    recs_bundle_t              *bundle;
    recs_dataset_t             *dataset;
    recs_trained_t             *trained;
    recs_rank_examples_t        e, again;
    recs_train_options_t        options;
    const recs_trainer_t       *trainer;

    (void) state;

    dataset = make_dataset();
    split = split_last(dataset);
    trainer = recs_trainer_find("ials");
    recs_trainer_defaults(trainer, values);

    memset(&options, 0, sizeof(options));
    options.values = values;
    options.seed = 1;
    options.n_threads = 1;

    assert_int_equal(trainer->train(split.train, &options, &trained, &err),
                     RECS_OK);
    bundle = recs_tiny_bundle(&trained->model);
    trained->destroy(trained);

    assert_int_equal(recs_rank_examples_create(&e, bundle, &split, 7, &err),
                     RECS_OK);
    assert_int_equal(recs_rank_examples_create(&again, bundle, &split, 7,
                                               &err), RECS_OK);

    assert_int_equal(e.n_users, N_USERS);
    assert_int_equal(e.offsets[e.n_users], e.n);
    assert_int_equal(e.n, again.n);
    assert_memory_equal(e.items, again.items, e.n * sizeof(uint32_t));
    assert_memory_equal(e.numeric, again.numeric,
                        e.n * RECS_FEATURE_COUNT * sizeof(float));
    assert_memory_equal(e.hashes, again.hashes,
                        e.hash_offsets[e.n] * sizeof(uint64_t));

    n_drawn = n_taken = 0;

    for (u = 0; u < e.n_users; u++) {
        check_found(bundle, &e, u);

        for (i = e.offsets[u]; i < e.offsets[u + 1]; i++) {
            label = holds(split.test, e.users[u], e.items[i]) ? 1.0f : 0.0f;
            assert_true(e.labels[i] == label);
            assert_false(holds(split.train, e.users[u], e.items[i]));
            assert_true(e.numeric[i * RECS_FEATURE_COUNT
                                  + RECS_FEATURE_RETRIEVED]
                        == e.retrieved[i]);
            assert_true(e.hash_offsets[i] < e.hash_offsets[i + 1]);

            for (j = e.offsets[u]; j < i; j++) {
                assert_int_not_equal(e.items[i], e.items[j]);
            }

            n_drawn += !e.found[i];
            n_taken += !e.found[i] && e.labels[i] > 0;
        }
    }

    /* some were met, and no one is put in because he was taken */
    assert_true(n_drawn > N_USERS * RECS_RANK_DRAWN / 2);
    assert_true(n_taken > 0 && n_taken < n_drawn / 10);

    check_odds(&(recs_rank_task_t) { dataset, &split, bundle, &e });

    recs_rank_examples_free(&e);
    recs_rank_examples_free(&again);
    recs_bundle_close(bundle);
    recs_split_free(&split);
    recs_dataset_close(dataset);
}


static void
test_registry(void **state)
{
    char                  text[32], long_text[64];
    double                values[RECS_PARAMS_MAX];
    uint32_t              i, p;
    recs_str_t            name;
    const recs_ranker_t  *ranker;

    (void) state;

    for (i = 0; (ranker = recs_ranker_at(i)) != NULL; i++) {
        assert_ptr_equal(recs_ranker_find(ranker->name), ranker);
        name.data = ranker->name;
        name.len = strlen(ranker->name);
        assert_true(recs_rank_find(name) != RECS_RANK_COUNT);

        for (p = 0; p < ranker->n_params; p++) {
            assert_true(ranker->params[p].value >= ranker->params[p].min);
            assert_true(ranker->params[p].value <= ranker->params[p].max);
        }
    }

    assert_null(recs_ranker_find("none"));

    /* a choice is a word */
    ranker = recs_ranker_find("trees");

    for (p = 0; p < 3; p++) {
        recs_param_text(&ranker->params[0], p, text, sizeof(text));
        sprintf(long_text, "kind=%s", text);
        values[0] = 9;
        assert_int_equal(recs_params_set("ranking trees", ranker->params,
                                         ranker->n_params, values, long_text,
                                         &err), RECS_OK);
        assert_true(values[0] == p);
    }

    assert_string_equal(text, "boosting");

    assert_int_equal(recs_params_set("ranking trees", ranker->params,
                                     ranker->n_params, values, "kind=2",
                                     &err), RECS_INVALID);
    assert_string_equal(err.message,
                        "kind: \"2\" is none of tree|forest|boosting");
    assert_int_equal(recs_params_set("ranking trees", ranker->params,
                                     ranker->n_params, values, "kind=tre",
                                     &err), RECS_INVALID);
    assert_int_equal(recs_params_set("ranking trees", ranker->params,
                                     ranker->n_params, values, "leaves=2",
                                     &err), RECS_INVALID);
    assert_true(strstr(err.message, "ranking trees has no parameter") != NULL);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_registry),
        cmocka_unit_test(test_examples),
        cmocka_unit_test(test_trees_win)
    };

    return cmocka_run_group_tests_name("rank_train", tests, NULL, NULL);
}
