#include "recs_report_private.h"

#include <stdlib.h>
#include <string.h>


size_t
recs_report_n_cells(const recs_report_making_t *m,
    const recs_report_work_t *work)
{
    return (size_t) work->out->n_periods * work->n_variants
           * m->report->options.n_metrics;
}


/* Units without an outcome come last, all at once: most are without. */

static void
recs_report_measure_rest(const recs_report_making_t *m,
    const recs_report_work_t *work, recs_report_cell_t *cells,
    const uint64_t (*units)[RECS_REPORT_VARIANTS_MAX])
{
    uint32_t              i, v, k;
    recs_report_cell_t   *cell;
    recs_pair_moments_t   rest;

    memset(&rest, 0, sizeof(rest));
    cell = cells;

    for (i = 0; i < work->out->n_periods; i++) {
        for (v = 0; v < work->n_variants; v++) {
            for (k = 0; k < m->report->options.n_metrics; k++) {
                rest.n = units[i][v] - cell->moments.n;
                recs_pair_moments_merge(&cell->moments, &rest);
                cell++;
            }
        }
    }
}


static void
recs_report_measure_unit(const recs_report_making_t *m, const double *sums,
    recs_report_cell_t *cell)
{
    double    x, y;
    uint32_t  k;

    for (k = 0; k < m->report->options.n_metrics; k++, cell++) {
        y = sums[m->places[k].y];
        x = m->places[k].x < m->n_sums ? sums[m->places[k].x] : 0;

        if (x != 0 || y != 0) {
            recs_pair_moments_add(&cell->moments, x, y);
            cell->n_conversions += y != 0;
        }
    }
}


recs_status_t
recs_report_measure(const recs_report_making_t *m,
    const recs_report_work_t *work, int64_t end_ms, int32_t segment,
    recs_report_cell_t *cells, uint64_t *units, recs_error_t *err)
{
    uint32_t             i, v;
    uint64_t           (*counts)[RECS_REPORT_VARIANTS_MAX];
    const recs_unit_t   *unit;

    counts = calloc(work->out->n_periods, sizeof(*counts));
    if (counts == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory to measure");
    }

    memset(cells, 0, recs_report_n_cells(m, work) * sizeof(*cells));

    for (i = 0; i < work->table.n; i++) {
        unit = &work->table.units[i];

        if (!recs_report_unit_counts(unit) || unit->first_ms >= end_ms
            || (segment != -1 && unit->segment != segment))
        {
            continue;
        }

        counts[unit->period][unit->variant]++;

        recs_report_measure_unit(m, work->sums + (size_t) i * m->n_sums,
                                 cells + ((size_t) unit->period
                                          * work->n_variants + unit->variant)
                                         * m->report->options.n_metrics);
    }

    recs_report_measure_rest(m, work, cells,
                             (const uint64_t (*)[RECS_REPORT_VARIANTS_MAX])
                             counts);

    memset(units, 0, RECS_REPORT_VARIANTS_MAX * sizeof(uint64_t));

    for (i = 0; i < work->out->n_periods; i++) {
        for (v = 0; v < work->n_variants; v++) {
            units[v] += counts[i][v];
        }
    }

    free(counts);

    return RECS_OK;
}
