/*
 * Content: what items say, counted and weighed by the formula; and a shop in
 * which half of what a visitor wants has never been met.
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
#include "recs_temp.h"
#include "recs_text.h"
#include "recs_tiny_bundle.h"
#include "recs_tiny_dataset.h"
#include "recs_trainer.h"
#include "recs_vocabulary.h"


#define N_TOPICS   4
#define N_IN       30                     /* items of a topic */
#define N_NEW      12                     /* of them, that nobody has met */
#define N_ITEMS    (N_TOPICS * N_IN)
#define N_USERS    60
#define N_MET      6                      /* items of a user */
#define N_COUNT    20


static recs_error_t           err;
static recs_record_builder_t  builder;

static const char *const  columns[] = { "kind", "language", "text", "url" };


static recs_str_t
str(const char *text)
{
    return (recs_str_t) { text, strlen(text) };
}


/* Items as a test gives them: kind, language and text, NULL: none. */
typedef struct {
    const char  *kind;
    const char  *language;
    const char  *text;
} said_t;


static recs_str_t
said_record(void *data, uint32_t index)
{
    char           id[16];
    uint32_t       i;
    const said_t  *said;

    said = (const said_t *) data + index;
    const char *const values[] = { said->kind, said->language, said->text };

    snprintf(id, sizeof(id), "i%05u", index);
    assert_int_equal(recs_record_begin(&builder, str(id)), RECS_OK);

    for (i = 0; i < 3; i++) {
        if (values[i] != NULL) {
            assert_int_equal(recs_record_add(&builder, i, str(values[i])),
                             RECS_OK);
        }
    }

    assert_int_equal(recs_record_add(&builder, 3, str("/page/item")),
                     RECS_OK);

    return recs_record_end(&builder);
}


static recs_entities_t
entities(const said_t *said, uint32_t n)
{
    recs_entities_t  e;

    e.n = n;
    e.n_columns = 4;
    e.columns = columns;
    e.record = said_record;
    e.data = (void *) (uintptr_t) said;

    return e;
}


static uint64_t
hash_of(const char *word, recs_language_t language)
{
    uint64_t      hash;
    recs_term_t   term;
    recs_text_t  *text;

    assert_int_equal(recs_text_create(&text, 64, RECS_LANGUAGES_ALL, &err),
                     RECS_OK);
    recs_text_start(text, str(word), recs_languages_of(language));
    assert_true(recs_text_next(text, &term));
    hash = term.hash;
    recs_text_destroy(text);

    return hash;
}


/* Of what an item's bag has by that hash; 0: nothing. */
static double
weight_of(const recs_bags_t *bags, uint32_t item, uint64_t hash)
{
    uint64_t  k;

    for (k = bags->offsets[item]; k < bags->offsets[item + 1]; k++) {
        if (bags->hashes[k] == hash) {
            return (double) bags->counts[k];
        }
    }

    return 0;
}


static void
test_items_say_words_and_labels(void **state)
{
    uint64_t           house;
    recs_entities_t    e;
    recs_item_terms_t  terms = { 0 };
    static const said_t  said[] = {
        { "Big|small", "en", "Houses, houses and a house" },
        { NULL, "de-AT", "H\xc3\xa4user" },
        { "BIG", "ja", "https://house.example/house" },
        { "2024", NULL, NULL }
    };

    (void) state;

    e = entities(said, 4);
    assert_int_equal(recs_item_terms_create(&terms, &e, &err), RECS_OK);

    house = hash_of("house", RECS_LANGUAGE_ENGLISH);
    assert_true(weight_of(&terms.words, 0, house) == 3);
    assert_true(weight_of(&terms.words, 0, hash_of("small",
                                           RECS_LANGUAGE_ENGLISH)) == 1);
    assert_true(weight_of(&terms.words, 1, hash_of("haus",
                                           RECS_LANGUAGE_GERMAN)) == 1);
    assert_int_equal(terms.item_languages[1], RECS_LANGUAGE_GERMAN);
    assert_int_equal(terms.item_languages[2], RECS_LANGUAGE_COUNT);

    /* Addresses say nothing, numbers are labels. */
    assert_true(weight_of(&terms.words, 2, house) == 0);
    assert_true(terms.words.offsets[4] == terms.words.offsets[3]);
    assert_int_equal(terms.labels.offsets[4] - terms.labels.offsets[3], 1);

    /* The same label, whatever its case. */
    assert_int_equal(terms.labels.offsets[1], 3);
    assert_true(weight_of(&terms.labels, 0,
                          terms.labels.hashes[terms.labels.offsets[2]]) == 1);

    assert_int_equal(terms.languages, 1 << RECS_LANGUAGE_ENGLISH
                                      | 1 << RECS_LANGUAGE_GERMAN);
    recs_item_terms_free(&terms);
}


static void
test_weights_by_the_formula(void **state)
{
    double                    cat, sat, squares;
    uint64_t                  h;
    recs_entities_t           e;
    recs_item_terms_t         terms = { 0 };
    recs_vocabulary_t         v = { 0 };
    recs_vocabulary_params_t  params = { 1, 100, 1, NULL };
    static const said_t       said[] = {
        { NULL, NULL, "cat cat sat" }, { NULL, NULL, "cat" },
        { NULL, NULL, NULL }
    };

    (void) state;

    e = entities(said, 3);
    assert_int_equal(recs_item_terms_create(&terms, &e, &err), RECS_OK);
    assert_int_equal(recs_vocabulary_create(&v, &terms.words, 3, &params,
                                            &err), RECS_OK);
    assert_int_equal(v.n, 2);

    /* Two items have words, of 3 and 1; the mean is 2. */
    h = hash_of("cat", RECS_LANGUAGE_ENGLISH);
    cat = log(1 + 0.5 / 2.5);
    sat = log(1 + 1.5 / 1.5);
    assert_true(fabs((double) v.idf[recs_vocabulary_find(&v, h)] - cat)
                < 1e-6);

    cat *= 2 * 2.2 / (2 + 1.2 * (0.25 + 0.75 * 3 / 2));
    sat *= 1 * 2.2 / (1 + 1.2 * (0.25 + 0.75 * 3 / 2));
    squares = cat * cat + sat * sat;
    assert_true(fabs(weight_of(&terms.words, 0, h) - cat / sqrt(squares))
                < 1e-6);
    assert_true(fabs(weight_of(&terms.words, 1, h) - 1) < 1e-6);

    recs_vocabulary_free(&v);
    recs_item_terms_free(&terms);

    /* One word at most: the more frequent. */
    params.n_max = 1;
    assert_int_equal(recs_item_terms_create(&terms, &e, &err), RECS_OK);
    assert_int_equal(recs_vocabulary_create(&v, &terms.words, 3, &params,
                                            &err), RECS_OK);
    assert_int_equal(v.n, 1);
    assert_true(v.hashes[0] == h);
    recs_vocabulary_free(&v);
    recs_item_terms_free(&terms);
}


/* "die" is an article in German and a verb in English. */
static void
test_stop_words_by_language(void **state)
{
    char                      texts[2 * RECS_STOP_ITEMS][32];
    said_t                    said[2 * RECS_STOP_ITEMS];
    uint32_t                  i;
    uint64_t                  die, the;
    recs_entities_t           e;
    recs_item_terms_t         terms = { 0 };
    recs_vocabulary_t         v = { 0 };
    recs_vocabulary_params_t  params = { 1, 100, 0.5, NULL };

    (void) state;

    for (i = 0; i < 2 * RECS_STOP_ITEMS; i++) {
        snprintf(texts[i], sizeof(texts[i]), "%s w%u",
                 i % 2 == 0 ? "die" : i == 1 ? "the die" : "the", i);
        said[i] = (said_t) { NULL, i % 2 == 0 ? "de" : "en", texts[i] };
    }

    e = entities(said, 2 * RECS_STOP_ITEMS);
    assert_int_equal(recs_item_terms_create(&terms, &e, &err), RECS_OK);
    params.languages = terms.item_languages;
    assert_int_equal(recs_vocabulary_create(&v, &terms.words, e.n, &params,
                                            &err), RECS_OK);

    die = hash_of("die", RECS_LANGUAGE_GERMAN);
    the = hash_of("the", RECS_LANGUAGE_ENGLISH);
    assert_int_equal(v.n_stop_words, 2);
    assert_int_equal(recs_vocabulary_find(&v, the), v.n);
    assert_true(recs_vocabulary_find(&v, die) < v.n);
    assert_true(weight_of(&terms.words, 0, die) == 0);
    assert_true(weight_of(&terms.words, 1, die) > 0);
    assert_true(weight_of(&terms.words, 1, the) == 0);

    recs_vocabulary_free(&v);
    recs_item_terms_free(&terms);
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
    static said_t         said[N_ITEMS];
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

        said[i] = (said_t) { NULL, NULL, texts[i] };
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
    view.item_entities = entities(said, N_ITEMS);
    view.user_entities.n = N_USERS;
    view.user_entities.record = recs_tiny_record;
    view.user_entities.data = "u";

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

    recs_record_free(&builder);

    return 0;
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_items_say_words_and_labels),
        cmocka_unit_test(test_weights_by_the_formula),
        cmocka_unit_test(test_stop_words_by_language),
        cmocka_unit_test(test_content_finds_what_nobody_met),
        cmocka_unit_test(test_content_answers_questions),
        cmocka_unit_test(test_content_same_twice),
        cmocka_unit_test(test_content_without_words),
    };

    return cmocka_run_group_tests(tests, NULL, teardown);
}
