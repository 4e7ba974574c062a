/*
 * The ladder, rung by rung: sources, reasons, exclusions, topping up.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "recs_model.h"
#include "recs_recommend.h"
#include "recs_tiny_bundle.h"
#include "recs_tiny_dataset.h"


#define N_ITEMS  8
#define N_LARGE  60000
#define N_USERS  3


/*
 * Items 0 to 3 point along the first axis, 4 to 6 along the second, both in
 * falling length; item 7 has no vector.  Popularity rises with the index, but
 * for a tie of 2 and 3.  User 0 likes the first axis and has seen item 0;
 * user 1 likes the second; user 2 has seen item 7 and has no vector.
 */
static const float  item_factors[N_ITEMS * 2] = {
    8, 0,  6, 0,  4, 0,  2, 0,  0, 7,  0, 5,  0, 3,  0, 0
};
/* Of another generation: 0, 1 and 4 to 7 along the first. */
static const float  other_factors[N_ITEMS * 2] = {
    8, 0,  6, 0,  0, 4,  0, 2,  7, 0,  5, 0,  3, 0,  1, 0
};
static const float     user_factors[N_USERS * 2] = { 1, 0.1f, 0, 1, 0, 0 };
static const float     popularity[N_ITEMS] = { 1, 2, 3, 3, 4, 5, 6, 7 };
static const uint64_t  seen_offsets[] = { 0, 1, 2, 3 };
static const uint32_t  seen_items[] = { 0, 5, 7 };
static const float     gram[2] = { 120, 83 };

static const recs_fold_in_params_t  fold_in = { gram, 0.1, 0.1, 0.5 };


typedef struct {
    recs_bundle_t       *bundle;
    recs_scratch_t      *scratch;
    recs_query_t         query;
    recs_answer_t        answer;
    recs_answer_item_t   items[N_ITEMS * 2];
} ladder_t;


static void
open_ladder_of(ladder_t *l, const float *vectors)
{
    recs_error_t  err;
    recs_model_t  model;

    memset(l, 0, sizeof(ladder_t));
    memset(&model, 0, sizeof(recs_model_t));
    model.algorithm = "test";
    model.items.n = N_ITEMS;
    model.items.record = recs_tiny_record;
    model.items.data = "i";
    model.users.n = N_USERS;
    model.users.record = recs_tiny_record;
    model.users.data = "u";
    model.popularity = popularity;
    model.seen_offsets = seen_offsets;
    model.seen_items = seen_items;

    if (vectors != NULL) {
        model.n_factors = 2;
        model.item_factors = vectors;
        model.user_factors = user_factors;
        model.fold_in = &fold_in;
    }

    l->bundle = recs_tiny_bundle(&model);
    assert_int_equal(recs_scratch_create(&l->scratch, l->bundle, &err),
                     RECS_OK);
    l->answer.items = l->items;
    l->query.count = 3;
}


static void
open_ladder(ladder_t *l, int with_vectors)
{
    open_ladder_of(l, with_vectors ? item_factors : NULL);
}


static void
close_ladder(ladder_t *l)
{
    recs_scratch_destroy(l->scratch);
    recs_bundle_close(l->bundle);
}


static recs_str_t
str(const char *text)
{
    recs_str_t  s;

    s.data = text;
    s.len = strlen(text);

    return s;
}


/* The number of the item whose index in the model was `index`. */

static uint32_t
number(const ladder_t *l, uint32_t index)
{
    return recs_bundle_item(l->bundle,
                            recs_record_id(recs_tiny_record("i", index)));
}


/* Asks, and compares with source, reason and indexes up to a -1. */

static void
expect(ladder_t *l, recs_source_t source, recs_reason_t reason, ...)
{
    int       index;
    va_list   args;
    uint32_t  i;

    recs_recommend(l->bundle, l->scratch, &l->query, &l->answer);

    assert_string_equal(recs_source_name(l->answer.source),
                        recs_source_name(source));
    assert_string_equal(recs_reason_name(l->answer.reason),
                        recs_reason_name(reason));

    va_start(args, reason);

    for (i = 0; (index = va_arg(args, int)) != -1; i++) {
        assert_true(i < l->answer.n);
        assert_int_equal(l->items[i].item, number(l, (uint32_t) index));
    }

    va_end(args);

    assert_int_equal(l->answer.n, i);
}


static void
test_personal(void **state)
{
    ladder_t  l;

    (void) state;

    open_ladder(&l, 1);
    l.query.strategy = RECS_SOURCE_PERSONAL;
    l.query.user = str("u00000");

    expect(&l, RECS_SOURCE_PERSONAL, RECS_REASON_NONE, 0, 1, 2, -1);
    assert_true(l.items[0].score == 8);
    assert_true(l.items[1].score == 6);
    assert_int_equal(l.items[2].source, RECS_SOURCE_PERSONAL);

    l.query.exclude_seen = 1;
    expect(&l, RECS_SOURCE_PERSONAL, RECS_REASON_NONE, 1, 2, 3, -1);

    l.query.user = str("u00001");
    expect(&l, RECS_SOURCE_PERSONAL, RECS_REASON_NONE, 4, 6, 0, -1);

    l.query.count = 0;
    expect(&l, RECS_SOURCE_FALLBACK, RECS_REASON_NONE, -1);

    close_ladder(&l);
}


static void
test_why_not_personal(void **state)
{
    ladder_t  l;

    (void) state;

    open_ladder(&l, 1);
    l.query.strategy = RECS_SOURCE_PERSONAL;

    expect(&l, RECS_SOURCE_POPULAR, RECS_REASON_NO_USER, 7, 6, 5, -1);

    l.query.user = str("stranger");
    expect(&l, RECS_SOURCE_POPULAR, RECS_REASON_UNKNOWN_USER, 7, 6, 5, -1);

    /* known, but without a vector; what it has seen counts */
    l.query.user = str("u00002");
    l.query.exclude_seen = 1;
    expect(&l, RECS_SOURCE_POPULAR, RECS_REASON_UNKNOWN_USER, 6, 5, 4, -1);

    /* nothing personal at all, not even what was seen */
    l.query.user = str("u00000");
    l.query.no_consent = 1;
    l.query.count = N_ITEMS;
    expect(&l, RECS_SOURCE_POPULAR, RECS_REASON_NO_CONSENT,
           7, 6, 5, 4, 2, 3, 1, 0, -1);

    close_ladder(&l);
}


static void
test_session(void **state)
{
    ladder_t  l;
    uint32_t  recent[2];

    (void) state;

    open_ladder(&l, 1);
    l.query.strategy = RECS_SOURCE_SESSION;

    expect(&l, RECS_SOURCE_POPULAR, RECS_REASON_NO_ITEM, 7, 6, 5, -1);

    recent[0] = number(&l, 6);
    recent[1] = 1000000;               /* of another generation: ignored */
    l.query.recent = recent;
    l.query.n_recent = 2;
    expect(&l, RECS_SOURCE_SESSION, RECS_REASON_NONE, 4, 5, 6, -1);

    l.query.exclude_seen = 1;
    expect(&l, RECS_SOURCE_SESSION, RECS_REASON_NONE, 4, 5, 0, -1);

    /* a stranger's session serves where personal was asked for */
    l.query.strategy = RECS_SOURCE_PERSONAL;
    l.query.user = str("stranger");
    expect(&l, RECS_SOURCE_SESSION, RECS_REASON_UNKNOWN_USER, 4, 5, 0, -1);

    close_ladder(&l);
}


/* Clicks on the other axis outweigh a trained vector that is worth half of
   one. */

static void
test_personal_and_session(void **state)
{
    ladder_t  l;
    uint32_t  i, recent[RECS_HISTORY_MAX + 1];

    (void) state;

    open_ladder(&l, 1);
    ((recs_bundle_view_t *) recs_bundle_view(l.bundle))->session_prior = 0.5f;
    l.query.strategy = RECS_SOURCE_PERSONAL;
    l.query.user = str("u00000");
    recent[0] = number(&l, 5);
    recent[1] = number(&l, 5);
    recent[2] = number(&l, 4);
    l.query.recent = recent;
    l.query.n_recent = 3;
    expect(&l, RECS_SOURCE_PERSONAL, RECS_REASON_NONE, 4, 5, 6, -1);

    l.query.exclude_seen = 1;
    expect(&l, RECS_SOURCE_PERSONAL, RECS_REASON_NONE, 6, 1, 2, -1);

    /* what is beyond the window counts as seen, nothing else */
    ((recs_bundle_view_t *) recs_bundle_view(l.bundle))->session_window = 1;
    recent[0] = number(&l, 1);
    expect(&l, RECS_SOURCE_PERSONAL, RECS_REASON_NONE, 2, 3, 6, -1);

    for (i = 0; i < RECS_HISTORY_MAX + 1; i++) {
        recent[i] = number(&l, i % 3);
    }

    l.query.n_recent = RECS_HISTORY_MAX + 1;
    expect(&l, RECS_SOURCE_PERSONAL, RECS_REASON_NONE, 3, 4, 5, -1);

    close_ladder(&l);
}


/* Vectors of one length: a search has to look at them all. */

static void
open_large(ladder_t *l)
{
    float         *items, *popularity;
    uint32_t       i;
    recs_error_t   err;
    recs_model_t   model;

    static const float     user[] = { 1, 0.5f };
    static const uint64_t  none[] = { 0, 0 };

    memset(l, 0, sizeof(ladder_t));
    memset(&model, 0, sizeof(recs_model_t));
    items = calloc(N_LARGE * 2, sizeof(float));
    popularity = calloc(N_LARGE, sizeof(float));

    for (i = 0; i < N_LARGE; i++) {
        items[2 * i] = (float) cos(i);
        items[2 * i + 1] = (float) sin(i);
        popularity[i] = (float) i;
    }

    model.algorithm = "test";
    model.items.n = N_LARGE;
    model.items.record = recs_tiny_record;
    model.items.data = "i";
    model.users.n = 1;
    model.users.record = recs_tiny_record;
    model.users.data = "u";
    model.popularity = popularity;
    model.seen_offsets = none;
    model.seen_items = (const uint32_t *) none;
    model.n_factors = 2;
    model.item_factors = items;
    model.user_factors = user;

    l->bundle = recs_tiny_bundle(&model);
    assert_int_equal(recs_scratch_create(&l->scratch, l->bundle, &err),
                     RECS_OK);
    l->answer.items = l->items;
    free(items);
    free(popularity);
}


/*
 * Only the first run of the search is made, whatever the clock says; then
 * nothing is searched any more.
 */

static void
test_out_of_time(void **state)
{
    ladder_t             l;
    uint32_t             recent[1] = { 0 };
    recs_bitmap_word_t  *blocked;

    (void) state;

    open_large(&l);
    l.query.strategy = RECS_SOURCE_PERSONAL;
    l.query.user = str("u00000");
    l.query.recent = recent;
    l.query.n_recent = 1;
    l.query.count = 3;

    recs_recommend(l.bundle, l.scratch, &l.query, &l.answer);
    assert_int_equal(l.answer.degraded, 0);
    assert_int_equal(l.answer.reason, RECS_REASON_NONE);

    l.query.budget_us = 1;
    recs_recommend(l.bundle, l.scratch, &l.query, &l.answer);
    assert_int_equal(l.answer.degraded, 1);
    assert_int_equal(l.answer.source, RECS_SOURCE_PERSONAL);
    assert_int_equal(l.answer.reason, RECS_REASON_OVER_BUDGET);
    assert_int_equal(l.answer.n, 3);

    /* a stranger's session, and why it is not the first choice */
    l.query.user = str("stranger");
    recs_recommend(l.bundle, l.scratch, &l.query, &l.answer);
    assert_int_equal(l.answer.degraded, 1);
    assert_int_equal(l.answer.source, RECS_SOURCE_SESSION);
    assert_int_equal(l.answer.reason, RECS_REASON_UNKNOWN_USER);

    /* nothing found: not the session's turn, but the popular */
    blocked = calloc(recs_bitmap_words(N_LARGE), sizeof(recs_bitmap_word_t));
    memset(blocked, 0xff, recs_bitmap_words(N_LARGE - 64)
                          * sizeof(recs_bitmap_word_t));
    l.query.blocked = blocked;
    l.query.user = str("u00000");
    recs_recommend(l.bundle, l.scratch, &l.query, &l.answer);
    assert_int_equal(l.answer.degraded, 1);
    assert_int_equal(l.answer.source, RECS_SOURCE_POPULAR);
    assert_int_equal(l.answer.reason, RECS_REASON_OVER_BUDGET);
    assert_int_equal(l.answer.n, 3);

    free(blocked);
    close_ladder(&l);
}


static void
test_similar(void **state)
{
    ladder_t  l;

    (void) state;

    open_ladder(&l, 1);
    l.query.strategy = RECS_SOURCE_SIMILAR;

    expect(&l, RECS_SOURCE_POPULAR, RECS_REASON_NO_ITEM, 7, 6, 5, -1);

    l.query.item = str("none");
    expect(&l, RECS_SOURCE_POPULAR, RECS_REASON_UNKNOWN_ITEM, 7, 6, 5, -1);

    /* itself never, not even where it is like nothing */
    l.query.item = str("i00007");
    expect(&l, RECS_SOURCE_POPULAR, RECS_REASON_UNKNOWN_ITEM, 6, 5, 4, -1);

    /* equal cosines by index */
    l.query.item = str("i00001");
    expect(&l, RECS_SOURCE_SIMILAR, RECS_REASON_NONE, 0, 2, 3, -1);
    assert_true(fabsf(l.items[0].score - 1) < 1e-6f);

    close_ladder(&l);
}


/* Asked again and again, by two generations in turn. */

static void
test_similar_again(void **state)
{
    uint32_t            i;
    ladder_t            one, two;
    recs_bitmap_word_t  blocked;

    (void) state;

    open_ladder(&one, 1);
    open_ladder_of(&two, other_factors);
    one.query.strategy = two.query.strategy = RECS_SOURCE_SIMILAR;
    one.query.item = two.query.item = str("i00001");

    for (i = 0; i < 4; i++) {
        expect(&one, RECS_SOURCE_SIMILAR, RECS_REASON_NONE, 0, 2, 3, -1);
        expect(&two, RECS_SOURCE_SIMILAR, RECS_REASON_NONE, 0, 4, 5, -1);
    }

    blocked = (recs_bitmap_word_t) 1 << number(&one, 2);
    one.query.blocked = &blocked;
    expect(&one, RECS_SOURCE_SIMILAR, RECS_REASON_NONE, 0, 3, 4, -1);

    blocked = 0;
    expect(&one, RECS_SOURCE_SIMILAR, RECS_REASON_NONE, 0, 2, 3, -1);

    close_ladder(&one);
    close_ladder(&two);
}


static void
test_popular(void **state)
{
    ladder_t  l;

    (void) state;

    open_ladder(&l, 1);
    l.query.strategy = RECS_SOURCE_POPULAR;
    l.query.count = 6;

    expect(&l, RECS_SOURCE_POPULAR, RECS_REASON_NONE, 7, 6, 5, 4, 2, 3, -1);
    assert_true(l.items[0].score == 7);

    close_ladder(&l);
}


/* Short lists go on with lower rungs, and no item comes twice. */

static void
test_topped_up(void **state)
{
    uint32_t  i, exclude[6];
    ladder_t  l;

    (void) state;

    open_ladder(&l, 1);
    l.query.strategy = RECS_SOURCE_PERSONAL;
    l.query.user = str("u00000");
    l.query.count = N_ITEMS * 2;

    recs_recommend(l.bundle, l.scratch, &l.query, &l.answer);
    assert_int_equal(l.answer.n, N_ITEMS);

    /* a similar list ends where its own item would stand; popular adds it
       no more than the others */
    l.query.strategy = RECS_SOURCE_SIMILAR;
    l.query.item = str("i00004");
    recs_recommend(l.bundle, l.scratch, &l.query, &l.answer);
    assert_int_equal(l.answer.n, N_ITEMS - 1);

    for (i = 0; i < l.answer.n; i++) {
        assert_int_not_equal(l.items[i].item, number(&l, 4));
    }

    for (i = 0; i < 6; i++) {
        exclude[i] = number(&l, i);
    }

    l.query.exclude = exclude;
    l.query.n_exclude = 6;
    expect(&l, RECS_SOURCE_SIMILAR, RECS_REASON_NONE, 6, 7, -1);

    close_ladder(&l);
}


static void
test_nothing_left(void **state)
{
    uint32_t            i, exclude[N_ITEMS + 1];
    ladder_t            l;
    recs_bitmap_word_t  blocked[1];

    (void) state;

    open_ladder(&l, 1);
    l.query.strategy = RECS_SOURCE_PERSONAL;
    l.query.user = str("u00000");

    for (i = 0; i < N_ITEMS; i++) {
        exclude[i] = i;
    }

    exclude[N_ITEMS] = UINT32_MAX;     /* no such item: ignored */
    l.query.exclude = exclude;
    l.query.n_exclude = N_ITEMS + 1;
    expect(&l, RECS_SOURCE_FALLBACK, RECS_REASON_EXHAUSTED, -1);

    /* the scratch forgets */
    l.query.n_exclude = 0;
    expect(&l, RECS_SOURCE_PERSONAL, RECS_REASON_NONE, 0, 1, 2, -1);

    blocked[0] = 0;
    recs_bitmap_set(blocked, number(&l, 0));
    recs_bitmap_set(blocked, number(&l, 2));
    l.query.blocked = blocked;
    expect(&l, RECS_SOURCE_PERSONAL, RECS_REASON_NONE, 1, 3, 4, -1);

    l.query.strategy = RECS_SOURCE_POPULAR;
    recs_bitmap_set(blocked, number(&l, 7));
    expect(&l, RECS_SOURCE_POPULAR, RECS_REASON_NONE, 6, 5, 4, -1);

    close_ladder(&l);
}


static void
test_no_vectors(void **state)
{
    ladder_t  l;
    uint32_t  recent[1] = { 0 };

    (void) state;

    open_ladder(&l, 0);
    l.query.user = str("u00002");
    l.query.item = str("i00001");
    l.query.recent = recent;
    l.query.n_recent = 1;

    l.query.strategy = RECS_SOURCE_PERSONAL;
    expect(&l, RECS_SOURCE_POPULAR, RECS_REASON_NO_VECTORS, 7, 6, 5, -1);

    l.query.strategy = RECS_SOURCE_SESSION;
    expect(&l, RECS_SOURCE_POPULAR, RECS_REASON_NO_VECTORS, 7, 6, 5, -1);

    l.query.strategy = RECS_SOURCE_SIMILAR;
    l.query.item = str("i00006");
    expect(&l, RECS_SOURCE_POPULAR, RECS_REASON_NO_VECTORS, 7, 5, 4, -1);

    close_ladder(&l);
}


static void
test_names(void **state)
{
    int  i;

    (void) state;

    for (i = 0; i < RECS_SOURCE_COUNT; i++) {
        assert_true(strlen(recs_source_name((recs_source_t) i)) > 0);
    }

    assert_string_equal(recs_reason_name(RECS_REASON_NONE), "");
    assert_string_equal(recs_reason_name(RECS_REASON_NO_CONSENT),
                        "no_consent");
}


/* Items by index as a filter: ascending numbers, or bits. */
static void
set_filter(const ladder_t *l, recs_filter_t *filter, uint32_t *items,
    recs_bitmap_word_t *bits, const uint32_t *indexes, uint32_t n)
{
    uint32_t  i, item;

    memset(filter, 0, sizeof(recs_filter_t));
    filter->value = RECS_FILTER_VALUE_NO;
    *bits = 0;

    for (i = 0; i < n; i++) {
        recs_bitmap_set(bits, number(l, indexes[i]));
    }

    filter->bits = items == NULL ? bits : NULL;
    filter->items = items;

    for (item = 0; items != NULL && item < N_ITEMS; item++) {
        if (recs_bitmap_test(bits, item)) {
            items[filter->n_items++] = item;
        }
    }
}


/* Both forms of a filter, on every rung and where lists are topped up. */
static void
test_filter(void **state)
{
    uint32_t             form, items[N_ITEMS];
    ladder_t             l;
    recs_filter_t        filter;
    recs_bitmap_word_t   bits;

    static const uint32_t  some[] = { 1, 3, 5, 7 };

    (void) state;

    open_ladder(&l, 1);
    l.query.filter = &filter;

    for (form = 0; form < 2; form++) {
        set_filter(&l, &filter, form ? items : NULL, &bits, some, 4);

        l.query.user = str("u00000");
        l.query.item = str("i00000");
        l.query.count = 3;

        l.query.strategy = RECS_SOURCE_PERSONAL;
        expect(&l, RECS_SOURCE_PERSONAL, RECS_REASON_NONE, 1, 3, 5, -1);

        l.query.strategy = RECS_SOURCE_SIMILAR;
        expect(&l, RECS_SOURCE_SIMILAR, RECS_REASON_NONE, 1, 3, 5, -1);

        l.query.strategy = RECS_SOURCE_POPULAR;
        expect(&l, RECS_SOURCE_POPULAR, RECS_REASON_NONE, 7, 5, 3, -1);

        /* Item 7 is the only one with no vector; there is nothing more. */
        l.query.count = N_ITEMS;
        l.query.strategy = RECS_SOURCE_PERSONAL;
        l.query.user = str("u00002");
        expect(&l, RECS_SOURCE_SIMILAR, RECS_REASON_UNKNOWN_USER,
               1, 3, 5, 7, -1);

        l.query.user = str("stranger");
        l.query.item.len = 0;
        expect(&l, RECS_SOURCE_POPULAR, RECS_REASON_UNKNOWN_USER,
               7, 5, 3, 1, -1);
    }

    /* Equal popularity of 2 and 3: by index, as popular_items has it. */
    set_filter(&l, &filter, items, &bits, (const uint32_t[]) { 3, 2 }, 2);
    l.query.strategy = RECS_SOURCE_POPULAR;
    expect(&l, RECS_SOURCE_POPULAR, RECS_REASON_NONE, 2, 3, -1);

    set_filter(&l, &filter, items, &bits, some, 0);
    expect(&l, RECS_SOURCE_FALLBACK, RECS_REASON_EXHAUSTED, -1);

    l.query.strategy = RECS_SOURCE_PERSONAL;
    l.query.user = str("u00000");
    expect(&l, RECS_SOURCE_FALLBACK, RECS_REASON_EXHAUSTED, -1);

    close_ladder(&l);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_personal),
        cmocka_unit_test(test_why_not_personal),
        cmocka_unit_test(test_session),
        cmocka_unit_test(test_personal_and_session),
        cmocka_unit_test(test_out_of_time),
        cmocka_unit_test(test_similar),
        cmocka_unit_test(test_similar_again),
        cmocka_unit_test(test_popular),
        cmocka_unit_test(test_topped_up),
        cmocka_unit_test(test_nothing_left),
        cmocka_unit_test(test_no_vectors),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_filter)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
