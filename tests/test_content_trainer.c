/*
 * Content, in a shop in which half of what a visitor wants has never been met.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "recs_recommend.h"
#include "recs_rng.h"
#include "recs_said.h"
#include "recs_temp.h"
#include "recs_tiny_bundle.h"
#include "recs_tiny_dataset.h"
#include "recs_trainer.h"


#define N_TOPICS   4
#define N_IN       30                     /* items of a topic */
#define N_NEW      12                     /* of them, that nobody has met */
#define N_ITEMS    (N_TOPICS * N_IN)
#define N_USERS    60
#define N_MET      6                      /* items of a user */
#define N_COUNT    20


static recs_error_t  err;


static recs_str_t
str(const char *text)
{
    return (recs_str_t) { text, strlen(text) };
}


/* Item i is of topic i % 4, the new ones are the last; so are users. */
static recs_dataset_t *
shop(void)
{
    char                  word[24];
    uint32_t              i, j, u, item;
    const char           *path;
    recs_rng_t            rng;
    recs_dataset_t       *dataset;
    recs_dataset_view_t   view;
    static char           texts[N_ITEMS][160];
    static recs_said_t         said[N_ITEMS];
    static uint64_t       offsets[N_USERS + 1];
    static uint32_t       items[N_USERS * N_MET];
    static float          weights[N_USERS * N_MET];
    static int64_t        times[N_USERS * N_MET];

    recs_rng_seed(&rng, 5);

    for (i = 0; i < N_ITEMS; i++) {
        texts[i][0] = '\0';

        /* Of 16 words of the topic, and of 16 that all have. */
        for (j = 0; j < 8; j++) {
            snprintf(word, sizeof(word), "%s%uk ",
                     j < 5 ? (const char *[]) { "tee", "rad", "buk", "zim" }
                             [i % N_TOPICS] : "any",
                     (unsigned) (recs_rng_next(&rng) % 16));
            strcat(texts[i], word);
        }

        said[i] = (recs_said_t) { NULL, NULL, texts[i] };
    }

    for (u = 0, i = 0; u < N_USERS; u++) {
        offsets[u] = i;

        for (j = 0; j < N_MET; j++) {
            item = (uint32_t) (recs_rng_next(&rng) % 3 + 3 * j) * N_TOPICS
                   + u % N_TOPICS;
            items[i] = item;
            weights[i++] = 1;
        }
    }

    offsets[N_USERS] = i;
    memset(&view, 0, sizeof(recs_dataset_view_t));
    view.n_users = N_USERS;
    view.n_items = N_ITEMS;
    view.n_interactions = i;
    view.user_offsets = offsets;
    view.items = items;
    view.weights = weights;
    view.times_ms = times;
    view.item_entities = recs_said_entities(said, N_ITEMS);
    view.user_entities.n = N_USERS;
    view.user_entities.record = recs_tiny_record;
    view.user_entities.data = "u";

    dataset = NULL;
    path = recs_temp_path("shop");

    if (recs_dataset_write(&view, path, &err) != RECS_OK
        || recs_dataset_open(&dataset, path, &err) != RECS_OK)
    {
        fail_msg("%s", err.message);
    }

    unlink(path);

    return dataset;
}


static recs_trained_t *
train(const recs_dataset_t *dataset, const char *name)
{
    double                 values[RECS_PARAMS_MAX];
    recs_trained_t        *trained;
    recs_train_options_t   options;
    const recs_trainer_t  *trainer;

    trainer = recs_trainer_find(name);
    assert_non_null(trainer);
    recs_trainer_defaults(trainer, values);
    memset(&options, 0, sizeof(recs_train_options_t));
    options.values = values;
    options.seed = 7;
    options.n_threads = 2;

    if (trainer->train(dataset, &options, &trained, &err) != RECS_OK) {
        fail_msg("%s", err.message);
    }

    return trained;
}


/* An item's index, by its id. */
static uint32_t
index_of(const recs_bundle_t *bundle, uint32_t item)
{
    recs_str_t  id;

    id = recs_record_id(recs_bundle_item_record(bundle, item));

    return (uint32_t) strtoul(id.data + 1, NULL, 10);
}


/* The share of the new items of the users' topics on their lists. */
static double
new_items_found(const recs_dataset_t *dataset, const char *name)
{
    char                 id[16];
    uint32_t             u, i, item, n;
    recs_query_t         query;
    recs_answer_t        answer;
    recs_bundle_t       *bundle;
    recs_trained_t      *trained;
    recs_scratch_t      *scratch;
    recs_answer_item_t   items[N_COUNT];

    trained = train(dataset, name);
    bundle = recs_tiny_bundle(&trained->model);
    assert_int_equal(recs_scratch_create(&scratch, bundle, &err), RECS_OK);

    memset(&query, 0, sizeof(recs_query_t));
    query.strategy = RECS_SOURCE_PERSONAL;
    query.exclude_seen = 1;
    query.count = N_COUNT;
    query.user.data = id;
    answer.items = items;
    n = 0;

    for (u = 0; u < N_USERS; u++) {
        query.user.len = (size_t) snprintf(id, sizeof(id), "u%05u", u);
        recs_recommend(bundle, scratch, &query, &answer);

        for (i = 0; i < answer.n; i++) {
            item = index_of(bundle, items[i].item);
            n += item >= N_ITEMS - N_NEW * N_TOPICS
                 && item % N_TOPICS == u % N_TOPICS;
        }
    }

    recs_scratch_destroy(scratch);
    recs_bundle_close(bundle);
    trained->destroy(trained);

    return n / (double) (N_USERS * N_NEW);
}


static void
test_content_finds_what_nobody_met(void **state)
{
    double           content;
    recs_dataset_t  *dataset;

    (void) state;

    dataset = shop();
    content = new_items_found(dataset, "content");

    assert_true(content > 0.7);
    assert_true(new_items_found(dataset, "popularity") < 0.35);
    assert_true(new_items_found(dataset, "knn") < 0.35);

    recs_dataset_close(dataset);
}


static void
test_content_answers_questions(void **state)
{
    uint32_t             i;
    recs_query_t         query;
    recs_answer_t        answer;
    recs_bundle_t       *bundle;
    recs_dataset_t      *dataset;
    recs_trained_t      *trained;
    recs_scratch_t      *scratch;
    recs_answer_item_t   items[8];

    (void) state;

    dataset = shop();
    trained = train(dataset, "content");
    bundle = recs_tiny_bundle(&trained->model);
    assert_int_equal(recs_scratch_create(&scratch, bundle, &err), RECS_OK);

    memset(&query, 0, sizeof(recs_query_t));
    query.strategy = RECS_SOURCE_POPULAR;
    query.count = 8;
    query.asks = 1;
    query.question = str("Where is rad3k, RAD7k?");
    answer.items = items;
    recs_recommend(bundle, scratch, &query, &answer);
    assert_int_equal(answer.source, RECS_SOURCE_QUERY);
    assert_int_equal(answer.n, 8);

    for (i = 0; i < 8; i++) {
        assert_int_equal(index_of(bundle, items[i].item) % N_TOPICS, 1);
    }

    recs_scratch_destroy(scratch);
    recs_bundle_close(bundle);
    trained->destroy(trained);
    recs_dataset_close(dataset);
}


/* Two dimensions more than are kept, of the topic and of noise. */
static void
given_vectors(recs_item_vectors_t *given)
{
    uint32_t            i, f;
    recs_rng_t          rng;
    static char         names[N_ITEMS + 1][16];
    static recs_str_t   ids[N_ITEMS + 1];
    static float        values[(N_ITEMS + 1) * 6];

    recs_rng_seed(&rng, 9);

    /* The last is of no item, the first says nothing. */
    for (i = 0; i <= N_ITEMS; i++) {
        snprintf(names[i], sizeof(names[i]), i < N_ITEMS ? "i%05u" : "x%u", i);
        ids[i] = str(names[i]);

        for (f = 0; f < 6 && i > 0; f++) {
            values[i * 6 + f] = (float) (3 * (f == i % N_TOPICS)
                                         + 0.1 * recs_rng_normal(&rng));
        }
    }

    given->n = N_ITEMS + 1;
    given->n_factors = 6;
    given->values = values;
    given->ids = ids;
}


static double
cosine(const float *a, const float *b, uint32_t n)
{
    double    ab, aa, bb;
    uint32_t  f;

    for (f = 0, ab = aa = bb = 0; f < n; f++) {
        ab += (double) a[f] * b[f];
        aa += (double) a[f] * a[f];
        bb += (double) b[f] * b[f];
    }

    return ab / sqrt(aa * bb);
}


static void
test_content_with_given_vectors(void **state)
{
    double                 values[RECS_PARAMS_MAX];
    uint32_t               n, first;
    const float           *items;
    recs_dataset_t        *dataset;
    recs_trained_t        *trained;
    recs_item_vectors_t    given;
    recs_train_options_t   options;
    const recs_trainer_t  *trainer;

    (void) state;

    dataset = shop();
    given_vectors(&given);
    trainer = recs_trainer_find("content");
    recs_trainer_defaults(trainer, values);
    assert_int_equal(recs_trainer_set(trainer, values, "factors=12", &err),
                     RECS_OK);
    assert_int_equal(recs_trainer_set(trainer, values, "vector_factors=4",
                                      &err), RECS_OK);
    memset(&options, 0, sizeof(recs_train_options_t));
    options.values = values;
    options.n_threads = 2;
    options.item_vectors = &given;

    assert_int_equal(trainer->train(dataset, &options, &trained, &err),
                     RECS_OK);
    n = trained->model.n_factors;
    items = trained->model.item_factors;
    assert_int_equal(n, 16);

    /* Four dimensions of six hold the topics; none of a word are given. */
    assert_true(cosine(items + 5 * n + 12, items + 9 * n + 12, 4) > 0.95);
    assert_true(fabs(cosine(items + 5 * n + 12, items + 6 * n + 12, 4))
                < 0.3);

    for (first = 12; first < 16; first++) {
        assert_true(items[first] == 0);
        assert_true(trained->model.terms->factors[n + first] == 0);
    }

    trained->destroy(trained);

    /* All of another shop's. */
    given.ids += N_ITEMS;
    given.values += N_ITEMS * 6;
    given.n = 1;
    assert_int_equal(trainer->train(dataset, &options, &trained, &err),
                     RECS_INVALID);
    assert_non_null(strstr(err.message, "none of the 1 vectors"));

    recs_dataset_close(dataset);
}


static void
test_content_same_twice(void **state)
{
    size_t           n;
    recs_dataset_t  *dataset;
    recs_trained_t  *a, *b;

    (void) state;

    dataset = shop();
    a = train(dataset, "content");
    b = train(dataset, "content");
    n = (size_t) N_ITEMS * a->model.n_factors * sizeof(float);
    assert_memory_equal(a->model.item_factors, b->model.item_factors, n);
    assert_true(a->model.terms->n > N_TOPICS * 16);
    a->destroy(a);
    b->destroy(b);
    recs_dataset_close(dataset);
}


static void
test_content_without_words(void **state)
{
    double                 values[RECS_PARAMS_MAX];
    recs_dataset_t        *dataset;
    recs_trained_t        *trained;
    recs_train_options_t   options;
    const recs_trainer_t  *trainer;

    (void) state;

    dataset = recs_tiny_random_dataset(20, 30, 100, 3);
    trainer = recs_trainer_find("content");
    recs_trainer_defaults(trainer, values);
    memset(&options, 0, sizeof(recs_train_options_t));
    options.values = values;
    options.n_threads = 1;

    assert_int_equal(trainer->train(dataset, &options, &trained, &err),
                     RECS_INVALID);
    assert_non_null(strstr(err.message, "--items"));
    recs_dataset_close(dataset);
}


static int
teardown(void **state)
{
    (void) state;

    recs_said_free();

    return 0;
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_content_finds_what_nobody_met),
        cmocka_unit_test(test_content_answers_questions),
        cmocka_unit_test(test_content_with_given_vectors),
        cmocka_unit_test(test_content_same_twice),
        cmocka_unit_test(test_content_without_words),
    };

    return cmocka_run_group_tests(tests, NULL, teardown);
}
