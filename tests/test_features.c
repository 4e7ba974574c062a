/*
 * Features against their definitions, and that they mean the same in another
 * bundle.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "recs_features.h"
#include "recs_fixture.h"
#include "recs_search.h"
#include "recs_segment.h"


#define N_USERS  40


static recs_bundle_t    *bundle;
static recs_features_t  *features;
static recs_error_t      err;


static int
setup(void **state)
{
    recs_fixture_params_t  params = {
        .n_items = 300, .n_users = N_USERS, .n_factors = 20,
        .n_neighbors = 10, .n_segments = 30, .times = 1
    };

    (void) state;

    bundle = recs_fixture_open(&params);

    return recs_features_create(&features, bundle, &err) != RECS_OK;
}


static int
teardown(void **state)
{
    (void) state;

    recs_features_destroy(features);
    recs_bundle_close(bundle);

    return 0;
}


static recs_rank_visitor_t
known(uint32_t user)
{
    recs_rank_visitor_t         visitor;
    const recs_bundle_view_t   *view;

    view = recs_bundle_view(bundle);
    memset(&visitor, 0, sizeof(visitor));
    visitor.user = user;
    visitor.vector = recs_table_row(&view->user_factors, user);

    return visitor;
}


static void
near(float got, double want)
{
    if (!(fabs((double) got - want) < 1e-5 * (1 + fabs(want)))) {
        fail_msg("%.9g is not %.9g", (double) got, want);
    }
}


/* The fixture's items have tags "every|half<i % 2>|t<i % 24>|r<i % 97>" or
   nothing, i being the index. */
static int
shares_tag(uint32_t a, uint32_t b, unsigned tag)
{
    static const uint32_t  modulus[] = { 1, 2, 24, 97 };

    a = recs_bundle_view(bundle)->item_order[a];
    b = recs_bundle_view(bundle)->item_order[b];

    return a % 3 == 0 && b % 3 == 0 && a % modulus[tag] == b % modulus[tag];
}


static void
test_numeric(void **state)
{
    float                       values[RECS_FEATURE_COUNT], dot, *item_norms;
    double                      max, sum, share, shares, most, popular;
    uint32_t                    user, item, i, n, n_seen;
    const uint32_t             *recent;
    recs_rank_visitor_t         visitor;
    const recs_bundle_view_t   *v;

    (void) state;

    v = recs_bundle_view(bundle);
    item_norms = (float *) (uintptr_t) v->item_norms;

    for (user = 0; user < v->n_users; user++) {
        visitor = known(user);
        recent = recs_bundle_recent(bundle, user, &n);
        (void) recs_bundle_seen(bundle, user, &n_seen);
        recs_features_visitor(features, &visitor);

        for (item = 0; item < v->n_items; item += 7) {
            recs_features_numeric(features, item, 2.5f, values);
            dot = recs_dot(visitor.vector,
                           recs_table_row(&v->item_factors, item), v->stride);

            near(values[RECS_FEATURE_RETRIEVED], 2.5);
            near(values[RECS_FEATURE_DOT], (double) dot);
            near(values[RECS_FEATURE_LISTS], 2.5 - (double) dot);
            near(values[RECS_FEATURE_POPULARITY],
                 log(1 + (double) v->popularity[item]));
            near(values[RECS_FEATURE_HISTORY], log(1 + (double) n_seen));
            near(values[RECS_FEATURE_SESSION], 0);
            assert_true(isnan(values[RECS_FEATURE_CONTEXT]));

            max = -INFINITY;
            sum = shares = most = popular = 0;

            for (i = 0; i < n; i++) {
                dot = recs_dot(recs_table_row(&v->item_factors, recent[i]),
                               recs_table_row(&v->item_factors, item),
                               v->stride)
                      / item_norms[recent[i]] / item_norms[item];
                max = fmax(max, (double) dot);
                sum += (double) dot;
                popular += log(1 + (double) v->popularity[recent[i]]) / n;
            }

            if (n > 0) {
                near(values[RECS_FEATURE_LAST_POPULARITY], popular);
            }

            if (n > 0 && isfinite(sum)) {
                near(values[RECS_FEATURE_COSINE_MAX], max);
                near(values[RECS_FEATURE_COSINE_MEAN], sum / n);
            }

            if (n == 0 || v->item_order[item] % 3 != 0) {
                assert_true(isnan(values[RECS_FEATURE_AFFINITY]));
                continue;
            }

            /* four tags, the last of them too rare or not */
            for (unsigned tag = 0; tag < 4; tag++) {
                for (i = 0, share = 0; i < n; i++) {
                    share += shares_tag(item, recent[i], tag) / (double) n;
                }

                shares += share / 4;
                most = fmax(most, share);
            }

            near(values[RECS_FEATURE_AFFINITY], shares);
            near(values[RECS_FEATURE_AFFINITY_MAX], most);
            near(values[RECS_FEATURE_AFFINITY_1], shares);
            assert_true(isnan(values[RECS_FEATURE_AFFINITY_2]));
        }
    }
}


/* Somebody unknown, without a vector; only the context speaks. */
static void
test_context(void **state)
{
    float                  values[RECS_FEATURE_COUNT];
    double                 want;
    uint32_t               i, j;
    recs_segment_t         segment;
    recs_rank_visitor_t    visitor;
    recs_rank_context_t    contexts[] = {
        { { "area", 4 }, { "a003", 4 } }, { { "area", 4 }, { "no", 2 } },
        { { "area", 4 }, { "a|3", 3 } }, { { "area", 4 }, { "a007", 4 } }
    };

    (void) state;

    memset(&visitor, 0, sizeof(visitor));
    visitor.user = RECS_USER_NO;
    visitor.contexts = contexts;
    visitor.n_contexts = 4;
    recs_features_visitor(features, &visitor);

    for (i = 0; i < 300; i++) {
        recs_features_numeric(features, i, 0.5f, values);
        want = 0;

        for (j = 3; j <= 7; j += 4) {
            recs_segment_get(recs_bundle_view(bundle), j, &segment);

            for (uint32_t k = 0; k < segment.n_items; k++) {
                want += segment.items[k] == i
                        ? log((double) segment.boosts[k]) : 0;
            }
        }

        near(values[RECS_FEATURE_CONTEXT], want);
        assert_true(isnan(values[RECS_FEATURE_DOT]));
        assert_true(isnan(values[RECS_FEATURE_COSINE_LAST]));
        assert_true(isnan(values[RECS_FEATURE_AFFINITY_MAX]));
        near(values[RECS_FEATURE_LISTS], 0.5);
    }
}


/* In a bundle whose items stand in another order hashes are the same. */
static void
test_hashed(void **state)
{
    uint32_t               i, j, k, n, m, found;
    uint64_t               hashes[RECS_FEATURES_HASHED_MAX],
                           others[RECS_FEATURES_HASHED_MAX];
    recs_str_t             id;
    recs_bundle_t         *other;
    recs_features_t       *of_other;
    recs_rank_visitor_t    visitor;
    recs_rank_context_t    context = { { "area", 4 }, { "a003", 4 } };
    recs_fixture_params_t  params = {
        .n_items = 300, .n_users = N_USERS, .n_factors = 8, .seed = 7
    };

    (void) state;

    other = recs_fixture_open(&params);
    assert_int_equal(recs_features_create(&of_other, other, &err), RECS_OK);

    for (i = 0; i < 300; i++) {
        id = recs_record_id(recs_bundle_user_record(bundle, i % N_USERS));
        visitor = known(i % N_USERS);
        visitor.contexts = &context;
        visitor.n_contexts = 1;
        recs_features_visitor(features, &visitor);
        n = recs_features_hashed(features, i, hashes);

        visitor.user = recs_bundle_user(other, id);
        visitor.vector = NULL;
        recs_features_visitor(of_other, &visitor);
        id = recs_record_id(recs_bundle_item_record(bundle, i));
        m = recs_features_hashed(of_other, recs_bundle_item(other, id),
                                 others);

        assert_true(n >= 3 && n <= RECS_FEATURES_HASHED_MAX);
        assert_int_equal(n, m);
        assert_memory_equal(hashes, others, n * sizeof(uint64_t));

        for (j = found = 0; j < n; j++) {
            for (k = 0; k < j; k++) {
                found += hashes[j] == hashes[k];
            }
        }

        assert_int_equal(found, 0);
    }

    recs_features_destroy(of_other);
    recs_bundle_close(other);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_numeric),
        cmocka_unit_test(test_context),
        cmocka_unit_test(test_hashed)
    };

    return cmocka_run_group_tests_name("features", tests, setup, teardown);
}
