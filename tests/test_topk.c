/*
 * The heap against a full sort, with many ties.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "recs_rng.h"
#include "recs_topk.h"


#define N  400


static int
compare(const void *a, const void *b)
{
    const recs_topk_entry_t  *x, *y;

    x = a;
    y = b;

    if (x->score != y->score) {
        return x->score < y->score ? 1 : -1;
    }

    return x->order < y->order ? -1 : x->order > y->order;
}


/* Few distinct scores, so that most places are decided by order. */

static void
check_random(uint32_t n, uint32_t k, uint64_t seed)
{
    uint32_t            i, j, t, order[N];
    recs_rng_t          rng;
    recs_topk_t         topk;
    recs_topk_entry_t   all[N], best[N + 1];

    recs_rng_seed(&rng, seed);

    for (i = 0; i < n; i++) {
        order[i] = i;
    }

    for (i = 0; i < n; i++) {
        j = i + (uint32_t) (recs_rng_uniform(&rng) * (n - i));
        t = order[i];
        order[i] = order[j];
        order[j] = t;
    }

    recs_topk_init(&topk, best, k);

    for (i = 0; i < n; i++) {
        all[i].score = (float) (int) (recs_rng_uniform(&rng) * 12 - 6);
        all[i].item = i;
        all[i].order = order[i];
        recs_topk_push(&topk, all[i].score, i, order[i]);
    }

    recs_topk_sort(&topk);
    qsort(all, n, sizeof(recs_topk_entry_t), compare);

    assert_int_equal(topk.n, n < k ? n : k);

    for (i = 0; i < topk.n; i++) {
        assert_int_equal(best[i].item, all[i].item);
        assert_true(best[i].score == all[i].score);
        assert_int_equal(best[i].order, all[i].order);
    }
}


static void
test_against_sort(void **state)
{
    uint32_t  n, k;

    (void) state;

    for (n = 0; n <= N; n = n * 3 / 2 + 1) {
        for (k = 0; k <= N; k = k * 2 + 1) {
            check_random(n, k, n * 1000 + k);
        }
    }
}


static void
test_threshold(void **state)
{
    recs_topk_t         topk;
    recs_topk_entry_t   entries[2];

    (void) state;

    recs_topk_init(&topk, entries, 2);
    assert_true(recs_topk_threshold(&topk) == -INFINITY);

    recs_topk_push(&topk, 5, 1, 1);
    assert_true(recs_topk_threshold(&topk) == -INFINITY);

    recs_topk_push(&topk, 3, 2, 2);
    assert_true(recs_topk_threshold(&topk) == 3);

    /* equal scores: the lower order enters, the higher does not */
    recs_topk_push(&topk, 3, 7, 3);
    recs_topk_sort(&topk);
    assert_int_equal(entries[1].item, 2);

    recs_topk_init(&topk, entries, 2);
    recs_topk_push(&topk, 5, 1, 1);
    recs_topk_push(&topk, 3, 2, 2);
    recs_topk_push(&topk, 3, 7, 0);
    recs_topk_sort(&topk);
    assert_int_equal(entries[1].item, 7);
}


static void
test_absent_scores(void **state)
{
    recs_topk_t         topk;
    recs_topk_entry_t   entries[4];

    (void) state;

    recs_topk_init(&topk, entries, 4);
    recs_topk_push(&topk, NAN, 0, 0);
    recs_topk_push(&topk, INFINITY, 1, 1);
    recs_topk_push(&topk, -INFINITY, 2, 2);
    assert_int_equal(topk.n, 0);

    recs_topk_push(&topk, -3e38f, 3, 3);
    assert_int_equal(topk.n, 1);
}


static void
test_no_room(void **state)
{
    recs_topk_t  topk;

    (void) state;

    recs_topk_init(&topk, NULL, 0);
    recs_topk_push(&topk, 1, 0, 0);
    recs_topk_sort(&topk);
    assert_int_equal(topk.n, 0);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_against_sort),
        cmocka_unit_test(test_threshold),
        cmocka_unit_test(test_absent_scores),
        cmocka_unit_test(test_no_room)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
