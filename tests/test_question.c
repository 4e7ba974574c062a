/*
 * Questions: their vectors, beside a visitor's, on the ladder, and hostile
 * terms under a valid seal.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "recs_explain.h"
#include "recs_question.h"
#include "recs_sealed_case.h"
#include "recs_text.h"
#include "recs_tiny_bundle.h"


#define N_ITEMS    40
#define N_FACTORS  4
#define N_WORDS    5


static recs_error_t     err;
static recs_bundle_t   *bundle;
static recs_scratch_t  *scratch;

/* An axis each; "kosten" has a stem in English and another in German. */
static const struct {
    const char       *stem;
    float             weight;
    float             factors[N_FACTORS];
} words[N_WORDS] = {
    { "invoic", 2, { 1, 0, 0, 0 } },
    { "rechnung", 2, { 1, 0, 0, 0 } },
    { "password", 1, { 0, 1, 0, 0 } },
    { "kosten", 4, { 0, 0, 2, 0 } },
    { "kost", 1, { 0, 0, 0, 3 } }
};

static uint64_t  hashes[N_WORDS];
static float     weights[N_WORDS];
static float     factors[N_WORDS][N_FACTORS];


static recs_str_t
str(const char *s)
{
    recs_str_t  value;

    value.data = s;
    value.len = strlen(s);

    return value;
}


static int
by_hash(const void *a, const void *b)
{
    uint64_t  x, y;

    x = *(const uint64_t *) a;
    y = *(const uint64_t *) b;

    return x < y ? -1 : x > y;
}


static void
make_terms(recs_terms_t *terms)
{
    uint32_t      i, j;
    recs_term_t   term;
    recs_text_t  *text;

    assert_int_equal(recs_text_create(&text, 64, 0, &err), RECS_OK);

    for (i = 0; i < N_WORDS; i++) {
        recs_text_start(text, str(words[i].stem), 0);
        assert_true(recs_text_next(text, &term));
        hashes[i] = term.hash;
    }

    qsort(hashes, N_WORDS, sizeof(uint64_t), by_hash);

    for (i = 0; i < N_WORDS; i++) {
        recs_text_start(text, str(words[i].stem), 0);
        assert_true(recs_text_next(text, &term));

        for (j = 0; hashes[j] != term.hash; j++) {
            /* void */
        }

        weights[j] = words[i].weight;
        memcpy(factors[j], words[i].factors, sizeof(factors[j]));
    }

    recs_text_destroy(text);

    terms->n = N_WORDS;
    terms->hashes = hashes;
    terms->weights = weights;
    terms->factors = factors[0];
    terms->languages = 1 << RECS_LANGUAGE_ENGLISH | 1 << RECS_LANGUAGE_GERMAN;
}


/* Item i lies on axis i % 4, the first of them the longest; u0 on the last. */
static int
setup(void **state)
{
    uint32_t               i;
    recs_terms_t           terms;
    recs_fixture_t        *fixture;
    recs_fixture_params_t  params = { .n_items = N_ITEMS, .n_users = 3,
                                      .n_factors = N_FACTORS, .seed = 1 };

    (void) state;

    fixture = recs_fixture_create(&params);
    memset(fixture->item_factors, 0, N_ITEMS * N_FACTORS * sizeof(float));
    memset(fixture->user_factors, 0, 3 * N_FACTORS * sizeof(float));

    for (i = 0; i < N_ITEMS; i++) {
        fixture->item_factors[i * N_FACTORS + i % N_FACTORS] =
            2 - (float) i / N_ITEMS;
    }

    fixture->user_factors[3] = 10;
    make_terms(&terms);
    fixture->model.terms = &terms;

    bundle = recs_tiny_bundle(&fixture->model);
    recs_fixture_destroy(fixture);

    return recs_scratch_create(&scratch, bundle, &err);
}


static int
teardown(void **state)
{
    (void) state;

    recs_scratch_destroy(scratch);
    recs_bundle_close(bundle);

    return 0;
}


static void
expect_vector(const char *text, float a, float b, float c, float d)
{
    int                        known;
    float                      vector[16];
    uint32_t                   f;
    recs_question_t           *question;
    const float                expected[4] = { a, b, c, d };
    const recs_bundle_view_t  *view;

    view = recs_bundle_view(bundle);
    assert_int_equal(view->stride, 16);
    assert_int_equal(recs_question_create(&question, view, &err), RECS_OK);

    known = recs_question_vector(question, str(text), vector);
    assert_int_equal(known, a != 0 || b != 0 || c != 0 || d != 0);

    for (f = 0; f < 16; f++) {
        assert_true(fabs(vector[f] - (f < 4 ? expected[f] : 0)) < 1e-6);
    }

    recs_question_destroy(question);
}


static void
test_question_vector(void **state)
{
    float  n;

    (void) state;

    expect_vector("", 0, 0, 0, 0);
    expect_vector("nothing of that", 0, 0, 0, 0);
    expect_vector("An INVOICE, please", 1, 0, 0, 0);
    expect_vector("Wo sind meine Rechnungen?", 1, 0, 0, 0);

    /* 2 on the first axis, 1 on the second. */
    n = sqrtf(5);
    expect_vector("invoice password", 2 / n, 1 / n, 0, 0);

    /* One word, two stems: half of 4 * 2, half of 1 * 3. */
    n = sqrtf(16 + 2.25f);
    expect_vector("Kosten", 0, 0, 4 / n, 1.5f / n);
}


static void
test_question_blend(void **state)
{
    float                      vector[16] = { 1 };
    float                      profile[16] = { 0, 0, 4, 3 }, none[16] = { 0 };
    const recs_bundle_view_t  *view;

    (void) state;

    view = recs_bundle_view(bundle);

    recs_question_blend(view, 0.25f, NULL, vector);
    recs_question_blend(view, 0.25f, none, vector);
    assert_true(vector[0] == 1);

    recs_question_blend(view, 0.25f, profile, vector);
    assert_true(fabs(vector[0] - 0.25) < 1e-6);
    assert_true(fabs(vector[2] - 0.75 * 0.8) < 1e-6);
    assert_true(fabs(vector[3] - 0.75 * 0.6) < 1e-6);
}


static void
expect_answer(const recs_query_t *query, recs_source_t source,
    recs_reason_t reason, const char *first)
{
    recs_str_t          id;
    recs_answer_t       answer;
    recs_answer_item_t  items[8];

    answer.items = items;
    recs_recommend(bundle, scratch, query, &answer);

    assert_string_equal(recs_source_name(answer.source),
                        recs_source_name(source));
    assert_string_equal(recs_reason_name(answer.reason),
                        recs_reason_name(reason));
    assert_int_equal(answer.n, query->count);

    id = recs_record_id(recs_bundle_item_record(bundle, items[0].item));

    if (first != NULL) {
        assert_int_equal(id.len, strlen(first));
        assert_memory_equal(id.data, first, id.len);
    }
}


static void
test_question_on_the_ladder(void **state)
{
    recs_query_t  query;

    (void) state;

    memset(&query, 0, sizeof(recs_query_t));
    query.strategy = RECS_SOURCE_PERSONAL;
    query.count = 8;
    query.asks = 1;
    query.question_weight = RECS_QUESTION_WEIGHT;
    query.user = str("u0");

    query.question = str("my password");
    expect_answer(&query, RECS_SOURCE_QUERY, RECS_REASON_NONE, "i1");

    /* All of the profile, none of the question; and none allowed. */
    query.question_weight = 0;
    expect_answer(&query, RECS_SOURCE_QUERY, RECS_REASON_NONE, "i3");
    query.no_consent = 1;
    expect_answer(&query, RECS_SOURCE_QUERY, RECS_REASON_NONE, "i1");
    query.no_consent = 0;

    query.question = str("xyzzy");
    expect_answer(&query, RECS_SOURCE_PERSONAL, RECS_REASON_UNKNOWN_QUERY,
                  "i3");
    query.question.len = 0;
    expect_answer(&query, RECS_SOURCE_PERSONAL, RECS_REASON_NO_QUERY, "i3");
    query.user.len = 0;
    expect_answer(&query, RECS_SOURCE_POPULAR, RECS_REASON_NO_QUERY, NULL);

    /* A question that the slot does not ask is none. */
    query.asks = 0;
    query.question = str("my password");
    expect_answer(&query, RECS_SOURCE_POPULAR, RECS_REASON_NO_USER, NULL);
}


/* Item 1 is 1.975 long on the question's axis, item 3 1.925 on the user's. */
static void
test_question_explained(void **state)
{
    double                       expected, sum, score;
    uint32_t                     i, k, index;
    recs_query_t                 query;
    recs_answer_t                answer;
    recs_explain_t              *explain;
    recs_kept_out_t              kept_out;
    recs_answer_item_t           items[8];
    recs_explanation_t           explanations[8];
    const recs_contribution_t   *part;
    const recs_contributions_t  *of;

    (void) state;

    assert_int_equal(recs_explain_create(&explain, bundle, &err), RECS_OK);
    memset(&query, 0, sizeof(recs_query_t));
    query.strategy = RECS_SOURCE_PERSONAL;
    query.count = 8;
    query.asks = 1;
    query.question_weight = 0.75f;
    query.question = str("my password");
    query.user = str("u0");
    answer.items = items;

    recs_recommend(bundle, scratch, &query, &answer);
    assert_int_equal(answer.source, RECS_SOURCE_QUERY);
    assert_int_equal(recs_explain(explain, scratch, &query, &answer,
                                  explanations, &kept_out), 1);

    for (i = 0; i < answer.n; i++) {
        of = &explanations[i].score;
        index = recs_bundle_view(bundle)->item_order[items[i].item];
        score = 2 - (double) index / N_ITEMS;
        expected = index % N_FACTORS == 1 ? 0.75 * score : 0;
        sum = 0;

        for (k = 0; k < of->n; k++) {
            part = &of->parts[k];
            sum += part->score;

            if (part->kind == RECS_CONTRIBUTION_QUERY) {
                assert_true(fabs(part->score - expected) < 1e-5);
                expected = 0;
            }
        }

        assert_true(expected == 0);
        assert_true(fabs(sum - items[i].score) < 1e-4);
    }

    recs_explain_destroy(explain);
}


static void
test_question_without_terms(void **state)
{
    recs_query_t           query;
    recs_answer_t          answer;
    recs_bundle_t         *other;
    recs_scratch_t        *other_scratch;
    recs_answer_item_t     items[4];
    recs_fixture_params_t  params = { .n_items = N_ITEMS, .n_users = 3,
                                      .n_factors = N_FACTORS, .seed = 1 };

    (void) state;

    other = recs_fixture_open(&params);
    assert_int_equal(recs_scratch_create(&other_scratch, other, &err),
                     RECS_OK);

    memset(&query, 0, sizeof(recs_query_t));
    query.strategy = RECS_SOURCE_POPULAR;
    query.count = 4;
    query.asks = 1;
    query.question = str("my password");
    answer.items = items;
    recs_recommend(other, other_scratch, &query, &answer);
    assert_int_equal(answer.source, RECS_SOURCE_POPULAR);
    assert_int_equal(answer.reason, RECS_REASON_NO_VECTORS);

    recs_scratch_destroy(other_scratch);
    recs_bundle_close(other);
}


static void
test_terms_that_are_refused(void **state)
{
    recs_terms_t           terms;
    recs_fixture_t        *fixture;
    recs_fixture_params_t  params = { .n_items = N_ITEMS, .n_users = 3,
                                      .n_factors = N_FACTORS, .n_terms = 3 };

    (void) state;

    fixture = recs_fixture_create(&params);
    terms = fixture->terms;
    fixture->model.terms = &terms;

    fixture->term_hashes[2] = fixture->term_hashes[1];
    assert_int_equal(recs_model_write(&fixture->model, "/nowhere/x", &err),
                     RECS_INVALID);
    assert_non_null(strstr(err.message, "term 2"));
    fixture->term_hashes[2]++;

    fixture->term_weights[1] = 0;
    assert_int_equal(recs_model_write(&fixture->model, "/nowhere/x", &err),
                     RECS_INVALID);
    fixture->term_weights[1] = 1;

    fixture->term_factors[N_FACTORS] = NAN;
    assert_int_equal(recs_model_write(&fixture->model, "/nowhere/x", &err),
                     RECS_INVALID);
    fixture->term_factors[N_FACTORS] = 1;

    terms.n = 0;
    assert_int_equal(recs_model_write(&fixture->model, "/nowhere/x", &err),
                     RECS_INVALID);
    recs_fixture_destroy(fixture);
}


static void
test_hostile_terms(void **state)
{
    const float               *row;
    const recs_hashed_term_t  *terms;

    (void) state;

    terms = recs_sealed_file_row(&recs_sealed, RECS_TABLE_TERMS, 8);
    recs_refuses(&terms[0], &terms[1], sizeof(recs_hashed_term_t),
                 "hash is out of order at row 9");
    recs_refuses_u32(&terms[0].high, 1, "hash is out of order at row 9");

    row = recs_sealed_file_row(&recs_sealed, RECS_TABLE_TERM_WEIGHTS, 7);
    recs_refuses_float(row, 0, "weight is out of range at row 7");
    recs_refuses_float(row, -1, "weight is out of range at row 7");
    recs_refuses_float(row, NAN, "weight is out of range at row 7");
    recs_refuses_float(row, INFINITY, "weight is out of range at row 7");

    row = recs_sealed_file_row(&recs_sealed, RECS_TABLE_TERM_FACTORS, 6);
    recs_refuses_float(row, NAN, "not finite at row 6");
    recs_refuses_float(row, 2e9f, "too long or not finite at row 6");
    recs_refuses_float(row + 20, 1, "padding is not zero at row 6");

    recs_refuses_entry("languages", "en,xx", "\"languages\" is missing");
    recs_refuses_entry("languages", "en;de", "\"languages\" is missing");
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test_setup_teardown(test_question_vector, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_question_blend, setup, teardown),
        cmocka_unit_test_setup_teardown(test_question_on_the_ladder, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_question_explained, setup,
                                        teardown),
        cmocka_unit_test(test_question_without_terms),
        cmocka_unit_test(test_terms_that_are_refused),
        RECS_SEALED_TEST(test_hostile_terms),
        RECS_SEALED_TEST_SHARDS(test_hostile_terms)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
