#include "recs_report_private.h"

#include <stdlib.h>
#include <string.h>


/* What is reported where nothing is asked for. */
static const char *const  recs_report_default_metrics[] = {
    "click_rate=event:click",
    "purchase_rate=event:purchase",
    "revenue=value:purchase"
};

#define RECS_REPORT_DEFAULT_METRICS                                           \
    (sizeof(recs_report_default_metrics)                                      \
     / sizeof(recs_report_default_metrics[0]))


static recs_status_t recs_report_make(recs_report_making_t *m,
    recs_error_t *err);
static recs_status_t recs_report_metrics(recs_report_making_t *m,
    recs_error_t *err);
static uint8_t recs_report_event_number(recs_report_making_t *m,
    const char *name);
static void recs_report_places(recs_report_making_t *m);
static void recs_report_known_metrics(recs_report_making_t *m);
static recs_status_t recs_report_experiments(recs_report_making_t *m,
    recs_error_t *err);
static recs_status_t recs_report_begin(recs_report_making_t *m,
    recs_report_work_t *work, recs_error_t *err);
static void recs_report_sort_variants(recs_report_work_t *work);
static recs_status_t recs_report_control(const recs_report_making_t *m,
    recs_report_experiment_t *x, recs_error_t *err);
static void recs_report_making_free(recs_report_making_t *m);
static void recs_report_experiment_free(recs_report_experiment_t *x);


void
recs_report_defaults(recs_report_options_t *options)
{
    memset(options, 0, sizeof(*options));

    options->window_ms = (int64_t) 7 * RECS_REPORT_DAY_MS;
    options->alpha = .05;
    options->min_cell = 50;
    options->min_conversions = 150;
    options->min_days = 3;
    options->folder = "/tmp";
}


recs_status_t
recs_report_create(recs_report_t **report,
    const recs_report_options_t *options, recs_error_t *err)
{
    recs_status_t          status;
    recs_report_making_t   m;

    memset(&m, 0, sizeof(m));

    m.report = calloc(1, sizeof(recs_report_t));
    m.work = calloc(RECS_REPORT_EXPERIMENTS_MAX, sizeof(recs_report_work_t));

    if (m.report == NULL || m.work == NULL) {
        status = recs_error(err, RECS_NOMEM, "no memory for a report");

    } else {
        m.report->options = *options;
        status = recs_report_make(&m, err);
    }

    recs_report_making_free(&m);

    if (status != RECS_OK) {
        recs_report_destroy(m.report);
        return status;
    }

    *report = m.report;

    return RECS_OK;
}


void
recs_report_destroy(recs_report_t *report)
{
    uint32_t  i;

    if (report == NULL) {
        return;
    }

    for (i = 0; i < report->n_experiments; i++) {
        recs_report_experiment_free(&report->experiments[i]);
    }

    free(report->experiments);
    free(report);
}


static recs_status_t
recs_report_make(recs_report_making_t *m, recs_error_t *err)
{
    uint32_t       i;
    recs_status_t  status;

    status = recs_report_metrics(m, err);

    if (status == RECS_OK) {
        status = recs_outcomes_create(&m->outcomes, m->report->options.folder,
                                      err);
    }

    if (status == RECS_OK) {
        status = recs_report_read(m, err);
    }

    if (status == RECS_OK) {
        recs_report_known_metrics(m);
        status = recs_report_experiments(m, err);
    }

    if (status == RECS_OK) {
        status = recs_report_join(m, err);
    }

    for (i = 0; i < m->report->n_experiments && status == RECS_OK; i++) {
        recs_report_judge(&m->report->options, &m->report->experiments[i]);
    }

    return status;
}


/* The metrics, and the names of the events that they count. */

static recs_status_t
recs_report_metrics(recs_report_making_t *m, recs_error_t *err)
{
    uint32_t                i, n;
    recs_status_t           status;
    recs_report_metric_t   *metric;
    recs_report_options_t  *options;

    options = &m->report->options;
    n = options->n_metrics;

    if (n == 0) {
        n = RECS_REPORT_DEFAULT_METRICS;

        for (i = 0; i < n; i++) {
            status = recs_report_metric_parse(&options->metrics[i],
                                              recs_report_default_metrics[i],
                                              err);
            if (status != RECS_OK) {
                return status;
            }
        }
    }

    for (i = 0; i < n; i++) {
        metric = &options->metrics[i];
        m->places[i].event = recs_report_event_number(m, metric->event);
        m->event_values[m->places[i].event] |= metric->kind
                                               == RECS_METRIC_VALUE;

        if (metric->kind == RECS_METRIC_RATIO) {
            m->places[i].per = recs_report_event_number(m, metric->per);
        }
    }

    return RECS_OK;
}


static uint8_t
recs_report_event_number(recs_report_making_t *m, const char *name)
{
    uint32_t  i;

    for (i = 0; i < m->n_events; i++) {
        if (strcmp(m->events[i].data, name) == 0) {
            return (uint8_t) i;
        }
    }

    m->events[i].data = name;
    m->events[i].len = strlen(name);
    m->n_events++;

    return (uint8_t) i;
}


/* Of the defaults those whose events are in the logs, else the first. */

static void
recs_report_known_metrics(recs_report_making_t *m)
{
    uint32_t                i;
    recs_report_options_t  *options;

    options = &m->report->options;

    if (options->n_metrics == 0) {

        for (i = 0; i < RECS_REPORT_DEFAULT_METRICS; i++) {
            if (m->event_counts[m->places[i].event] != 0) {
                options->metrics[options->n_metrics] = options->metrics[i];
                m->places[options->n_metrics++] = m->places[i];
            }
        }

        options->n_metrics += options->n_metrics == 0;
    }

    recs_report_places(m);
}


static void
recs_report_places(recs_report_making_t *m)
{
    uint32_t                      i;
    const recs_report_options_t  *options;

    options = &m->report->options;
    m->n_sums = 0;

    for (i = 0; i < options->n_metrics; i++) {
        m->places[i].y = m->n_sums++;
        m->places[i].x = UINT32_MAX;

        if (options->cuped_ms != 0
            || options->metrics[i].kind == RECS_METRIC_RATIO)
        {
            m->places[i].x = m->n_sums++;
        }
    }
}


static recs_status_t
recs_report_experiments(recs_report_making_t *m, recs_error_t *err)
{
    uint32_t        i, k, rank;
    recs_report_t  *report;
    recs_status_t   status;

    report = m->report;

    if (m->n_work == 0) {
        return report->options.experiment != NULL
               ? recs_error(err, RECS_NOT_FOUND, "the logs have no exposure "
                            "of experiment \"%s\"", report->options.experiment)
               : recs_error(err, RECS_NOT_FOUND, "the logs have no exposure "
                            "of an experiment");
    }

    report->experiments = calloc(m->n_work, sizeof(recs_report_experiment_t));
    if (report->experiments == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory for experiments");
    }

    /* By name; work stays where it is: outcomes know it by its number. */

    for (i = 0; i < m->n_work; i++) {
        rank = 0;

        for (k = 0; k < m->n_work; k++) {
            rank += strcmp(m->work[k].name, m->work[i].name) < 0;
        }

        m->work[i].out = &report->experiments[rank];
    }

    report->n_experiments = m->n_work;

    for (i = 0; i < m->n_work; i++) {
        status = recs_report_begin(m, &m->work[i], err);
        if (status != RECS_OK) {
            return status;
        }
    }

    return RECS_OK;
}


static recs_status_t
recs_report_begin(recs_report_making_t *m, recs_report_work_t *work,
    recs_error_t *err)
{
    uint32_t                   v;
    recs_status_t              status;
    recs_report_experiment_t  *x;

    x = work->out;
    x->n_variants = work->n_variants;
    x->n_no_user = work->n_no_user;

    recs_report_sort_variants(work);

    x->name = strdup(work->name);
    if (x->name == NULL) {
        goto failed;
    }

    for (v = 0; v < x->n_variants; v++) {
        x->variants[v].exposures = work->exposures[v];
        x->variants[v].name = strdup(work->variants[v]);

        if (x->variants[v].name == NULL) {
            goto failed;
        }
    }

    status = recs_report_control(m, x, err);
    if (status != RECS_OK) {
        return status;
    }

    x->n_results = x->n_variants > 1
                   ? (x->n_variants - 1) * m->report->options.n_metrics : 0;

    return recs_report_periods(work, err);

failed:

    return recs_error(err, RECS_NOMEM, "no memory for an experiment");
}


static void
recs_report_sort_variants(recs_report_work_t *work)
{
    uint32_t             i, k, rank[RECS_REPORT_VARIANTS_MAX];
    recs_report_work_t   sorted;

    sorted = *work;

    for (i = 0; i < work->n_variants; i++) {
        rank[i] = 0;

        for (k = 0; k < work->n_variants; k++) {
            rank[i] += strcmp(work->variants[k], work->variants[i]) < 0;
        }

        sorted.variants[rank[i]] = work->variants[i];
        sorted.variant_lens[rank[i]] = work->variant_lens[i];
        sorted.exposures[rank[i]] = work->exposures[i];
    }

    *work = sorted;

    for (i = 0; i < work->table.n; i++) {
        if (work->table.units[i].flags & RECS_UNIT_EXPOSED) {
            work->table.units[i].variant
                = (uint8_t) (rank[work->table.units[i].variant] & 31);
        }
    }
}


static recs_status_t
recs_report_control(const recs_report_making_t *m,
    recs_report_experiment_t *x, recs_error_t *err)
{
    uint32_t     i, v;
    const char  *asked;

    static const char *const  names[] = { "control", "holdout" };

    asked = m->report->options.control;

    for (v = 0; v < x->n_variants; v++) {
        if (asked != NULL && strcmp(x->variants[v].name, asked) == 0) {
            x->control = v;
            return RECS_OK;
        }
    }

    if (asked != NULL && m->report->options.experiment != NULL) {
        return recs_error(err, RECS_NOT_FOUND, "experiment \"%s\" has no "
                          "variant \"%s\" in the logs", x->name, asked);
    }

    for (i = 2; i-- > 0; /* void */ ) {
        for (v = 0; v < x->n_variants; v++) {
            if (strcmp(x->variants[v].name, names[i]) == 0) {
                x->control = v;
            }
        }
    }

    return RECS_OK;
}


static void
recs_report_making_free(recs_report_making_t *m)
{
    uint32_t             i, v;
    recs_report_work_t  *work;

    for (i = 0; i < m->n_work; i++) {
        work = &m->work[i];

        for (v = 0; v < work->n_variants; v++) {
            free(work->variants[v]);
        }

        recs_id_map_destroy(work->segments);
        recs_unit_table_free(&work->table);
        free(work->name);
        free(work->sums);
        free(work->cells);
    }

    free(m->work);
    recs_outcomes_destroy(m->outcomes);
}


static void
recs_report_experiment_free(recs_report_experiment_t *x)
{
    uint32_t  i;

    for (i = 0; i < x->n_variants; i++) {
        free(x->variants[i].name);
    }

    /* One may have been begun that does not count yet. */

    for (i = 0; x->points != NULL && i < RECS_REPORT_POINTS_MAX; i++) {
        free(x->points[i].results);
    }

    for (i = 0; i < x->n_segments; i++) {
        free(x->segments[i].value);
        free(x->segments[i].results);
    }

    free(x->name);
    free(x->periods);
    free(x->results);
    free(x->points);
    free(x->segments);
}
