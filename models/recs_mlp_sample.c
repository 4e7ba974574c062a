#include "recs_mlp_sample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "recs_rng.h"


#define RECS_MLP_TAKEN_EXPONENT  0.75

/* Draws of an item that a user lacks, before the last one is let pass. */
#define RECS_MLP_TRIES           20


typedef struct {
    int64_t   time_ms;
    uint32_t  item;
} recs_mlp_taken_t;


static int
recs_mlp_taken_compare(const void *a, const void *b)
{
    const recs_mlp_taken_t  *one, *two;

    one = a;
    two = b;

    if (one->time_ms != two->time_ms) {
        return one->time_ms < two->time_ms ? -1 : 1;
    }

    return (one->item > two->item) - (one->item < two->item);
}


static uint32_t
recs_mlp_user_items(const recs_dataset_view_t *view, uint32_t user)
{
    return (uint32_t) (view->user_offsets[user + 1]
                       - view->user_offsets[user]);
}


/* Nothing can be learnt of a user with one item, or with all. */
static uint32_t
recs_mlp_user_visits(const recs_dataset_view_t *view, uint32_t user)
{
    uint32_t  n;

    n = recs_mlp_user_items(view, user);

    return n < 2 || n >= view->n_items
           ? 0 : (n + RECS_MLP_VISIT_TAKEN - 1) / RECS_MLP_VISIT_TAKEN;
}


static void
recs_mlp_sample_order(recs_mlp_sample_t *s, recs_mlp_taken_t *taken)
{
    uint32_t  user, i, n;
    uint64_t  first;

    for (user = 0; user < s->view->n_users; user++) {
        first = s->view->user_offsets[user];
        n = recs_mlp_user_items(s->view, user);

        for (i = 0; i < n; i++) {
            taken[i].time_ms = s->view->times_ms[first + i];
            taken[i].item = s->view->items[first + i];
        }

        qsort(taken, n, sizeof(recs_mlp_taken_t), recs_mlp_taken_compare);

        for (i = 0; i < n; i++) {
            s->by_time[first + i] = taken[i].item;
        }
    }
}


static void
recs_mlp_sample_shares(recs_mlp_sample_t *s)
{
    double    sum;
    uint32_t  i;
    uint64_t  n;

    memset(s->shares, 0, s->view->n_items * sizeof(double));

    for (n = 0; n < s->view->n_interactions; n++) {
        s->shares[s->view->items[n]] += 1;
    }

    for (i = 0, sum = 0; i < s->view->n_items; i++) {
        sum += pow(s->shares[i], RECS_MLP_TAKEN_EXPONENT);
        s->shares[i] = sum;
    }

    for (i = 0; i < s->view->n_items; i++) {
        s->shares[i] /= sum;
    }
}


recs_status_t
recs_mlp_sample_init(recs_mlp_sample_t *s, const recs_dataset_view_t *view,
    uint32_t n_negatives, uint64_t seed, recs_error_t *err)
{
    uint32_t           user, i, most;
    uint64_t           n_visits;
    recs_mlp_taken_t  *taken;

    memset(s, 0, sizeof(recs_mlp_sample_t));
    s->view = view;
    s->n_negatives = n_negatives;
    s->seed = seed;

    for (user = 0, n_visits = 0, most = 0; user < view->n_users; user++) {
        n_visits += recs_mlp_user_visits(view, user);
        i = recs_mlp_user_items(view, user);
        most = i > most ? i : most;
    }

    if (n_visits == 0 || n_visits > UINT32_MAX) {
        return recs_error(err, RECS_INVALID, "a network cannot be trained "
                          "where nobody has two items and lacks others");
    }

    s->by_time = malloc(view->n_interactions * sizeof(uint32_t));
    s->shares = malloc(view->n_items * sizeof(double));
    s->users = malloc(n_visits * sizeof(uint32_t));
    s->parts = malloc(n_visits * sizeof(uint32_t));
    taken = malloc(most * sizeof(recs_mlp_taken_t));

    if (s->by_time == NULL || s->shares == NULL || s->users == NULL
        || s->parts == NULL || taken == NULL)
    {
        free(taken);
        recs_mlp_sample_free(s);
        return recs_error(err, RECS_NOMEM, "no memory to sample from %llu "
                          "interactions",
                          (unsigned long long) view->n_interactions);
    }

    recs_mlp_sample_order(s, taken);
    recs_mlp_sample_shares(s);
    free(taken);

    for (user = 0; user < view->n_users; user++) {
        for (i = 0; i < recs_mlp_user_visits(view, user); i++) {
            s->users[s->n_visits] = user;
            s->parts[s->n_visits++] = i;
        }
    }

    return RECS_OK;
}


void
recs_mlp_sample_free(recs_mlp_sample_t *s)
{
    free(s->by_time);
    free(s->shares);
    free(s->users);
    free(s->parts);
    memset(s, 0, sizeof(recs_mlp_sample_t));
}


static void
recs_mlp_swap(uint32_t *a, uint32_t *b)
{
    uint32_t  c;

    c = *a;
    *a = *b;
    *b = c;
}


/* Independent of those for other epochs and numbers. */
static void
recs_mlp_sample_seed(const recs_mlp_sample_t *s, recs_rng_t *rng,
    uint32_t epoch, uint32_t user, uint32_t part)
{
    recs_rng_seed(rng, s->seed + epoch * 0x9e3779b97f4a7c15
                       + user * 0xd1b54a32d192ed03
                       + part * 0x8cb92ba72f3d8dd7);
}


void
recs_mlp_sample_shuffle(recs_mlp_sample_t *s, uint32_t epoch)
{
    uint32_t    i, j;
    recs_rng_t  rng;

    recs_mlp_sample_seed(s, &rng, epoch, UINT32_MAX, 0);

    for (i = s->n_visits; i > 1; i--) {
        j = (uint32_t) (recs_rng_next(&rng) % i);
        recs_mlp_swap(&s->users[i - 1], &s->users[j]);
        recs_mlp_swap(&s->parts[i - 1], &s->parts[j]);
    }
}


/* A visit has those of a user's items whose place is `part` mod his visits. */
static uint32_t
recs_mlp_visit_taken(const recs_mlp_sample_t *s, uint32_t visit)
{
    uint32_t  n, user, n_visits;

    user = s->users[visit];
    n = recs_mlp_user_items(s->view, user);
    n_visits = recs_mlp_user_visits(s->view, user);

    return (n - s->parts[visit] + n_visits - 1) / n_visits;
}


uint32_t
recs_mlp_sample_size(const recs_mlp_sample_t *s, uint32_t visit)
{
    return recs_mlp_visit_taken(s, visit) * (1 + s->n_negatives);
}


static int
recs_mlp_has(const uint32_t *items, uint32_t n, uint32_t item)
{
    uint32_t  low, high, middle;

    for (low = 0, high = n; low < high; /* void */) {
        middle = low + (high - low) / 2;

        if (items[middle] < item) {
            low = middle + 1;

        } else {
            high = middle;
        }
    }

    return low < n && items[low] == item;
}


static uint32_t
recs_mlp_draw(const recs_mlp_sample_t *s, recs_rng_t *rng, int evenly)
{
    double    share;
    uint32_t  low, high, middle;

    if (evenly) {
        return (uint32_t) (recs_rng_next(rng) % s->view->n_items);
    }

    share = recs_rng_uniform(rng);

    for (low = 0, high = s->view->n_items - 1; low < high; /* void */) {
        middle = low + (high - low) / 2;

        if (s->shares[middle] < share) {
            low = middle + 1;

        } else {
            high = middle;
        }
    }

    return low;
}


static void
recs_mlp_add(recs_mlp_examples_t *e, recs_mlp_visit_t *visit, uint32_t item,
    int taken, int inside)
{
    uint32_t  i;

    i = visit->first + visit->n++;
    e->items[i] = item;
    e->labels[i] = taken ? 1 : 0;
    e->inside[i] = inside != 0;
}


/* A run of his items in time: all, as many as there may be, or a session. */
static void
recs_mlp_sample_past(const uint32_t *by_time, uint32_t n, recs_rng_t *rng,
    recs_mlp_examples_t *e, recs_mlp_visit_t *visit, uint32_t *from)
{
    uint32_t  longest;

    longest = n < RECS_MLP_PASTS_MAX ? n : RECS_MLP_PASTS_MAX;

    if (recs_rng_next(rng) >> 63) {
        longest = longest < RECS_MLP_SESSION_MAX ? longest
                                                 : RECS_MLP_SESSION_MAX;
        longest = 1 + (uint32_t) (recs_rng_next(rng) % longest);
    }

    *from = (uint32_t) (recs_rng_next(rng) % (n - longest + 1));
    visit->n_pasts = longest;

    memcpy(e->pasts + visit->first_past, by_time + *from,
           longest * sizeof(uint32_t));
}


static void
recs_mlp_sample_visit(const recs_mlp_sample_t *s, uint32_t epoch,
    uint32_t number, recs_mlp_examples_t *e, recs_mlp_visit_t *visit)
{
    int              inside;
    uint32_t         i, k, n, user, from, step, item, tries;
    recs_rng_t       rng;
    const uint32_t  *items, *by_time;

    user = s->users[number];
    n = recs_mlp_user_items(s->view, user);
    step = recs_mlp_user_visits(s->view, user);
    items = s->view->items + s->view->user_offsets[user];
    by_time = s->by_time + s->view->user_offsets[user];

    recs_mlp_sample_seed(s, &rng, epoch, user, s->parts[number]);
    recs_mlp_sample_past(by_time, n, &rng, e, visit, &from);

    for (i = s->parts[number]; i < n; i += step) {
        inside = i >= from && i < from + visit->n_pasts;

        /* the only item of a past, without which there is none */
        if (!inside || visit->n_pasts > 1) {
            recs_mlp_add(e, visit, by_time[i], 1, inside);
        }

        for (k = 0; k < s->n_negatives; k++) {
            tries = 0;

            do {
                item = recs_mlp_draw(s, &rng, k % 2);
            } while (recs_mlp_has(items, n, item)
                     && ++tries < RECS_MLP_TRIES);

            if (tries < RECS_MLP_TRIES) {
                recs_mlp_add(e, visit, item, 0, 0);
            }
        }
    }
}


void
recs_mlp_sample(const recs_mlp_sample_t *s, uint32_t epoch, uint32_t first,
    uint32_t n, recs_mlp_examples_t *e)
{
    uint32_t           i, n_items, n_pasts;
    recs_mlp_visit_t  *visit;

    n_items = 0;
    n_pasts = 0;

    for (i = 0; i < n; i++) {
        visit = &e->visits[i];
        visit->first = n_items;
        visit->first_past = n_pasts;
        visit->n = 0;

        recs_mlp_sample_visit(s, epoch, first + i, e, visit);

        n_items += visit->n;
        n_pasts += visit->n_pasts;
    }

    e->n_visits = n;
}
