#include "recs_session_choose.h"
#include "recs_session_vector.h"

#include <stdlib.h>
#include <string.h>


#define RECS_SESSION_LOSS   0.995
#define RECS_SESSION_LANES  16


static const uint32_t  recs_session_windows[] = {
    RECS_SESSION_WINDOW_MAX, 40, 20, 10, 5
};

static const double  recs_session_priors[] = { 1, 2, 5, 10, 20, 50 };

#define RECS_SESSION_N(array)  (sizeof(array) / sizeof(array[0]))


typedef struct {
    int64_t   time_ms;
    uint32_t  item;
} recs_session_met_t;

/* The vectors as the server has them, only in the order of training. */
typedef struct {
    const recs_session_data_t  *data;
    recs_threads_t             *threads;
    recs_bundle_view_t          view;
    const char                 *shard;
    float                      *items;      /* [n_items][stride] */
    float                      *padded;     /* [stride], a user's */
    float                      *vector;     /* [stride] */
    float                      *vectors;    /* [n_users][n_factors] */
    recs_session_met_t         *met;        /* [longest] */
    uint32_t                   *last;       /* [longest] */
    recs_fold_in_t             *fold_in;
} recs_session_t;


static int
recs_session_met_compare(const void *one, const void *two)
{
    const recs_session_met_t  *a, *b;

    a = one;
    b = two;

    if (a->time_ms != b->time_ms) {
        return a->time_ms < b->time_ms ? 1 : -1;
    }

    return (a->item > b->item) - (a->item < b->item);
}


/* A user's items into s->last, the last first; returns how many. */
static uint32_t
recs_session_items(recs_session_t *s, const recs_dataset_view_t *view,
    uint32_t user)
{
    uint32_t  i, n;
    uint64_t  k;

    n = 0;

    for (k = view->user_offsets[user]; k < view->user_offsets[user + 1]; k++) {
        s->met[n].time_ms = view->times_ms[k];
        s->met[n++].item = view->items[k];
    }

    if (n > 0) {
        qsort(s->met, n, sizeof(recs_session_met_t),
              recs_session_met_compare);
    }

    for (i = 0; i < n; i++) {
        s->last[i] = s->met[i].item;
    }

    return n;
}


static uint64_t
recs_session_count(const recs_dataset_view_t *view, uint32_t user)
{
    return view->user_offsets[user + 1] - view->user_offsets[user];
}


/* The vector of n of s->last, beside a trained one of x or not. */
static void
recs_session_put(recs_session_t *s, uint32_t user, uint32_t n, const float *x)
{
    size_t                 size;
    recs_session_vector_t  session;

    size = s->view.n_factors * sizeof(float);

    if (x != NULL) {
        memcpy(s->padded, x, size);
    }

    session.items = s->last;
    session.n = n;
    session.half_life = 0;
    session.trained = x != NULL ? s->padded : NULL;

    recs_session_vector(s->fold_in, &session, s->vector, NULL);
    memcpy(s->vectors + (size_t) user * s->view.n_factors, s->vector, size);
}


/* NDCG@20 of s->vectors. */
static recs_status_t
recs_session_score(recs_session_t *s, const recs_split_t *split,
    uint32_t history, double *ndcg, recs_error_t *err)
{
    recs_status_t               status;
    recs_holdout_t             *holdout;
    recs_holdout_lists_t        part;
    const recs_session_data_t  *d;

    d = s->data;

    status = recs_holdout_create(&holdout, split, s->vectors,
                                 d->vectors->item_factors,
                                 d->vectors->n_factors, s->threads, err);
    if (status != RECS_OK) {
        return status;
    }

    *ndcg = recs_holdout_ndcg(holdout);

    if (d->lists != NULL) {
        part.lists = d->lists;
        part.n_neighbors = d->n_neighbors;
        part.history = history;
        recs_holdout_lists(holdout, &part, &d->weight, 1, ndcg);
    }

    recs_holdout_destroy(holdout);

    return RECS_OK;
}


/* As if nobody had been met before. */
static recs_status_t
recs_session_window(recs_session_t *s, uint32_t window, double *ndcg,
    recs_error_t *err)
{
    uint32_t                    user, n;
    const recs_split_t         *split;
    const recs_dataset_view_t  *train;

    split = s->data->split;
    train = recs_dataset_view(split->train);

    for (user = 0; user < train->n_users; user++) {
        if (recs_session_count(train, user) > 0
            && recs_session_count(recs_dataset_view(split->test), user) > 0)
        {
            n = recs_session_items(s, train, user);
            recs_session_put(s, user, n < window ? n : window, NULL);
        }
    }

    return recs_session_score(s, split, window < s->data->history
                                        ? window : s->data->history,
                              ndcg, err);
}


static recs_status_t
recs_session_windows_try(recs_session_t *s, recs_session_choice_t *choice,
    recs_error_t *err)
{
    double         best, ndcg[RECS_SESSION_N(recs_session_windows)];
    uint32_t       i;
    recs_status_t  status;

    best = 0;

    for (i = 0; i < RECS_SESSION_N(recs_session_windows); i++) {
        status = recs_session_window(s, recs_session_windows[i], &ndcg[i],
                                     err);
        if (status != RECS_OK) {
            return status;
        }

        best = ndcg[i] > best ? ndcg[i] : best;
    }

    for (i = 0; i < RECS_SESSION_N(recs_session_windows); i++) {
        if (ndcg[i] >= best * RECS_SESSION_LOSS) {
            choice->window = recs_session_windows[i];
            choice->ndcg = ndcg[i];
        }
    }

    choice->whole_ndcg = ndcg[0];

    return RECS_OK;
}


/* Known users: trained on train, back with what more there is in `seen`. */
static recs_status_t
recs_session_prior(recs_session_t *s, const recs_split_t *seen,
    uint32_t window, double *ndcg, recs_error_t *err)
{
    uint32_t                    user, n;
    uint64_t                    n_trained;
    const float                *x;
    const recs_dataset_view_t  *train, *all;

    train = recs_dataset_view(s->data->split->train);
    all = recs_dataset_view(seen->train);

    for (user = 0; user < all->n_users; user++) {
        if (recs_session_count(all, user) == 0) {
            continue;
        }

        x = s->data->vectors->user_factors
            + (size_t) user * s->view.n_factors;
        n = recs_session_items(s, all, user);
        n_trained = recs_session_count(train, user);

        if (n_trained == 0) {
            recs_session_put(s, user, n < window ? n : window, NULL);

        } else if (n > n_trained) {
            n -= (uint32_t) n_trained;
            recs_session_put(s, user, n < window ? n : window, x);

        } else {
            memcpy(s->vectors + (size_t) user * s->view.n_factors, x,
                   s->view.n_factors * sizeof(float));
        }
    }

    return recs_session_score(s, seen, s->data->history, ndcg, err);
}


static recs_status_t
recs_session_priors_try(recs_session_t *s, recs_session_choice_t *choice,
    recs_error_t *err)
{
    double               ndcg, best;
    uint32_t             i;
    recs_split_t         seen;
    recs_status_t        status;
    recs_split_params_t  params;

    memset(&params, 0, sizeof(recs_split_params_t));
    params.kind = RECS_SPLIT_LAST;
    params.fraction = s->data->fraction / 2;

    status = recs_split(s->data->view, &params, &seen, err);
    if (status != RECS_OK) {
        return status;
    }

    best = -1;

    for (i = 0; i < RECS_SESSION_N(recs_session_priors); i++) {
        s->view.session_prior = (float) recs_session_priors[i];

        status = recs_session_prior(s, &seen, choice->window, &ndcg, err);
        if (status != RECS_OK) {
            break;
        }

        if (ndcg > best) {
            best = ndcg;
            choice->prior = recs_session_priors[i];
        }
    }

    recs_split_free(&seen);

    return status;
}


static int
recs_session_init(recs_session_t *s)
{
    uint32_t                    user, i;
    uint64_t                    longest;
    const recs_model_t         *m;
    const recs_dataset_view_t  *v;

    m = s->data->vectors;
    v = s->data->view;
    longest = 1;

    for (user = 0; user < v->n_users; user++) {
        if (recs_session_count(v, user) > longest) {
            longest = recs_session_count(v, user);
        }
    }

    s->view.n_items = v->n_items;
    s->view.n_factors = m->n_factors;
    s->view.stride = (m->n_factors + RECS_SESSION_LANES - 1)
                     / RECS_SESSION_LANES * RECS_SESSION_LANES;
    s->view.gram = m->fold_in->gram;
    s->view.unobserved_weight = m->fold_in->unobserved_weight;
    s->view.regularization = m->fold_in->regularization;
    s->view.regularization_exponent = m->fold_in->regularization_exponent;
    s->view.neighbor_id_size = s->data->lists != NULL ? sizeof(uint32_t) : 0;

    s->items = calloc((size_t) v->n_items * s->view.stride, sizeof(float));
    s->vectors = calloc((size_t) v->n_users * m->n_factors, sizeof(float));
    s->padded = calloc(s->view.stride, sizeof(float));
    s->vector = calloc(s->view.stride, sizeof(float));
    s->met = malloc(longest * sizeof(recs_session_met_t));
    s->last = malloc(longest * sizeof(uint32_t));
    s->fold_in = recs_fold_in_create(&s->view);

    if (s->items == NULL || s->vectors == NULL || s->padded == NULL
        || s->vector == NULL || s->met == NULL || s->last == NULL
        || s->fold_in == NULL)
    {
        return 0;
    }

    for (i = 0; i < v->n_items; i++) {
        memcpy(s->items + (size_t) i * s->view.stride,
               m->item_factors + (size_t) i * m->n_factors,
               m->n_factors * sizeof(float));
    }

    s->shard = (const char *) s->items;
    s->view.item_factors.shards = &s->shard;
    s->view.item_factors.n_rows = v->n_items;
    s->view.item_factors.rows_per_shard = v->n_items;
    s->view.item_factors.row_size = s->view.stride * sizeof(float);

    return 1;
}


recs_status_t
recs_session_choose(recs_session_choice_t *choice,
    const recs_session_data_t *data, recs_threads_t *threads,
    recs_error_t *err)
{
    recs_status_t   status;
    recs_session_t  s;

    memset(choice, 0, sizeof(recs_session_choice_t));

    if (data->view->to_ms == 0 && data->view->from_ms == 0) {
        return RECS_OK;
    }

    memset(&s, 0, sizeof(recs_session_t));
    s.data = data;
    s.threads = threads;

    if (recs_session_init(&s)) {
        status = recs_session_windows_try(&s, choice, err);

        if (status == RECS_OK) {
            status = recs_session_priors_try(&s, choice, err);
        }

    } else {
        status = recs_error(err, RECS_NOMEM, "out of memory");
    }

    recs_fold_in_destroy(s.fold_in);
    free(s.items);
    free(s.vectors);
    free(s.padded);
    free(s.vector);
    free(s.met);
    free(s.last);

    return status;
}


recs_status_t
recs_session_validate(recs_session_choice_t *choice,
    const recs_dataset_view_t *view, double fraction,
    const recs_trainer_t *trainer, const recs_train_options_t *options,
    recs_threads_t *threads, recs_error_t *err)
{
    recs_split_t          split;
    recs_status_t         status;
    recs_trained_t       *trained;
    recs_session_data_t   data;
    recs_split_params_t   params;

    memset(&params, 0, sizeof(recs_split_params_t));
    params.kind = RECS_SPLIT_LAST;
    params.fraction = fraction;

    status = recs_split(view, &params, &split, err);
    if (status != RECS_OK) {
        return status;
    }

    status = trainer->train(split.train, options, &trained, err);

    if (status == RECS_OK) {
        memset(&data, 0, sizeof(recs_session_data_t));
        data.view = view;
        data.split = &split;
        data.fraction = fraction;
        data.vectors = &trained->model;

        status = recs_session_choose(choice, &data, threads, err);
        trained->destroy(trained);
    }

    recs_split_free(&split);

    return status;
}
