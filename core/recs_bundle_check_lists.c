/*
 * The lists of a bundle: what users have seen, what they touched last, and
 * the neighbours of items.  The scorer takes every number in them as an
 * index.
 */

#include "recs_bundle_private.h"

#include <stdlib.h>
#include <string.h>


/* Compilers know what to do with it on every processor. */
typedef uint32_t  recs_4u_t __attribute__((vector_size(16)));


/* An ascending list is in range where its last is. */
static int
recs_check_ascending(const uint32_t *items, uint32_t n, uint32_t n_items)
{
    int        wrong;
    uint32_t   i;
    recs_4u_t  former, next, bad;

    wrong = n > 0 && items[n - 1] >= n_items;
    bad = (recs_4u_t) { 0, 0, 0, 0 };

    for (i = 1; i + 4 <= n; i += 4) {
        memcpy(&former, items + i - 1, sizeof(former));
        memcpy(&next, items + i, sizeof(next));
        bad |= (recs_4u_t) (next <= former);
    }

    for ( /* void */ ; i < n; i++) {
        wrong |= items[i] <= items[i - 1];
    }

    return !wrong && (bad[0] | bad[1] | bad[2] | bad[3]) == 0;
}


static recs_status_t
recs_check_seen(const recs_bundle_t *b, recs_error_t *err)
{
    uint32_t         n, user;
    const uint32_t  *seen;
    recs_str_t       run;
    recs_status_t    rc;

    if (b->tables[RECS_TABLE_SEEN_ITEMS].n_shards == 0) {
        return RECS_OK;
    }

    rc = recs_check_spans(b, RECS_TABLE_SEEN_ITEMS, RECS_TABLE_SEEN_SPANS,
                          err);
    if (rc != RECS_OK) {
        return rc;
    }

    for (user = 0; user < b->view.n_users; user++) {
        run = recs_bundle_run(b, RECS_TABLE_SEEN_ITEMS, RECS_TABLE_SEEN_SPANS,
                              user);
        seen = recs_bundle_seen(b, user, &n);

        if (run.len % sizeof(uint32_t) != 0) {
            return recs_check_error(b, "a seen list is malformed", user, err);
        }

        if (!recs_check_ascending(seen, n, b->view.n_items)) {
            return recs_check_error(b, "a seen list is out of order or range",
                                    user, err);
        }
    }

    return RECS_OK;
}


/* Bytes of marks, one mark an item: a list's mark is not its neighbours'. */
typedef struct {
    uint8_t   *of;                                      /* [n_items] */
    uint8_t    mark;
    uint32_t   n_items;
} recs_marks_t;


/* Makes every item unmarked. */
static void
recs_marks_next(recs_marks_t *marks)
{
    uint32_t  i;

    marks->mark++;

    if (marks->mark > 0) {
        return;
    }

    for (i = 0; i < marks->n_items; i++) {
        marks->of[i] = 0;
    }

    marks->mark = 1;
}


/* Marks an item; 0 if there is no such item or it has the mark. */
static int
recs_marks_set(recs_marks_t *marks, uint32_t item)
{
    if (item >= marks->n_items || marks->of[item] == marks->mark) {
        return 0;
    }

    marks->of[item] = marks->mark;

    return 1;
}


static const char *
recs_check_recent_user(const recs_bundle_t *b, uint32_t user,
    recs_marks_t *marks)
{
    uint32_t         i, n;
    recs_str_t       run;
    const uint32_t  *recent;

    run = recs_bundle_run(b, RECS_TABLE_RECENT_ITEMS, RECS_TABLE_RECENT_SPANS,
                          user);
    recent = recs_bundle_recent(b, user, &n);

    if (run.len % sizeof(uint32_t) != 0 || n > b->view.neighbor_history) {
        return "a recent list is malformed";
    }

    recs_marks_next(marks);

    for (i = 0; i < n; i++) {
        if (!recs_marks_set(marks, recent[i])) {
            return "a recent list repeats an item or is out of range";
        }
    }

    return NULL;
}


static recs_status_t
recs_check_recent(const recs_bundle_t *b, recs_marks_t *marks,
    recs_error_t *err)
{
    uint32_t        user;
    const char     *wrong;
    recs_status_t   rc;

    if (b->tables[RECS_TABLE_RECENT_ITEMS].n_shards == 0) {
        return RECS_OK;
    }

    rc = recs_check_spans(b, RECS_TABLE_RECENT_ITEMS, RECS_TABLE_RECENT_SPANS,
                          err);
    if (rc != RECS_OK) {
        return rc;
    }

    for (user = 0; user < b->view.n_users; user++) {
        wrong = recs_check_recent_user(b, user, marks);

        if (wrong != NULL) {
            return recs_check_error(b, wrong, user, err);
        }
    }

    return RECS_OK;
}


static const char *
recs_check_item_neighbors(const recs_bundle_view_t *v, uint32_t item,
    recs_marks_t *marks)
{
    int                 wrong;
    uint32_t            i, id, former;
    const uint16_t     *shorts;
    const uint32_t     *longs;
    const recs_span_t  *span;
    recs_neighbors_t    list;

    span = recs_table_row(&v->neighbor_spans, item);
    recs_bundle_neighbors(v, item, &list);

    if (list.n * (v->neighbor_id_size + 1) != span->len) {
        return "a neighbour list is malformed";
    }

    recs_marks_next(marks);
    marks->of[item] = marks->mark;

    shorts = list.ids;
    longs = list.ids;
    former = 0;
    wrong = list.n > 0 && list.weights[list.n - 1] == 0;

    for (i = 0; i < list.n; i++) {
        id = v->neighbor_id_size == 2 ? shorts[i] : longs[i];

        if (!recs_marks_set(marks, id)) {
            return "a neighbour is repeated, its own or out of range";
        }

        wrong |= i > 0 && (list.weights[i] > list.weights[i - 1]
                           || (list.weights[i] == list.weights[i - 1]
                               && id < former));
        former = id;
    }

    return wrong ? "neighbours are out of order or weigh 0" : NULL;
}


static recs_status_t
recs_check_neighbors(const recs_bundle_t *b, recs_marks_t *marks,
    recs_error_t *err)
{
    uint32_t        item;
    const char     *wrong;
    recs_status_t   rc;

    rc = recs_check_spans(b, RECS_TABLE_NEIGHBORS, RECS_TABLE_NEIGHBOR_SPANS,
                          err);
    if (rc != RECS_OK) {
        return rc;
    }

    for (item = 0; item < b->view.n_items; item++) {
        wrong = recs_check_item_neighbors(&b->view, item, marks);

        if (wrong != NULL) {
            return recs_check_error(b, wrong, item, err);
        }
    }

    return RECS_OK;
}


recs_status_t
recs_bundle_check_lists(const recs_bundle_t *b, recs_error_t *err)
{
    recs_marks_t   marks;
    recs_status_t  rc;

    rc = recs_check_seen(b, err);

    if (rc != RECS_OK || b->view.neighbor_id_size == 0) {
        return rc;
    }

    marks.mark = 0;
    marks.n_items = b->view.n_items;
    marks.of = calloc(marks.n_items, 1);

    if (marks.of == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory to check \"%s\"",
                          b->name);
    }

    rc = recs_check_recent(b, &marks, err);

    if (rc == RECS_OK) {
        rc = recs_check_neighbors(b, &marks, err);
    }

    free(marks.of);

    return rc;
}
