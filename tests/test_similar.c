/*
 * What is remembered of an item against the search itself, bit for bit.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "recs_fewer.h"
#include "recs_search_case.h"
#include "recs_similar.h"
#include "recs_tiny_view.h"


#define CASES    (600 / RECS_FEWER)
#define A_CASE   60                     /* queries of one catalogue */
#define ITEMS    5                      /* ... about so many items of it */
#define K_MAX    1000
#define N_MANY   12000
#define SET      512                    /* items that far apart share a set */
#define LONG_AGO 1                      /* a deadline */


typedef struct {
    recs_bundle_view_t     *view;
    recs_search_scratch_t  *scratch;
    recs_similar_t         *similar;
    recs_search_query_t     query;
    uint32_t                item;       /* the query's history */
    float                  *rows;
} catalogue_t;


static void
start(catalogue_t *c)
{
    c->scratch = recs_search_scratch_create(c->view);
    c->similar = recs_similar_create();
    assert_non_null(c->scratch);
    assert_non_null(c->similar);
}


static void
stop(catalogue_t *c)
{
    recs_search_scratch_destroy(c->scratch);
    recs_similar_destroy(c->similar);
}


static int
ask(catalogue_t *c, uint32_t k, recs_topk_t *topk, recs_topk_entry_t *entries)
{
    c->query.measure = RECS_SEARCH_COSINE;
    c->query.vector = recs_table_row(&c->view->item_factors, c->item);
    c->query.history = &c->item;
    c->query.n_history = 1;
    recs_topk_init(topk, entries, k);

    return recs_similar_search(c->similar, c->view, c->scratch, c->item,
                               &c->query, topk);
}


/* In time, and what the search says. */
static void
expect_exact(catalogue_t *c, uint32_t k)
{
    recs_topk_t          got, want;
    recs_topk_entry_t    entries[K_MAX], all[K_MAX];
    recs_search_query_t  query;

    assert_int_equal(ask(c, k, &got, entries), 0);
    recs_topk_sort(&got);

    query = c->query;
    query.deadline_ns = 0;
    recs_topk_init(&want, all, k);
    assert_int_equal(recs_search(c->view, c->scratch, &query, &want), 0);
    recs_topk_sort(&want);

    assert_int_equal(got.n, want.n);
    assert_memory_equal(entries, all, want.n * sizeof(recs_topk_entry_t));
}


static int
is_remembered(catalogue_t *c)
{
    int                late;
    recs_topk_t        topk;
    recs_topk_entry_t  entries[10];

    c->query.deadline_ns = LONG_AGO;
    late = ask(c, 10, &topk, entries);
    c->query.deadline_ns = 0;
    assert_int_equal(topk.n, 10);

    return !late;
}


static void
open_many(catalogue_t *c)
{
    uint32_t    i;
    recs_rng_t  rng;

    memset(c, 0, sizeof(catalogue_t));
    recs_rng_seed(&rng, 3);
    c->rows = malloc(N_MANY * 4 * sizeof(float));

    for (i = 0; i < N_MANY * 4; i++) {
        c->rows[i] = (float) recs_rng_normal(&rng);
    }

    c->view = recs_tiny_view(c->rows, N_MANY, 4, N_MANY);
    start(c);
}


static void
close_many(catalogue_t *c)
{
    stop(c);
    recs_tiny_view_free(c->view);
    free(c->rows);
}


/* Awkward catalogues, exclusions, blocks, filters, counts. */
static void
test_exact(void **state)
{
    uint32_t             i, j, k;
    recs_rng_t           rng;
    catalogue_t          c;
    recs_search_case_t  *made;

    (void) state;

    for (i = 0; i < CASES; i++) {
        recs_rng_seed(&rng, i);
        made = recs_search_case(&rng);
        memset(&c, 0, sizeof(catalogue_t));
        c.view = made->view;
        start(&c);

        for (j = 0; j < A_CASE; j++) {
            recs_search_case_query(made, &rng, &c.query, &k);
            c.item = recs_search_case_below(&rng, ITEMS)
                     * (c.view->n_items / ITEMS) % c.view->n_items;
            expect_exact(&c, k);
        }

        stop(&c);
        recs_search_case_free(made);
    }
}


/* More items of one set than it has room for. */
static void
test_replaced(void **state)
{
    uint32_t     i;
    recs_rng_t   rng;
    catalogue_t  c;

    (void) state;

    open_many(&c);
    recs_rng_seed(&rng, 4);

    for (i = 0; i < 1000; i++) {
        c.item = recs_search_case_below(&rng, N_MANY / SET) * SET;
        expect_exact(&c, 1 + recs_search_case_below(&rng, 70));
    }

    close_many(&c);
}


static void
test_when_remembered(void **state)
{
    uint32_t     round;
    catalogue_t  c;

    (void) state;

    open_many(&c);
    c.item = 77;
    expect_exact(&c, 10);

    /* the second miss, but neither of these was a whole search */
    assert_false(is_remembered(&c));
    assert_false(is_remembered(&c));

    expect_exact(&c, 10);
    assert_true(is_remembered(&c));
    expect_exact(&c, RECS_SIMILAR_LIST);
    expect_exact(&c, RECS_SIMILAR_LIST + 1);

    /* more than a list holds is no reason to make one */
    c.item = 78;

    for (round = 0; round < 3; round++) {
        expect_exact(&c, RECS_SIMILAR_LIST + 1);
    }

    expect_exact(&c, 10);
    assert_false(is_remembered(&c));

    close_many(&c);
}


/* Blocks and exclusions come and go; the list outlives them. */
static void
test_blocked(void **state)
{
    uint32_t            i;
    recs_topk_t         topk;
    recs_topk_entry_t   best[RECS_SIMILAR_LIST];
    recs_bitmap_word_t  blocked[recs_bitmap_words(N_MANY)];
    catalogue_t         c;

    (void) state;

    open_many(&c);
    memset(blocked, 0, sizeof(blocked));
    c.item = 5;
    c.query.blocked = blocked;
    expect_exact(&c, 10);
    (void) ask(&c, RECS_SIMILAR_LIST, &topk, best);
    recs_topk_sort(&topk);

    /* made under a block that is gone, and one by one all of it is blocked */
    for (i = 0; i < RECS_SIMILAR_LIST; i++) {
        recs_bitmap_set(blocked, best[i].item);
        expect_exact(&c, 10);
    }

    memset(blocked, 0, sizeof(blocked));
    c.item = 6;
    recs_bitmap_set(blocked, 6);
    expect_exact(&c, 10);
    expect_exact(&c, 10);
    assert_true(is_remembered(&c));
    recs_bitmap_clear(blocked, 6);
    expect_exact(&c, 10);
    assert_true(is_remembered(&c));

    close_many(&c);
}


/* Of one set, twice each: the item in between is used and stays. */
static void
test_crawler(void **state)
{
    uint32_t     i;
    catalogue_t  c;

    (void) state;

    open_many(&c);
    c.item = 1;
    expect_exact(&c, 10);
    expect_exact(&c, 10);
    expect_exact(&c, 10);

    for (i = 1; i < N_MANY / SET; i++) {
        c.item = 1 + i * SET;
        expect_exact(&c, 10);
        expect_exact(&c, 10);
        c.item = 1;
        assert_true(is_remembered(&c));
    }

    /* the first of them is not */
    c.item = 1 + SET;
    assert_false(is_remembered(&c));

    close_many(&c);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_exact),
        cmocka_unit_test(test_replaced),
        cmocka_unit_test(test_when_remembered),
        cmocka_unit_test(test_blocked),
        cmocka_unit_test(test_crawler)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
