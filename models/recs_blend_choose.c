#include "recs_blend_choose.h"
#include "recs_ease_lists.h"

#include <stdio.h>
#include <string.h>


/*
 * Within these a difference may be noise: a gain moves an exponent, a loss
 * forbids a short history or long lists.  Long ones find what is rare, which
 * NDCG@20 hardly sees and recall does.
 */
#define RECS_BLEND_GAIN           1.005
#define RECS_BLEND_LOSS           0.998
#define RECS_BLEND_LONG_LOSS      0.99

/* Where both climbs begin. */
#define RECS_BLEND_SOURCE         0.5
#define RECS_BLEND_SOURCE_STEP    0.1
#define RECS_BLEND_USER           0.65
#define RECS_BLEND_USER_STEP      0.2

/* Exponents are chosen with short lists, which are faster. */
#define RECS_BLEND_SHORT          100
#define RECS_BLEND_LONG           200

/* An inverse of so many rows takes seconds; and GiB that one may take. */
#define RECS_BLEND_EASE_MAX       5000
#define RECS_BLEND_EASE_MEMORY    16


/* Weights in units of the ratio that makes both parts vary alike. */
static const double  recs_blend_wide[] = {
    0, 0.0884, 0.125, 0.177, 0.25, 0.354, 0.5, 0.707, 1, 1.41, 2
};

static const double  recs_blend_near[] = { 0.707, 1, 1.41, 2 };
static const double  recs_blend_fine[] = { 0.841, 1, 1.19 };

/* Each inverse takes time: the third only where the second is no better. */
static const double  recs_blend_ease[] = { 300, 1000, 100 };

static const uint32_t  recs_blend_histories[] = { 128, 64, 32, 16, 8 };

#define RECS_BLEND_N(array)  (sizeof(array) / sizeof(array[0]))


typedef struct {
    const recs_dataset_view_t  *view;
    recs_holdout_t             *holdout;
    recs_threads_t             *threads;
    recs_checkpoint_t          *checkpoint;
    int                         open_weight;
    unsigned                    n_tries;

    recs_knn_lists_t            lists;    /* of best; offsets NULL: they are
                                             to be made yet */
    recs_blend_choice_t         best;
    double                      relative; /* weight of best / its ratio */
} recs_blend_search_t;


/*
 * The best weight of the grid times around, for lists that were made as trial
 * says.
 */
static void
recs_blend_weigh(recs_blend_search_t *search, const recs_knn_lists_t *lists,
    recs_blend_choice_t *trial, const double *grid, uint32_t n, double around,
    double *relative)
{
    double                ratio, weights[RECS_HOLDOUT_WEIGHTS],
                          ndcg[RECS_HOLDOUT_WEIGHTS];
    uint32_t              w, best;
    recs_holdout_lists_t  part;

    part.lists = lists;
    part.n_neighbors = trial->n_neighbors;
    part.history = trial->history;

    if (search->open_weight) {
        ratio = recs_holdout_ratio(search->holdout, &part);

        for (w = 0; w < n; w++) {
            weights[w] = grid[w] * around * ratio;
        }

    } else {
        ratio = 1;
        weights[0] = trial->weight;
        n = 1;
    }

    recs_holdout_lists(search->holdout, &part, weights, n, ndcg);

    for (w = 1, best = 0; w < n; w++) {
        if (ndcg[w] > ndcg[best]) {
            best = w;
        }
    }

    trial->ndcg = ndcg[best];
    trial->weight = weights[best];
    *relative = ratio > 0 ? weights[best] / ratio : 0;
}


recs_status_t
recs_blend_lists(recs_knn_lists_t *lists, const recs_blend_choice_t *choice,
    const recs_dataset_view_t *view, const uint8_t *sources,
    recs_threads_t *threads, recs_error_t *err)
{
    recs_knn_params_t   knn;
    recs_ease_params_t  ease;

    memset(lists, 0, sizeof(recs_knn_lists_t));

    if (choice->ease > 0) {
        memset(&ease, 0, sizeof(recs_ease_params_t));
        ease.regularization = choice->ease;
        ease.n_neighbors = choice->n_neighbors;
        ease.memory = RECS_BLEND_EASE_MEMORY;

        return recs_ease_lists_build(lists, NULL, view, &ease, threads, err);
    }

    knn.n_neighbors = choice->n_neighbors;
    knn.source_exponent = choice->source_exponent;
    knn.user_exponent = choice->user_exponent;
    knn.shrinkage = choice->shrinkage;
    knn.sources = sources;

    return recs_knn_lists_build(lists, view, &knn, threads, err);
}


static recs_status_t
recs_blend_trial_lists(const recs_blend_search_t *search,
    const recs_blend_choice_t *trial, recs_knn_lists_t *lists,
    recs_error_t *err)
{
    return recs_blend_lists(lists, trial, search->view,
                            recs_holdout_sources(search->holdout),
                            search->threads, err);
}


/* Builds them, unless it is known what comes of it: then *lists is empty. */
static recs_status_t
recs_blend_measure(recs_blend_search_t *search, recs_blend_choice_t *trial,
    recs_knn_lists_t *lists, double *relative, recs_error_t *err)
{
    int                     wide;
    char                    name[32];
    recs_status_t           status;
    recs_checkpoint_part_t  parts[2];

    parts[0].data = trial;
    parts[0].size = sizeof(recs_blend_choice_t);
    parts[1].data = relative;
    parts[1].size = sizeof(double);

    (void) snprintf(name, sizeof(name), "try-%u", ++search->n_tries);
    memset(lists, 0, sizeof(recs_knn_lists_t));

    if (recs_checkpoint_load(search->checkpoint, name, parts, 2)) {
        return RECS_OK;
    }

    status = recs_blend_trial_lists(search, trial, lists, err);
    if (status != RECS_OK) {
        return status;
    }

    wide = search->relative == 0;

    recs_blend_weigh(search, lists, trial,
                     wide ? recs_blend_wide : recs_blend_near,
                     wide ? RECS_BLEND_N(recs_blend_wide)
                          : RECS_BLEND_N(recs_blend_near),
                     wide ? 1 : search->relative, relative);

    status = recs_checkpoint_save(search->checkpoint, name, parts, 2, 1, err);

    if (status != RECS_OK) {
        recs_knn_lists_free(lists);
    }

    return status;
}


/*
 * Measures a trial; *better where its lists become the best, being that much
 * better than the former.
 */
static recs_status_t
recs_blend_try(recs_blend_search_t *search, recs_blend_choice_t *trial,
    double gain, int *better, recs_error_t *err)
{
    double             relative;
    recs_status_t      status;
    recs_knn_lists_t   lists;

    status = recs_blend_measure(search, trial, &lists, &relative, err);
    if (status != RECS_OK) {
        return status;
    }

    *better = search->n_tries == 1
              || trial->ndcg > search->best.ndcg * gain;

    if (*better) {
        recs_knn_lists_free(&search->lists);
        search->lists = lists;
        search->best = *trial;
        search->relative = relative;

    } else {
        recs_knn_lists_free(&lists);
    }

    return RECS_OK;
}


/*
 * Moves one of the exponents up in steps while that is better, else down.
 * exponent points into search->best.
 */
static recs_status_t
recs_blend_climb(recs_blend_search_t *search, double *exponent, double step,
    recs_error_t *err)
{
    int                  better, moved;
    double               value;
    unsigned             direction;
    recs_status_t        status;
    recs_blend_choice_t  trial;

    moved = 0;

    for (direction = 0; direction < 2 && !moved; direction++) {
        better = 1;

        while (better) {
            value = *exponent;
            *exponent += direction == 0 ? step : -step;
            trial = search->best;
            *exponent = value;

            value += direction == 0 ? step : -step;

            if (value < -1e-9 || value > 1 + 1e-9) {
                break;
            }

            status = recs_blend_try(search, &trial, RECS_BLEND_GAIN, &better,
                                    err);
            if (status != RECS_OK) {
                return status;
            }

            moved |= better;
        }
    }

    return RECS_OK;
}


/* Lists by EASE instead, weighed from scratch: they are of another kind. */

static recs_status_t
recs_blend_try_ease(recs_blend_search_t *search, recs_error_t *err)
{
    int                   better;
    double                relative;
    uint32_t              i;
    recs_status_t         status;
    recs_blend_choice_t   trial;

    if (search->view->n_users > RECS_BLEND_EASE_MAX
        && search->view->n_items > RECS_BLEND_EASE_MAX)
    {
        return RECS_OK;
    }

    for (i = 0; i < RECS_BLEND_N(recs_blend_ease); i++) {
        trial = search->best;
        trial.ease = recs_blend_ease[i];
        relative = search->relative;
        search->relative = 0;

        status = recs_blend_try(search, &trial, RECS_BLEND_GAIN, &better,
                                err);
        if (status != RECS_OK) {
            return status;
        }

        if (!better) {
            search->relative = relative;
        }

        if (i == 0 ? !better : better) {
            break;
        }
    }

    return RECS_OK;
}


/* The shortest history that is not 0.2 % worse than the best. */
static void
recs_blend_shorten(recs_blend_search_t *search)
{
    double               ndcg, relative;
    uint32_t             i;
    recs_blend_choice_t  trial;

    ndcg = search->best.ndcg;

    for (i = 0; i < RECS_BLEND_N(recs_blend_histories); i++) {
        trial = search->best;
        trial.history = recs_blend_histories[i];

        recs_blend_weigh(search, &search->lists, &trial, recs_blend_near,
                         RECS_BLEND_N(recs_blend_near), search->relative,
                         &relative);

        if (trial.ndcg < ndcg * RECS_BLEND_LOSS) {
            break;
        }

        ndcg = trial.ndcg > ndcg ? trial.ndcg : ndcg;
        search->best = trial;
        search->relative = relative;
    }
}


static int
recs_blend_has_times(const recs_dataset_view_t *view)
{
    return view->from_ms != 0 || view->to_ms != 0;
}


static recs_status_t
recs_blend_search(recs_blend_search_t *search, const recs_blend_choice_t *ask,
    recs_error_t *err)
{
    int                   better;
    recs_status_t         status;
    recs_blend_choice_t   trial, *best;

    best = &search->best;
    trial = *ask;

    trial.ease = ask->ease > 0 ? ask->ease : 0;

    if (ask->source_exponent < 0) {
        trial.source_exponent = RECS_BLEND_SOURCE;
    }

    if (ask->user_exponent < 0) {
        trial.user_exponent = RECS_BLEND_USER;
    }

    if (ask->n_neighbors == 0) {
        trial.n_neighbors = RECS_BLEND_SHORT;
    }

    if (ask->history == 0) {
        trial.history = RECS_HISTORY_MAX;
    }

    status = recs_blend_try(search, &trial, 1, &better, err);

    if (status == RECS_OK && ask->user_exponent < 0 && ask->ease <= 0) {
        status = recs_blend_climb(search, &best->user_exponent,
                                  RECS_BLEND_USER_STEP, err);
    }

    if (status == RECS_OK && ask->source_exponent < 0 && ask->ease <= 0) {
        status = recs_blend_climb(search, &best->source_exponent,
                                  RECS_BLEND_SOURCE_STEP, err);
    }

    if (status == RECS_OK && ask->n_neighbors == 0 && best->weight > 0) {
        trial = *best;
        trial.n_neighbors = RECS_BLEND_LONG;
        status = recs_blend_try(search, &trial, RECS_BLEND_LONG_LOSS, &better,
                                err);
    }

    if (status == RECS_OK && best->weight > 0
        && search->lists.offsets == NULL)
    {
        status = recs_blend_trial_lists(search, best, &search->lists, err);
    }

    if (status == RECS_OK && ask->ease < 0) {
        status = recs_blend_try_ease(search, err);
    }

    if (status != RECS_OK || best->weight == 0) {
        return status;
    }

    if (ask->history == 0 && recs_blend_has_times(search->view)) {
        recs_blend_shorten(search);
    }

    if (search->open_weight) {
        recs_blend_weigh(search, &search->lists, best, recs_blend_fine,
                         RECS_BLEND_N(recs_blend_fine), search->relative,
                         &search->relative);
    }

    return RECS_OK;
}


static recs_status_t
recs_blend_session(recs_blend_search_t *search,
    const recs_session_data_t *data, recs_error_t *err)
{
    recs_session_data_t   session;
    recs_blend_choice_t  *best;

    best = &search->best;
    session = *data;
    session.lists = best->weight > 0 ? &search->lists : NULL;
    session.n_neighbors = best->n_neighbors;
    session.history = best->history;
    session.weight = best->weight;

    return recs_session_choose(&best->session, &session, search->threads,
                               err);
}


recs_status_t
recs_blend_choose(recs_blend_choice_t *choice,
    const recs_session_data_t *data, recs_threads_t *threads,
    recs_checkpoint_t *checkpoint, recs_error_t *err)
{
    recs_status_t        status;
    recs_blend_search_t  search;

    memset(&search, 0, sizeof(recs_blend_search_t));
    search.view = recs_dataset_view(data->split->train);
    search.threads = threads;
    search.checkpoint = checkpoint;
    search.open_weight = choice->weight < 0;

    status = recs_holdout_create(&search.holdout, data->split,
                                 data->vectors->user_factors,
                                 data->vectors->item_factors,
                                 data->vectors->n_factors, threads, err);
    if (status != RECS_OK) {
        return status;
    }

    status = recs_blend_search(&search, choice, err);

    if (status == RECS_OK) {
        status = recs_blend_session(&search, data, err);
    }

    if (status == RECS_OK) {
        *choice = search.best;
        choice->dense_ndcg = recs_holdout_ndcg(search.holdout);
    }

    recs_knn_lists_free(&search.lists);
    recs_holdout_destroy(search.holdout);

    return status;
}
