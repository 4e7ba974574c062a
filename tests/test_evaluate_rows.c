/*
 * What each user's row holds, told again from the whole ranking.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "recs_evaluate.h"
#include "recs_recommend.h"
#include "recs_rng.h"
#include "recs_tiny_bundle.h"
#include "recs_tiny_dataset.h"


#define SMALL_ITEMS    24
#define SMALL_USERS    9
#define SMALL_FACTORS  3


static void
near(double got, double want)
{
    if (!(fabs(got - want) < 1e-12)) {
        fail_msg("%.17g is not %.17g", got, want);
    }
}


/* Random vectors; user u has met the items 3 u .. 3 u + 2, mod all. */

static recs_bundle_t *
make_small(void)
{
    uint32_t      i;
    recs_rng_t    rng;
    recs_model_t  model;

    static float     items[SMALL_ITEMS * SMALL_FACTORS];
    static float     users[SMALL_USERS * SMALL_FACTORS];
    static float     popularity[SMALL_ITEMS];
    static uint32_t  seen[3 * SMALL_USERS];
    static uint64_t  offsets[SMALL_USERS + 1];

    recs_rng_seed(&rng, 7);

    for (i = 0; i < SMALL_ITEMS * SMALL_FACTORS; i++) {
        items[i] = (float) recs_rng_normal(&rng);
    }

    for (i = 0; i < SMALL_USERS * SMALL_FACTORS; i++) {
        users[i] = (float) recs_rng_normal(&rng);
    }

    for (i = 0; i < 3 * SMALL_USERS; i++) {
        seen[i] = i % SMALL_ITEMS;
        popularity[i % SMALL_ITEMS] += 1;
    }

    for (i = 0; i <= SMALL_USERS; i++) {
        offsets[i] = 3 * i;
    }

    memset(&model, 0, sizeof(recs_model_t));
    model.algorithm = "test";
    model.items.n = SMALL_ITEMS;
    model.items.record = recs_tiny_record;
    model.items.data = "i";
    model.users.n = SMALL_USERS;
    model.users.record = recs_tiny_record;
    model.users.data = "u";
    model.n_factors = SMALL_FACTORS;
    model.item_factors = items;
    model.user_factors = users;
    model.popularity = popularity;
    model.seen_offsets = offsets;
    model.seen_items = seen;

    return recs_tiny_bundle(&model);
}


/* User u wants two items that he has not met; the last user is unknown. */

static recs_dataset_t *
make_small_test(void)
{
    uint32_t           u, first;
    recs_tiny_event_t  events[2 * (SMALL_USERS + 1)];

    for (u = 0; u <= SMALL_USERS; u++) {
        first = (3 * u + 5) % (SMALL_ITEMS - 2);
        events[2 * u] = (recs_tiny_event_t) { u, first, 0, 1 };
        events[2 * u + 1] = (recs_tiny_event_t) { u, first + 2, 0, 1 };
    }

    return recs_tiny_dataset(SMALL_USERS + 1, SMALL_ITEMS, events,
                             2 * (SMALL_USERS + 1));
}


static uint32_t
small_wanted(const recs_bundle_t *bundle, uint32_t u, uint32_t *items)
{
    uint32_t  first;

    first = (3 * u + 5) % (SMALL_ITEMS - 2);
    items[0] = recs_bundle_item(bundle,
                                recs_record_id(recs_tiny_record("i", first)));
    items[1] = recs_bundle_item(bundle,
                                recs_record_id(recs_tiny_record("i",
                                                                first + 2)));

    return 2;
}


static int
among(const uint32_t *items, uint32_t n, uint32_t item)
{
    while (n > 0 && items[n - 1] != item) {
        n--;
    }

    return n > 0;
}


static double
brute_mrr(const recs_answer_item_t *shown, uint32_t k, const uint32_t *items,
    uint32_t n)
{
    uint32_t  i;

    for (i = 0; i < k; i++) {
        if (among(items, n, shown[i].item)) {
            return 1.0 / (i + 1);
        }
    }

    return 0;
}


/* AUC and first hit of each user, told again from whole rankings. */

static void
test_brute_force(void **state)
{
    double                   auc;
    uint32_t                 i, j, u, n, above, pairs, items[SMALL_ITEMS];
    recs_error_t             err;
    recs_query_t             query;
    recs_answer_t            answer;
    recs_bundle_t           *bundle;
    recs_dataset_t          *test;
    recs_scratch_t          *scratch;
    recs_evaluation_t        e;
    recs_evaluation_rows_t   rows;
    recs_answer_item_t       shown[SMALL_ITEMS];

    const uint32_t                at[] = { 3, 7 };
    const recs_evaluate_params_t  params = { at, 2, 2, 0, 0, NULL, 0 };

    (void) state;

    bundle = make_small();
    test = make_small_test();

    assert_int_equal(recs_evaluate(bundle, test, &params, &e, &rows, &err),
                     RECS_OK);
    assert_int_equal(recs_scratch_create(&scratch, bundle, &err), RECS_OK);
    assert_int_equal(rows.n_users, SMALL_USERS);
    assert_int_equal(e.parts[RECS_PART_NEW].n_users, 1);

    for (u = 0; u < SMALL_USERS; u++) {
        memset(&query, 0, sizeof(recs_query_t));
        query.strategy = RECS_SOURCE_PERSONAL;
        query.user = recs_record_id(recs_tiny_record("u", u));
        query.exclude_seen = 1;
        query.count = SMALL_ITEMS;
        answer.items = shown;
        recs_recommend(bundle, scratch, &query, &answer);

        n = small_wanted(bundle, u, items);
        pairs = 0;
        above = 0;

        for (i = 0; i < answer.n; i++) {
            for (j = 0; j < answer.n; j++) {
                if (among(items, n, shown[i].item)
                    && !among(items, n, shown[j].item))
                {
                    pairs++;
                    above += i < j;
                }
            }
        }

        auc = (double) above / pairs;
        near(rows.model[u * rows.width + rows.width - 1], auc);
        near(rows.model[u * rows.width + RECS_QUALITY_COUNT
                        + RECS_QUALITY_MRR],
             brute_mrr(shown, 7, items, n));
    }

    recs_evaluation_rows_free(&rows);
    recs_scratch_destroy(scratch);
    recs_dataset_close(test);
    recs_bundle_close(bundle);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_brute_force)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
