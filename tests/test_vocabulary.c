/*
 * What items say, counted, and weighed by the formula.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "recs_said.h"
#include "recs_text.h"
#include "recs_vocabulary.h"


static recs_error_t  err;


static recs_str_t
str(const char *text)
{
    return (recs_str_t) { text, strlen(text) };
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
    static const recs_said_t  said[] = {
        { "Big|small", "en", "Houses, houses and a house" },
        { NULL, "de-AT", "H\xc3\xa4user" },
        { "BIG", "ja", "https://house.example/house" },
        { "2024", NULL, NULL }
    };

    (void) state;

    e = recs_said_entities(said, 4);
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
    static const recs_said_t       said[] = {
        { NULL, NULL, "cat cat sat" }, { NULL, NULL, "cat" },
        { NULL, NULL, NULL }
    };

    (void) state;

    e = recs_said_entities(said, 3);
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
    recs_said_t                    said[2 * RECS_STOP_ITEMS];
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
        said[i] = (recs_said_t) { NULL, i % 2 == 0 ? "de" : "en", texts[i] };
    }

    e = recs_said_entities(said, 2 * RECS_STOP_ITEMS);
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
        cmocka_unit_test(test_items_say_words_and_labels),
        cmocka_unit_test(test_weights_by_the_formula),
        cmocka_unit_test(test_stop_words_by_language),
    };

    return cmocka_run_group_tests(tests, NULL, teardown);
}
