/*
 * Outcomes day by day into the sums of units.  At the end of a day the sums
 * are what one would have seen then: a point of the plots.
 */

#include "recs_report_private.h"

#include <stdlib.h>
#include <string.h>


static recs_status_t recs_join_begin(recs_report_making_t *m,
    recs_report_work_t *work, recs_error_t *err);
static void recs_join_outcome(recs_report_making_t *m,
    recs_report_work_t *work, const recs_outcome_t *outcome);
static void recs_join_unit(recs_report_making_t *m, recs_report_work_t *work,
    const recs_unit_t *unit, const recs_outcome_t *outcome);
static void recs_join_add(double *sum, const recs_report_metric_t *metric,
    const recs_outcome_t *outcome);
static recs_status_t recs_join_points(recs_report_making_t *m,
    recs_report_work_t *work, int64_t now_ms, recs_error_t *err);
static recs_status_t recs_join_results(recs_report_making_t *m,
    recs_report_work_t *work, int64_t end_ms, int32_t segment,
    recs_report_result_t **results, uint64_t *units, recs_error_t *err);
static recs_status_t recs_join_end(recs_report_making_t *m,
    recs_report_work_t *work, recs_error_t *err);
static void recs_join_variants(const recs_report_making_t *m,
    recs_report_work_t *work);
static recs_status_t recs_join_segments(recs_report_making_t *m,
    recs_report_work_t *work, recs_error_t *err);
static recs_status_t recs_join_segment(recs_report_making_t *m,
    recs_report_work_t *work, int32_t number, recs_error_t *err);
static int recs_join_segment_compare(const void *a, const void *b);


recs_status_t
recs_report_join(recs_report_making_t *m, recs_error_t *err)
{
    int64_t                day_ms;
    uint32_t               i, k, n;
    recs_status_t          status;
    const recs_outcome_t  *outcomes;

    status = RECS_OK;

    for (k = 0; k < m->n_work && status == RECS_OK; k++) {
        status = recs_join_begin(m, &m->work[k], err);
    }

    for ( ;; ) {

        if (status == RECS_OK) {
            status = recs_outcomes_next(m->outcomes, &outcomes, &n, err);
        }

        if (status != RECS_OK) {
            return status;
        }

        if (n == 0) {
            break;
        }

        day_ms = (int64_t) outcomes[0].time_ms / RECS_REPORT_DAY_MS
                 * RECS_REPORT_DAY_MS;

        for (k = 0; k < m->n_work && status == RECS_OK; k++) {
            status = recs_join_points(m, &m->work[k], day_ms, err);
        }

        for (i = 0; i < n; i++) {
            for (k = 0; k < m->n_work; k++) {
                if (outcomes[i].experiment == RECS_REPORT_ALL
                    || outcomes[i].experiment == k)
                {
                    recs_join_outcome(m, &m->work[k], &outcomes[i]);
                }
            }
        }
    }

    for (k = 0; k < m->n_work && status == RECS_OK; k++) {
        status = recs_join_end(m, &m->work[k], err);
    }

    return status;
}


/* Sums of zero, and when the points are: at most RECS_REPORT_POINTS_MAX. */

static recs_status_t
recs_join_begin(recs_report_making_t *m, recs_report_work_t *work,
    recs_error_t *err)
{
    int64_t                    days;
    recs_report_experiment_t  *x;

    x = work->out;

    work->sums = calloc((size_t) work->table.n * m->n_sums + 1,
                        sizeof(double));
    work->cells = malloc(recs_report_n_cells(m, work)
                         * sizeof(recs_report_cell_t) + 1);
    x->points = calloc(RECS_REPORT_POINTS_MAX, sizeof(recs_report_point_t));

    if (work->sums == NULL || work->cells == NULL || x->points == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory for the sums of %u "
                          "units", work->table.n);
    }

    work->end_ms = x->last_ms + m->report->options.window_ms;

    if (work->end_ms > m->last_outcome_ms) {
        work->end_ms = m->last_outcome_ms;
    }

    if (work->end_ms < x->last_ms) {
        work->end_ms = x->last_ms;
    }

    days = work->end_ms / RECS_REPORT_DAY_MS
           - x->first_ms / RECS_REPORT_DAY_MS + 1;

    work->step_ms = (days + RECS_REPORT_POINTS_MAX - 1)
                    / RECS_REPORT_POINTS_MAX * RECS_REPORT_DAY_MS;
    work->next_ms = x->first_ms / RECS_REPORT_DAY_MS * RECS_REPORT_DAY_MS
                    + work->step_ms;

    return RECS_OK;
}


static void
recs_join_outcome(recs_report_making_t *m, recs_report_work_t *work,
    const recs_outcome_t *outcome)
{
    uint32_t      v;
    uint64_t      key;
    recs_unit_t  *unit;

    if (!m->report->options.per_variant) {
        unit = recs_unit_table_find(&work->table, outcome->unit);

        if (unit != NULL) {
            recs_join_unit(m, work, unit, outcome);
        }

        return;
    }

    for (v = 0; v < work->n_variants; v++) {
        key = recs_report_unit_key(m, outcome->unit, work->variants[v],
                                   work->variant_lens[v]);
        unit = recs_unit_table_find(&work->table, key);

        if (unit != NULL) {
            recs_join_unit(m, work, unit, outcome);
        }
    }
}


static void
recs_join_unit(recs_report_making_t *m, recs_report_work_t *work,
    const recs_unit_t *unit, const recs_outcome_t *outcome)
{
    double                          *sums;
    int64_t                          since;
    uint32_t                         k;
    const recs_report_place_t       *place;
    const recs_report_metric_t      *metric;
    const recs_report_options_t     *options;

    options = &m->report->options;
    since = (int64_t) outcome->time_ms - unit->first_ms;

    if (!recs_report_unit_counts(unit) || since >= options->window_ms
        || since < -options->cuped_ms)
    {
        return;
    }

    sums = work->sums + (size_t) (unit - work->table.units) * m->n_sums;

    for (k = 0; k < options->n_metrics; k++) {
        place = &m->places[k];
        metric = &options->metrics[k];

        if (since < 0) {
            if (place->x < m->n_sums && metric->kind != RECS_METRIC_RATIO
                && place->event == outcome->event)
            {
                recs_join_add(&sums[place->x], metric, outcome);
            }

            continue;
        }

        if (place->event == outcome->event) {
            recs_join_add(&sums[place->y], metric, outcome);
        }

        if (metric->kind == RECS_METRIC_RATIO && place->per == outcome->event)
        {
            recs_join_add(&sums[place->x], metric, outcome);
        }
    }
}


static void
recs_join_add(double *sum, const recs_report_metric_t *metric,
    const recs_outcome_t *outcome)
{
    switch (metric->kind) {

    case RECS_METRIC_RATE:
        *sum = 1;
        break;

    case RECS_METRIC_VALUE:
        *sum += outcome->value;
        break;

    default:
        *sum += 1;
    }
}


/* The points that end before what follows, from now_ms on, is added. */

static recs_status_t
recs_join_points(recs_report_making_t *m, recs_report_work_t *work,
    int64_t now_ms, recs_error_t *err)
{
    recs_status_t              status;
    recs_report_point_t       *point;
    recs_report_experiment_t  *x;

    x = work->out;

    while (x->n_units != 0 && work->next_ms <= now_ms
           && work->next_ms <= work->end_ms
           && x->n_points < RECS_REPORT_POINTS_MAX - 1)
    {
        point = &x->points[x->n_points];
        point->time_ms = work->next_ms;

        status = recs_join_results(m, work, work->next_ms, -1,
                                   &point->results, point->units, err);
        if (status != RECS_OK) {
            return status;
        }

        x->n_points++;
        work->next_ms += work->step_ms;
    }

    return RECS_OK;
}


/* Measures into work->cells and compares. */

static recs_status_t
recs_join_results(recs_report_making_t *m, recs_report_work_t *work,
    int64_t end_ms, int32_t segment, recs_report_result_t **results,
    uint64_t *units, recs_error_t *err)
{
    recs_status_t  status;

    *results = calloc(work->out->n_results + 1, sizeof(recs_report_result_t));
    if (*results == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory for results");
    }

    status = recs_report_measure(m, work, end_ms, segment, work->cells, units,
                                 err);
    if (status == RECS_OK) {
        recs_report_compare(&m->report->options, work->out, work->cells,
                            *results);
    }

    return status;
}


static recs_status_t
recs_join_end(recs_report_making_t *m, recs_report_work_t *work,
    recs_error_t *err)
{
    uint64_t                   units[RECS_REPORT_VARIANTS_MAX];
    recs_status_t              status;
    recs_report_point_t       *point;
    recs_report_experiment_t  *x;

    x = work->out;

    /* The days after the last outcome. */

    status = recs_join_points(m, work, INT64_MAX, err);
    if (status != RECS_OK) {
        return status;
    }

    status = recs_join_results(m, work, INT64_MAX, -1, &x->results, units,
                               err);
    if (status != RECS_OK) {
        return status;
    }

    recs_join_variants(m, work);

    point = &x->points[x->n_points];
    point->time_ms = work->end_ms + 1;
    memcpy(point->units, units, sizeof(units));

    point->results = malloc((x->n_results + 1)
                            * sizeof(recs_report_result_t));
    if (point->results == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory for results");
    }

    memcpy(point->results, x->results,
           x->n_results * sizeof(recs_report_result_t));
    x->n_points++;

    return work->segments != NULL ? recs_join_segments(m, work, err)
                                  : RECS_OK;
}


/* What the variants are, as a whole. */

static void
recs_join_variants(const recs_report_making_t *m, recs_report_work_t *work)
{
    uint32_t                   i, v, k;
    recs_report_cell_t        *cell;
    recs_report_experiment_t  *x;

    x = work->out;
    cell = work->cells;

    for (i = 0; i < x->n_periods; i++) {
        for (v = 0; v < x->n_variants; v++) {
            for (k = 0; k < m->report->options.n_metrics; k++) {
                recs_pair_moments_merge(&x->variants[v].moments[k],
                                        &cell->moments);
                cell++;
            }
        }
    }
}


static recs_status_t
recs_join_segments(recs_report_making_t *m, recs_report_work_t *work,
    recs_error_t *err)
{
    int32_t                    i, n;
    recs_status_t              status;
    recs_report_experiment_t  *x;

    x = work->out;
    n = RECS_REPORT_SEGMENT_FIRST
        + (int32_t) recs_id_map_count(work->segments);

    x->segments = calloc((size_t) n, sizeof(recs_report_segment_t));
    if (x->segments == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory for segments");
    }

    for (i = 0; i < n; i++) {
        status = recs_join_segment(m, work, i, err);
        if (status != RECS_OK) {
            return status;
        }
    }

    qsort(x->segments, x->n_segments, sizeof(recs_report_segment_t),
          recs_join_segment_compare);

    return RECS_OK;
}


static recs_status_t
recs_join_segment(recs_report_making_t *m, recs_report_work_t *work,
    int32_t number, recs_error_t *err)
{
    uint32_t                   v;
    uint64_t                   sum;
    recs_str_t                 value;
    recs_status_t              status;
    recs_report_segment_t     *segment;
    recs_report_experiment_t  *x;

    x = work->out;
    segment = &x->segments[x->n_segments++];

    value.data = "(other)";
    value.len = number == RECS_REPORT_SEGMENT_OTHER ? strlen(value.data) : 0;

    if (number >= RECS_REPORT_SEGMENT_FIRST) {
        value = recs_id_map_id(work->segments, (uint32_t) number
                                               - RECS_REPORT_SEGMENT_FIRST);
    }

    segment->value = strndup(value.data, value.len);
    if (segment->value == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory for segments");
    }

    status = recs_join_results(m, work, INT64_MAX, number, &segment->results,
                               segment->units, err);
    if (status != RECS_OK) {
        return status;
    }

    sum = 0;

    for (v = 0; v < x->n_variants; v++) {
        sum += segment->units[v];
        segment->suppressed |= segment->units[v]
                               < m->report->options.min_cell;
    }

    if (sum == 0) {
        free(segment->value);
        free(segment->results);
        x->n_segments--;
        memset(segment, 0, sizeof(*segment));
    }

    return RECS_OK;
}


static int
recs_join_segment_compare(const void *a, const void *b)
{
    uint32_t                      v;
    uint64_t                      m, n;
    const recs_report_segment_t  *p, *q;

    p = a;
    q = b;
    m = 0;
    n = 0;

    for (v = 0; v < RECS_REPORT_VARIANTS_MAX; v++) {
        m += p->units[v];
        n += q->units[v];
    }

    if (m != n) {
        return m > n ? -1 : 1;
    }

    return strcmp(p->value, q->value);
}
