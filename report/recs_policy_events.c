#include "recs_policy_log.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "recs_id_map.h"
#include "recs_policy_clicks.h"
#include "recs_policy_key.h"
#include "recs_policy_model.h"


/* An event as it is packed; behind it user, slot, and the items or the one. */
typedef struct {
    int64_t      time_ms;
    uint32_t     is_click;
    uint32_t     is_forced;
    uint32_t     user_len;
    uint32_t     slot_len;
    uint32_t     n_items;
} recs_policy_packed_t;

/* ... and before each item's id */
typedef struct {
    double       propensity;           /* NAN: none */
    uint32_t     position;             /* of a click 0: not known */
    uint32_t     len;
} recs_policy_packed_item_t;

/* What is packed, taken out again. */
typedef struct {
    recs_policy_packed_t  head;
    recs_str_t            user;
    recs_str_t            slot;
    const char           *items;
} recs_policy_unpacked_t;

/* One reading of all the logs. */
typedef struct {
    const recs_policy_options_t  *options;
    recs_policy_report_t         *report;
    recs_policy_model_t          *model;
    recs_policy_clicks_t         *clicks;
    recs_id_map_t                *users;
    recs_policy_unit_t           *units;          /* [n_users], second pass */
    int                           second;         /* of the two passes */
} recs_policy_events_t;


static recs_status_t recs_policy_events_pass(recs_policy_events_t *pe,
    recs_error_t *err);
static void recs_policy_events_pack(void *data, const recs_event_t *event,
    recs_event_pack_t *pack);
static const recs_event_item_t *recs_policy_events_items(
    const recs_event_t *event, recs_event_item_t *clicked,
    recs_policy_packed_t *head);
static char *recs_policy_events_put(char *to, recs_str_t text);
static recs_status_t recs_policy_events_apply(void *data, const void *packed,
    size_t size, recs_error_t *err);
static const char *recs_policy_events_next(const char *from,
    recs_policy_packed_item_t *head, recs_str_t *item);
static recs_status_t recs_policy_events_first(recs_policy_events_t *pe,
    const recs_policy_unpacked_t *event);
static recs_status_t recs_policy_events_second(recs_policy_events_t *pe,
    const recs_policy_unpacked_t *event);
static recs_status_t recs_policy_events_finish(recs_policy_events_t *pe,
    recs_error_t *err);


recs_status_t
recs_policy_events(const recs_policy_options_t *options,
    recs_policy_report_t *report, recs_error_t *err)
{
    recs_status_t         status;
    recs_policy_events_t  pe;

    memset(&pe, 0, sizeof(recs_policy_events_t));
    memset(report, 0, sizeof(recs_policy_report_t));

    pe.options = options;
    pe.report = report;
    pe.model = recs_policy_model_create();
    pe.clicks = recs_policy_clicks_create();
    pe.users = recs_id_map_create();

    if (pe.model == NULL || pe.clicks == NULL || pe.users == NULL) {
        status = recs_error(err, RECS_NOMEM, "out of memory");
        goto done;
    }

    status = recs_policy_events_pass(&pe, err);
    if (status != RECS_OK) {
        goto done;
    }

    recs_policy_model_settle(pe.model, options->target);

    /* One more than there are: no array of nothing. */

    pe.units = calloc(recs_id_map_count(pe.users) + 1,
                      sizeof(recs_policy_unit_t));
    if (pe.units == NULL) {
        status = recs_error(err, RECS_NOMEM, "out of memory");
        goto done;
    }

    pe.second = 1;

    status = recs_policy_events_pass(&pe, err);

    if (status == RECS_OK) {
        status = recs_policy_events_finish(&pe, err);
    }

done:

    free(pe.units);
    recs_id_map_destroy(pe.users);
    recs_policy_clicks_destroy(pe.clicks);
    recs_policy_model_destroy(pe.model);

    return status;
}


static recs_status_t
recs_policy_events_pass(recs_policy_events_t *pe, recs_error_t *err)
{
    uint32_t             i;
    recs_event_scan_t    scan;
    recs_event_sink_t    sink;
    recs_event_counts_t  counts;
    recs_status_t        status;

    scan = pe->options->scan;
    scan.with_items = 1;

    for (i = 0; i < scan.n_paths; i++) {
        if (strcmp(scan.paths[i], "-") == 0) {
            return recs_error(err, RECS_IO, "standard input cannot be read "
                              "twice, as an evaluation does: give a file");
        }
    }

    sink.pack = recs_policy_events_pack;
    sink.prepare = NULL;
    sink.apply = recs_policy_events_apply;
    sink.data = pe;

    status = recs_event_scan(&scan, &sink, &counts, err);

    if (status == RECS_OK && !pe->second) {
        pe->report->counts = counts;
    }

    return status;
}


static void
recs_policy_events_pack(void *data, const recs_event_t *event,
    recs_event_pack_t *pack)
{
    char                       *to;
    size_t                      size;
    uint32_t                    i;
    recs_event_item_t           clicked;
    recs_policy_packed_t        head;
    recs_policy_packed_item_t   item;
    const recs_event_item_t    *items;

    (void) data;

    items = recs_policy_events_items(event, &clicked, &head);

    if (head.n_items == 0) {
        return;
    }

    size = sizeof(recs_policy_packed_t) + event->user.len + event->slot.len;

    for (i = 0; i < head.n_items; i++) {
        size += sizeof(recs_policy_packed_item_t) + items[i].id.len;
    }

    to = recs_event_pack(pack, size);
    if (to == NULL) {
        return;                        /* the scan ends with that */
    }

    memcpy(to, &head, sizeof(recs_policy_packed_t));
    to += sizeof(recs_policy_packed_t);
    to = recs_policy_events_put(to, event->user);
    to = recs_policy_events_put(to, event->slot);

    for (i = 0; i < head.n_items; i++) {
        item.propensity = items[i].propensity >= RECS_POLICY_PROPENSITY_MIN
                          ? items[i].propensity : NAN;
        item.position = items[i].rank > 0 || head.is_click
                        ? items[i].rank : i + 1;
        item.len = items[i].id.len;

        memcpy(to, &item, sizeof(recs_policy_packed_item_t));
        to = recs_policy_events_put(to + sizeof(recs_policy_packed_item_t),
                                    items[i].id);
    }
}


/* An exposure's items, a click's one as *clicked; head->n_items may be 0. */

static const recs_event_item_t *
recs_policy_events_items(const recs_event_t *event,
    recs_event_item_t *clicked, recs_policy_packed_t *head)
{
    memset(head, 0, sizeof(recs_policy_packed_t));

    head->time_ms = event->time_ms;
    head->is_forced = event->forced;
    head->user_len = event->user.len;
    head->slot_len = event->slot.len;

    if (event->event.len == 8 && memcmp(event->event.data, "exposure", 8) == 0)
    {
        head->n_items = event->n_items;
        return event->items;
    }

    clicked->id = event->item;
    clicked->rank = event->rank;
    clicked->propensity = NAN;

    head->is_click = event->event.len == 5
                     && memcmp(event->event.data, "click", 5) == 0;
    head->n_items = head->is_click && event->item.len > 0
                    && event->slot.len > 0 && event->user.len > 0;

    return clicked;
}


static char *
recs_policy_events_put(char *to, recs_str_t text)
{
    if (text.len > 0) {
        memcpy(to, text.data, text.len);
    }

    return to + text.len;
}


static recs_status_t
recs_policy_events_apply(void *data, const void *packed, size_t size,
    recs_error_t *err)
{
    recs_status_t            status;
    recs_policy_events_t    *pe = data;
    recs_policy_unpacked_t   event;

    (void) size;

    memcpy(&event.head, packed, sizeof(recs_policy_packed_t));

    event.user.data = (const char *) packed + sizeof(recs_policy_packed_t);
    event.user.len = event.head.user_len;
    event.slot.data = event.user.data + event.user.len;
    event.slot.len = event.head.slot_len;
    event.items = event.slot.data + event.slot.len;

    status = pe->second ? recs_policy_events_second(pe, &event)
                        : recs_policy_events_first(pe, &event);

    return status == RECS_OK
           ? RECS_OK : recs_error(err, status, "%s", recs_strerror(status));
}


/* The next of the packed items; returns what is behind it. */

static const char *
recs_policy_events_next(const char *from, recs_policy_packed_item_t *head,
    recs_str_t *item)
{
    memcpy(head, from, sizeof(recs_policy_packed_item_t));
    item->data = from + sizeof(recs_policy_packed_item_t);
    item->len = head->len;

    return item->data + item->len;
}


/* Counts, gathers the clicks, shows the model what there is. */

static recs_status_t
recs_policy_events_first(recs_policy_events_t *pe,
    const recs_policy_unpacked_t *event)
{
    int                         first;
    uint32_t                    i, user;
    const char                 *from;
    recs_status_t               status;
    recs_policy_shown_t         shown;
    recs_policy_event_t         click;
    recs_policy_packed_item_t   item;

    pe->report->n_exposures += !event->head.is_click;

    if (event->head.is_forced || event->user.len == 0) {
        pe->report->n_forced += event->head.is_forced
                                && !event->head.is_click;
        pe->report->n_no_user += !event->head.is_forced;
        return RECS_OK;
    }

    status = recs_id_map_add(pe->users, event->user, &user);
    from = event->items;

    for (i = 0; status == RECS_OK && i < event->head.n_items; i++) {
        from = recs_policy_events_next(from, &item, &shown.item);
        shown.slot = event->slot;
        shown.position = item.position;
        shown.half = user % RECS_POLICY_HALVES;

        if (!event->head.is_click) {
            if (isnan(item.propensity)) {
                pe->report->n_no_propensity++;
                continue;
            }

            status = recs_policy_model_shown(pe->model, &shown);
            continue;
        }

        pe->report->n_clicks++;
        click.user = user;
        click.slot = event->slot;
        click.item = shown.item;
        click.time_ms = event->head.time_ms;
        status = recs_policy_clicks_add(pe->clicks, &click, &first);

        /* For the model, near enough: the click's window is not asked for. */

        if (status == RECS_OK && first && item.position > 0) {
            status = recs_policy_model_earned(pe->model, &shown, 1);
        }
    }

    return status;
}


/* What was shown, and known in the first pass: logs may grow meanwhile. */

static recs_status_t
recs_policy_events_second(recs_policy_events_t *pe,
    const recs_policy_unpacked_t *event)
{
    int                         waits;
    uint32_t                    i, user;
    const char                 *from;
    recs_status_t               status;
    recs_policy_row_t           row;
    recs_policy_event_t         seen;
    recs_policy_shown_t         shown;
    recs_policy_packed_item_t   item;

    user = recs_id_map_find(pe->users, event->user);

    if (event->head.is_click || event->head.is_forced
        || user == RECS_ID_MAP_NONE)
    {
        return RECS_OK;
    }

    from = event->items;

    for (i = 0; i < event->head.n_items; i++) {
        from = recs_policy_events_next(from, &item, &shown.item);
        shown.slot = event->slot;
        shown.position = item.position;
        shown.half = user % RECS_POLICY_HALVES;

        if (isnan(item.propensity)
            || recs_policy_model_row(pe->model, &shown, item.propensity, 0,
                                     &row) != RECS_OK)
        {
            continue;
        }

        seen.user = user;
        seen.slot = event->slot;
        seen.item = shown.item;
        seen.time_ms = event->head.time_ms;

        status = recs_policy_clicks_shown(pe->clicks, &seen, &row, &waits);
        if (status != RECS_OK) {
            return status;
        }

        if (!waits) {
            recs_policy_row(&pe->units[user], &row);
        }
    }

    return RECS_OK;
}


static recs_status_t
recs_policy_events_finish(recs_policy_events_t *pe, recs_error_t *err)
{
    uint32_t                      i;
    uint64_t                      k, n;
    recs_policy_t                 policy;
    const recs_policy_waiting_t  *waiting;

    pe->report->n_unexplained = recs_policy_clicks_settle(pe->clicks,
                                    pe->options->window_ms, &waiting, &n);

    for (k = 0; k < n; k++) {
        recs_policy_row(&pe->units[waiting[k].user], &waiting[k].row);
    }

    memset(&policy, 0, sizeof(recs_policy_t));

    for (i = 0; i < recs_id_map_count(pe->users); i++) {
        if (pe->units[i].n_rows > 0) {
            recs_policy_add(&policy, &pe->units[i]);
        }
    }

    if (policy.n_units == 0) {
        return recs_error(err, RECS_INVALID, "%s: no exposure of items with "
                          "propensities to a visitor: a slot logs them (see "
                          "recs_event_log)", pe->options->scan.paths[0]);
    }

    recs_policy_estimate(&policy, pe->options->z, &pe->report->estimate);
    pe->report->n_places = recs_policy_model_n_places(pe->model);
    pe->report->n_items = recs_policy_model_n_items(pe->model);
    pe->report->unseen = recs_policy_model_unseen(pe->model);

    return RECS_OK;
}
