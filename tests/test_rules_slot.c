/*
 * What rules do to answers: boosts against a sum of their own over the
 * candidates, pins and blocks by where things stand on the ladder.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "recs_ladder.h"
#include "recs_recommend.h"
#include "recs_shop.h"
#include "recs_where.h"


#define N_ITEMS  300
#define COUNT    20


static recs_error_t         err;
static recs_rules_t         rules;
static recs_rules_bound_t  *bound;
static recs_rules_slot_t   *slot;


/* Brings a text into force for slot "home"; "@" is "i0000". */
static const recs_rules_force_t *
force(const recs_bundle_t *b, const char *text, int64_t now)
{
    char      expanded[512];
    size_t    n;
    uint32_t  i;

    for (n = 0; *text != '\0'; text++) {
        n += (size_t) snprintf(expanded + n, sizeof(expanded) - n, "%s%.*s",
                               *text == '@' ? "i0000" : "", *text != '@',
                               text);
        assert_true(n < sizeof(expanded));
    }

    expanded[n] = '\0';

    assert_int_equal(recs_rules_parse(&rules, recs_ladder_text(expanded),
                                      &err), RECS_OK);
    assert_int_equal(recs_rules_bound_create(&bound, &rules, b, &err),
                     RECS_OK);

    for (i = 0; i < rules.n; i++) {
        if (recs_rules_bind(bound, i, &err) != RECS_OK) {
            fail_msg("%s", err.message);
        }
    }

    assert_int_equal(recs_rules_slot_create(&slot, bound,
                                            recs_ladder_text("home"), &err),
                     RECS_OK);

    if (slot == NULL) {
        return NULL;
    }

    recs_rules_bound_settle(bound, now);
    recs_rules_slot_settle(slot, NULL, now);

    return recs_rules_force(slot);
}


static void
release(void)
{
    recs_rules_slot_destroy(slot);
    recs_rules_bound_destroy(bound);
    recs_rules_free(&rules);
}


static void
expect_of(recs_ladder_t *l, const char *text, recs_source_t source, int a,
    int b, int c)
{
    l->query.rules = force(l->bundle, text, 1000);
    recs_ladder_expect(l, source, RECS_REASON_NONE, a, b, c, -1);
    release();
}


static void
test_none(void **state)
{
    recs_ladder_t  l;

    (void) state;

    recs_ladder_open(&l, 1);

    assert_null(force(l.bundle, "", 1000));
    release();
    assert_null(force(l.bundle, "block other @1\npin home 1 unknown\n", 1000));
    assert_true(recs_rules_known(bound, 0));
    assert_false(recs_rules_known(bound, 1));
    assert_false(recs_rules_timed(bound));
    release();

    recs_ladder_close(&l);
}


/* User 0's list is 1, 2, 3; he has seen 0.  Most popular: 7, 6, 5. */
static void
test_pins(void **state)
{
    uint32_t       exclude[1];
    recs_ladder_t  l;

    (void) state;

    recs_ladder_open(&l, 1);
    l.query.strategy = RECS_SOURCE_PERSONAL;
    l.query.user = recs_ladder_text("u00000");
    l.query.exclude_seen = 1;

    expect_of(&l, "", RECS_SOURCE_PERSONAL, 1, 2, 3);
    expect_of(&l, "pin home 1 @6", RECS_SOURCE_PERSONAL, 6, 1, 2);
    assert_int_equal(l.items[0].source, RECS_SOURCE_PINNED);
    assert_string_equal(recs_source_name(l.items[0].source), "pinned");
    assert_true(l.items[0].propensity == 1.0f && l.items[0].score == 0.0f);
    assert_int_equal(l.items[1].source, RECS_SOURCE_PERSONAL);

    expect_of(&l, "pin home 2 @6", RECS_SOURCE_PERSONAL, 1, 6, 2);
    expect_of(&l, "pin home 3 @1", RECS_SOURCE_PERSONAL, 2, 3, 1);
    expect_of(&l, "pin home 4 @1", RECS_SOURCE_PERSONAL, 1, 2, 3);
    expect_of(&l, "pin other 1 @6", RECS_SOURCE_PERSONAL, 1, 2, 3);

    /* Seen, twice, two at a rank, more than there is room for. */
    expect_of(&l, "pin home 1 @0", RECS_SOURCE_PERSONAL, 0, 1, 2);
    expect_of(&l, "pin * 3 @6\npin home 1 @6", RECS_SOURCE_PERSONAL, 6, 1, 2);
    expect_of(&l, "pin * 2 @6\npin home 2 @5", RECS_SOURCE_PERSONAL, 1, 6, 5);
    expect_of(&l, "pin home 3 @6\npin home 3 @5", RECS_SOURCE_PERSONAL,
              1, 2, 6);
    expect_of(&l, "pin home 3 @6\npin home 2 @5\npin home 1 @4",
              RECS_SOURCE_POPULAR, 4, 5, 6);

    /* Not when blocked, excluded or of another time. */
    expect_of(&l, "pin home 1 @6\nblock * @6", RECS_SOURCE_PERSONAL, 1, 2, 3);
    expect_of(&l, "pin home 1 @6 from 1001", RECS_SOURCE_PERSONAL, 1, 2, 3);
    expect_of(&l, "pin home 1 @6 until 1000", RECS_SOURCE_PERSONAL, 1, 2, 3);
    expect_of(&l, "pin home 1 @6 from 1000 until 1001", RECS_SOURCE_PERSONAL,
              6, 1, 2);
    expect_of(&l, "pin home 1 unknown\npin home 1 @6", RECS_SOURCE_PERSONAL,
              6, 1, 2);

    exclude[0] = recs_ladder_number(&l, 6);
    l.query.exclude = exclude;
    l.query.n_exclude = 1;
    expect_of(&l, "pin home 1 @6", RECS_SOURCE_PERSONAL, 1, 2, 3);
    l.query.n_exclude = 0;

    /* What it starts from is not shown, pinned or not. */
    l.query.strategy = RECS_SOURCE_SIMILAR;
    l.query.item = recs_ladder_text("i00001");
    expect_of(&l, "pin home 1 @1", RECS_SOURCE_SIMILAR, 2, 3, 4);
    l.query.strategy = RECS_SOURCE_POPULAR;
    expect_of(&l, "pin home 1 @1", RECS_SOURCE_POPULAR, 1, 7, 6);

    recs_ladder_close(&l);
}


/* A list that ends before the rank. */
static void
test_short(void **state)
{
    recs_ladder_t  l;

    (void) state;

    recs_ladder_open(&l, 1);
    l.query.strategy = RECS_SOURCE_POPULAR;
    l.query.rules = force(l.bundle, "block * @0\nblock * @1\nblock * @2\n"
                          "block * @3\nblock * @4\nblock home @5\n"
                          "pin home 3 @7", 1000);
    l.query.count = 8;
    recs_ladder_expect(&l, RECS_SOURCE_POPULAR, RECS_REASON_NONE, 6, 7, -1);
    assert_int_equal(l.items[1].source, RECS_SOURCE_PINNED);
    release();

    /* Nothing but a pin. */
    l.query.strategy = RECS_SOURCE_PERSONAL;
    l.query.rules = force(l.bundle, "block * @0\nblock * @1\nblock * @2\n"
                          "block * @3\nblock * @4\nblock home @5\n"
                          "block * @6\npin home 3 @7", 1000);
    recs_ladder_expect(&l, RECS_SOURCE_POPULAR, RECS_REASON_NO_USER, 7, -1);
    release();

    recs_ladder_close(&l);
}


/* New items are drawn among the places that pins leave. */
static void
test_explore(void **state)
{
    uint32_t       i, n;
    recs_ladder_t  l;

    (void) state;

    recs_ladder_open(&l, 1);
    l.query.strategy = RECS_SOURCE_POPULAR;
    l.query.explore = 1.0f;
    l.query.rules = force(l.bundle, "pin home 2 @0", 1000);

    for (n = 0; n < 100; n++) {
        l.query.random = n * 0x9e3779b97f4a7c15;
        recs_recommend(l.bundle, l.scratch, &l.query, &l.answer);
        assert_int_equal(l.answer.n, 3);

        for (i = 0; i < 3; i++) {
            assert_int_equal(l.items[i].source == RECS_SOURCE_PINNED, i == 1);
        }

        assert_true(l.items[0].propensity == 1.0f);
        assert_true(l.items[1].propensity == 1.0f);
    }

    release();
    recs_ladder_close(&l);
}


static void
test_boosts_ladder(void **state)
{
    recs_ladder_t  l;

    (void) state;

    recs_ladder_open(&l, 1);
    l.query.strategy = RECS_SOURCE_POPULAR;

    /* Popularity 7, 6, 5, 4, 3, 3, 2, 1: the range is 6. */
    expect_of(&l, "boost home 0.9 @1", RECS_SOURCE_POPULAR, 1, 7, 6);
    assert_true(l.items[0].score == 2.0f + 0.9f * 6.0f);
    expect_of(&l, "boost home 0.5 @1\nboost * 0.4 @1", RECS_SOURCE_POPULAR,
              1, 7, 6);
    expect_of(&l, "boost * -0.2 @7\nboost * -0.25 @7", RECS_SOURCE_POPULAR,
              6, 5, 7);

    /* What is no candidate is not made one. */
    l.query.candidates = 5;
    expect_of(&l, "boost * 9 @1\nboost * 9 @4", RECS_SOURCE_POPULAR, 4, 7, 6);
    l.query.candidates = 1;
    expect_of(&l, "boost * 9 @1", RECS_SOURCE_POPULAR, 7, 6, 5);
    expect_of(&l, "boost * 9 @5", RECS_SOURCE_POPULAR, 5, 7, 6);

    recs_ladder_close(&l);
}


static double
delta_of(const recs_bundle_t *b, uint32_t item)
{
    double      delta;
    recs_str_t  record, id, category;

    record = recs_bundle_item_record(b, item);
    id = recs_record_id(record);
    category = recs_record_attribute(record, recs_bundle_item_column(b,
                                               recs_ladder_text("category")));
    delta = id.len == 2 && memcmp(id.data, "i7", 2) == 0 ? 0.4 : 0;

    if (category.len >= 5 && memcmp(category.data, "shoes", 5) == 0) {
        delta += 0.3;
    }

    if (category.len >= 4
        && memcmp(category.data + category.len - 4, "bags", 4) == 0)
    {
        delta -= 0.2;
    }

    return delta;
}


/* Every item shown is worth as much as what is left of the candidates. */
static void
check_boosts(const recs_bundle_t *b, recs_scratch_t *scratch,
    recs_query_t *query)
{
    double              worth[N_ITEMS], range, best;
    uint32_t            i, j;
    recs_answer_t       pool, answer;
    recs_answer_item_t  pool_items[N_ITEMS], items[COUNT];

    pool.items = pool_items;
    query->rules = NULL;
    query->count = 100;
    recs_recommend(b, scratch, query, &pool);
    assert_int_equal(pool.n, 100);

    query->rules = force(b, "boost home 0.4 i7\n"
                         "boost * 0.3 where category has shoes\n"
                         "boost home -0.2 where category has bags\n", 1000);
    query->count = COUNT;
    query->candidates = 100;
    answer.items = items;
    recs_recommend(b, scratch, query, &answer);
    assert_int_equal(answer.n, COUNT);
    release();

    range = (double) pool_items[0].score - (double) pool_items[99].score;

    for (i = 0; i < 100; i++) {
        worth[i] = (double) pool_items[i].score
                   + range * delta_of(b, pool_items[i].item);
    }

    for (i = 0; i < COUNT; i++) {
        for (j = 0, best = -INFINITY; j < 100; j++) {
            best = fmax(best, worth[j]);
        }

        for (j = 0; j < 100 && pool_items[j].item != items[i].item; j++) {
            /* void */
        }

        assert_true(j < 100);
        assert_true(fabs(worth[j] - best) <= 1e-4 * range);
        assert_true(fabs((double) items[i].score - worth[j])
                    <= 1e-4 * range);
        assert_true(fabs((double) items[i].score - (double) items[i].boost
                         - (double) pool_items[j].score) <= 1e-4 * range);
        worth[j] = -INFINITY;
    }

    query->candidates = 0;
}


static void
test_boosts(void **state)
{
    recs_query_t     query;
    recs_bundle_t   *b;
    recs_scratch_t  *scratch;

    (void) state;

    b = recs_shop(N_ITEMS);
    assert_int_equal(recs_scratch_create(&scratch, b, &err), RECS_OK);

    memset(&query, 0, sizeof(recs_query_t));
    query.user = recs_ladder_text("u1");
    query.item = recs_ladder_text("i8");

    query.strategy = RECS_SOURCE_PERSONAL;
    check_boosts(b, scratch, &query);
    query.strategy = RECS_SOURCE_SIMILAR;
    check_boosts(b, scratch, &query);
    query.strategy = RECS_SOURCE_POPULAR;
    check_boosts(b, scratch, &query);

    recs_scratch_destroy(scratch);
    recs_bundle_close(b);
}


static int
blocked(const recs_rules_force_t *f, const recs_bundle_t *b, const char *id)
{
    return (int) recs_bitmap_test(f->blocked,
                                  recs_bundle_item(b, recs_ladder_text(id)));
}


/* Predicates, those of the time among them, and what comes from outside. */
static void
test_where(void **state)
{
    recs_bundle_t             *b;
    recs_bitmap_word_t         outside[recs_bitmap_words(N_ITEMS)];
    const recs_rules_force_t  *f;

    (void) state;

    b = recs_shop(N_ITEMS);

    /* i6 expires an hour after the shop's now, i7 two, i5 at it. */
    f = force(b, "block home where expires < now\n"
              "block home i10 where category = bags\n"
              "block home i10 until 1000 where category = hats\n"
              "pin home 1 i7 where expires > now\n"
              "pin home 2 i8 where stock > 90\n", RECS_SHOP_NOW);
    assert_true(recs_rules_timed(bound));

    assert_true(blocked(f, b, "i4"));
    assert_false(blocked(f, b, "i6"));
    assert_false(blocked(f, b, "i10"));
    assert_int_equal(f->n_pins, 1);
    assert_int_equal(f->pins[0].rank, 1);

    recs_rules_bound_settle(bound, RECS_SHOP_NOW + 5400);
    recs_rules_slot_settle(slot, NULL, RECS_SHOP_NOW + 5400);
    assert_true(blocked(f, b, "i6"));
    assert_false(blocked(f, b, "i7"));
    assert_int_equal(f->n_pins, 1);

    memset(outside, 0, sizeof(outside));
    recs_bitmap_set(outside, recs_bundle_item(b, recs_ladder_text("i13")));
    recs_rules_bound_settle(bound, RECS_SHOP_NOW + 9000);
    recs_rules_slot_settle(slot, outside, RECS_SHOP_NOW + 9000);
    assert_true(blocked(f, b, "i7"));
    assert_true(blocked(f, b, "i13"));
    assert_int_equal(f->n_pins, 0);

    recs_rules_slot_settle(slot, NULL, RECS_SHOP_NOW + 9000);
    assert_false(blocked(f, b, "i13"));
    release();

    /* An attribute that there is not. */
    assert_int_equal(recs_rules_parse(&rules, recs_ladder_text(
                         "\nblock * where colour = red"), &err), RECS_OK);
    assert_int_equal(recs_rules_bound_create(&bound, &rules, b, &err),
                     RECS_OK);
    assert_int_equal(recs_rules_bind(bound, 0, &err), RECS_NOT_FOUND);
    assert_string_equal(err.message, "line 2: where: the model has no "
                        "attribute \"colour\", at byte 1");
    assert_int_equal(recs_rules_slot_create(&slot, bound,
                                            recs_ladder_text("home"), &err),
                     RECS_OK);
    assert_null(slot);
    release();

    recs_bundle_close(b);
}


/* A pin that the slot's filter does not let in, by list and by bitmap. */
static void
test_filter(void **state)
{
    size_t           i;
    recs_where_t    *where;
    recs_query_t     query;
    recs_answer_t    answer;
    recs_bundle_t   *b;
    recs_scratch_t  *scratch;

    recs_answer_item_t  items[COUNT];

    static const char *const  filters[] = {
        "category = hats", "price < 2 and category = hats"
    };

    (void) state;

    b = recs_shop(N_ITEMS);
    assert_int_equal(recs_scratch_create(&scratch, b, &err), RECS_OK);

    /* i1 is a bag for 1.25, i2 a hat for 2.5, i98 a hat for 1.75. */
    for (i = 0; i < 2; i++) {
        memset(&query, 0, sizeof(recs_query_t));
        query.strategy = RECS_SOURCE_POPULAR;
        query.count = 3;

        assert_int_equal(recs_where_parse(&where,
                                          recs_ladder_text(filters[i]), &err),
                         RECS_OK);
        assert_int_equal(recs_where_bind(where, b, NULL, &err), RECS_OK);
        query.filter = recs_where_filter(where, b, NULL, 0);
        query.rules = force(b, "pin home 1 i1\npin home 1 i98\n", 1000);
        answer.items = items;

        recs_recommend(b, scratch, &query, &answer);
        assert_true(answer.n > 0);
        assert_int_equal(items[0].item,
                         recs_bundle_item(b, recs_ladder_text("i98")));
        assert_int_equal(items[0].source, RECS_SOURCE_PINNED);

        release();
        recs_where_destroy(where);
    }

    recs_scratch_destroy(scratch);
    recs_bundle_close(b);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_none),
        cmocka_unit_test(test_pins),
        cmocka_unit_test(test_short),
        cmocka_unit_test(test_explore),
        cmocka_unit_test(test_boosts_ladder),
        cmocka_unit_test(test_boosts),
        cmocka_unit_test(test_where),
        cmocka_unit_test(test_filter)
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);

    return cmocka_run_group_tests(tests, NULL, NULL);
}
