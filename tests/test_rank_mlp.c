/*
 * Scores of the pairwise network: what the header says, whoever asks, the same
 * bits on every instruction path.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "recs_fixture.h"
#include "recs_kernel.h"
#include "recs_rank_mlp.h"
#include "recs_tiny_bundle.h"


#define N_ITEMS  60
#define N_USERS  20
#define HIDDEN   48


static recs_error_t     err;
static recs_fixture_t  *fixture;
static recs_bundle_t   *bundle;


static int
setup(void **state)
{
    recs_fixture_params_t  params = { .n_items = N_ITEMS, .n_users = N_USERS,
                                      .n_factors = 8, .n_hidden = HIDDEN };

    (void) state;

    fixture = recs_fixture_create(&params);
    bundle = recs_tiny_bundle(&fixture->model);

    return 0;
}


static int
teardown(void **state)
{
    (void) state;

    recs_bundle_close(bundle);
    recs_fixture_destroy(fixture);

    return 0;
}


static const int16_t *
row(const int16_t *rows, const char *id)
{
    return rows + strtoul(id + 1, NULL, 10) * HIDDEN;
}


static uint32_t
item(const char *id)
{
    return recs_bundle_item(bundle, (recs_str_t) { id, strlen(id) });
}


static uint32_t
user(const char *id)
{
    return recs_bundle_user(bundle, (recs_str_t) { id, strlen(id) });
}


static void
test_past(void **state)
{
    float                past[HIDDEN], prior, want;
    uint32_t             h, recent[4];
    const int16_t       *one, *two, *his;
    recs_rank_visitor_t  visitor = { .user = RECS_USER_NO };

    (void) state;

    one = row(fixture->mlp.pasts, "i7");
    two = row(fixture->mlp.pasts, "i31");
    his = row(fixture->mlp.users, "u3");
    prior = recs_bundle_view(bundle)->session_prior;

    /* nobody */
    recs_mlp_past(recs_bundle_view(bundle), &visitor, past);

    for (h = 0; h < HIDDEN; h++) {
        assert_true(past[h] == 0.0f);
    }

    /* a session, with what is no item of the model */
    recent[0] = item("i7");
    recent[1] = N_ITEMS;
    recent[2] = item("i31");
    recent[3] = RECS_ITEM_NO;
    visitor.recent = recent;
    visitor.n_recent = 4;
    recs_mlp_past(recs_bundle_view(bundle), &visitor, past);

    for (h = 0; h < HIDDEN; h++) {
        assert_true(past[h] == (float) (one[h] + two[h]) / 2);
    }

    /* a user's session */
    visitor.user = user("u3");
    assert_int_not_equal(visitor.user, RECS_USER_NO);
    recs_mlp_past(recs_bundle_view(bundle), &visitor, past);

    for (h = 0; h < HIDDEN; h++) {
        want = (prior * his[h] + (float) (one[h] + two[h])) / (prior + 2);
        assert_true(fabsf(past[h] - want) <= 1e-3f);
    }

    /* a user without one */
    visitor.n_recent = 0;
    recs_mlp_past(recs_bundle_view(bundle), &visitor, past);

    for (h = 0; h < HIDDEN; h++) {
        want = his[h];
        assert_true(fabsf(past[h] - want) <= fabsf(want) * 1e-6f);
    }
}


static double
plain(const int16_t *past, const int16_t *candidate, float retrieved)
{
    double                    sum, input;
    uint32_t                  h;
    const recs_mlp_output_t  *o;

    o = &fixture->mlp.output;
    sum = (double) o->bias + (double) o->retrieved_weight * (double) retrieved;

    for (h = 0; h < HIDDEN; h++) {
        input = past[h] + candidate[h];
        sum += input > 0 ? (double) o->weights[h] * input : 0;
    }

    return sum;
}


static void
rank(uint32_t whose, const uint32_t *items, const float *retrieved,
    uint32_t n, float *scores)
{
    recs_rank_visitor_t   visitor = { .user = whose };
    recs_rank_scratch_t  *scratch;

    assert_int_equal(recs_rank_scratch_create(&scratch, bundle, &err),
                     RECS_OK);
    assert_non_null(scratch);
    recs_rank(bundle, scratch, RECS_RANK_MLP, &visitor, items, retrieved, n,
              scores);
    recs_rank_scratch_destroy(scratch);
}


static void
test_scores(void **state)
{
    char                         id[16];
    float                        scores[N_ITEMS], other[N_ITEMS],
                                 retrieved[N_ITEMS];
    double                       want;
    uint32_t                     i, items[N_ITEMS];
    const char                  *best;
    const recs_kernel_t *const  *kernel;

    (void) state;

    assert_int_equal(recs_rank_check(bundle, RECS_RANK_MLP, &err), RECS_OK);
    assert_int_equal(recs_rank_check(bundle, RECS_RANK_LOGISTIC, &err),
                     RECS_NOT_FOUND);

    for (i = 0; i < N_ITEMS; i++) {
        snprintf(id, sizeof(id), "i%u", i);
        items[i] = item(id);
        retrieved[i] = (float) i / 7 - 3;
    }

    rank(user("u5"), items, retrieved, N_ITEMS, scores);

    for (i = 0; i < N_ITEMS; i++) {
        want = plain(row(fixture->mlp.users, "u5"),
                     fixture->mlp.candidates + i * HIDDEN, retrieved[i]);

        if (!(fabs((double) scores[i] - want) < 1e-4 + 1e-5 * fabs(want))) {
            fail_msg("item %u: %g, not %g", i, (double) scores[i], want);
        }
    }

    best = recs_kernel()->name;

    for (kernel = recs_kernel_all(); *kernel != NULL; kernel++) {
        if ((*kernel)->usable()) {
            assert_int_equal(recs_kernel_use((*kernel)->name, &err), RECS_OK);
            rank(user("u5"), items, retrieved, N_ITEMS, other);
            assert_memory_equal(other, scores, sizeof(scores));
        }
    }

    assert_int_equal(recs_kernel_use(best, &err), RECS_OK);
}


/* What retrieval may come to, in a bundle that says it counts for much. */
static void
test_kept_finite(void **state)
{
    float     scores[2], retrieved[2] = { 1e36f, -1e36f };
    uint32_t  items[2] = { 0, 1 };

    (void) state;

    recs_bundle_close(bundle);
    fixture->mlp.output.retrieved_weight = 1e20f;
    bundle = recs_tiny_bundle(&fixture->model);

    rank(0, items, retrieved, 2, scores);
    assert_true(scores[0] == RECS_RANK_SCORE_MAX);
    assert_true(scores[1] == -RECS_RANK_SCORE_MAX);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test_setup_teardown(test_past, setup, teardown),
        cmocka_unit_test_setup_teardown(test_scores, setup, teardown),
        cmocka_unit_test_setup_teardown(test_kept_finite, setup, teardown)
    };

    return cmocka_run_group_tests_name("rank_mlp", tests, NULL, NULL);
}
