/*
 * recs report --policy: what another policy would have earned in the logs.
 */

#include "recs_cmd_report_policy.h"

#include "recs_policy_log.h"
#include "recs_stats_dist.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>


typedef struct {
    const recs_args_t      *args;
    recs_policy_options_t   options;
    recs_policy_report_t    report;
    const char             *policy;
    double                  alpha;
    int                     is_events;
    recs_verdict_t          verdict;
} recs_cmd_report_policy_t;


static recs_status_t recs_cmd_report_policy_do(recs_cmd_report_policy_t *p,
    recs_cli_report_t *cli, recs_error_t *err);
static recs_verdict_t recs_cmd_report_policy_verdict(
    const recs_policy_estimate_t *estimate);
static void recs_cmd_report_policy_json(const recs_cmd_report_policy_t *p);
static json_t *recs_cmd_report_policy_value(const recs_policy_value_t *value);
static void recs_cmd_report_policy_text(const recs_cmd_report_policy_t *p);
static void recs_cmd_report_policy_logs(const recs_cmd_report_policy_t *p);
static void recs_cmd_report_policy_line(const char *name,
    const recs_policy_value_t *value);
static const char *recs_cmd_report_policy_reason(unsigned refused,
    unsigned *pos);


int
recs_cmd_report_policy(const recs_args_t *args, recs_cli_report_t *cli)
{
    const char                *format;
    recs_error_t               err;
    recs_cmd_report_policy_t   p;

    memset(&p, 0, sizeof(recs_cmd_report_policy_t));

    p.args = args;
    p.policy = recs_args_get(args, "policy");
    p.alpha = cli->options.alpha;
    p.options.window_ms = cli->options.window_ms;
    p.options.z = recs_normal_critical(p.alpha / 2);

    format = recs_args_get(args, "format");
    p.is_events = format == NULL || strcmp(format, "events") == 0;

    if (!p.is_events && strcmp(format, "open-bandit") != 0) {
        return recs_usage_error(args, "--format is events or open-bandit");
    }

    if (recs_cmd_report_policy_do(&p, cli, &err) != RECS_OK) {
        return recs_failure(args, &err);
    }

    p.verdict = recs_cmd_report_policy_verdict(&p.report.estimate);

    if (recs_args_has(args, "json")) {
        recs_cmd_report_policy_json(&p);

    } else {
        recs_cmd_report_policy_text(&p);
    }

    return p.report.estimate.refused ? RECS_EXIT_REFUSED : RECS_EXIT_OK;
}


static recs_status_t
recs_cmd_report_policy_do(recs_cmd_report_policy_t *p,
    recs_cli_report_t *cli, recs_error_t *err)
{
    recs_status_t          status;
    recs_policy_target_t  *target;

    target = NULL;

    if (strcmp(p->policy, "uniform") != 0) {
        status = recs_policy_target_read(&target, p->policy, err);
        if (status != RECS_OK) {
            return status;
        }

        p->options.target = target;
    }

    recs_cli_report_begin(cli);
    p->options.scan = cli->options.scan;

    status = p->is_events
             ? recs_policy_events(&p->options, &p->report, err)
             : recs_policy_open_bandit(&p->options, &p->report, err);

    recs_cli_report_end(cli);
    recs_policy_target_destroy(target);

    return status;
}


static recs_verdict_t
recs_cmd_report_policy_verdict(const recs_policy_estimate_t *estimate)
{
    if (estimate->refused) {
        return RECS_VERDICT_WITHHELD;
    }

    if (estimate->gain.lo > 0) {
        return RECS_VERDICT_BETTER;
    }

    return estimate->gain.hi < 0 ? RECS_VERDICT_WORSE : RECS_VERDICT_NONE;
}


static void
recs_cmd_report_policy_json(const recs_cmd_report_policy_t *p)
{
    json_t                        *object, *reasons;
    unsigned                       pos;
    const char                    *reason;
    const recs_policy_report_t    *r;
    const recs_policy_estimate_t  *e;

    r = &p->report;
    e = &r->estimate;

    reasons = json_array();
    pos = 0;

    while ((reason = recs_cmd_report_policy_reason(e->refused, &pos)) != NULL)
    {
        json_array_append_new(reasons, json_string(reason));
    }

    object = json_pack("{s:s, s:s, s:o, s:I, s:I, s:i, s:I, s:f, s:f}",
                       "policy", p->policy,
                       "verdict", recs_verdict_text(p->verdict),
                       "reasons", reasons,
                       "rows", (json_int_t) e->n_rows,
                       "units", (json_int_t) e->n_units,
                       "places", (int) r->n_places,
                       "items", (json_int_t) r->n_items,
                       "unseen", r->unseen,
                       "alpha", p->alpha);

    json_object_set_new(object, "logged",
                        recs_cmd_report_policy_value(&e->logged));
    json_object_set_new(object, "ips", recs_cmd_report_policy_value(&e->ips));
    json_object_set_new(object, "snips",
                        recs_cmd_report_policy_value(&e->snips));
    json_object_set_new(object, "dr", recs_cmd_report_policy_value(&e->dr));
    json_object_set_new(object, "gain",
                        recs_cmd_report_policy_value(&e->gain));
    json_object_set_new(object, "mean_weight",
                        recs_cmd_report_policy_value(&e->weight));
    json_object_set_new(object, "max_weight", json_real(e->max_weight));
    json_object_set_new(object, "effective_sample_size",
                        json_real(e->effective));

    if (p->is_events) {
        json_object_set_new(object, "log",
            json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}",
                      "exposures", (json_int_t) r->n_exposures,
                      "forced", (json_int_t) r->n_forced,
                      "no_user", (json_int_t) r->n_no_user,
                      "no_propensity", (json_int_t) r->n_no_propensity,
                      "clicks", (json_int_t) r->n_clicks,
                      "unexplained_clicks", (json_int_t) r->n_unexplained));

    } else {
        json_object_set_new(object, "rejected",
                            json_integer((json_int_t) r->n_rejected));
    }

    json_dumpf(object, stdout, JSON_COMPACT | JSON_REAL_PRECISION(12));
    printf("\n");
    json_decref(object);
}


static json_t *
recs_cmd_report_policy_value(const recs_policy_value_t *value)
{
    return json_pack("{s:f, s:f, s:f, s:f}", "value", value->value,
                     "se", value->se, "lo", value->lo, "hi", value->hi);
}


static void
recs_cmd_report_policy_text(const recs_cmd_report_policy_t *p)
{
    unsigned                       pos;
    const char                    *reason;
    const recs_policy_report_t    *r;
    const recs_policy_estimate_t  *e;

    r = &p->report;
    e = &r->estimate;

    printf("policy %s: %s\n", p->policy, recs_verdict_text(p->verdict));

    pos = 0;

    while ((reason = recs_cmd_report_policy_reason(e->refused, &pos)) != NULL)
    {
        printf("  %s\n", reason);
    }

    printf("\n%" PRIu64 " items shown in %" PRIu32 " places to %" PRIu64
           " %s, %" PRIu64 " different ones\n", e->n_rows, r->n_places,
           e->n_units, p->is_events ? "visitors" : "visits", r->n_items);
    recs_cmd_report_policy_logs(p);

    printf("\n%-28s %10s %10s   %g %% interval\n", "clicks per item shown",
           "estimate", "error", 100 * (1 - p->alpha));
    recs_cmd_report_policy_line("what the log's policy got", &e->logged);
    recs_cmd_report_policy_line("policy, by IPS", &e->ips);
    recs_cmd_report_policy_line("policy, by SNIPS", &e->snips);
    recs_cmd_report_policy_line("policy, doubly robust", &e->dr);
    recs_cmd_report_policy_line("difference", &e->gain);

    printf("\nmean weight %.4f +- %.4f (1 where propensities are true), "
           "largest %.1f\n", e->weight.value, e->weight.se, e->max_weight);
    printf("effective sample size %.0f of %" PRIu64 " (%.2f %%)\n",
           e->effective, e->n_rows,
           100 * e->effective / (double) e->n_rows);

    if (r->unseen > 0) {
        printf("%.2f %% of the policy are items that the logs never show in "
               "their place\n", 100 * r->unseen);
    }
}


/* What in the logs could not be used. */

static void
recs_cmd_report_policy_logs(const recs_cmd_report_policy_t *p)
{
    size_t                       i;
    const recs_policy_report_t  *r;

    r = &p->report;

    const struct {
        uint64_t     n;
        const char  *what;
    } lines[] = {
        { r->n_no_propensity, "items shown without a propensity" },
        { r->n_no_user, "exposures without a visitor" },
        { r->n_forced, "exposures that were forced" },
        { r->n_unexplained, "clicks that follow no exposure in the window" },
        { r->counts.n_unverified, "events without a valid token" },
        { r->counts.n_torn + r->counts.n_foreign + r->counts.n_no_time
          + r->counts.n_future, "lines that are no event of the past" },
        { r->counts.n_duplicates, "events that were there before" }
    };

    if (r->n_rejected > 0) {
        printf("left out: %" PRIu64 " rows; the first: %s\n", r->n_rejected,
               r->first);
    }

    for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        if (lines[i].n > 0) {
            printf("left out: %" PRIu64 " %s\n", lines[i].n, lines[i].what);
        }
    }
}


static void
recs_cmd_report_policy_line(const char *name,
    const recs_policy_value_t *value)
{
    printf("%-28s %10.5f %10.5f   %.5f to %.5f\n", name, value->value,
           value->se, value->lo, value->hi);
}


/* Why an estimate is refused, one reason after the other; NULL at the end. */

static const char *
recs_cmd_report_policy_reason(unsigned refused, unsigned *pos)
{
    static const char *const  reasons[] = {
        "the effective sample size is below 100: log more, or evaluate a "
        "policy that is closer to the logged one",
        "the effective sample size is below 1 % of what was shown: a few "
        "rare items decide",
        "fewer than 100 independent visitors",
        "the mean weight is more than 5 standard errors off 1: the "
        "propensities are not those of the items shown, or the policy "
        "shows what the logs do not"
    };

    while (*pos < sizeof(reasons) / sizeof(reasons[0])) {
        if (refused & 1u << (*pos)++) {
            return reasons[*pos - 1];
        }
    }

    return NULL;
}
