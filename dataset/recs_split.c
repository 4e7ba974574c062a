#include "recs_split.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "recs_dataset_format.h"


/* So that 0.1 * 30, which is 3.0000000000000004, is 3 both ways. */
#define RECS_SPLIT_EPSILON  1e-9


typedef struct {
    int64_t    time_ms;
    uint64_t   position;               /* rises with user, then item */
} recs_split_key_t;


static void recs_split_mark_random(const recs_dataset_view_t *view,
    const recs_split_params_t *params, uint8_t *test);
static void recs_split_mark_fold(const recs_dataset_view_t *view,
    const recs_split_params_t *params, uint8_t *test);
static void recs_split_mark_users(const recs_dataset_view_t *view,
    const recs_split_params_t *params, uint8_t *test);
static recs_status_t recs_split_mark_last(const recs_dataset_view_t *view,
    double fraction, uint8_t *test, recs_error_t *err);
static recs_status_t recs_split_mark_time(const recs_dataset_view_t *view,
    double fraction, uint8_t *test, recs_split_t *split, recs_error_t *err);
static void recs_split_drop_unknown(const recs_dataset_view_t *view,
    uint8_t *test, recs_split_t *split);
static int recs_split_compare(const void *a, const void *b);
static recs_status_t recs_split_part(const recs_dataset_view_t *view,
    const uint8_t *test, uint8_t which, recs_dataset_t **part,
    recs_error_t *err);
static recs_status_t recs_split_room(recs_dataset_t *part, uint64_t n);
static void recs_split_copy(const recs_dataset_view_t *view,
    const uint8_t *test, uint8_t which, recs_dataset_t *part);
static uint64_t recs_split_random(uint64_t *state);


recs_status_t
recs_split_parse(recs_split_params_t *params, const char *text,
    recs_error_t *err)
{
    size_t   i, n;
    char    *end;
    double   fraction;

    static const struct {
        const char         *name;
        recs_split_kind_t   kind;
        double              fraction;
    } kinds[] = {
        { "last",   RECS_SPLIT_LAST,   0.2 },
        { "time",   RECS_SPLIT_TIME,   0.8 },
        { "random", RECS_SPLIT_RANDOM, 0.1 },
        { "users",  RECS_SPLIT_USERS,  0.1 }
    };

    n = strcspn(text, "=");

    for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strlen(kinds[i].name) == n && memcmp(kinds[i].name, text, n) == 0) {
            break;
        }
    }

    if (i == sizeof(kinds) / sizeof(kinds[0])) {
        return recs_error(err, RECS_INVALID, "no split \"%.64s\": use"
                          " last=0.2, time=0.8, random=0.1 or users=0.1", text);
    }

    fraction = kinds[i].fraction;

    if (text[n] == '=') {
        errno = 0;
        fraction = strtod(text + n + 1, &end);

        if (errno || end == text + n + 1 || *end != '\0'
            || !(fraction > 0 && fraction < 1))
        {
            return recs_error(err, RECS_INVALID, "split \"%.64s\": the"
                              " fraction must lie between 0 and 1", text);
        }
    }

    memset(params, 0, sizeof(recs_split_params_t));
    params->kind = kinds[i].kind;
    params->fraction = fraction;

    return RECS_OK;
}


recs_status_t
recs_split(const recs_dataset_view_t *view, const recs_split_params_t *params,
    recs_split_t *split, recs_error_t *err)
{
    uint8_t                    *test;
    uint32_t                    u;
    recs_status_t               status;
    recs_split_t                s;
    const recs_dataset_view_t  *v;

    memset(&s, 0, sizeof(s));

    test = calloc(view->n_interactions + 1, 1);
    if (test == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory to split a dataset");
    }

    switch (params->kind) {

    case RECS_SPLIT_LAST:
        status = recs_split_mark_last(view, params->fraction, test, err);
        break;

    case RECS_SPLIT_TIME:
        status = recs_split_mark_time(view, params->fraction, test, &s, err);
        break;

    case RECS_SPLIT_FOLD:
        recs_split_mark_fold(view, params, test);
        status = RECS_OK;
        break;

    case RECS_SPLIT_USERS:
        recs_split_mark_users(view, params, test);
        status = RECS_OK;
        break;

    default:
        recs_split_mark_random(view, params, test);
        status = RECS_OK;
    }

    if (status == RECS_OK) {
        status = recs_split_part(view, test, 0, &s.train, err);
    }

    if (status == RECS_OK) {
        status = recs_split_part(view, test, 1, &s.test, err);
    }

    free(test);

    if (status != RECS_OK) {
        recs_split_free(&s);
        return status;
    }

    v = recs_dataset_view(s.test);

    for (u = 0; u < v->n_users; u++) {
        s.n_test_users += v->user_offsets[u] < v->user_offsets[u + 1];
    }

    *split = s;

    return RECS_OK;
}


void
recs_split_free(recs_split_t *split)
{
    recs_dataset_close(split->train);
    recs_dataset_close(split->test);
    split->train = NULL;
    split->test = NULL;
}


/*
 * Whether one of `left` is among the `wanted` of them: selection sampling
 * (Knuth, The Art of Computer Programming 2, 3.4.2 S).
 */

static int
recs_split_draw(uint64_t *state, uint64_t left, uint64_t wanted)
{
    return (double) (recs_split_random(state) >> 11) * 0x1p-53
           * (double) left < (double) wanted;
}


static void
recs_split_mark_random(const recs_dataset_view_t *view,
    const recs_split_params_t *params, uint8_t *test)
{
    double    n;
    uint64_t  k, wanted, state;

    n = (double) view->n_interactions;
    wanted = (uint64_t) ceil(params->fraction * n - RECS_SPLIT_EPSILON);
    state = params->seed;

    for (k = 0; k < view->n_interactions && wanted > 0; k++) {
        if (recs_split_draw(&state, view->n_interactions - k, wanted)) {
            test[k] = 1;
            wanted--;
        }
    }
}


/* Of the users that have an interaction. */

static void
recs_split_mark_users(const recs_dataset_view_t *view,
    const recs_split_params_t *params, uint8_t *test)
{
    uint32_t  u, left;
    uint64_t  from, to, wanted, state;

    left = 0;

    for (u = 0; u < view->n_users; u++) {
        left += view->user_offsets[u] < view->user_offsets[u + 1];
    }

    wanted = (uint64_t) ceil(params->fraction * left - RECS_SPLIT_EPSILON);
    state = params->seed;

    for (u = 0; u < view->n_users && wanted > 0; u++) {
        from = view->user_offsets[u];
        to = view->user_offsets[u + 1];

        if (from < to && recs_split_draw(&state, left--, wanted)) {
            memset(test + from, 1, to - from);
            wanted--;
        }
    }
}


static void
recs_split_mark_fold(const recs_dataset_view_t *view,
    const recs_split_params_t *params, uint8_t *test)
{
    uint64_t  k, state;

    state = params->seed;

    for (k = 0; k < view->n_interactions; k++) {
        test[k] = recs_split_random(&state) % params->n_folds
                  == params->fold;
    }
}


static recs_status_t
recs_split_mark_last(const recs_dataset_view_t *view, double fraction,
    uint8_t *test, recs_error_t *err)
{
    uint32_t           u;
    uint64_t           k, n, first, most, n_test;
    recs_split_key_t  *keys;

    most = 1;

    for (u = 0; u < view->n_users; u++) {
        n = view->user_offsets[u + 1] - view->user_offsets[u];
        most = n > most ? n : most;
    }

    keys = malloc(most * sizeof(recs_split_key_t));
    if (keys == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory to split a dataset");
    }

    for (u = 0; u < view->n_users; u++) {
        first = view->user_offsets[u];
        n = view->user_offsets[u + 1] - first;

        for (k = 0; k < n; k++) {
            keys[k].time_ms = view->times_ms[first + k];
            keys[k].position = first + k;
        }

        qsort(keys, n, sizeof(recs_split_key_t), recs_split_compare);

        n_test = (uint64_t) ceil(fraction * (double) n - RECS_SPLIT_EPSILON);

        for (k = n - n_test; k < n; k++) {
            test[keys[k].position] = 1;
        }
    }

    free(keys);

    return RECS_OK;
}


static recs_status_t
recs_split_mark_time(const recs_dataset_view_t *view, double fraction,
    uint8_t *test, recs_split_t *split, recs_error_t *err)
{
    uint64_t           k, n, n_train;
    recs_split_key_t  *keys;

    n = view->n_interactions;

    if (view->to_ms == 0) {
        return recs_error(err, RECS_INVALID, "the data has no times: split it"
                          " by random=0.1 instead");
    }

    keys = malloc((n + 1) * sizeof(recs_split_key_t));
    if (keys == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory to split a dataset");
    }

    for (k = 0; k < n; k++) {
        keys[k].time_ms = view->times_ms[k];
        keys[k].position = k;
    }

    qsort(keys, n, sizeof(recs_split_key_t), recs_split_compare);

    n_train = (uint64_t) floor(fraction * (double) n + RECS_SPLIT_EPSILON);

    for (k = n_train; k < n; k++) {
        test[keys[k].position] = 1;
    }

    free(keys);

    recs_split_drop_unknown(view, test, split);

    return RECS_OK;
}


/* 2 in test: in neither part. */

static void
recs_split_drop_unknown(const recs_dataset_view_t *view, uint8_t *test,
    recs_split_t *split)
{
    uint32_t  u;
    uint64_t  k, from, to;

    for (u = 0; u < view->n_users; u++) {
        from = view->user_offsets[u];
        to = view->user_offsets[u + 1];

        if (from == to || memchr(test + from, 0, to - from) != NULL) {
            continue;
        }

        for (k = from; k < to; k++) {
            test[k] = 2;
        }

        split->n_dropped_users++;
        split->n_dropped += to - from;
    }
}


static int
recs_split_compare(const void *a, const void *b)
{
    const recs_split_key_t  *x, *y;

    x = a;
    y = b;

    if (x->time_ms != y->time_ms) {
        return x->time_ms < y->time_ms ? -1 : 1;
    }

    return x->position < y->position ? -1 : x->position > y->position;
}


static recs_status_t
recs_split_part(const recs_dataset_view_t *view, const uint8_t *test,
    uint8_t which, recs_dataset_t **part, recs_error_t *err)
{
    uint64_t         k, n;
    recs_dataset_t  *d;

    n = 0;

    for (k = 0; k < view->n_interactions; k++) {
        n += test[k] == which;
    }

    if (n == 0) {
        return recs_error(err, RECS_INVALID, "nothing is left to %s: the data"
                          " is too small for this split",
                          which ? "test on" : "train on");
    }

    d = recs_dataset_borrow(view);

    if (d == NULL || recs_split_room(d, n) != RECS_OK) {
        recs_dataset_close(d);
        return recs_error(err, RECS_NOMEM, "no memory to split a dataset");
    }

    recs_split_copy(view, test, which, d);
    recs_dataset_span(&d->view);

    *part = d;

    return RECS_OK;
}


/* For n interactions; the view leads there. */

static recs_status_t
recs_split_room(recs_dataset_t *part, uint64_t n)
{
    size_t                i, n_arrays;
    recs_dataset_view_t  *v;

    static const size_t  sizes[] = {
        sizeof(uint32_t), sizeof(float), sizeof(int64_t), sizeof(uint32_t)
    };

    v = &part->view;
    n_arrays = v->contexts.numbers != NULL ? 4 : 3;

    part->owned[4] = malloc((v->n_users + 1ull) * sizeof(uint64_t));
    if (part->owned[4] == NULL) {
        return RECS_NOMEM;
    }

    for (i = 0; i < n_arrays; i++) {
        part->owned[i] = malloc(n * sizes[i]);
        if (part->owned[i] == NULL) {
            return RECS_NOMEM;
        }
    }

    v->n_interactions = n;
    v->items = part->owned[0];
    v->weights = part->owned[1];
    v->times_ms = part->owned[2];
    v->contexts.numbers = part->owned[3];
    v->user_offsets = part->owned[4];

    return RECS_OK;
}


static void
recs_split_copy(const recs_dataset_view_t *view, const uint8_t *test,
    uint8_t which, recs_dataset_t *part)
{
    float     *weights;
    int64_t   *times;
    uint32_t   u, *items, *contexts;
    uint64_t   k, n, *offsets;

    items = part->owned[0];
    weights = part->owned[1];
    times = part->owned[2];
    contexts = part->owned[3];
    offsets = part->owned[4];
    n = 0;

    for (u = 0; u < view->n_users; u++) {
        offsets[u] = n;

        for (k = view->user_offsets[u]; k < view->user_offsets[u + 1]; k++) {

            if (test[k] != which) {
                continue;
            }

            items[n] = view->items[k];
            weights[n] = view->weights[k];
            times[n] = view->times_ms[k];

            if (contexts != NULL) {
                contexts[n] = view->contexts.numbers[k];
            }

            n++;
        }
    }

    offsets[view->n_users] = n;
}


/* splitmix64 (Steele, Lea, Flood 2014). */

static uint64_t
recs_split_random(uint64_t *state)
{
    uint64_t  z;

    z = (*state += 0x9e3779b97f4a7c15ull);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;

    return z ^ (z >> 31);
}
