#include "recs_importer.h"

#include <stdlib.h>
#include <string.h>

#include "recs_dataset_format.h"
#include "recs_entity_records.h"


/* What each slot of recs_dataset_t's owned[] holds. */
enum {
    RECS_OWNED_OFFSETS,
    RECS_OWNED_ITEMS,
    RECS_OWNED_WEIGHTS,
    RECS_OWNED_TIMES,
    RECS_OWNED_ITEM_OFFSETS,
    RECS_OWNED_ITEM_BYTES,
    RECS_OWNED_USER_OFFSETS,
    RECS_OWNED_USER_BYTES,
    RECS_OWNED_COLUMNS,
    RECS_OWNED_CONTEXTS,
    RECS_OWNED_CONTEXT_ROWS,
    RECS_OWNED_SEGMENTS,
    RECS_OWNED_SEGMENT_TEXT
};


static recs_status_t recs_importer_clean(recs_importer_t *im);
static recs_status_t recs_importer_aggregate(recs_importer_t *im);
static recs_status_t recs_importer_cut_bots(recs_importer_t *im);
static recs_status_t recs_importer_cut_rare(recs_importer_t *im);
static uint64_t recs_importer_drop(recs_interactions_t *in,
    const uint32_t *n_by_user, const uint32_t *n_by_item, uint64_t max_user,
    uint32_t min_user, uint32_t min_item);
static recs_status_t recs_importer_number(recs_importer_t *im,
    uint32_t **users, uint32_t *n_users, uint32_t **items, uint32_t *n_items);
static void recs_importer_renumber(recs_importer_t *im, const uint32_t *users,
    uint32_t n_users, const uint32_t *items, uint32_t n_items,
    uint32_t *ranks);
static recs_status_t recs_importer_arrays(recs_importer_t *im,
    recs_dataset_t *d);
static recs_status_t recs_importer_contexts(recs_importer_t *im,
    recs_dataset_t *d);
static recs_status_t recs_importer_columns(recs_importer_t *im,
    recs_dataset_t *d);
static void recs_importer_view(recs_importer_t *im, recs_dataset_t *d);
static void recs_importer_summary(recs_importer_t *im,
    const recs_dataset_view_t *view);


recs_status_t
recs_importer_finish(recs_importer_t *im, recs_dataset_t **dataset,
    recs_error_t *err)
{
    uint32_t              *users, *items;
    recs_dataset_t        *d;
    recs_dataset_view_t    empty;

    users = NULL;
    items = NULL;
    memset(&empty, 0, sizeof(empty));

    d = recs_dataset_borrow(&empty);

    if (d == NULL || recs_importer_clean(im) != RECS_OK) {
        goto failed;
    }

    if (im->interactions.n == 0) {
        recs_dataset_close(d);
        return recs_error(err, RECS_INVALID, im->report->n_rows == 0
                          ? "the input is empty: nothing was imported"
                          : "no interaction is left to import: see the"
                            " report for what was dropped");
    }

    if (recs_importer_number(im, &users, &d->view.n_users, &items,
                             &d->view.n_items) != RECS_OK
        || recs_importer_contexts(im, d) != RECS_OK
        || recs_importer_arrays(im, d) != RECS_OK
        || recs_entity_records(im->items, &im->item_attributes, items,
                               d->view.n_items,
                               (void *) &d->owned[RECS_OWNED_ITEM_OFFSETS],
                               (void *) &d->owned[RECS_OWNED_ITEM_BYTES])
           != RECS_OK
        || recs_entity_records(im->users, &im->user_attributes, users,
                               d->view.n_users,
                               (void *) &d->owned[RECS_OWNED_USER_OFFSETS],
                               (void *) &d->owned[RECS_OWNED_USER_BYTES])
           != RECS_OK
        || recs_importer_columns(im, d) != RECS_OK)
    {
        goto failed;
    }

    recs_importer_view(im, d);
    recs_importer_summary(im, &d->view);

    free(users);
    free(items);

    *dataset = d;

    return RECS_OK;

failed:

    free(users);
    free(items);
    recs_dataset_close(d);

    return recs_error(err, RECS_NOMEM, "no memory to order the interactions");
}


static recs_status_t
recs_importer_clean(recs_importer_t *im)
{
    recs_interactions_t  *in;

    in = &im->interactions;

    if (recs_interactions_compact(in) != RECS_OK) {
        return RECS_NOMEM;
    }

    im->report->n_duplicates += in->n_duplicates;

    if (recs_importer_cut_bots(im) != RECS_OK) {
        return RECS_NOMEM;
    }

    if (recs_importer_aggregate(im) != RECS_OK) {
        return RECS_NOMEM;
    }

    if (im->options->min_user > 1 || im->options->min_item > 1) {
        return recs_importer_cut_rare(im);
    }

    return RECS_OK;
}


/* An event weighs the same in every context. */

static recs_status_t
recs_importer_aggregate(recs_importer_t *im)
{
    double    *weights;
    uint32_t   i, n;

    n = recs_id_map_count(im->contexts.pairs);

    weights = malloc((n + (size_t) 1) * sizeof(double));
    if (weights == NULL) {
        return RECS_NOMEM;
    }

    for (i = 0; i < n; i++) {
        weights[i] = im->weights[recs_import_contexts_event(&im->contexts,
                                                            i)];
    }

    im->report->n_repeats = recs_interactions_aggregate(&im->interactions,
                                                        weights);
    free(weights);

    return RECS_OK;
}


static recs_status_t
recs_importer_cut_bots(recs_importer_t *im)
{
    size_t                 k;
    uint32_t               u, n_users, *counts;
    recs_import_report_t  *report;

    report = im->report;
    n_users = recs_id_map_count(im->users);

    counts = calloc(n_users + (size_t) 1, sizeof(uint32_t));
    if (counts == NULL) {
        return RECS_NOMEM;
    }

    for (k = 0; k < im->interactions.n; k++) {
        u = im->interactions.rows[k].user;
        counts[u] += counts[u] < UINT32_MAX;
    }

    for (u = 0; u < n_users; u++) {

        if (counts[u] > report->max_user_interactions) {
            report->max_user_interactions = counts[u];
        }

        report->n_bots += im->options->max_activity > 0
                          && counts[u] > im->options->max_activity;
    }

    if (report->n_bots > 0) {
        report->n_bot_interactions =
            recs_importer_drop(&im->interactions, counts, NULL,
                               im->options->max_activity, 0, 0);
    }

    free(counts);

    return RECS_OK;
}


/* Dropping an item may make a user rare, and so on, until nothing changes. */

static recs_status_t
recs_importer_cut_rare(recs_importer_t *im)
{
    size_t                 k;
    uint32_t               i, n_users, n_items, *users, *items;
    uint64_t               dropped;
    recs_interactions_t   *in;

    in = &im->interactions;
    n_users = recs_id_map_count(im->users);
    n_items = recs_id_map_count(im->items);

    users = malloc((n_users + (size_t) 1) * sizeof(uint32_t));
    items = malloc((n_items + (size_t) 1) * sizeof(uint32_t));

    if (users == NULL || items == NULL) {
        free(users);
        free(items);
        return RECS_NOMEM;
    }

    do {
        memset(users, 0, n_users * sizeof(uint32_t));
        memset(items, 0, n_items * sizeof(uint32_t));

        for (k = 0; k < in->n; k++) {
            users[in->rows[k].user]++;
            items[in->rows[k].item]++;
        }

        for (i = 0; i < n_users; i++) {
            im->report->n_rare_users += users[i] > 0
                                        && users[i] < im->options->min_user;
        }

        for (i = 0; i < n_items; i++) {
            im->report->n_rare_items += items[i] > 0
                                        && items[i] < im->options->min_item;
        }

        dropped = recs_importer_drop(in, users, items, UINT64_MAX,
                                     im->options->min_user,
                                     im->options->min_item);
        im->report->n_rare_interactions += dropped;
    } while (dropped > 0);

    free(users);
    free(items);

    return RECS_OK;
}


static uint64_t
recs_importer_drop(recs_interactions_t *in, const uint32_t *n_by_user,
    const uint32_t *n_by_item, uint64_t max_user, uint32_t min_user,
    uint32_t min_item)
{
    size_t    k, n;
    uint32_t  n_user;
    uint64_t  dropped;

    n = 0;

    for (k = 0; k < in->n; k++) {
        n_user = n_by_user[in->rows[k].user];

        if (n_user <= max_user && n_user >= min_user
            && (n_by_item == NULL || n_by_item[in->rows[k].item] >= min_item))
        {
            in->rows[n++] = in->rows[k];
        }
    }

    dropped = in->n - n;
    in->n = n;

    return dropped;
}


/* Sorts the ids that stay and gives the rows their new numbers. */

static recs_status_t
recs_importer_number(recs_importer_t *im, uint32_t **users, uint32_t *n_users,
    uint32_t **items, uint32_t *n_items)
{
    size_t         k;
    uint8_t       *keep;
    uint32_t       i, n, *ranks;
    recs_status_t  status;

    n = recs_id_map_count(im->users);

    if (recs_id_map_count(im->items) > n) {
        n = recs_id_map_count(im->items);
    }

    keep = calloc(n + (size_t) 1, 1);
    ranks = malloc((n + (size_t) 1) * sizeof(uint32_t));
    status = RECS_NOMEM;

    if (keep == NULL || ranks == NULL) {
        goto done;
    }

    for (k = 0; k < im->interactions.n; k++) {
        keep[im->interactions.rows[k].user] = 1;
    }

    for (i = 0; i < recs_id_map_count(im->users); i++) {
        im->report->n_unmatched_users +=
            !keep[i] && recs_attributes_known(&im->user_attributes, i);
    }

    if (recs_id_map_order(im->users, keep, users, n_users) != RECS_OK) {
        goto done;
    }

    for (i = 0; i < n; i++) {
        keep[i] = i < recs_id_map_count(im->items)
                  && recs_attributes_listed(&im->item_attributes, i);
    }

    for (k = 0; k < im->interactions.n; k++) {
        keep[im->interactions.rows[k].item] = 1;
    }

    for (i = 0; i < recs_id_map_count(im->items); i++) {
        im->report->n_unmatched_items +=
            !keep[i] && recs_attributes_known(&im->item_attributes, i);
    }

    if (recs_id_map_order(im->items, keep, items, n_items) != RECS_OK) {
        goto done;
    }

    recs_importer_renumber(im, *users, *n_users, *items, *n_items, ranks);

    /* Now the order of numbers is that of ids. */
    status = recs_interactions_compact(&im->interactions);

done:

    free(keep);
    free(ranks);

    return status;
}


static void
recs_importer_renumber(recs_importer_t *im, const uint32_t *users,
    uint32_t n_users, const uint32_t *items, uint32_t n_items,
    uint32_t *ranks)
{
    size_t               k;
    uint32_t             i;
    recs_interaction_t  *rows;

    rows = im->interactions.rows;

    for (i = 0; i < n_users; i++) {
        ranks[users[i]] = i;
    }

    for (k = 0; k < im->interactions.n; k++) {
        rows[k].user = ranks[rows[k].user];
    }

    for (i = 0; i < n_items; i++) {
        ranks[items[i]] = i;
    }

    for (k = 0; k < im->interactions.n; k++) {
        rows[k].item = ranks[rows[k].item];
    }
}


static recs_status_t
recs_importer_arrays(recs_importer_t *im, recs_dataset_t *d)
{
    float               *weights;
    size_t               k, n;
    int64_t             *times;
    uint32_t             u, *items;
    uint64_t            *offsets;
    recs_interaction_t  *rows;

    n = im->interactions.n;
    rows = im->interactions.rows;

    offsets = calloc(d->view.n_users + (size_t) 1, sizeof(uint64_t));
    items = malloc(n * sizeof(uint32_t));
    weights = malloc(n * sizeof(float));
    times = malloc(n * sizeof(int64_t));

    d->owned[RECS_OWNED_OFFSETS] = offsets;
    d->owned[RECS_OWNED_ITEMS] = items;
    d->owned[RECS_OWNED_WEIGHTS] = weights;
    d->owned[RECS_OWNED_TIMES] = times;

    if (offsets == NULL || items == NULL || weights == NULL || times == NULL) {
        return RECS_NOMEM;
    }

    for (k = 0; k < n; k++) {
        offsets[rows[k].user + 1]++;
        items[k] = rows[k].item;
        weights[k] = rows[k].value;
        times[k] = rows[k].time_ms;
    }

    for (u = 0; u < d->view.n_users; u++) {
        offsets[u + 1] += offsets[u];
    }

    d->view.n_interactions = n;
    d->view.user_offsets = offsets;
    d->view.items = items;
    d->view.weights = weights;
    d->view.times_ms = times;

    recs_interactions_free(&im->interactions);

    return RECS_OK;
}


static recs_status_t
recs_importer_contexts(recs_importer_t *im, recs_dataset_t *d)
{
    recs_status_t                  status;
    recs_import_contexts_arrays_t  arrays;

    status = recs_import_contexts_finish(&im->contexts, im->interactions.rows,
                                         im->interactions.n,
                                         &d->view.contexts, &arrays);

    d->owned[RECS_OWNED_CONTEXTS] = arrays.numbers;
    d->owned[RECS_OWNED_CONTEXT_ROWS] = arrays.rows;
    d->owned[RECS_OWNED_SEGMENTS] = arrays.segments;
    d->owned[RECS_OWNED_SEGMENT_TEXT] = arrays.text;

    return status;
}


static recs_status_t
recs_importer_columns(recs_importer_t *im, recs_dataset_t *d)
{
    char                     *p;
    size_t                    len;
    uint32_t                  i, j, n;
    const recs_attributes_t  *both[2];

    both[0] = &im->item_attributes;
    both[1] = &im->user_attributes;
    n = both[0]->n_columns + both[1]->n_columns;
    len = 0;

    for (i = 0; i < 2; i++) {
        for (j = 0; j < both[i]->n_columns; j++) {
            len += strlen(both[i]->columns[j]) + 1;
        }
    }

    d->columns = malloc((n + (size_t) 1) * sizeof(char *));
    d->owned[RECS_OWNED_COLUMNS] = malloc(len + 1);

    if (d->columns == NULL || d->owned[RECS_OWNED_COLUMNS] == NULL) {
        return RECS_NOMEM;
    }

    p = d->owned[RECS_OWNED_COLUMNS];
    n = 0;

    for (i = 0; i < 2; i++) {
        for (j = 0; j < both[i]->n_columns; j++) {
            strcpy(p, both[i]->columns[j]);
            d->columns[n++] = p;
            p += strlen(p) + 1;
        }
    }

    return RECS_OK;
}


static void
recs_importer_view(recs_importer_t *im, recs_dataset_t *d)
{
    recs_dataset_view_t  *v;

    v = &d->view;

    recs_dataset_span(v);

    d->items.offsets = d->owned[RECS_OWNED_ITEM_OFFSETS];
    d->items.bytes = d->owned[RECS_OWNED_ITEM_BYTES];
    d->users.offsets = d->owned[RECS_OWNED_USER_OFFSETS];
    d->users.bytes = d->owned[RECS_OWNED_USER_BYTES];

    v->item_entities.n = v->n_items;
    v->item_entities.n_columns = im->item_attributes.n_columns;
    v->item_entities.columns = d->columns;
    v->item_entities.record = recs_dataset_record;
    v->item_entities.data = &d->items;

    v->user_entities.n = v->n_users;
    v->user_entities.n_columns = im->user_attributes.n_columns;
    v->user_entities.columns = d->columns + im->item_attributes.n_columns;
    v->user_entities.record = recs_dataset_record;
    v->user_entities.data = &d->users;
}


static void
recs_importer_summary(recs_importer_t *im, const recs_dataset_view_t *view)
{
    uint8_t               *seen;
    uint32_t               i;
    uint64_t               k;
    recs_import_report_t  *report;

    report = im->report;
    report->n_users = view->n_users;
    report->n_items = view->n_items;
    report->n_interactions = view->n_interactions;
    report->from_ms = view->from_ms;
    report->to_ms = view->to_ms;
    report->density = (double) view->n_interactions / view->n_users
                      / view->n_items;

    seen = calloc(view->n_items, 1);
    if (seen == NULL) {
        return;
    }

    for (k = 0; k < view->n_interactions; k++) {
        seen[view->items[k]] = 1;
    }

    for (i = 0; i < view->n_items; i++) {
        report->n_items_without_users += !seen[i];
    }

    free(seen);
}
