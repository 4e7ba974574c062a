/*
 * The vector of a session: mean, fold-in, gain, half-life, and beside a
 * trained vector, by numbers worked out apart.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "recs_session_vector.h"
#include "recs_tiny_view.h"


/* Norms fall: items are the rows in this order. */
static const float     rows[] = { 4, 0, 0, 3, 2, 0, 0, 1 };
static float           gram[] = { 20, 10 };
static const uint32_t  items[] = { 0, 1, 2, 3 };


typedef struct {
    recs_bundle_view_t     *view;
    recs_fold_in_t         *f;
    recs_session_vector_t   session;
    float                   vector[16];
    float                   folded[16];
} case_t;


static void
open_case(case_t *c, int with_gram, uint32_t n)
{
    memset(c, 0, sizeof(case_t));
    c->view = recs_tiny_view(rows, 4, 2, 10);
    c->view->session_prior = 4;
    c->view->unobserved_weight = 0.5;
    c->view->regularization = 0.1;
    c->view->regularization_exponent = 1;
    c->view->gram = with_gram ? gram : NULL;
    c->f = recs_fold_in_create(c->view);
    assert_non_null(c->f);
    c->session.items = items;
    c->session.n = n;
}


static void
close_case(case_t *c)
{
    recs_fold_in_destroy(c->f);
    recs_tiny_view_free(c->view);
}


static void
expect(case_t *c, double x, double y)
{
    uint32_t  i;

    recs_session_vector(c->f, &c->session, c->vector, NULL);

    if (!(fabs(c->vector[0] - x) < 1e-6 && fabs(c->vector[1] - y) < 1e-6)) {
        fail_msg("(%g, %g) is not (%g, %g)", c->vector[0], c->vector[1],
                 x, y);
    }

    for (i = 2; i < 16; i++) {
        assert_true(c->vector[i] == 0);
    }
}


static void
test_mean_of_two(void **state)
{
    case_t  c;

    (void) state;

    open_case(&c, 1, 1);
    expect(&c, 4, 0);

    c.session.n = 2;
    expect(&c, 2, 1.5);

    /* the second is one half-life back */
    c.session.half_life = 1;
    expect(&c, 8.0 / 3, 1);

    close_case(&c);
}


static void
test_fold_in_from_three(void **state)
{
    case_t  c;
    float   weights[] = { 1, 0.5f, 0.25f };

    (void) state;

    open_case(&c, 1, 3);
    recs_fold_in(c.f, items, NULL, 3, c.folded);
    expect(&c, c.folded[0], c.folded[1]);

    /* beside lists it is longer, the less the more items there are */
    c.view->neighbor_id_size = 2;
    expect(&c, 2 * c.folded[0], 2 * c.folded[1]);

    c.session.n = 4;
    recs_fold_in(c.f, items, NULL, 4, c.folded);
    expect(&c, 1.5625 * c.folded[0], 1.5625 * c.folded[1]);

    c.view->neighbor_id_size = 0;
    c.session.n = 3;
    c.session.half_life = 1;
    recs_fold_in(c.f, items, weights, 3, c.folded);
    expect(&c, c.folded[0], c.folded[1]);

    close_case(&c);
}


static void
test_mean_without_gram(void **state)
{
    case_t  c;

    (void) state;

    open_case(&c, 0, 4);
    expect(&c, 1.5, 1);

    c.session.half_life = 1;
    expect(&c, (4 + 0.25 * 2) / 1.875, (0.5 * 3 + 0.125) / 1.875);

    close_case(&c);
}


/* As long as the trained one; the trained one is worth four items. */

static void
test_beside_trained(void **state)
{
    case_t        c;
    float         trained[16] = { 0, 2 }, none[16] = { 0 };

    (void) state;

    open_case(&c, 1, 1);
    c.session.trained = trained;
    expect(&c, 2.0 / 5, 4.0 * 2 / 5);

    /* of half-life 1 both items weigh 1.5: half of (8/3, 1), scaled */
    c.session.n = 2;
    c.session.half_life = 1;
    expect(&c, 1.5 / 5.5 * 2 * (8.0 / 3) / sqrt(64.0 / 9 + 1),
           4 / 5.5 * 2 + 1.5 / 5.5 * 2 / sqrt(64.0 / 9 + 1));

    /* a fold-in's gain is of no consequence here */
    c.session.n = 3;
    c.session.half_life = 0;
    recs_session_vector(c.f, &c.session, c.folded, NULL);
    c.view->neighbor_id_size = 2;
    expect(&c, c.folded[0], c.folded[1]);

    c.session.trained = none;
    expect(&c, 0, 0);

    close_case(&c);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_mean_of_two),
        cmocka_unit_test(test_fold_in_from_three),
        cmocka_unit_test(test_mean_without_gram),
        cmocka_unit_test(test_beside_trained)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
