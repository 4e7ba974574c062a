#include "recs_segments.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "recs_popularity.h"
#include "recs_segment.h"


/* An item of the segment at hand. */
typedef struct {
    uint32_t                    item;
    uint32_t                    n_users;
    double                      sum;              /* decayed */
    double                      score;
} recs_segment_item_t;

typedef struct {
    const recs_dataset_view_t  *view;
    const float                *popularity;
    double                      total;            /* popularity of all items */
    double                      rate;
    recs_segment_lists_t       *lists;

    uint32_t                   *n_users;          /* [n_segments] */
    uint64_t                   *n_interactions;
    uint32_t                   *last_user;
    uint64_t                    bar;              /* interactions needed */

    uint64_t                   *starts;           /* [n_segments + 1] */
    uint64_t                   *positions;        /* interactions, by segment */

    uint32_t                   *place;            /* [n_items] in items, + 1 */
    recs_segment_item_t        *items;            /* [n_items] */
} recs_segmenting_t;


static recs_status_t
recs_segments_count(recs_segmenting_t *g)
{
    uint32_t                u, i, s, n;
    uint64_t                k;
    const uint32_t         *row;
    const recs_contexts_t  *c;

    c = &g->view->contexts;
    n = c->n_segments;

    g->n_users = calloc(n + (size_t) 1, sizeof(uint32_t));
    g->n_interactions = calloc(n + (size_t) 1, sizeof(uint64_t));
    g->last_user = calloc(n + (size_t) 1, sizeof(uint32_t));

    if (g->n_users == NULL || g->n_interactions == NULL
        || g->last_user == NULL)
    {
        return RECS_NOMEM;
    }

    for (u = 0; u < g->view->n_users; u++) {
        for (k = g->view->user_offsets[u]; k < g->view->user_offsets[u + 1];
             k++)
        {
            row = c->rows + (size_t) c->numbers[k] * RECS_CONTEXTS_MAX;

            for (i = 0; i < RECS_CONTEXTS_MAX && row[i] != RECS_CONTEXT_END;
                 i++)
            {
                s = row[i];
                g->n_interactions[s]++;
                g->n_users[s] += g->last_user[s] != u + 1;
                g->last_user[s] = u + 1;
            }
        }
    }

    return RECS_OK;
}


static int
recs_segments_thick(const recs_segmenting_t *g, uint32_t segment)
{
    return g->n_users[segment] >= RECS_SEGMENT_USERS_MIN
           && g->n_interactions[segment] >= g->bar;
}


/* Where a bundle has no room for all, the bar rises. */
static uint32_t
recs_segments_choose(recs_segmenting_t *g)
{
    uint32_t  s, n;

    g->bar = RECS_SEGMENT_INTERACTIONS_MIN;

    for ( ;; ) {
        n = 0;

        for (s = 0; s < g->view->contexts.n_segments; s++) {
            n += recs_segments_thick(g, s);
        }

        if (n <= RECS_SEGMENTS_MAX) {
            return n;
        }

        g->bar *= 2;
    }
}


/* The interactions of each segment, one behind the other. */
static recs_status_t
recs_segments_group(recs_segmenting_t *g)
{
    uint32_t                i, s, n;
    uint64_t                k, at;
    const uint32_t         *row;
    const recs_contexts_t  *c;

    c = &g->view->contexts;
    n = c->n_segments;

    g->starts = malloc((n + (size_t) 1) * sizeof(uint64_t));
    if (g->starts == NULL) {
        return RECS_NOMEM;
    }

    at = 0;

    for (s = 0; s < n; s++) {
        g->starts[s] = at;
        at += recs_segments_thick(g, s) ? g->n_interactions[s] : 0;
    }

    g->starts[n] = at;

    g->positions = malloc((at + 1) * sizeof(uint64_t));
    if (g->positions == NULL) {
        return RECS_NOMEM;
    }

    for (k = 0; k < g->view->n_interactions; k++) {
        row = c->rows + (size_t) c->numbers[k] * RECS_CONTEXTS_MAX;

        for (i = 0; i < RECS_CONTEXTS_MAX && row[i] != RECS_CONTEXT_END; i++) {
            if (recs_segments_thick(g, row[i])) {
                g->positions[g->starts[row[i]]++] = k;
            }
        }
    }

    /* Each start has moved to the next one's. */

    memmove(g->starts + 1, g->starts, n * sizeof(uint64_t));
    g->starts[0] = 0;

    return RECS_OK;
}


static int
recs_segment_item_compare(const void *one, const void *two)
{
    const recs_segment_item_t  *a, *b;

    a = one;
    b = two;

    if (a->score != b->score) {
        return a->score > b->score ? -1 : 1;
    }

    return (a->item > b->item) - (a->item < b->item);
}


/* The segment's items that enough users have come to; returns their number. */
static uint32_t
recs_segment_sum(recs_segmenting_t *g, uint32_t segment)
{
    uint32_t              i, n, n_kept, item;
    uint64_t              k;
    recs_segment_item_t  *it;

    n = 0;

    for (k = g->starts[segment]; k < g->starts[segment + 1]; k++) {
        item = g->view->items[g->positions[k]];

        if (g->place[item] == 0) {
            g->place[item] = ++n;
            memset(&g->items[n - 1], 0, sizeof(recs_segment_item_t));
            g->items[n - 1].item = item;
        }

        it = &g->items[g->place[item] - 1];
        it->n_users++;
        it->sum += recs_popularity_weight(g->view, g->positions[k], g->rate);
    }

    n_kept = 0;

    for (i = 0; i < n; i++) {
        g->place[g->items[i].item] = 0;

        if (g->items[i].n_users >= RECS_SEGMENT_ITEM_USERS_MIN) {
            g->items[n_kept++] = g->items[i];
        }
    }

    return n_kept;
}


/* Chosen by their smoothed share, times what all have in common. */
static void
recs_segment_take(recs_segmenting_t *g, uint32_t segment)
{
    double                 share;
    uint32_t               i, n;
    uint64_t               at;
    recs_segment_lists_t  *lists;

    lists = g->lists;
    n = recs_segment_sum(g, segment);

    if (n == 0) {
        return;
    }

    for (i = 0; i < n; i++) {
        share = (double) g->popularity[g->items[i].item] / g->total;
        g->items[i].score = g->items[i].sum + RECS_SEGMENT_PRIOR * share;
    }

    qsort(g->items, n, sizeof(recs_segment_item_t), recs_segment_item_compare);

    n = n < RECS_SEGMENT_ITEMS ? n : RECS_SEGMENT_ITEMS;
    at = lists->offsets[lists->model.n];

    for (i = 0; i < n; i++) {
        share = (double) g->popularity[g->items[i].item] / g->total;

        lists->items[at] = g->items[i].item;
        lists->boosts[at++] =
            (float) fmin((double) RECS_BOOST_MAX,
                         1 + g->items[i].sum / (RECS_SEGMENT_PRIOR * share));
    }

    lists->names[lists->model.n] = g->view->contexts.segments[segment];
    lists->n_users[lists->model.n] = g->n_users[segment];
    lists->n_interactions[lists->model.n] =
        g->n_interactions[segment] < UINT32_MAX
        ? (uint32_t) g->n_interactions[segment] : UINT32_MAX;
    lists->offsets[++lists->model.n] = at;
}


static recs_status_t
recs_segments_room(recs_segmenting_t *g, uint32_t n)
{
    size_t                 n_listed;
    recs_segment_lists_t  *l;

    l = g->lists;
    n_listed = (size_t) n * RECS_SEGMENT_ITEMS + 1;

    l->names = calloc(n + (size_t) 1, sizeof(char *));
    l->n_users = calloc(n + (size_t) 1, sizeof(uint32_t));
    l->n_interactions = calloc(n + (size_t) 1, sizeof(uint32_t));
    l->offsets = calloc(n + (size_t) 1, sizeof(uint64_t));
    l->items = malloc(n_listed * sizeof(uint32_t));
    l->boosts = malloc(n_listed * sizeof(float));

    g->place = calloc(g->view->n_items + (size_t) 1, sizeof(uint32_t));
    g->items = malloc((g->view->n_items + (size_t) 1)
                      * sizeof(recs_segment_item_t));

    return l->names == NULL || l->n_users == NULL || l->n_interactions == NULL
           || l->offsets == NULL || l->items == NULL || l->boosts == NULL
           || g->place == NULL || g->items == NULL ? RECS_NOMEM : RECS_OK;
}


static recs_status_t
recs_segments_make(recs_segmenting_t *g)
{
    uint32_t       i, s, n;
    recs_status_t  status;

    for (i = 0; i < g->view->n_items; i++) {
        g->total += (double) g->popularity[i];
    }

    status = recs_segments_count(g);
    if (status != RECS_OK) {
        return status;
    }

    n = recs_segments_choose(g);

    if ((status = recs_segments_room(g, n)) != RECS_OK
        || (status = recs_segments_group(g)) != RECS_OK)
    {
        return status;
    }

    for (s = 0; s < g->view->contexts.n_segments; s++) {
        if (recs_segments_thick(g, s)) {
            recs_segment_take(g, s);
        }
    }

    return RECS_OK;
}


recs_status_t
recs_segments_create(recs_segment_lists_t *lists,
    const recs_dataset_view_t *view, const float *popularity,
    double half_life_days)
{
    recs_status_t      status;
    recs_segmenting_t  g;

    memset(lists, 0, sizeof(recs_segment_lists_t));

    if (view->contexts.numbers == NULL) {
        return RECS_OK;
    }

    memset(&g, 0, sizeof(recs_segmenting_t));
    g.view = view;
    g.popularity = popularity;
    g.rate = recs_popularity_rate(half_life_days);
    g.lists = lists;

    status = recs_segments_make(&g);

    free(g.n_users);
    free(g.n_interactions);
    free(g.last_user);
    free(g.starts);
    free(g.positions);
    free(g.place);
    free(g.items);

    lists->model.names = lists->names;
    lists->model.n_users = lists->n_users;
    lists->model.n_interactions = lists->n_interactions;
    lists->model.offsets = lists->offsets;
    lists->model.items = lists->items;
    lists->model.boosts = lists->boosts;

    return status;
}


void
recs_segments_free(recs_segment_lists_t *lists)
{
    free(lists->names);
    free(lists->n_users);
    free(lists->n_interactions);
    free(lists->offsets);
    free(lists->items);
    free(lists->boosts);
    memset(lists, 0, sizeof(recs_segment_lists_t));
}
