/* Any bytes as the logs of a report; the first byte chooses what is asked. */

#include <math.h>

#include "fuzz_import.h"
#include "recs_report.h"


static void
fuzz_results(const recs_report_t *report, const recs_report_experiment_t *x,
    const recs_report_result_t *results)
{
    uint32_t                      i;
    const recs_report_result_t   *r;

    for (i = 0; i < x->n_results; i++) {
        r = &results[i];

        if (r->variant >= x->n_variants || r->variant == x->control
            || r->metric >= report->options.n_metrics
            || r->p < 0 || r->p > 1 || r->difference_lo > r->difference_hi
            || r->lift_lo > r->lift_hi)
        {
            abort();
        }
    }
}


static void
fuzz_experiment(const recs_report_t *report,
    const recs_report_experiment_t *x)
{
    uint32_t  i, v;
    uint64_t  units, in_periods;

    units = 0;
    in_periods = 0;

    for (v = 0; v < x->n_variants; v++) {
        units += x->variants[v].units;

        for (i = 0; i < x->n_periods; i++) {
            in_periods += x->periods[i].units[v];
        }
    }

    if (units != x->n_units || in_periods != units || x->n_points == 0
        || x->n_points > RECS_REPORT_POINTS_MAX)
    {
        abort();
    }

    fuzz_results(report, x, x->results);

    for (i = 0; i < x->n_points; i++) {
        fuzz_results(report, x, x->points[i].results);
    }

    for (i = 0; i < x->n_segments; i++) {
        fuzz_results(report, x, x->segments[i].results);
    }
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int                      fd;
    char                     path[32];
    uint32_t                 i;
    const char              *name;
    recs_error_t             err;
    recs_report_t           *report;
    recs_report_options_t    options;

    if (size == 0) {
        return 0;
    }

    fd = fuzz_file(data + 1, size - 1, path);
    name = path;

    recs_report_defaults(&options);
    options.scan.paths = &name;
    options.scan.n_paths = 1;
    options.scan.n_threads = 1;
    options.scan.now_ms = 1800000000000;
    options.scan.unverified = data[0] & 1;
    options.segment = data[0] & 2 ? "context.country" : NULL;
    options.cuped_ms = data[0] & 4 ? RECS_REPORT_DAY_MS : 0;
    options.per_variant = (data[0] & 8) != 0;
    options.fixed = (data[0] & 16) != 0;
    options.min_cell = 1;

    if (data[0] & 32
        && recs_report_metric_parse(&options.metrics[options.n_metrics++],
                                    "a=ratio:click/exposure", &err)
           != RECS_OK)
    {
        abort();
    }

    if (recs_report_create(&report, &options, &err) == RECS_OK) {
        for (i = 0; i < report->n_experiments; i++) {
            fuzz_experiment(report, &report->experiments[i]);
        }

        recs_report_destroy(report);
    }

    close(fd);

    return 0;
}
