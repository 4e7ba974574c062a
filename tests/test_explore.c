/*
 * Items that nobody has met, shown now and then at a known propensity.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "recs_filter.h"
#include "recs_recommend.h"
#include "recs_tiny_bundle.h"
#include "recs_tiny_dataset.h"


#define N_ITEMS  10
#define N_NEW    4                        /* the last of them */
#define N_DRAWS  20000


typedef struct {
    recs_bundle_t       *bundle;
    recs_scratch_t      *scratch;
    recs_query_t         query;
    recs_answer_t        answer;
    recs_answer_item_t   items[N_ITEMS];
    uint32_t             explored;        /* answers */
    uint32_t             at[N_ITEMS];     /* ... by place */
    uint32_t             of[N_ITEMS];     /* ... by index */
} shop_t;


static uint32_t
index_of(const shop_t *s, uint32_t item)
{
    return recs_bundle_view(s->bundle)->item_order[item];
}


static void
open_shop(shop_t *s, uint32_t n_new)
{
    float         popularity[N_ITEMS];
    uint32_t      i;
    recs_error_t  err;
    recs_model_t  model;

    memset(s, 0, sizeof(shop_t));
    memset(&model, 0, sizeof(recs_model_t));

    for (i = 0; i < N_ITEMS; i++) {
        popularity[i] = i < N_ITEMS - n_new ? (float) (N_ITEMS - i) : 0.0f;
    }

    model.algorithm = "test";
    model.items.n = N_ITEMS;
    model.items.record = recs_tiny_record;
    model.items.data = "i";
    model.popularity = popularity;

    s->bundle = recs_tiny_bundle(&model);
    assert_int_equal(recs_scratch_create(&s->scratch, s->bundle, &err),
                     RECS_OK);

    s->answer.items = s->items;
    s->query.strategy = RECS_SOURCE_POPULAR;
    s->query.count = 3;
    s->query.explore = 0.2f;
}


static void
close_shop(shop_t *s)
{
    recs_scratch_destroy(s->scratch);
    recs_bundle_close(s->bundle);
}


static void
draw(shop_t *s)
{
    uint32_t  i, k;

    for (k = 0; k < N_DRAWS; k++) {
        s->query.random = k * 0x9e3779b97f4a7c15;
        recs_recommend(s->bundle, s->scratch, &s->query, &s->answer);

        for (i = 0; i < s->answer.n; i++) {
            if (s->items[i].source == RECS_SOURCE_EXPLORE) {
                s->explored++;
                s->at[i]++;
                s->of[index_of(s, s->items[i].item)]++;
            }
        }
    }
}


/* Within five standard deviations of a binomial. */
static void
assert_share(uint32_t n, double share)
{
    double  sd;

    sd = sqrt(N_DRAWS * share * (1 - share));

    if (fabs(n - N_DRAWS * share) > 5 * sd) {
        fail_msg("%u of %u, not %g", n, N_DRAWS, share);
    }
}


static void
test_share_of_answers(void **state)
{
    shop_t    s;
    uint32_t  i;

    (void) state;

    open_shop(&s, N_NEW);
    draw(&s);

    assert_share(s.explored, 0.2);
    assert_int_equal(s.at[0], 0);
    assert_share(s.at[1], 0.1);
    assert_share(s.at[2], 0.1);

    for (i = 0; i < N_ITEMS - N_NEW; i++) {
        assert_int_equal(s.of[i], 0);
    }

    for ( /* void */ ; i < N_ITEMS; i++) {
        assert_share(s.of[i], 0.2 / N_NEW);
    }

    close_shop(&s);
}


static void
test_propensities(void **state)
{
    shop_t    s;
    uint32_t  i, k, explored;

    (void) state;

    open_shop(&s, N_NEW);
    explored = 0;

    for (k = 0; k < 100; k++) {
        s.query.random = k * 0x9e3779b97f4a7c15;
        recs_recommend(s.bundle, s.scratch, &s.query, &s.answer);

        assert_int_equal(s.answer.source, RECS_SOURCE_POPULAR);
        assert_true(s.items[0].propensity == 1.0f);

        for (i = 1; i < s.answer.n; i++) {
            if (s.items[i].source == RECS_SOURCE_EXPLORE) {
                explored++;
                assert_true(fabsf(s.items[i].propensity
                                  - 0.2f / 2 / N_NEW) < 1e-6f);
            } else {
                assert_true(fabsf(s.items[i].propensity - 0.9f) < 1e-6f);
            }
        }
    }

    assert_true(explored > 0);

    s.query.explore = 0.0f;
    recs_recommend(s.bundle, s.scratch, &s.query, &s.answer);
    assert_true(s.items[2].propensity == 1.0f);

    close_shop(&s);
}


static void
test_only_what_may_be_shown(void **state)
{
    shop_t               s;
    uint32_t             i, item;
    recs_bitmap_word_t   blocked[recs_bitmap_words(N_ITEMS)];

    (void) state;

    open_shop(&s, N_NEW);
    memset(blocked, 0, sizeof(blocked));

    /* Of the new ones only index 8 is left. */
    for (item = 0; item < N_ITEMS; item++) {
        if (index_of(&s, item) == 6 || index_of(&s, item) == 7) {
            recs_bitmap_set(blocked, item);
        }

        if (index_of(&s, item) == 9) {
            i = item;
        }
    }

    s.query.blocked = blocked;
    s.query.exclude = &i;
    s.query.n_exclude = 1;
    draw(&s);

    assert_share(s.explored, 0.2);
    assert_int_equal(s.of[8], s.explored);

    close_shop(&s);
}


/* Of few that a filter leaves, those that were met are not tried out. */
static void
test_few_left(void **state)
{
    shop_t          s;
    uint32_t        item, items[N_ITEMS];
    recs_filter_t   filter;

    (void) state;

    open_shop(&s, N_NEW);
    memset(&filter, 0, sizeof(recs_filter_t));
    filter.value = RECS_FILTER_VALUE_NO;
    filter.items = items;

    for (item = 0; item < N_ITEMS; item++) {
        if (index_of(&s, item) < 5 || index_of(&s, item) == 9) {
            items[filter.n_items++] = item;
        }
    }

    s.query.filter = &filter;
    draw(&s);

    assert_share(s.explored, 0.2);
    assert_int_equal(s.of[9], s.explored);

    close_shop(&s);
}


static void
test_nothing_to_explore(void **state)
{
    shop_t  s;

    (void) state;

    open_shop(&s, 0);
    draw(&s);
    assert_int_equal(s.explored, 0);
    close_shop(&s);

    /* The first place is nobody's to try out. */
    open_shop(&s, N_NEW);
    s.query.count = 1;
    draw(&s);
    assert_int_equal(s.explored, 0);
    close_shop(&s);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_share_of_answers),
        cmocka_unit_test(test_propensities),
        cmocka_unit_test(test_only_what_may_be_shown),
        cmocka_unit_test(test_few_left),
        cmocka_unit_test(test_nothing_to_explore),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
