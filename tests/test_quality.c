/*
 * Figures of random lists against the definitions, told again the slow way.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "recs_quality.h"
#include "recs_rng.h"
#include "recs_tiny_bundle.h"
#include "recs_tiny_dataset.h"


#define N_ITEMS    40
#define N_USERS    6
#define N_FACTORS  5
#define N_SEEN     4
#define N_LISTS    200


static float     items[N_ITEMS * N_FACTORS];
static uint32_t  seen[N_USERS * N_SEEN];


static recs_bundle_t *
make_bundle(recs_rng_t *rng)
{
    uint32_t      i;
    recs_model_t  model;

    static float     users[N_USERS * N_FACTORS];
    static uint64_t  offsets[N_USERS + 1];

    for (i = 0; i < (N_ITEMS - 1) * N_FACTORS; i++) {
        items[i] = (float) recs_rng_normal(rng);
    }

    for (i = 0; i < N_USERS * N_FACTORS; i++) {
        users[i] = (float) recs_rng_normal(rng);
    }

    for (i = 0; i < N_USERS * N_SEEN; i++) {
        seen[i] = i % N_SEEN * 8 + i / N_SEEN % 3;
    }

    for (i = 0; i <= N_USERS; i++) {
        offsets[i] = N_SEEN * i;
    }

    memset(&model, 0, sizeof(recs_model_t));
    model.algorithm = "test";
    model.items.n = N_ITEMS;
    model.items.record = recs_tiny_record;
    model.items.data = "i";
    model.users.n = N_USERS;
    model.users.record = recs_tiny_record;
    model.users.data = "u";
    model.n_factors = N_FACTORS;
    model.item_factors = items;
    model.user_factors = users;
    model.seen_offsets = offsets;
    model.seen_items = seen;

    return recs_tiny_bundle(&model);
}


static int
hit(const recs_quality_list_t *list, uint32_t place)
{
    uint32_t  i;

    for (i = 0; i < list->n_wanted; i++) {
        if (list->wanted[i] == list->items[place - 1].item) {
            return 1;
        }
    }

    return 0;
}


static double
cosine(uint32_t a, uint32_t b)
{
    double    ab, aa, bb;
    uint32_t  f;

    ab = aa = bb = 0;

    for (f = 0; f < N_FACTORS; f++) {
        ab += (double) items[a * N_FACTORS + f]
              * (double) items[b * N_FACTORS + f];
        aa += pow((double) items[a * N_FACTORS + f], 2);
        bb += pow((double) items[b * N_FACTORS + f], 2);
    }

    return aa > 0 && bb > 0 ? ab / sqrt(aa * bb) : 0;
}


static double
met_by(uint32_t index)
{
    uint32_t  i, n;

    n = 0;

    for (i = 0; i < N_USERS * N_SEEN; i++) {
        n += seen[i] == index;
    }

    return n;
}


static void
near(double got, double want, const char *what)
{
    if (!(fabs(got - want) < 1e-12)) {
        fail_msg("%s: %.17g is not %.17g", what, got, want);
    }
}


static void
check(const recs_quality_catalogue_t *catalogue,
    const recs_quality_list_t *list, uint32_t k)
{
    double           values[RECS_QUALITY_COUNT], sum[N_FACTORS];
    double           dcg, ideal, precision, ap, mrr, novelty, fame, apart;
    uint32_t         i, j, hits, n, best;
    const uint32_t  *order;

    recs_quality(catalogue, list, k, sum, values);

    order = catalogue->view->item_order;
    n = list->n < k ? list->n : k;
    best = list->n_test < k ? list->n_test : k;
    dcg = ideal = ap = mrr = novelty = fame = apart = 0;
    hits = 0;

    for (i = n; i >= 1; i--) {
        if (hit(list, i)) {
            hits++;
            dcg += log(2) / log(i + 1);
            mrr = 1.0 / i;

            precision = 0;
            for (j = 1; j <= i; j++) {
                precision += hit(list, j);
            }

            ap += precision / i;
        }

        fame += met_by(order[list->items[i - 1].item]) / N_USERS / n;
        novelty += log(N_USERS
                       / fmax(1, met_by(order[list->items[i - 1].item])))
                   / log(2) / n;

        for (j = 1; j < i; j++) {
            apart += 2 * (1 - cosine(order[list->items[i - 1].item],
                                     order[list->items[j - 1].item]))
                     / (n * (n - 1.0));
        }
    }

    for (i = 1; i <= best; i++) {
        ideal += log(2) / log(i + 1);
    }

    near(values[RECS_QUALITY_RECALL], (double) hits / list->n_test, "recall");
    near(values[RECS_QUALITY_RECALL_MIN], (double) hits / best, "recall_min");
    near(values[RECS_QUALITY_PRECISION], (double) hits / k, "precision");
    near(values[RECS_QUALITY_F1], 2.0 * hits / (k + list->n_test), "f1");
    near(values[RECS_QUALITY_NDCG], dcg / ideal, "ndcg");
    near(values[RECS_QUALITY_HIT_RATE], hits > 0, "hit_rate");
    near(values[RECS_QUALITY_MAP], ap / best, "map");
    near(values[RECS_QUALITY_MRR], mrr, "mrr");
    near(values[RECS_QUALITY_NOVELTY], novelty, "novelty");
    near(values[RECS_QUALITY_POPULARITY], fame, "popularity");
    near(values[RECS_QUALITY_DIVERSITY], apart, "diversity");
}


static void
test_random_lists(void **state)
{
    uint32_t                   i, l, n;
    recs_rng_t                 rng;
    recs_error_t               err;
    recs_bundle_t             *bundle;
    recs_answer_item_t         shown[N_ITEMS];
    recs_quality_list_t        list;
    recs_quality_catalogue_t   catalogue;
    uint32_t                   wanted[N_ITEMS];

    (void) state;

    recs_rng_seed(&rng, 3);
    bundle = make_bundle(&rng);

    assert_int_equal(recs_quality_catalogue(&catalogue, bundle, &err),
                     RECS_OK);
    assert_int_equal(catalogue.n_users, N_USERS);

    for (l = 0; l < N_LISTS; l++) {
        n = 0;

        for (i = 0; i < N_ITEMS; i++) {
            if (recs_rng_uniform(&rng) < 0.2) {
                wanted[n++] = i;
            }

            shown[i].item = (uint32_t) (i * 7 + l) % N_ITEMS;
        }

        list.items = shown;
        list.n = (uint32_t) (recs_rng_uniform(&rng) * 15);
        list.wanted = wanted;
        list.n_wanted = n;
        list.n_test = n + 1;

        check(&catalogue, &list, 1 + l % 12);
    }

    recs_quality_catalogue_free(&catalogue);
    recs_bundle_close(bundle);
}


/* Gini as the mean difference of all pairs over twice the mean. */

static void
test_shown(void **state)
{
    double      coverage, gini, differences, total;
    uint32_t    i, j, shown[N_ITEMS], zero[3] = { 0, 0, 0 };
    recs_rng_t  rng;

    (void) state;

    recs_rng_seed(&rng, 5);
    differences = 0;
    total = 0;

    for (i = 0; i < N_ITEMS; i++) {
        shown[i] = (uint32_t) (recs_rng_uniform(&rng) * 4);
        total += shown[i];
    }

    for (i = 0; i < N_ITEMS; i++) {
        for (j = 0; j < N_ITEMS; j++) {
            differences += fabs((double) shown[i] - (double) shown[j]);
        }
    }

    j = 0;

    for (i = 0; i < N_ITEMS; i++) {
        j += shown[i] > 0;
    }

    recs_quality_shown(shown, N_ITEMS, &coverage, &gini);
    near(coverage, (double) j / N_ITEMS, "coverage");
    near(gini, differences / (2 * N_ITEMS * total), "gini");

    recs_quality_shown(zero, 3, &coverage, &gini);
    near(coverage, 0, "coverage of nothing");
    assert_true(isnan(gini));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_random_lists),
        cmocka_unit_test(test_shown)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
