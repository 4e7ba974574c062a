/*
 * From logs to units and outcomes.  What is packed of an exposure is a header
 * and the texts behind it, that of any other event an outcome.
 */

#include "recs_report_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "recs_seeded_hash.h"


#define RECS_REPORT_EXPOSURE  "exposure"


typedef struct {
    uint64_t  unit;                       /* 0: no user */
    int64_t   time_ms;
    double    number;                     /* propensity, or value */
    uint8_t   is_exposure;
    uint8_t   forced;
    uint8_t   event;                      /* for metrics; RECS_REPORT_ALL: no */
    uint8_t   experiment_len;
    uint8_t   variant_len;
    uint8_t   segment_len;
    uint8_t   no_value;
    char      texts[1];                   /* experiment, variant, segment */
} recs_report_packed_t;


static void recs_report_pack(void *data, const recs_event_t *event,
    recs_event_pack_t *pack);
static uint8_t recs_report_event(const recs_report_making_t *m,
    recs_str_t name);
static recs_str_t recs_report_segment(const char *field,
    const recs_event_t *event);
static char *recs_report_put(char *p, recs_str_t text, uint8_t *len);
static void recs_report_prepare(void *data, const void *data_packed,
    int again);
static recs_status_t recs_report_apply(void *data, const void *data_packed,
    size_t size, recs_error_t *err);
static recs_status_t recs_report_outcome(recs_report_making_t *m,
    const recs_report_packed_t *packed, uint32_t experiment, double value,
    recs_error_t *err);
static recs_status_t recs_report_exposure(recs_report_making_t *m,
    recs_report_work_t *work, const recs_report_packed_t *packed,
    recs_error_t *err);
static recs_status_t recs_report_first(recs_report_work_t *work,
    recs_unit_t *unit, const recs_report_packed_t *packed, uint32_t variant,
    recs_error_t *err);
static recs_status_t recs_report_find(recs_report_making_t *m,
    const recs_report_packed_t *packed, uint32_t *number, recs_error_t *err);
static recs_status_t recs_report_variant(recs_report_work_t *work,
    const recs_report_packed_t *packed, uint32_t *number, recs_error_t *err);
static char *recs_report_copy(const char *text, size_t len);


recs_status_t
recs_report_read(recs_report_making_t *m, recs_error_t *err)
{
    recs_status_t       status;
    recs_event_sink_t   sink;

    m->seed = recs_hash_seed();

    sink.pack = recs_report_pack;
    sink.prepare = recs_report_prepare;
    sink.apply = recs_report_apply;
    sink.data = m;

    status = recs_event_scan(&m->report->options.scan, &sink,
                             &m->report->counts, err);

    return status == RECS_OK
           ? recs_outcomes_finish(m->outcomes, &m->last_outcome_ms, err)
           : status;
}


/* Runs in any thread: m is not written to. */

static void
recs_report_pack(void *data, const recs_event_t *event,
    recs_event_pack_t *pack)
{
    char                         *p;
    size_t                        len;
    uint8_t                       number;
    recs_str_t                    segment;
    const char                   *only;
    const recs_report_making_t   *m;
    recs_report_packed_t         *packed;

    m = data;
    only = m->report->options.experiment;
    number = recs_report_event(m, event->event);

    memset(&segment, 0, sizeof(segment));
    len = 0;

    if (event->event.len == sizeof(RECS_REPORT_EXPOSURE) - 1
        && memcmp(event->event.data, RECS_REPORT_EXPOSURE,
                  event->event.len) == 0)
    {
        if (event->experiment.len == 0
            || (only != NULL
                && (strlen(only) != event->experiment.len
                    || memcmp(only, event->experiment.data,
                              event->experiment.len) != 0)))
        {
            return;
        }

        segment = recs_report_segment(m->report->options.segment, event);
        len = event->experiment.len + event->variant.len + segment.len;

    } else if (number == RECS_REPORT_ALL || event->user.len == 0) {
        return;
    }

    packed = recs_event_pack(pack, sizeof(*packed) + len);
    if (packed == NULL) {
        return;
    }

    packed->unit = event->user.len != 0
                   ? recs_seeded_hash(m->seed, event->user) : 0;
    packed->time_ms = event->time_ms;
    packed->event = number;
    packed->forced = (uint8_t) event->forced;
    packed->is_exposure = len != 0;
    packed->no_value = isnan(event->value);
    packed->number = len != 0 ? event->propensity
                         : isnan(event->value) ? 0 : event->value;

    p = packed->texts;
    p = recs_report_put(p, len != 0 ? event->experiment : segment,
                        &packed->experiment_len);
    p = recs_report_put(p, len != 0 ? event->variant : segment,
                        &packed->variant_len);
    (void) recs_report_put(p, segment, &packed->segment_len);
}


/* The number of an event that a metric counts, or RECS_REPORT_ALL. */

static uint8_t
recs_report_event(const recs_report_making_t *m, recs_str_t name)
{
    uint32_t  i;

    for (i = 0; i < m->n_events; i++) {
        if (m->events[i].len == name.len
            && memcmp(m->events[i].data, name.data, name.len) == 0)
        {
            return (uint8_t) i;
        }
    }

    return RECS_REPORT_ALL;
}


/* "slot", "context.NAME" or NULL, as it stands in the event. */

static recs_str_t
recs_report_segment(const char *field, const recs_event_t *event)
{
    size_t       len;
    uint32_t     i;
    recs_str_t   none;

    memset(&none, 0, sizeof(none));

    if (field == NULL) {
        return none;
    }

    if (strcmp(field, "slot") == 0) {
        return event->slot;
    }

    field += sizeof("context.") - 1;
    len = strlen(field);

    for (i = 0; i < event->n_contexts; i++) {
        if (event->contexts[i].name.len == len
            && memcmp(event->contexts[i].name.data, field, len) == 0)
        {
            return event->contexts[i].value;
        }
    }

    return none;
}


static char *
recs_report_put(char *p, recs_str_t text, uint8_t *len)
{
    if (text.len != 0) {
        memcpy(p, text.data, text.len);
    }

    *len = (uint8_t) text.len;

    return p + text.len;
}


/* The experiment is, most often, that of the exposure before. */

static void
recs_report_prepare(void *data, const void *data_packed, int again)
{
    const recs_report_making_t   *m;
    const recs_report_packed_t   *packed;

    m = data;
    packed = data_packed;

    if (packed->is_exposure && m->n_work != 0) {
        recs_unit_table_prefetch(&m->work[m->last].table, packed->unit,
                                 again);
    }
}


static recs_status_t
recs_report_apply(void *data, const void *data_packed, size_t size,
    recs_error_t *err)
{
    uint32_t                      number;
    recs_status_t                 status;
    recs_report_making_t         *m;
    const recs_report_packed_t   *packed;

    (void) size;

    m = data;
    packed = data_packed;
    number = 0;

    if (!packed->is_exposure) {
        m->report->n_no_value += packed->no_value
                                 && m->event_values[packed->event];

        return recs_report_outcome(m, packed, RECS_REPORT_ALL,
                                   packed->number, err);
    }

    status = recs_report_find(m, packed, &number, err);
    if (status != RECS_OK) {
        return status;
    }

    if (packed->unit == 0) {
        m->work[number].n_no_user++;
        return RECS_OK;
    }

    status = recs_report_exposure(m, &m->work[number], packed, err);

    if (status != RECS_OK || packed->event == RECS_REPORT_ALL
        || packed->forced)
    {
        return status;
    }

    return recs_report_outcome(m, packed, number, 0, err);
}


static recs_status_t
recs_report_outcome(recs_report_making_t *m,
    const recs_report_packed_t *packed, uint32_t experiment, double value,
    recs_error_t *err)
{
    recs_outcome_t  outcome;

    m->report->n_outcomes++;
    m->event_counts[packed->event]++;

    outcome.unit = packed->unit;
    outcome.time_ms = (uint64_t) packed->time_ms;
    outcome.event = packed->event;
    outcome.experiment = (uint8_t) experiment;
    outcome.value = value;

    return recs_outcomes_add(m->outcomes, &outcome, err);
}


static recs_status_t
recs_report_exposure(recs_report_making_t *m, recs_report_work_t *work,
    const recs_report_packed_t *packed, recs_error_t *err)
{
    uint64_t        key;
    uint32_t        variant;
    recs_unit_t    *unit;
    recs_status_t   status;

    /* A variant that one is only forced into is none of the experiment's. */

    variant = 0;

    if (!packed->forced) {
        status = recs_report_variant(work, packed, &variant, err);
        if (status != RECS_OK) {
            return status;
        }

        work->exposures[variant]++;
    }

    key = recs_report_unit_key(m, packed->unit, packed->texts
                                                + packed->experiment_len,
                               packed->variant_len);

    status = recs_unit_table_add(&work->table, key, &unit, err);
    if (status != RECS_OK) {
        return status;
    }

    if (packed->forced) {
        unit->flags |= RECS_UNIT_FORCED;
        return RECS_OK;
    }

    if (unit->flags & RECS_UNIT_EXPOSED) {

        if (unit->variant != variant) {
            unit->flags |= RECS_UNIT_MULTIPLE;
        }

        if (packed->time_ms >= unit->first_ms) {
            return RECS_OK;
        }
    }

    return recs_report_first(work, unit, packed, variant, err);
}


static recs_status_t
recs_report_first(recs_report_work_t *work, recs_unit_t *unit,
    const recs_report_packed_t *packed, uint32_t variant, recs_error_t *err)
{
    uint32_t       number;
    recs_str_t     value;
    recs_status_t  status;

    unit->flags |= RECS_UNIT_EXPOSED;
    unit->first_ms = packed->time_ms;
    unit->variant = (uint8_t) (variant & 31);
    unit->weight = isnan(packed->number)
                   ? 0 : (uint32_t) lround(packed->number
                                           * RECS_UNIT_WEIGHT_ONE);
    unit->segment = RECS_REPORT_SEGMENT_NONE;

    if (packed->segment_len == 0) {
        return RECS_OK;
    }

    value.data = packed->texts + packed->experiment_len + packed->variant_len;
    value.len = packed->segment_len;
    number = recs_id_map_find(work->segments, value);

    if (number == RECS_ID_MAP_NONE) {

        if (recs_id_map_count(work->segments) == RECS_REPORT_SEGMENTS_MAX) {
            unit->segment = RECS_REPORT_SEGMENT_OTHER;
            return RECS_OK;
        }

        status = recs_id_map_add(work->segments, value, &number);
        if (status != RECS_OK) {
            return recs_error(err, status, "no memory for segments");
        }
    }

    unit->segment = (uint8_t) (RECS_REPORT_SEGMENT_FIRST + number);

    return RECS_OK;
}


/* The experiment of the exposure, a new one if need be. */

static recs_status_t
recs_report_find(recs_report_making_t *m, const recs_report_packed_t *packed,
    uint32_t *number, recs_error_t *err)
{
    uint32_t             i, k;
    recs_report_work_t  *work;

    for (i = 0; i < m->n_work; i++) {
        k = (m->last + i) % m->n_work;

        if (m->work[k].name_len == packed->experiment_len
            && memcmp(m->work[k].name, packed->texts,
                      packed->experiment_len) == 0)
        {
            m->last = k;
            *number = k;
            return RECS_OK;
        }
    }

    if (m->n_work == RECS_REPORT_EXPERIMENTS_MAX) {
        return recs_error(err, RECS_LIMIT, "the logs have more than %d "
                          "experiments: choose one with --experiment",
                          RECS_REPORT_EXPERIMENTS_MAX);
    }

    work = &m->work[m->n_work];
    work->name = recs_report_copy(packed->texts, packed->experiment_len);
    work->name_len = packed->experiment_len;

    if (m->report->options.segment != NULL) {
        work->segments = recs_id_map_create();
    }

    *number = m->n_work++;

    if (work->name == NULL
        || (m->report->options.segment != NULL && work->segments == NULL))
    {
        return recs_error(err, RECS_NOMEM, "no memory for an experiment");
    }

    return RECS_OK;
}


static recs_status_t
recs_report_variant(recs_report_work_t *work,
    const recs_report_packed_t *packed, uint32_t *number, recs_error_t *err)
{
    uint32_t     i;
    const char  *name;

    name = packed->texts + packed->experiment_len;

    for (i = 0; i < work->n_variants; i++) {
        if (work->variant_lens[i] == packed->variant_len
            && memcmp(work->variants[i], name, packed->variant_len) == 0)
        {
            *number = i;
            return RECS_OK;
        }
    }

    if (i == RECS_REPORT_VARIANTS_MAX) {
        return recs_error(err, RECS_LIMIT, "experiment \"%s\" has more than "
                          "%d variants", work->name,
                          RECS_REPORT_VARIANTS_MAX);
    }

    work->variants[i] = recs_report_copy(name, packed->variant_len);
    if (work->variants[i] == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory for a variant");
    }

    work->variant_lens[i] = packed->variant_len;
    work->n_variants++;
    *number = i;

    return RECS_OK;
}


uint64_t
recs_report_unit_key(const recs_report_making_t *m, uint64_t unit,
    const char *variant, size_t len)
{
    recs_str_t  name;

    if (!m->report->options.per_variant) {
        return unit;
    }

    name.data = variant;
    name.len = len;

    return recs_seeded_hash(m->seed ^ unit, name);
}


static char *
recs_report_copy(const char *text, size_t len)
{
    char  *copy;

    copy = malloc(len + 1);

    if (copy != NULL) {
        memcpy(copy, text, len);
        copy[len] = '\0';
    }

    return copy;
}
