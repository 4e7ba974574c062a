/*
 * The rung `popular`: in segments or not, with whatever is excluded, the list
 * is that of a plain sort of the whole catalogue.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "recs_fixture.h"
#include "recs_recommend.h"
#include "recs_segment.h"
#include "recs_temp.h"


#define N_ITEMS     300
#define N_SEGMENTS  12
#define N_QUERIES   2000


typedef struct {
    float     score;
    uint32_t  item;
    uint32_t  order;
} ranked_t;

typedef struct {
    recs_bundle_t             *bundle;
    const recs_bundle_view_t  *view;
    recs_scratch_t            *scratch;
    recs_query_t               query;
    recs_answer_t              answer;
    recs_answer_item_t         items[N_ITEMS];
    uint32_t                   segments[RECS_CONTEXTS_MAX + 3];
    uint32_t                   exclude[40];
    recs_bitmap_word_t         blocked[N_ITEMS / 8 + 8];
    ranked_t                   ranked[N_ITEMS];
} shop_t;


static void
open_shop(shop_t *s, uint32_t n_segments)
{
    recs_error_t           err;
    recs_fixture_params_t  p = { .n_items = N_ITEMS, .n_users = 20,
                                 .n_factors = 5, .n_segments = n_segments };

    memset(s, 0, sizeof(shop_t));

    s->bundle = recs_fixture_open(&p);
    s->view = recs_bundle_view(s->bundle);
    assert_int_equal(recs_scratch_create(&s->scratch, s->bundle, &err),
                     RECS_OK);

    s->answer.items = s->items;
    s->query.strategy = RECS_SOURCE_POPULAR;
    s->query.segments = s->segments;
    s->query.exclude = s->exclude;
    s->query.count = 10;
}


static void
close_shop(shop_t *s)
{
    recs_scratch_destroy(s->scratch);
    recs_bundle_close(s->bundle);
}


static double
boost_of(const shop_t *s, uint32_t number, uint32_t item)
{
    uint32_t        i;
    recs_segment_t  segment;

    recs_segment_get(s->view, number, &segment);

    for (i = 0; i < segment.n_items; i++) {
        if (segment.items[i] == item) {
            return (double) segment.boosts[i];
        }
    }

    return 1;
}


static int
compare(const void *one, const void *two)
{
    const ranked_t  *a, *b;

    a = one;
    b = two;

    if (a->score != b->score) {
        return a->score > b->score ? -1 : 1;
    }

    return a->order < b->order ? -1 : 1;
}


/* Boosts are quarters: their product is exact in any order. */
static float
score_of(const shop_t *s, uint32_t item)
{
    double    boost;
    uint32_t  i, j, n;

    boost = 1;
    n = s->query.n_segments;

    for (i = 0; i < n; i++) {
        for (j = 0; j < i && s->segments[j] != s->segments[i]; j++) {
            /* void */
        }

        if (j == i && s->segments[i] < s->view->segment_spans.n_rows) {
            boost *= boost_of(s, s->segments[i], item);
        }
    }

    return (float) ((double) s->view->popularity[item] * boost);
}


static uint32_t
rank_all(shop_t *s, const recs_filter_t *filter)
{
    uint32_t        i, j, n;
    recs_allowed_t  allowed;

    recs_filter_allowed(s->bundle, filter, &allowed);
    n = 0;

    for (i = 0; i < N_ITEMS; i++) {
        for (j = 0; j < s->query.n_exclude && s->exclude[j] != i; j++) {
            /* void */
        }

        if (j < s->query.n_exclude
            || (s->query.blocked != NULL && recs_bitmap_test(s->blocked, i)))
        {
            continue;
        }

        if (filter != NULL && allowed.items == NULL
            && !recs_bitmap_test(allowed.bits, i))
        {
            continue;
        }

        if (filter != NULL && allowed.items != NULL) {
            for (j = 0; j < allowed.n_items && allowed.items[j] != i; j++) {
                /* void */
            }

            if (j == allowed.n_items) {
                continue;
            }
        }

        s->ranked[n].item = i;
        s->ranked[n].score = score_of(s, i);
        s->ranked[n++].order = s->view->item_order[i];
    }

    qsort(s->ranked, n, sizeof(ranked_t), compare);

    return n;
}


static void
ask(shop_t *s, const recs_filter_t *filter)
{
    uint32_t  i, n;

    s->query.filter = filter;
    n = rank_all(s, filter);

    if (n > s->query.count) {
        n = s->query.count;
    }

    recs_recommend(s->bundle, s->scratch, &s->query, &s->answer);

    assert_int_equal(s->answer.n, n);

    for (i = 0; i < n; i++) {
        assert_int_equal(s->items[i].item, s->ranked[i].item);
        assert_memory_equal(&s->items[i].score, &s->ranked[i].score, 4);
        assert_int_equal(s->items[i].source, RECS_SOURCE_POPULAR);
    }
}


static uint32_t
draw(uint64_t *state, uint32_t n)
{
    return (uint32_t) (recs_fixture_random(state) >> 33) % n;
}


static void
draw_query(shop_t *s, uint64_t *state)
{
    uint32_t  i;

    static const uint32_t  counts[] = { 0, 1, 10, 50, N_ITEMS };

    s->query.count = counts[draw(state, 5)];
    s->query.n_exclude = draw(state, 3) == 0 ? 0 : draw(state, 41);
    s->query.n_segments = draw(state, RECS_CONTEXTS_MAX + 1);

    for (i = 0; i < s->query.n_exclude; i++) {
        s->exclude[i] = draw(state, N_ITEMS);
    }

    for (i = 0; i < s->query.n_segments; i++) {
        s->segments[i] = draw(state, N_SEGMENTS + 2);
    }

    memset(s->blocked, 0, sizeof(s->blocked));
    s->query.blocked = draw(state, 2) ? s->blocked : NULL;

    for (i = 0; i < 100; i++) {
        recs_bitmap_set(s->blocked, draw(state, N_ITEMS));
    }
}


static void
test_any(void **state)
{
    uint32_t            i;
    uint64_t            random;
    recs_filter_t       filters[3];
    recs_filter_term_t  term;
    shop_t              s;

    static const recs_str_t  values[] = {
        { "every", 5 }, { "t3", 2 }, { "nobody", 6 }
    };

    (void) state;

    random = 7;
    open_shop(&s, N_SEGMENTS);

    term.attribute.data = "tags";
    term.attribute.len = 4;
    term.n_values = 1;

    for (i = 0; i < 3; i++) {
        term.values = &values[i];
        assert_int_equal(recs_filter_resolve(&filters[i], s.bundle, &term, 1,
                                             NULL), RECS_OK);
    }

    for (i = 0; i < N_QUERIES; i++) {
        draw_query(&s, &random);
        ask(&s, i % 4 == 3 ? NULL : &filters[i % 4]);
    }

    for (i = 0; i < 3; i++) {
        recs_filter_free(&filters[i]);
    }

    close_shop(&s);
}


/* One segment changes the list; none, and an unknown one, are the global. */
static void
test_segment(void **state)
{
    uint32_t  i, global[10], changed, number;
    shop_t    s;

    (void) state;

    open_shop(&s, N_SEGMENTS);
    ask(&s, NULL);

    for (i = 0; i < 10; i++) {
        global[i] = s.items[i].item;
    }

    changed = 0;
    s.query.n_segments = 1;

    for (number = 0; number < N_SEGMENTS; number++) {
        s.segments[0] = number;
        ask(&s, NULL);

        for (i = 0; i < 10; i++) {
            changed += s.items[i].item != global[i];
        }
    }

    assert_true(changed > 10);

    s.segments[0] = RECS_SEGMENT_NO;
    ask(&s, NULL);

    for (i = 0; i < 10; i++) {
        assert_int_equal(s.items[i].item, global[i]);
    }

    close_shop(&s);
}


/* More than a request may have: the first eight count. */
static void
test_too_many(void **state)
{
    uint32_t            i;
    shop_t              s;
    recs_answer_item_t  items[10];

    (void) state;

    open_shop(&s, N_SEGMENTS);

    for (i = 0; i < RECS_CONTEXTS_MAX + 3; i++) {
        s.segments[i] = i;
    }

    s.query.n_segments = RECS_CONTEXTS_MAX;
    ask(&s, NULL);
    memcpy(items, s.items, sizeof(items));

    s.query.n_segments = RECS_CONTEXTS_MAX + 3;
    recs_recommend(s.bundle, s.scratch, &s.query, &s.answer);

    for (i = 0; i < 10; i++) {
        assert_int_equal(s.items[i].item, items[i].item);
    }

    close_shop(&s);
}


/* Nothing in the answer may be infinite. */
static void
test_huge(void **state)
{
    uint32_t                i;
    recs_error_t            err;
    recs_bundle_t          *bundle;
    recs_answer_t           answer;
    recs_query_t            query;
    recs_scratch_t         *scratch;
    recs_fixture_t         *f;
    recs_answer_item_t      items[5];
    recs_fixture_params_t   p = { .n_items = 100, .n_users = 3,
                                  .n_segments = 4 };

    uint32_t  segments[4] = { 0, 1, 2, 3 };

    (void) state;

    f = recs_fixture_create(&p);

    for (i = 0; i < 100; i++) {
        f->popularity[i] = 3e38f;
    }

    for (i = 0; i < f->segment_offsets[4]; i++) {
        f->segment_boosts[i] = RECS_BOOST_MAX;
    }

    recs_fixture_write(f, recs_temp_path("huge.mdb"));
    assert_int_equal(recs_bundle_open(&bundle, recs_temp_path("huge.mdb"), 0,
                                      &err), RECS_OK);
    assert_int_equal(recs_scratch_create(&scratch, bundle, &err), RECS_OK);

    memset(&query, 0, sizeof(recs_query_t));
    query.strategy = RECS_SOURCE_POPULAR;
    query.count = 5;
    query.segments = segments;
    query.n_segments = 4;
    answer.items = items;

    recs_recommend(bundle, scratch, &query, &answer);
    assert_int_equal(answer.n, 5);

    for (i = 0; i < 5; i++) {
        assert_true(isfinite(items[i].score));
    }

    recs_scratch_destroy(scratch);
    recs_bundle_close(bundle);
    recs_fixture_destroy(f);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_any),
        cmocka_unit_test(test_segment),
        cmocka_unit_test(test_too_many),
        cmocka_unit_test(test_huge)
    };

    return cmocka_run_group_tests_name("popular", tests, NULL, NULL);
}
