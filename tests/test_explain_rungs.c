/*
 * The other rungs explained, searches that ended early, and rules.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "recs_explain_case.h"
#include "recs_ladder.h"


#define N_USERS  30


static void
test_lower_rungs(void **state)
{
    recs_explain_case_t    c;
    uint32_t               i, k, segments[3], n_segments;
    recs_fixture_params_t  params;
    recs_contributions_t  *of;

    (void) state;

    params = (recs_fixture_params_t) { .n_items = 200, .n_users = N_USERS,
                                       .n_factors = 16, .seed = 3,
                                       .n_segments = 6, .n_neighbors = 20 };

    for (i = 0; i < 2; i++) {
        recs_explain_case_open(&c, &params);
        c.query.strategy = RECS_SOURCE_SIMILAR;
        c.query.item = recs_ladder_text("i4");
        recs_explain_case_ask(&c);
        assert_int_equal(c.answer.source, RECS_SOURCE_SIMILAR);
        of = &c.explanations[0].score;
        assert_int_equal(of->n, 1);
        assert_int_equal(of->parts[0].kind,
                         i == 0 ? RECS_CONTRIBUTION_SIMILAR
                                : RECS_CONTRIBUTION_NEIGHBORS);
        assert_int_equal(of->parts[0].item,
                         recs_bundle_item(c.bundle, c.query.item));
        recs_explain_case_close(&c);
        params.n_factors = 0;
    }

    recs_explain_case_open(&c, &params);
    c.query.strategy = RECS_SOURCE_POPULAR;
    segments[0] = 4;
    segments[1] = 2;
    segments[2] = 4;
    c.query.segments = segments;
    c.query.n_segments = 3;
    recs_explain_case_ask(&c);
    n_segments = 0;

    for (i = 0; i < c.answer.n; i++) {
        of = &c.explanations[i].score;
        assert_in_range(of->n, 1, 3);

        for (k = 0; k < of->n; k++) {
            if (of->parts[k].kind == RECS_CONTRIBUTION_SEGMENT) {
                n_segments++;
                assert_int_equal(of->parts[k].name.len, 9);
                assert_memory_equal(of->parts[k].name.data, "area=a00", 8);
                assert_true(of->parts[k].score > 0);

            } else {
                assert_int_equal(of->parts[k].kind,
                                 RECS_CONTRIBUTION_POPULARITY);
                assert_true(of->parts[k].score
                            == c.view->popularity[c.items[i].item]);
            }
        }
    }

    assert_true(n_segments > 0);
    recs_explain_case_close(&c);
}


/* The lists that there was no time for are not told of. */
static void
test_late(void **state)
{
    recs_explain_case_t          c;
    uint32_t                     i, k, sum;
    const recs_contributions_t  *of;
    static const uint32_t        recent[] = { 1, 9, 30, 31, 32 };
    recs_fixture_params_t        params;

    (void) state;

    params = (recs_fixture_params_t) { .n_items = 60, .n_users = N_USERS,
                                       .seed = 3, .n_neighbors = 59 };
    recs_explain_case_open(&c, &params);
    c.query.strategy = RECS_SOURCE_SESSION;
    c.query.recent = recent;
    c.query.n_recent = 5;
    recs_explain_case_ask(&c);
    c.answer.degraded = 1;

    for (i = 0; i < c.answer.n; i++) {
        sum = 0;

        for (k = 0; k < 3; k++) {
            sum += recs_explain_case_weight(c.view, recent[k],
                                               c.items[i].item);
        }

        c.items[i].score = c.view->neighbor_step * (float) sum;
    }

    assert_int_equal(recs_explain(c.explain, c.scratch, &c.query, &c.answer,
                                  c.explanations, &c.kept_out), 1);

    for (i = 0; i < c.answer.n; i++) {
        of = &c.explanations[i].score;
        assert_true(fabs(recs_explain_case_sum(of) - c.items[i].score)
                    < 1e-4);

        for (k = 0; k < of->n; k++) {
            assert_in_range(of->parts[k].item, 1, 30);
        }
    }

    recs_explain_case_close(&c);
}


static const recs_move_t *
move_of(const recs_explanation_t *e, recs_move_kind_t kind)
{
    uint32_t  i;

    for (i = 0; i < e->n_rules; i++) {
        if (e->rules[i].kind == kind) {
            return &e->rules[i];
        }
    }

    return NULL;
}


static void
test_rules(void **state)
{
    recs_explain_case_t    c;
    uint32_t               i, n_like, exclude[] = { 5, 6, 6, 100000 };
    recs_limit_t           limit;
    const recs_move_t     *move;
    recs_bitmap_word_t     blocked[4] = { 0xff, 0, 0, (uint64_t) 1 << 63 };
    recs_fixture_params_t  params;

    (void) state;

    params = (recs_fixture_params_t) { .n_items = 200, .n_users = N_USERS,
                                       .n_factors = 16, .seed = 3 };
    recs_explain_case_open(&c, &params);
    c.query.strategy = RECS_SOURCE_PERSONAL;
    c.query.user = recs_ladder_text("u1");
    c.query.diversity = 0.5f;
    c.query.exclude = exclude;
    c.query.n_exclude = 4;
    c.query.blocked = blocked;
    limit.column = recs_bundle_item_column(c.bundle,
                                           recs_ladder_text("tags"));
    assert_int_not_equal(limit.column, RECS_COLUMN_NO);
    limit.n = 4;
    c.query.limits = &limit;
    c.query.n_limits = 1;
    recs_explain_case_ask(&c);
    assert_null(move_of(&c.explanations[0], RECS_MOVE_DIVERSITY));
    n_like = 0;

    for (i = 1; i < c.answer.n; i++) {
        move = move_of(&c.explanations[i], RECS_MOVE_DIVERSITY);

        if (move != NULL) {
            assert_true(move->penalty < 0 && move->penalty > -0.50001);
            n_like++;
        }

        move = move_of(&c.explanations[i], RECS_MOVE_MAX_PER);

        if (move != NULL) {
            assert_in_range(move->count, 1, 4);
            assert_int_equal(move->most, 4);
        }
    }

    assert_true(n_like > 0);

    /* Blocked are 8: item 199 and those beyond have no bit to count. */
    assert_int_equal(c.kept_out.n_rules, 2);
    assert_int_equal(c.kept_out.rules[0].kind, RECS_MOVE_EXCLUDE);
    assert_int_equal(c.kept_out.rules[0].count, 2);
    assert_int_equal(c.kept_out.rules[1].kind, RECS_MOVE_BLOCK);
    assert_int_equal(c.kept_out.rules[1].count, 8);

    /* Nothing is told of who does not consent. */
    c.query.no_consent = 1;
    recs_recommend(c.bundle, c.scratch, &c.query, &c.answer);
    assert_int_equal(recs_explain(c.explain, c.scratch, &c.query, &c.answer,
                                  c.explanations, &c.kept_out), 0);

    recs_explain_case_close(&c);
}


/* Nine features and a base: all by name, and nothing is missing. */
static void
test_ranked(void **state)
{
    uint32_t                    i, k, n_features;
    recs_explain_case_t         c;
    recs_fixture_params_t       params;
    const recs_explanation_t   *e;
    const recs_contribution_t  *part;

    (void) state;

    params = (recs_fixture_params_t) { .n_items = 200, .n_users = N_USERS,
                                       .n_factors = 16, .n_neighbors = 20,
                                       .seed = 3, .n_trees = 20 };
    recs_explain_case_open(&c, &params);
    c.query.strategy = RECS_SOURCE_PERSONAL;
    c.query.rank = RECS_RANK_TREES;
    c.query.user = recs_ladder_text("u1");
    recs_explain_case_ask(&c);
    assert_int_equal(c.answer.source, RECS_SOURCE_PERSONAL);
    n_features = 0;

    for (i = 0; i < c.answer.n; i++) {
        e = &c.explanations[i];

        for (k = 0; k < e->score.n; k++) {
            part = &e->score.parts[k];
            assert_true(part->kind == RECS_CONTRIBUTION_BASE
                        || part->kind == RECS_CONTRIBUTION_FEATURE);

            if (part->kind == RECS_CONTRIBUTION_FEATURE
                && part->name.len == 9
                && memcmp(part->name.data, "retrieved", 9) == 0)
            {
                assert_true(part->value == e->retrieval.score);
                n_features++;
            }
        }

        assert_true(e->retrieval.n > 0);
        assert_true(fabs(recs_explain_case_sum(&e->retrieval)
                         - e->retrieval.score) < 1e-4);
    }

    assert_true(n_features > 0);

    c.query.rank = RECS_RANK_MLP;
    recs_explain_case_ask(&c);
    assert_int_equal(c.explanations[0].retrieval.n, 0);

    recs_explain_case_close(&c);
}


/* Opposed lists and the user's own: no part of a score is left over. */
static void
test_further(void **state)
{
    int                         n_own, n_below;
    uint32_t                    i, k, user;
    recs_explain_case_t         c;
    const recs_contribution_t  *part;

    static const recs_fixture_params_t  params = { .n_items = 60,
                                       .n_users = 10, .times = 1, .seed = 3,
                                       .n_neighbors = 40, .further = 1 };

    (void) state;

    recs_explain_case_open(&c, &params);
    n_own = n_below = 0;

    for (user = 0; user < c.view->n_users; user++) {
        c.query.user = recs_record_id(recs_bundle_user_record(c.bundle, user));
        recs_explain_case_ask(&c);

        for (i = 0; i < c.answer.n; i++) {
            if (c.items[i].source != RECS_SOURCE_PERSONAL) {
                continue;
            }

            for (k = 0; k < c.explanations[i].score.n; k++) {
                part = &c.explanations[i].score.parts[k];
                assert_int_equal(part->kind, RECS_CONTRIBUTION_NEIGHBORS);
                n_own += part->item == RECS_ITEM_NO;
                n_below += part->score < 0;
            }
        }
    }

    assert_true(n_own > 0);
    assert_true(n_below > 0);

    recs_explain_case_close(&c);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_lower_rungs),
        cmocka_unit_test(test_late),
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_ranked),
        cmocka_unit_test(test_further)
    };

    return cmocka_run_group_tests_name("explain_rungs", tests, NULL, NULL);
}
