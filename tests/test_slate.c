/*
 * Lists chosen as a whole: against a greedy choice in doubles, and by what the
 * limits promise.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "recs_fixture.h"
#include "recs_recommend.h"
#include "recs_shop.h"


#define N  20


static recs_error_t     err;
static recs_scratch_t  *scratch;

static recs_answer_item_t  items[RECS_COUNT_MAX];
static recs_answer_item_t  pool[RECS_COUNT_MAX];


static recs_answer_t
ask(const recs_bundle_t *b, recs_query_t *query, recs_answer_item_t *at,
    uint32_t count)
{
    recs_answer_t  answer;

    query->count = count;
    answer.items = at;
    recs_recommend(b, scratch, query, &answer);

    return answer;
}


static double
cosine(const recs_bundle_view_t *view, uint32_t a, uint32_t b)
{
    double        ab, aa, bb;
    uint32_t      i;
    const float  *x, *y;

    x = recs_table_row(&view->item_factors, a);
    y = recs_table_row(&view->item_factors, b);
    ab = aa = bb = 0;

    for (i = 0; i < view->n_factors; i++) {
        ab += (double) x[i] * (double) y[i];
        aa += (double) x[i] * (double) x[i];
        bb += (double) y[i] * (double) y[i];
    }

    return aa > 0 && bb > 0 ? fmax(0, ab / sqrt(aa * bb)) : 0;
}


/* Each choice is, up to rounding, the best one could make. */
static void
check_choices(const recs_bundle_view_t *view, double diversity, uint32_t n)
{
    int       used[200] = { 0 };
    double    value, best, taken, worst, range, likeness;
    uint32_t  i, j, k;

    worst = (double) pool[199].score;
    range = (double) pool[0].score - worst;

    for (k = 0; k < n; k++) {
        best = -INFINITY;
        taken = -INFINITY;

        for (i = 0; i < 200; i++) {
            if (used[i]) {
                continue;
            }

            likeness = 0;

            for (j = 0; j < k; j++) {
                likeness = fmax(likeness, cosine(view, pool[i].item,
                                                 items[j].item));
            }

            value = (1 - diversity) * ((double) pool[i].score - worst) / range
                    - diversity * likeness;
            best = fmax(best, value);

            if (pool[i].item == items[k].item) {
                used[i] = 1;
                taken = value;
                assert_true(pool[i].score == items[k].score);
            }
        }

        assert_true(taken >= best - 1e-5);
    }
}


static void
test_diversity(void **state)
{
    int             i;
    recs_query_t    query;
    recs_answer_t   answer;
    recs_bundle_t  *b;

    recs_fixture_params_t  p = { .n_items = 900, .n_users = 5,
                                 .n_factors = 24 };

    static const float  diversities[] = { 0.001f, 0.3f, 0.7f, 1.0f };

    (void) state;

    b = recs_fixture_open(&p);
    assert_int_equal(recs_scratch_create(&scratch, b, &err), RECS_OK);

    memset(&query, 0, sizeof(recs_query_t));
    query.user.data = "u1";
    query.user.len = 2;
    query.exclude_seen = 1;

    answer = ask(b, &query, pool, 200);
    assert_int_equal(answer.n, 200);

    for (i = 0; i < 4; i++) {
        query.diversity = diversities[i];
        answer = ask(b, &query, items, N);
        assert_int_equal(answer.n, N);
        check_choices(recs_bundle_view(b), (double) diversities[i], N);
    }

    /* Of as many candidates as items all are shown. */
    query.candidates = N;
    answer = ask(b, &query, items, N);
    assert_int_equal(answer.n, N);
    assert_int_equal(items[0].item, pool[0].item);

    /* More than there are candidates. */
    answer = ask(b, &query, items, 300);
    assert_int_equal(answer.n, 300);

    recs_scratch_destroy(scratch);
    recs_bundle_close(b);
}


/* How many of the answer's items have the value. */
static uint32_t
n_with(const recs_bundle_t *b, const recs_answer_t *answer, uint32_t column,
    const char *value)
{
    size_t      pos;
    uint32_t    i, n;
    recs_str_t  text, part;

    for (i = 0, n = 0; i < answer->n; i++) {
        text = recs_record_attribute(
                   recs_bundle_item_record(b, answer->items[i].item), column);

        for (pos = 0; recs_filter_part_next(text, &pos, &part); ) {
            n += part.len == strlen(value)
                 && memcmp(part.data, value, part.len) == 0;
        }
    }

    return n;
}


static void
check_limits(const recs_bundle_t *b, const recs_answer_t *answer,
    const recs_limit_t *limits)
{
    assert_true(n_with(b, answer, limits[0].column, "shoes") <= limits[0].n);
    assert_true(n_with(b, answer, limits[0].column, "bags") <= limits[0].n);
    assert_true(n_with(b, answer, limits[0].column, "hats") <= limits[0].n);
    assert_true(n_with(b, answer, limits[1].column, "1") <= limits[1].n);
    assert_true(n_with(b, answer, limits[1].column, "2") <= limits[1].n);
}


static void
test_limits(void **state)
{
    uint32_t        i, j;
    recs_limit_t    limits[2];
    recs_query_t    query;
    recs_answer_t   answer;
    recs_bundle_t  *b;

    static const recs_str_t  names[] = { { "category", 8 }, { "stock", 5 } };
    static const char *const  users[] = { "u0", "u1", "nobody" };

    (void) state;

    b = recs_shop(500);
    assert_int_equal(recs_scratch_create(&scratch, b, &err), RECS_OK);

    memset(&query, 0, sizeof(recs_query_t));
    query.limits = limits;
    query.n_limits = 2;

    limits[0].column = recs_bundle_item_column(b, names[0]);
    limits[1].column = recs_bundle_item_column(b, names[1]);
    limits[0].n = 4;
    limits[1].n = 2;

    /* On every rung and across them; the best come first. */

    for (i = 0; i < 3; i++) {
        query.user.data = users[i];
        query.user.len = strlen(users[i]);
        query.diversity = i == 1 ? 0.5f : 0.0f;

        answer = ask(b, &query, items, N);
        assert_in_range(answer.n, 6, 3 * limits[0].n);
        check_limits(b, &answer, limits);

        for (j = 1; i != 1 && j < answer.n; j++) {
            assert_true(items[j].source != items[j - 1].source
                        || items[j].score <= items[j - 1].score);
        }
    }

    /* Twelve of a thousand that none of the personal rung's can be. */
    query.candidates = 1;
    answer = ask(b, &query, items, 1);
    assert_int_equal(answer.n, 1);

    recs_scratch_destroy(scratch);
    recs_bundle_close(b);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_diversity),
        cmocka_unit_test(test_limits)
    };

    return cmocka_run_group_tests_name("slate", tests, NULL, NULL);
}
