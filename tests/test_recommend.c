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

#include "recs_ladder.h"
#include "recs_tiny_bundle.h"
#include "recs_tiny_dataset.h"


#define N_LARGE  60000


/* Of another generation: 0, 1 and 4 to 7 along the first. */
static const float  other_factors[RECS_LADDER_ITEMS * 2] = {
    8, 0,  6, 0,  0, 4,  0, 2,  7, 0,  5, 0,  3, 0,  1, 0
};


static void
test_personal(void **state)
{
    recs_ladder_t  l;

    (void) state;

    recs_ladder_open(&l, 1);
    l.query.strategy = RECS_SOURCE_PERSONAL;
    l.query.user = recs_ladder_text("u00000");

    recs_ladder_expect(&l, RECS_SOURCE_PERSONAL, RECS_REASON_NONE,
                       0, 1, 2, -1);
    assert_true(l.items[0].score == 8);
    assert_true(l.items[1].score == 6);
    assert_int_equal(l.items[2].source, RECS_SOURCE_PERSONAL);

    l.query.exclude_seen = 1;
    recs_ladder_expect(&l, RECS_SOURCE_PERSONAL, RECS_REASON_NONE,
                       1, 2, 3, -1);

    l.query.user = recs_ladder_text("u00001");
    recs_ladder_expect(&l, RECS_SOURCE_PERSONAL, RECS_REASON_NONE,
                       4, 6, 0, -1);

    l.query.count = 0;
    recs_ladder_expect(&l, RECS_SOURCE_FALLBACK, RECS_REASON_NONE, -1);

    recs_ladder_close(&l);
}


static void
test_why_not_personal(void **state)
{
    recs_ladder_t  l;

    (void) state;

    recs_ladder_open(&l, 1);
    l.query.strategy = RECS_SOURCE_PERSONAL;

    recs_ladder_expect(&l, RECS_SOURCE_POPULAR, RECS_REASON_NO_USER,
                       7, 6, 5, -1);

    l.query.user = recs_ladder_text("stranger");
    recs_ladder_expect(&l, RECS_SOURCE_POPULAR, RECS_REASON_UNKNOWN_USER,
                       7, 6, 5, -1);

    /* known, but without a vector; what it has seen counts */
    l.query.user = recs_ladder_text("u00002");
    l.query.exclude_seen = 1;
    recs_ladder_expect(&l, RECS_SOURCE_POPULAR, RECS_REASON_UNKNOWN_USER,
                       6, 5, 4, -1);

    /* nothing personal at all, not even what was seen */
    l.query.user = recs_ladder_text("u00000");
    l.query.no_consent = 1;
    l.query.count = RECS_LADDER_ITEMS;
    recs_ladder_expect(&l, RECS_SOURCE_POPULAR, RECS_REASON_NO_CONSENT,
                       7, 6, 5, 4, 2, 3, 1, 0, -1);

    recs_ladder_close(&l);
}


/* Vectors of one length: a search has to look at them all. */

static void
open_large(recs_ladder_t *l)
{
    float         *items, *popularity;
    uint32_t       i;
    recs_error_t   err;
    recs_model_t   model;

    static const float     user[] = { 1, 0.5f };
    static const uint64_t  none[] = { 0, 0 };

    memset(l, 0, sizeof(recs_ladder_t));
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
    recs_ladder_t             l;
    uint32_t             recent[1] = { 0 };
    recs_bitmap_word_t  *blocked;

    (void) state;

    open_large(&l);
    l.query.strategy = RECS_SOURCE_PERSONAL;
    l.query.user = recs_ladder_text("u00000");
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
    l.query.user = recs_ladder_text("stranger");
    recs_recommend(l.bundle, l.scratch, &l.query, &l.answer);
    assert_int_equal(l.answer.degraded, 1);
    assert_int_equal(l.answer.source, RECS_SOURCE_SESSION);
    assert_int_equal(l.answer.reason, RECS_REASON_UNKNOWN_USER);

    /* nothing found: not the session's turn, but the popular */
    blocked = calloc(recs_bitmap_words(N_LARGE), sizeof(recs_bitmap_word_t));
    memset(blocked, 0xff, recs_bitmap_words(N_LARGE - 64)
                          * sizeof(recs_bitmap_word_t));
    l.query.blocked = blocked;
    l.query.user = recs_ladder_text("u00000");
    recs_recommend(l.bundle, l.scratch, &l.query, &l.answer);
    assert_int_equal(l.answer.degraded, 1);
    assert_int_equal(l.answer.source, RECS_SOURCE_POPULAR);
    assert_int_equal(l.answer.reason, RECS_REASON_OVER_BUDGET);
    assert_int_equal(l.answer.n, 3);

    free(blocked);
    recs_ladder_close(&l);
}


static void
test_similar(void **state)
{
    recs_ladder_t  l;

    (void) state;

    recs_ladder_open(&l, 1);
    l.query.strategy = RECS_SOURCE_SIMILAR;

    recs_ladder_expect(&l, RECS_SOURCE_POPULAR, RECS_REASON_NO_ITEM,
                       7, 6, 5, -1);

    l.query.item = recs_ladder_text("none");
    recs_ladder_expect(&l, RECS_SOURCE_POPULAR, RECS_REASON_UNKNOWN_ITEM,
                       7, 6, 5, -1);

    /* itself never, not even where it is like nothing */
    l.query.item = recs_ladder_text("i00007");
    recs_ladder_expect(&l, RECS_SOURCE_POPULAR, RECS_REASON_UNKNOWN_ITEM,
                       6, 5, 4, -1);

    /* equal cosines by index */
    l.query.item = recs_ladder_text("i00001");
    recs_ladder_expect(&l, RECS_SOURCE_SIMILAR, RECS_REASON_NONE, 0, 2, 3, -1);
    assert_true(fabsf(l.items[0].score - 1) < 1e-6f);

    recs_ladder_close(&l);
}


/* Asked again and again, by two generations in turn. */

static void
test_similar_again(void **state)
{
    uint32_t            i;
    recs_ladder_t            one, two;
    recs_bitmap_word_t  blocked;

    (void) state;

    recs_ladder_open(&one, 1);
    recs_ladder_open_of(&two, other_factors);
    one.query.strategy = two.query.strategy = RECS_SOURCE_SIMILAR;
    one.query.item = two.query.item = recs_ladder_text("i00001");

    for (i = 0; i < 4; i++) {
        recs_ladder_expect(&one, RECS_SOURCE_SIMILAR, RECS_REASON_NONE,
                           0, 2, 3, -1);
        recs_ladder_expect(&two, RECS_SOURCE_SIMILAR, RECS_REASON_NONE,
                           0, 4, 5, -1);
    }

    blocked = (recs_bitmap_word_t) 1 << recs_ladder_number(&one, 2);
    one.query.blocked = &blocked;
    recs_ladder_expect(&one, RECS_SOURCE_SIMILAR, RECS_REASON_NONE,
                       0, 3, 4, -1);

    blocked = 0;
    recs_ladder_expect(&one, RECS_SOURCE_SIMILAR, RECS_REASON_NONE,
                       0, 2, 3, -1);

    recs_ladder_close(&one);
    recs_ladder_close(&two);
}


static void
test_popular(void **state)
{
    recs_ladder_t  l;

    (void) state;

    recs_ladder_open(&l, 1);
    l.query.strategy = RECS_SOURCE_POPULAR;
    l.query.count = 6;

    recs_ladder_expect(&l, RECS_SOURCE_POPULAR, RECS_REASON_NONE,
                       7, 6, 5, 4, 2, 3, -1);
    assert_true(l.items[0].score == 7);

    recs_ladder_close(&l);
}


/* Short lists go on with lower rungs, and no item comes twice. */

static void
test_topped_up(void **state)
{
    uint32_t  i, exclude[6];
    recs_ladder_t  l;

    (void) state;

    recs_ladder_open(&l, 1);
    l.query.strategy = RECS_SOURCE_PERSONAL;
    l.query.user = recs_ladder_text("u00000");
    l.query.count = RECS_LADDER_ITEMS * 2;

    recs_recommend(l.bundle, l.scratch, &l.query, &l.answer);
    assert_int_equal(l.answer.n, RECS_LADDER_ITEMS);

    /* a similar list ends where its own item would stand; popular adds it
       no more than the others */
    l.query.strategy = RECS_SOURCE_SIMILAR;
    l.query.item = recs_ladder_text("i00004");
    recs_recommend(l.bundle, l.scratch, &l.query, &l.answer);
    assert_int_equal(l.answer.n, RECS_LADDER_ITEMS - 1);

    for (i = 0; i < l.answer.n; i++) {
        assert_int_not_equal(l.items[i].item, recs_ladder_number(&l, 4));
    }

    for (i = 0; i < 6; i++) {
        exclude[i] = recs_ladder_number(&l, i);
    }

    l.query.exclude = exclude;
    l.query.n_exclude = 6;
    recs_ladder_expect(&l, RECS_SOURCE_SIMILAR, RECS_REASON_NONE, 6, 7, -1);

    recs_ladder_close(&l);
}


static void
test_nothing_left(void **state)
{
    uint32_t            i, exclude[RECS_LADDER_ITEMS + 1];
    recs_ladder_t            l;
    recs_bitmap_word_t  blocked[1];

    (void) state;

    recs_ladder_open(&l, 1);
    l.query.strategy = RECS_SOURCE_PERSONAL;
    l.query.user = recs_ladder_text("u00000");

    for (i = 0; i < RECS_LADDER_ITEMS; i++) {
        exclude[i] = i;
    }

    exclude[RECS_LADDER_ITEMS] = UINT32_MAX;     /* no such item: ignored */
    l.query.exclude = exclude;
    l.query.n_exclude = RECS_LADDER_ITEMS + 1;
    recs_ladder_expect(&l, RECS_SOURCE_FALLBACK, RECS_REASON_EXHAUSTED, -1);

    /* the scratch forgets */
    l.query.n_exclude = 0;
    recs_ladder_expect(&l, RECS_SOURCE_PERSONAL, RECS_REASON_NONE,
                       0, 1, 2, -1);

    blocked[0] = 0;
    recs_bitmap_set(blocked, recs_ladder_number(&l, 0));
    recs_bitmap_set(blocked, recs_ladder_number(&l, 2));
    l.query.blocked = blocked;
    recs_ladder_expect(&l, RECS_SOURCE_PERSONAL, RECS_REASON_NONE,
                       1, 3, 4, -1);

    l.query.strategy = RECS_SOURCE_POPULAR;
    recs_bitmap_set(blocked, recs_ladder_number(&l, 7));
    recs_ladder_expect(&l, RECS_SOURCE_POPULAR, RECS_REASON_NONE, 6, 5, 4, -1);

    recs_ladder_close(&l);
}


static void
test_no_vectors(void **state)
{
    recs_ladder_t  l;
    uint32_t  recent[1] = { 0 };

    (void) state;

    recs_ladder_open(&l, 0);
    l.query.user = recs_ladder_text("u00002");
    l.query.item = recs_ladder_text("i00001");
    l.query.recent = recent;
    l.query.n_recent = 1;

    l.query.strategy = RECS_SOURCE_PERSONAL;
    recs_ladder_expect(&l, RECS_SOURCE_POPULAR, RECS_REASON_NO_VECTORS,
                       7, 6, 5, -1);

    l.query.strategy = RECS_SOURCE_SESSION;
    recs_ladder_expect(&l, RECS_SOURCE_POPULAR, RECS_REASON_NO_VECTORS,
                       7, 6, 5, -1);

    l.query.strategy = RECS_SOURCE_SIMILAR;
    l.query.item = recs_ladder_text("i00006");
    recs_ladder_expect(&l, RECS_SOURCE_POPULAR, RECS_REASON_NO_VECTORS,
                       7, 5, 4, -1);

    recs_ladder_close(&l);
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
set_filter(const recs_ladder_t *l, recs_filter_t *filter, uint32_t *items,
    recs_bitmap_word_t *bits, const uint32_t *indexes, uint32_t n)
{
    uint32_t  i, item;

    memset(filter, 0, sizeof(recs_filter_t));
    filter->value = RECS_FILTER_VALUE_NO;
    *bits = 0;

    for (i = 0; i < n; i++) {
        recs_bitmap_set(bits, recs_ladder_number(l, indexes[i]));
    }

    filter->bits = items == NULL ? bits : NULL;
    filter->items = items;

    for (item = 0; items != NULL && item < RECS_LADDER_ITEMS; item++) {
        if (recs_bitmap_test(bits, item)) {
            items[filter->n_items++] = item;
        }
    }
}


/* Both forms of a filter, on every rung and where lists are topped up. */
static void
test_filter(void **state)
{
    uint32_t             form, items[RECS_LADDER_ITEMS];
    recs_ladder_t             l;
    recs_filter_t        filter;
    recs_bitmap_word_t   bits;

    static const uint32_t  some[] = { 1, 3, 5, 7 };

    (void) state;

    recs_ladder_open(&l, 1);
    l.query.filter = &filter;

    for (form = 0; form < 2; form++) {
        set_filter(&l, &filter, form ? items : NULL, &bits, some, 4);

        l.query.user = recs_ladder_text("u00000");
        l.query.item = recs_ladder_text("i00000");
        l.query.count = 3;

        l.query.strategy = RECS_SOURCE_PERSONAL;
        recs_ladder_expect(&l, RECS_SOURCE_PERSONAL, RECS_REASON_NONE,
                           1, 3, 5, -1);

        l.query.strategy = RECS_SOURCE_SIMILAR;
        recs_ladder_expect(&l, RECS_SOURCE_SIMILAR, RECS_REASON_NONE,
                           1, 3, 5, -1);

        l.query.strategy = RECS_SOURCE_POPULAR;
        recs_ladder_expect(&l, RECS_SOURCE_POPULAR, RECS_REASON_NONE,
                           7, 5, 3, -1);

        /* Item 7 is the only one with no vector; there is nothing more. */
        l.query.count = RECS_LADDER_ITEMS;
        l.query.strategy = RECS_SOURCE_PERSONAL;
        l.query.user = recs_ladder_text("u00002");
        recs_ladder_expect(&l, RECS_SOURCE_SIMILAR, RECS_REASON_UNKNOWN_USER,
                           1, 3, 5, 7, -1);

        l.query.user = recs_ladder_text("stranger");
        l.query.item.len = 0;
        recs_ladder_expect(&l, RECS_SOURCE_POPULAR, RECS_REASON_UNKNOWN_USER,
                           7, 5, 3, 1, -1);
    }

    /* Equal popularity of 2 and 3: by index, as popular_items has it. */
    set_filter(&l, &filter, items, &bits, (const uint32_t[]) { 3, 2 }, 2);
    l.query.strategy = RECS_SOURCE_POPULAR;
    recs_ladder_expect(&l, RECS_SOURCE_POPULAR, RECS_REASON_NONE, 2, 3, -1);

    set_filter(&l, &filter, items, &bits, some, 0);
    recs_ladder_expect(&l, RECS_SOURCE_FALLBACK, RECS_REASON_EXHAUSTED, -1);

    l.query.strategy = RECS_SOURCE_PERSONAL;
    l.query.user = recs_ladder_text("u00000");
    recs_ladder_expect(&l, RECS_SOURCE_FALLBACK, RECS_REASON_EXHAUSTED, -1);

    recs_ladder_close(&l);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_personal),
        cmocka_unit_test(test_why_not_personal),
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
