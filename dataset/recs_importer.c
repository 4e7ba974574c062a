#include "recs_importer.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "recs_timestamp.h"


/* Rows between two calls of progress(), less one: a mask. */
#define RECS_IMPORT_TICK  0x3fff

#define RECS_EVENT_EXPOSURE  "exposure"


static recs_reject_reason_t recs_importer_check(const recs_row_t *row);
static int recs_importer_counts(recs_importer_t *im, recs_str_t event);
static recs_status_t recs_importer_store(recs_importer_t *im,
    const recs_row_t *row);
static recs_status_t recs_importer_event(recs_importer_t *im,
    recs_str_t event, double weight, uint32_t *number);
static recs_status_t recs_importer_report(recs_importer_t *im,
    const recs_input_t *in, uint64_t line, recs_reject_reason_t reason,
    const char *detail, recs_error_t *err);


recs_status_t
recs_importer_init(recs_importer_t *im, const recs_import_options_t *options,
    recs_import_report_t *report, recs_error_t *err)
{
    uint32_t       i, number;
    recs_str_t     name;
    recs_status_t  status;

    memset(im, 0, sizeof(*im));
    im->options = options;
    im->report = report;
    im->users = recs_id_map_create();
    im->items = recs_id_map_create();
    im->events = recs_id_map_create();

    if (im->users == NULL || im->items == NULL || im->events == NULL
        || recs_import_contexts_init(&im->contexts) != RECS_OK)
    {
        status = recs_error(err, RECS_NOMEM, "no memory to import");
        goto failed;
    }

    name.data = "";
    name.len = 0;

    status = recs_importer_event(im, name, 1, &number);

    for (i = 0; i < options->n_events && status == RECS_OK; i++) {
        name.data = options->events[i].name;
        name.len = strlen(name.data);

        if (!recs_id_valid(name.data, name.len)
            || !(options->events[i].weight > 0)
            || !isfinite(options->events[i].weight))
        {
            status = recs_error(err, RECS_INVALID, "event \"%s\" needs a name"
                                " and a weight above 0, as in purchase=5",
                                name.data);
            goto failed;
        }

        if (strcmp(name.data, RECS_EVENT_EXPOSURE) == 0) {
            status = recs_error(err, RECS_INVALID, "an exposure is no"
                                " interaction: it cannot be given a weight");
            goto failed;
        }

        status = recs_importer_event(im, name, options->events[i].weight,
                                     &number);
    }

    if (status == RECS_OK) {
        return RECS_OK;
    }

    recs_error(err, status, "no memory to import");

failed:

    recs_importer_free(im);

    return status;
}


void
recs_importer_free(recs_importer_t *im)
{
    recs_id_map_destroy(im->users);
    recs_id_map_destroy(im->items);
    recs_id_map_destroy(im->events);
    recs_import_contexts_free(&im->contexts);
    free(im->weights);
    recs_interactions_free(&im->interactions);
    recs_attributes_free(&im->item_attributes);
    recs_attributes_free(&im->user_attributes);
    recs_id_set_free(&im->seen_events);
    memset(im, 0, sizeof(*im));
}


recs_status_t
recs_importer_row(recs_importer_t *im, const recs_input_t *in, uint64_t line,
    const recs_row_t *row, recs_error_t *err)
{
    int                   added;
    recs_status_t         status;
    recs_reject_reason_t  reason;

    reason = recs_importer_check(row);

    if (reason == RECS_REJECT_COUNT && !recs_importer_counts(im, row->event)) {
        reason = RECS_REJECT_NOT_COUNTED;
    }

    if (reason != RECS_REJECT_COUNT) {
        return recs_importer_reject(im, in, line, reason, "", err);
    }

    im->report->n_rows++;
    im->report->n_kept++;

    added = 1;
    status = RECS_OK;

    if (row->id.len > 0) {
        status = recs_id_set_add(&im->seen_events, row->id, &added);
    }

    if (status == RECS_OK) {

        if (added) {
            status = recs_importer_store(im, row);

        } else {
            im->report->n_duplicates++;
        }
    }

    if (status == RECS_OK) {
        return RECS_OK;
    }

    return recs_error(err, status, status == RECS_LIMIT
                      ? "%s:%" PRIu64 ": too many distinct ids"
                      : "%s:%" PRIu64 ": no memory for more interactions",
                      in->name, line);
}


recs_status_t
recs_importer_reject(recs_importer_t *im, const recs_input_t *in,
    uint64_t line, recs_reject_reason_t reason, const char *detail,
    recs_error_t *err)
{
    im->report->n_rows++;
    im->report->n_reason[reason]++;

    if (!recs_reject_malformed(reason)) {
        im->report->n_skipped++;
        return RECS_OK;
    }

    im->report->n_rejected++;

    return recs_importer_report(im, in, line, reason, detail, err);
}


recs_status_t
recs_importer_reject_entity(recs_importer_t *im, const recs_input_t *in,
    uint64_t line, recs_reject_reason_t reason, const char *detail,
    recs_error_t *err)
{
    im->report->n_reason[reason]++;
    im->report->n_entity_rejects++;

    return recs_importer_report(im, in, line, reason, detail, err);
}


void
recs_importer_tick(recs_importer_t *im, const recs_input_t *in)
{
    if ((im->n_ticks++ & RECS_IMPORT_TICK) == 0
        && im->options->progress != NULL)
    {
        im->options->progress(im->options->data,
                              im->bytes_before + recs_input_bytes(in),
                              im->bytes_total, im->report->n_rows);
    }
}


int
recs_row_time(recs_row_t *row, recs_str_t text, recs_reject_reason_t *reason)
{
    switch (recs_timestamp_parse(text.data, text.len, &row->time_ms)) {

    case RECS_TIMESTAMP_OK:
        return 1;

    case RECS_TIMESTAMP_RANGE:
        *reason = RECS_REJECT_TIME_RANGE;
        return 0;

    default:
        *reason = RECS_REJECT_TIME;
        return 0;
    }
}


int
recs_row_value(recs_row_t *row, recs_str_t text, recs_reject_reason_t *reason)
{
    if (text.len == 0) {
        row->value = 1;
        return 1;
    }

    if (!recs_number_parse(text.data, text.len, &row->value)) {
        *reason = RECS_REJECT_VALUE;
        return 0;
    }

    return 1;
}


/* RECS_REJECT_COUNT: nothing is wrong. */

static recs_reject_reason_t
recs_importer_check(const recs_row_t *row)
{
    float  value;

    if (row->event.len == strlen(RECS_EVENT_EXPOSURE)
        && memcmp(row->event.data, RECS_EVENT_EXPOSURE, row->event.len) == 0)
    {
        return RECS_REJECT_NOT_COUNTED;
    }

    if (!recs_id_valid(row->user.data, row->user.len)) {
        return RECS_REJECT_USER;
    }

    if (row->event.len > 0 && !recs_id_valid(row->event.data, row->event.len)) {
        return RECS_REJECT_EVENT;
    }

    if (!recs_id_valid(row->item.data, row->item.len)) {
        return RECS_REJECT_ITEM;
    }

    value = (float) row->value;

    if (!(value > 0) || !isfinite(value)) {
        return RECS_REJECT_VALUE;
    }

    return RECS_REJECT_COUNT;
}


static int
recs_importer_counts(recs_importer_t *im, recs_str_t event)
{
    uint32_t  number;

    if (im->options->n_events == 0) {
        return 1;
    }

    number = recs_id_map_find(im->events, event);

    return number != RECS_ID_MAP_NONE && number != 0;
}


static recs_status_t
recs_importer_store(recs_importer_t *im, const recs_row_t *row)
{
    uint32_t            event;
    recs_status_t       status;
    recs_interaction_t  in;

    status = recs_id_map_add(im->users, row->user, &in.user);
    if (status != RECS_OK) {
        return status;
    }

    status = recs_id_map_add(im->items, row->item, &in.item);
    if (status != RECS_OK) {
        return status;
    }

    event = 0;

    if (row->event.len > 0) {
        status = recs_importer_event(im, row->event, 1, &event);
        if (status != RECS_OK) {
            return status;
        }
    }

    status = recs_import_contexts_add(&im->contexts, event, row->contexts,
                                      row->n_contexts, &in.event);
    if (status != RECS_OK) {
        return status;
    }

    in.time_ms = row->time_ms;
    in.value = (float) row->value;

    return recs_interactions_add(&im->interactions, &in);
}


static recs_status_t
recs_importer_event(recs_importer_t *im, recs_str_t event, double weight,
    uint32_t *number)
{
    double         *weights;
    uint32_t        n, pair;
    recs_status_t   status;

    n = recs_id_map_count(im->events);

    status = recs_id_map_add(im->events, event, number);
    if (status != RECS_OK || *number < n) {
        return status;
    }

    /* Grows at powers of two. */

    if ((n & (n - 1)) == 0) {
        weights = realloc(im->weights, (n ? 2 * (size_t) n : 1)
                                       * sizeof(double));
        if (weights == NULL) {
            return RECS_NOMEM;
        }

        im->weights = weights;
    }

    im->weights[n] = weight;

    return recs_import_contexts_add(&im->contexts, n, NULL, 0, &pair);
}


static recs_status_t
recs_importer_report(recs_importer_t *im, const recs_input_t *in,
    uint64_t line, recs_reject_reason_t reason, const char *detail,
    recs_error_t *err)
{
    recs_reject_t  reject;
    recs_status_t  status;

    reject.file = in->name;
    reject.line = line;
    reject.reason = reason;
    reject.detail = detail;

    if (im->options->rejected != NULL) {
        status = im->options->rejected(im->options->data, &reject, err);
        if (status != RECS_OK) {
            return status;
        }
    }

    if (im->options->strict) {
        return recs_error(err, RECS_INVALID, "%s:%" PRIu64 ": %s%s%s; stopped"
                          " at the first malformed row", in->name, line,
                          recs_reject_text(reason), detail[0] ? ": " : "",
                          detail);
    }

    return RECS_OK;
}
