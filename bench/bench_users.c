#include "bench_users.h"
#include "bench_stats.h"
#include "recs_rng.h"

#include <stdlib.h>


#define BENCH_FILTER_SHARE  0.01


/* The first n of a shuffle of all users. */
static uint32_t *
bench_users_draw(uint32_t n_users, uint32_t n, recs_rng_t *rng)
{
    uint32_t  i, j, user, *users;

    users = bench_alloc(n_users * sizeof(uint32_t));

    for (i = 0; i < n_users; i++) {
        users[i] = i;
    }

    for (i = 0; i < n; i++) {
        j = i + (uint32_t) (recs_rng_uniform(rng) * (n_users - i));
        user = users[i];
        users[i] = users[j];
        users[j] = user;
    }

    return users;
}


static uint32_t
bench_users_filter(bench_users_t *u, uint32_t n_items, recs_rng_t *rng)
{
    uint32_t  i, n;

    u->allowed = bench_alloc(recs_bitmap_words(n_items)
                             * sizeof(recs_bitmap_word_t));
    u->allowed_items = bench_alloc(n_items * sizeof(uint32_t));
    n = 0;

    for (i = 0; i < n_items; i++) {
        if (recs_rng_uniform(rng) < BENCH_FILTER_SHARE) {
            recs_bitmap_set(u->allowed, i);
            u->allowed_items[n++] = i;
        }
    }

    return n;
}


/* One user, asked in each way that the bundle can answer. */
static void
bench_users_add(bench_users_t *u, const recs_bundle_t *bundle, uint32_t user,
    uint32_t n_allowed)
{
    bench_query_t             *q;
    const recs_bundle_view_t  *view;

    view = recs_bundle_view(bundle);

    q = &u->all[u->n_all++];
    q->vector = recs_table_row(&view->user_factors, user);

    q = &u->filter[u->n_filter++];
    *q = u->all[u->n_all - 1];
    q->seen = recs_bundle_seen(bundle, user, &q->n_seen);
    q->allowed = u->allowed;
    q->allowed_items = u->allowed_items;
    q->n_allowed = n_allowed;

    if (q->n_seen == 0) {
        return;
    }

    u->seen[u->n_seen] = *q;
    q = &u->seen[u->n_seen++];
    q->allowed = NULL;
    q->allowed_items = NULL;
    q->n_allowed = 0;

    if (view->neighbor_id_size != 0) {
        u->blend[u->n_blend] = *q;
        q = &u->blend[u->n_blend++];
        q->history = recs_bundle_recent(bundle, user, &q->n_history);
    }

    if (view->gram == NULL || q->n_seen < BENCH_SESSION) {
        return;
    }

    u->session[u->n_session] = *q;
    q = &u->session[u->n_session++];
    q->n_seen = BENCH_SESSION;
    q->vector = NULL;
    q->history = q->seen;
    q->n_history = BENCH_SESSION;
}


bench_users_t *
bench_users_create(const recs_bundle_t *bundle, uint32_t n, uint64_t seed)
{
    uint32_t                   i, n_users, n_allowed, *drawn;
    recs_rng_t                 rng;
    bench_users_t             *u;
    const recs_bundle_view_t  *view;

    view = recs_bundle_view(bundle);
    n_users = (uint32_t) view->user_factors.n_rows;

    if (n_users == 0 || view->n_factors == 0) {
        bench_die("the bundle has no vectors of users");
    }

    n = n < n_users ? n : n_users;
    u = bench_alloc(sizeof(bench_users_t));
    u->all = bench_alloc(n * sizeof(bench_query_t));
    u->seen = bench_alloc(n * sizeof(bench_query_t));
    u->blend = bench_alloc(n * sizeof(bench_query_t));
    u->filter = bench_alloc(n * sizeof(bench_query_t));
    u->session = bench_alloc(n * sizeof(bench_query_t));

    recs_rng_seed(&rng, seed);
    n_allowed = bench_users_filter(u, view->n_items, &rng);
    drawn = bench_users_draw(n_users, n, &rng);

    for (i = 0; i < n; i++) {
        bench_users_add(u, bundle, drawn[i], n_allowed);
    }

    free(drawn);

    return u;
}


void
bench_users_destroy(bench_users_t *u)
{
    free(u->all);
    free(u->seen);
    free(u->blend);
    free(u->filter);
    free(u->session);
    free(u->allowed);
    free(u->allowed_items);
    free(u);
}
