/*
 * The pairwise network: its slopes against differences of its loss, a pattern
 * that no inner product can tell, and the same bytes from any number of
 * threads.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "recs_mlp.h"
#include "recs_rng.h"


#define N_ITEMS      7
#define N_EMBEDDING  5
#define N_HIDDEN     16


static recs_error_t  err;


/* ---- slopes ---- */

/* Two visits: a past with candidates inside and outside, and a short one. */
static void
make_examples(const recs_mlp_network_t *network, recs_mlp_examples_t *e)
{
    uint32_t  i;

    static const uint32_t          pasts[] = { 0, 3, 5, 6 };
    static const uint32_t          items[] = { 3, 1, 0, 4, 2, 6 };
    static const float             labels[] = { 1, 0, 1, 0, 1, 0 };
    static const uint8_t           inside[] = { 1, 0, 1, 0, 0, 0 };
    static const recs_mlp_visit_t  visits[] = { { 0, 3, 0, 4 },
                                                { 3, 1, 4, 2 } };

    assert_int_equal(recs_mlp_examples_init(e, network, 2, 4, 6, &err),
                     RECS_OK);

    e->n_visits = 2;
    memcpy(e->visits, visits, sizeof(visits));
    memcpy(e->pasts, pasts, sizeof(pasts));

    for (i = 0; i < 6; i++) {
        /* item 6 is the second's whole past, so not left out of it */
        e->items[i] = items[i] == 6 ? 5 : items[i];
        e->labels[i] = labels[i];
        e->inside[i] = inside[i];
    }
}


static double
difference(const recs_mlp_network_t *network, recs_mlp_examples_t *e,
    float *value)
{
    float   saved;
    double  up, down, step;

    step = 1e-2;
    saved = *value;

    *value = saved + (float) step;
    recs_mlp_slopes(network, e);
    up = e->loss;

    *value = saved - (float) step;
    recs_mlp_slopes(network, e);
    down = e->loss;

    *value = saved;

    return (up - down) / (2 * step);
}


static void
compare(double got, double want, const char *what, size_t i)
{
    if (!(fabs(got - want) < 2e-3 + 2e-2 * fabs(want))) {
        fail_msg("%s %zu: slope %g, difference %g", what, i, got, want);
    }
}


static void
test_slopes(void **state)
{
    float                layers[2 * N_HIDDEN * (N_EMBEDDING + 1) + 1];
    float                rows[2 * N_ITEMS * N_EMBEDDING];
    size_t               i, f;
    recs_mlp_term_t     *term;
    recs_mlp_network_t   network;
    recs_mlp_examples_t  e;

    (void) state;

    assert_int_equal(recs_mlp_network_init(&network, N_ITEMS, N_EMBEDDING,
                                           N_HIDDEN, 3, &err), RECS_OK);
    assert_int_equal(network.n_layers, sizeof(layers) / sizeof(float));

    for (i = 0; i < sizeof(rows) / sizeof(float); i++) {
        network.embeddings[i] *= 10;
    }

    /* away from where a unit's slope jumps */
    for (i = 0; i < N_HIDDEN; i++) {
        recs_mlp_first_bias(&network)[i] = i % 2 == 0 ? 8 : -0.01f;
    }

    make_examples(&network, &e);
    recs_mlp_slopes(&network, &e);
    memcpy(layers, e.layer_slopes, sizeof(layers));
    memset(rows, 0, sizeof(rows));

    for (i = 0; i < e.n_terms; i++) {
        term = &e.terms[i];

        for (f = 0; f < N_EMBEDDING; f++) {
            rows[term->row * N_EMBEDDING + f] += term->factor
                                                 * term->slopes[f];
        }
    }

    for (i = 0; i < network.n_layers; i++) {
        compare((double) layers[i],
                difference(&network, &e, &network.layers[i]), "layer", i);
    }

    for (i = 0; i < sizeof(rows) / sizeof(float); i++) {
        compare((double) rows[i],
                difference(&network, &e, &network.embeddings[i]), "embedding",
                i);
    }

    recs_mlp_examples_free(&e);
    recs_mlp_network_free(&network);
}


/* ---- training ---- */

#define KINDS_ITEMS  40
#define KINDS_USERS  600
#define KINDS_TAKEN  8

#define BEST_PRODUCT  (5.0 / 6)

/* Made of arrays alone. */
typedef struct {
    recs_dataset_view_t  view;
    uint64_t             offsets[KINDS_USERS + 1];
    uint32_t             items[KINDS_USERS * KINDS_TAKEN];
    int64_t              times_ms[KINDS_USERS * KINDS_TAKEN];
} taken_t;


static int
is_taken(const taken_t *taken, uint32_t user, uint32_t item)
{
    uint64_t  i;

    for (i = taken->offsets[user]; i < taken->offsets[user + 1]; i++) {
        if (taken->items[i] == item) {
            return 1;
        }
    }

    return 0;
}


/*
 * There are four kinds of items and a user takes those of one kind.  With
 * embeddings of one number an inner product has but one order of the items and
 * its reverse: the first and the last kind can be told from the others, each
 * of the middle ones at best from two of three, which is 5 pairs in 6.  The
 * network has -|u - v| among its functions.
 */
static taken_t *
make_taken(uint64_t seed)
{
    taken_t     *taken;
    uint32_t     user, i, n, kind;
    recs_rng_t   rng;

    taken = calloc(1, sizeof(taken_t));
    recs_rng_seed(&rng, seed);

    for (user = 0, n = 0; user < KINDS_USERS; user++) {
        kind = (uint32_t) (recs_rng_next(&rng) % 4);

        for (i = 0; i < KINDS_ITEMS; i++) {
            if (i % 4 == kind && recs_rng_uniform(&rng) < 0.6
                && n < taken->offsets[user] + KINDS_TAKEN)
            {
                taken->times_ms[n] = (int64_t) (recs_rng_next(&rng) % 1000);
                taken->items[n++] = i;
            }
        }

        taken->offsets[user + 1] = n;
    }

    taken->view.n_users = KINDS_USERS;
    taken->view.n_items = KINDS_ITEMS;
    taken->view.n_interactions = n;
    taken->view.user_offsets = taken->offsets;
    taken->view.items = taken->items;
    taken->view.times_ms = taken->times_ms;

    return taken;
}


static const recs_mlp_params_t  params = { 1, 32, 100, 4, 0.01, 7 };


static void
train(recs_mlp_network_t *network, const recs_dataset_view_t *view,
    uint32_t n_threads)
{
    recs_threads_t  *threads;

    memset(network, 0, sizeof(recs_mlp_network_t));

    assert_int_equal(recs_threads_create(&threads, n_threads, &err),
                     RECS_OK);

    if (recs_mlp_train(network, view, &params, threads, NULL, NULL, NULL,
                       &err)
        != RECS_OK)
    {
        fail_msg("%s", err.message);
    }

    recs_threads_destroy(threads);
}


/* A logit of the layers in whole numbers, by the letter of their header. */
static double
layers_logit(const recs_mlp_t *l, const int16_t *past, uint32_t item)
{
    double    sum, input;
    uint32_t  h;

    sum = (double) l->output.bias;

    for (h = 0; h < l->output.n_hidden; h++) {
        input = past[h] + l->candidates[item * l->output.n_hidden + h];
        sum += input > 0 ? input * (double) l->output.weights[h] : 0;
    }

    return sum;
}


static double
network_logit(const recs_mlp_network_t *n, const taken_t *taken,
    uint32_t user, uint32_t item)
{
    double               logit;
    uint64_t             first;
    recs_mlp_examples_t  e;

    first = taken->offsets[user];
    assert_int_equal(recs_mlp_examples_init(&e, n, 1, KINDS_TAKEN, 1, &err),
                     RECS_OK);

    e.n_visits = 1;
    e.visits[0].first = 0;
    e.visits[0].n = 1;
    e.visits[0].first_past = 0;
    e.visits[0].n_pasts = (uint32_t) (taken->offsets[user + 1] - first);
    memcpy(e.pasts, taken->items + first,
           e.visits[0].n_pasts * sizeof(uint32_t));
    e.items[0] = item;
    e.labels[0] = 0;
    e.inside[0] = 0;

    recs_mlp_slopes(n, &e);

    /* loss = log(1 + exp(logit)) */
    logit = log(expm1(e.loss));
    recs_mlp_examples_free(&e);

    return logit;
}


static void
test_learns(void **state)
{
    double               auc, pairs, got, want, others;
    taken_t             *taken;
    uint32_t             user, i, j, h;
    recs_mlp_t           layers;
    recs_mlp_network_t   network;

    (void) state;

    h = params.n_hidden;
    taken = make_taken(1);
    train(&network, &taken->view, 1);
    assert_int_equal(recs_mlp_layers(&layers, &network, &taken->view, &err),
                     RECS_OK);

    /* items of a user's kind that he lacks, against all of other kinds */
    auc = pairs = 0;

    for (user = 0; user < KINDS_USERS; user += 7) {
        if (taken->offsets[user + 1] < taken->offsets[user] + 2) {
            continue;
        }

        for (i = 0; i < KINDS_ITEMS; i++) {
            if (i % 4 != taken->items[taken->offsets[user]] % 4
                || is_taken(taken, user, i))
            {
                continue;
            }

            got = layers_logit(&layers, layers.users + user * h, i);
            want = network_logit(&network, taken, user, i);

            if (!(fabs(got - want) < 1e-2 + 1e-2 * fabs(want))) {
                fail_msg("user %u, item %u: %g, not %g", user, i, got, want);
            }

            for (j = 0; j < KINDS_ITEMS; j++) {
                if (j % 4 != i % 4) {
                    others = layers_logit(&layers, layers.users + user * h,
                                          j);
                    auc += got > others;
                    pairs++;
                }
            }
        }
    }

    auc /= pairs;

    if (!(auc > 0.95 && auc > BEST_PRODUCT)) {
        fail_msg("the chance to order a pair rightly is only %g", auc);
    }

    recs_mlp_layers_free(&layers);
    recs_mlp_network_free(&network);
    free(taken);
}


static void
test_threads(void **state)
{
    taken_t             *taken;
    recs_mlp_network_t   one, three;

    (void) state;

    taken = make_taken(2);
    train(&one, &taken->view, 1);
    train(&three, &taken->view, 3);

    assert_memory_equal(one.layers, three.layers,
                        one.n_layers * sizeof(float));
    assert_memory_equal(one.embeddings, three.embeddings,
                        2 * KINDS_ITEMS * params.n_embedding
                        * sizeof(float));

    recs_mlp_network_free(&one);
    recs_mlp_network_free(&three);
    free(taken);
}


static void
test_refused(void **state)
{
    taken_t             *taken;
    uint32_t             user;
    recs_threads_t      *threads;
    recs_mlp_network_t   network = { 0 };

    (void) state;

    taken = make_taken(3);

    for (user = 0; user < KINDS_USERS; user++) {
        taken->offsets[user + 1] = user + 1;
    }

    taken->view.n_interactions = KINDS_USERS;

    assert_int_equal(recs_threads_create(&threads, 1, &err), RECS_OK);
    assert_int_equal(recs_mlp_train(&network, &taken->view, &params, threads,
                                    NULL, NULL, NULL, &err), RECS_INVALID);
    assert_non_null(strstr(err.message, "nobody has two items"));
    assert_null(network.layers);

    recs_threads_destroy(threads);
    free(taken);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_slopes),
        cmocka_unit_test(test_learns),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_refused)
    };

    return cmocka_run_group_tests_name("mlp", tests, NULL, NULL);
}
