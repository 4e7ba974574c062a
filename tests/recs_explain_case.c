#include "recs_explain_case.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>


void
recs_explain_case_open(recs_explain_case_t *c,
    const recs_fixture_params_t *params)
{
    recs_error_t  err;

    memset(c, 0, sizeof(recs_explain_case_t));
    c->bundle = recs_fixture_open(params);
    c->view = recs_bundle_view(c->bundle);
    assert_int_equal(recs_scratch_create(&c->scratch, c->bundle, &err),
                     RECS_OK);
    assert_int_equal(recs_explain_create(&c->explain, c->bundle, &err),
                     RECS_OK);
    c->answer.items = c->items;
    c->query.count = RECS_EXPLAIN_CASE_COUNT;
    c->query.question_weight = 1;
}


void
recs_explain_case_close(recs_explain_case_t *c)
{
    recs_explain_destroy(c->explain);
    recs_scratch_destroy(c->scratch);
    recs_bundle_close(c->bundle);
}


double
recs_explain_case_sum(const recs_contributions_t *of)
{
    double    sum;
    uint32_t  i;

    sum = 0;

    for (i = 0; i < of->n; i++) {
        sum += of->parts[i].score;
    }

    return sum;
}


void
recs_explain_case_ask(recs_explain_case_t *c)
{
    uint32_t                     i, k;
    const recs_contributions_t  *of;

    recs_recommend(c->bundle, c->scratch, &c->query, &c->answer);
    assert_int_equal(recs_explain(c->explain, c->scratch, &c->query,
                                  &c->answer, c->explanations, &c->kept_out),
                     1);

    for (i = 0; i < c->answer.n; i++) {
        of = &c->explanations[i].score;
        assert_true(of->score == c->items[i].score);
        assert_true(fabs(recs_explain_case_sum(of) - of->score) < 1e-4);

        for (k = 1; k < of->n; k++) {
            assert_true(fabs(of->parts[k].score)
                        <= fabs(of->parts[k - 1].score)
                        || of->parts[k].kind == RECS_CONTRIBUTION_PROFILE
                        || of->parts[k].kind == RECS_CONTRIBUTION_OTHERS);
        }
    }
}


uint32_t
recs_explain_case_weight(const recs_bundle_view_t *view, uint32_t item,
    uint32_t neighbor)
{
    recs_neighbors_t  list;

    recs_bundle_neighbors(view, item, &list);

    return recs_bundle_list_weight(view, &list, neighbor);
}
