/*
 * recs plan: how many visitors an experiment needs, or what so many can show.
 */

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "recs_cli.h"
#include "recs_stats_power.h"
#include "recs_timestamp.h"


/* Of samples whose proportion is all that counts. */
#define RECS_PLAN_UNITS  1e9


/* What is planned, and what comes of it. */
typedef struct {
    recs_stats_params_t  params;
    recs_stats_sample_t  control;
    recs_stats_sample_t  variant;
    double               rate;            /* 0: a mean is compared */
    double               lift;
    double               power;
    double               share;           /* of the variant */
    double               units;           /* of both; 0: not yet known */
    double               per_day;         /* 0: not given */
} recs_plan_t;


static int recs_cmd_plan_run(const recs_args_t *args);


static const recs_option_t  recs_cmd_plan_options[] = {
    { "rate", "P", "share of the control's visitors who convert" },
    { "mean", "X", "or what is counted per visitor of the control, and" },
    { "sd", "X", "its standard deviation between visitors" },
    { "lift", "L", "the lift to be seen, 0.05 for 5 %: how many visitors?" },
    { "units", "N", "or the visitors there are: what lift can be seen?" },
    { "share", "P", "the variant's share of the visitors (0.5)" },
    { "per-day", "N", "new visitors a day: how many days?" },
    { "power", "P", "probability that the lift is seen (0.8)" },
    { "alpha", "P", "chance of a false verdict (0.05)" },
    { "fixed", NULL, "for a report with --fixed, looked at once" },
    { "json", NULL, "as JSON" },
    { NULL, NULL, NULL }
};

const recs_command_t  recs_cmd_plan = {
    "plan",
    "say how many visitors an experiment needs",
    "{--rate P | --mean X --sd X} --lift L [--per-day N]\n"
    "{--rate P | --mean X --sd X} --units N",
    recs_cmd_plan_options,
    0,
    0,
    recs_cmd_plan_run,
    NULL
};


/* *value stays where the option was not given. */
static int
recs_plan_number(const recs_args_t *args, const char *name, double least,
    double most, double *value)
{
    double       number;
    const char  *text;

    text = recs_args_get(args, name);

    if (text == NULL) {
        return RECS_EXIT_OK;
    }

    if (!recs_number_parse(text, strlen(text), &number)
        || !(number >= least && number <= most))
    {
        return recs_usage_error(args, "--%s wants a number from %g to %g",
                                name, least, most);
    }

    *value = number;

    return RECS_EXIT_OK;
}


static int
recs_plan_numbers(const recs_args_t *args, recs_plan_t *plan)
{
    const struct {
        const char  *name;
        double       least, most;
        double      *value;
    } numbers[] = {
        { "rate", 1e-9, 1 - 1e-9, &plan->rate },
        { "mean", 1e-9, 1e12, &plan->control.mean },
        { "sd", 1e-9, 1e12, &plan->control.variance },
        { "lift", -1, 1e6, &plan->lift },
        { "units", 10, 1e12, &plan->units },
        { "share", 1e-4, 1 - 1e-4, &plan->share },
        { "per-day", 1, 1e12, &plan->per_day },
        { "power", 0.05, 0.9999, &plan->power },
        { "alpha", 1e-6, 0.5, &plan->params.alpha },
    };

    int     rc;
    size_t  i;

    for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        rc = recs_plan_number(args, numbers[i].name, numbers[i].least,
                              numbers[i].most, numbers[i].value);

        if (rc != RECS_EXIT_OK) {
            return rc;
        }
    }

    return RECS_EXIT_OK;
}


static int
recs_plan_check(const recs_args_t *args, const recs_plan_t *plan)
{
    if (recs_args_has(args, "rate") == recs_args_has(args, "mean")
        || recs_args_has(args, "mean") != recs_args_has(args, "sd"))
    {
        return recs_usage_error(args, "either --rate, or --mean and --sd");
    }

    if (recs_args_has(args, "lift") == recs_args_has(args, "units")) {
        return recs_usage_error(args, "either --lift, or --units");
    }

    if (recs_args_has(args, "lift") && plan->lift == 0) {
        return recs_usage_error(args, "a --lift of 0 is never seen");
    }

    if (plan->rate * (1 + plan->lift) >= 1) {
        return recs_usage_error(args, "--lift makes of --rate %g a rate of"
                                " %g", plan->rate,
                                plan->rate * (1 + plan->lift));
    }

    return RECS_EXIT_OK;
}


static void
recs_plan_samples(recs_plan_t *plan)
{
    double  rate, units;

    if (plan->rate > 0) {
        rate = plan->rate * (1 + plan->lift);
        plan->control.mean = plan->rate;
        plan->control.variance = plan->rate * (1 - plan->rate);
        plan->variant.mean = rate;
        plan->variant.variance = rate * (1 - rate);

    } else {
        plan->control.variance *= plan->control.variance;
        plan->variant.mean = plan->control.mean * (1 + plan->lift);
        plan->variant.variance = plan->control.variance;
    }

    units = (plan->units > 0) ? plan->units : RECS_PLAN_UNITS;
    plan->variant.n = (uint64_t) fmax(round(units * plan->share), 2);
    plan->control.n = (uint64_t) fmax(round(units * (1 - plan->share)), 2);
}


static void
recs_plan_print(const recs_plan_t *plan, int json)
{
    double   days;
    json_t  *object;

    days = (plan->per_day > 0) ? ceil(plan->units / plan->per_day) : 0;

    if (!json) {
        printf("%.0f visitors, %.0f of them in the variant, show a lift of "
               "%+.3g %% with a\nprobability of %.4g %% (%s)\n", plan->units,
               ceil(plan->units * plan->share), 100 * plan->lift,
               100 * plan->power,
               plan->params.tuning > 0 ? "always valid" : "one look");

        if (days > 0) {
            printf("%.0f days with %.0f new visitors a day\n", days,
                   plan->per_day);
        }

        return;
    }

    object = json_pack("{s:I, s:f, s:f, s:f, s:f, s:s}",
                       "units", (json_int_t) plan->units, "share", plan->share,
                       "lift", plan->lift, "power", plan->power,
                       "alpha", plan->params.alpha, "intervals",
                       plan->params.tuning > 0 ? "always valid" : "one look");

    if (days > 0) {
        json_object_set_new(object, "days",
                            json_integer((json_int_t) days));
    }

    json_dumpf(object, stdout, JSON_COMPACT | JSON_REAL_PRECISION(15));
    putchar('\n');
    json_decref(object);
}


static int
recs_cmd_plan_run(const recs_args_t *args)
{
    int          rc;
    recs_plan_t  plan = { .power = 0.8, .share = 0.5,
                          .params = { .alpha = 0.05 } };

    rc = recs_plan_numbers(args, &plan);

    if (rc == RECS_EXIT_OK) {
        rc = recs_plan_check(args, &plan);
    }

    if (rc != RECS_EXIT_OK) {
        return rc;
    }

    plan.params.tuning = recs_args_has(args, "fixed") ? 0
                                                      : RECS_STATS_TUNING;
    recs_plan_samples(&plan);

    if (plan.units > 0) {
        plan.params.relative = 1;
        plan.lift = recs_stats_detectable(&plan.control, &plan.variant,
                                          &plan.params, plan.power);

    } else {
        plan.units = recs_stats_needed(&plan.control, &plan.variant,
                                       &plan.params, plan.power);
    }

    if (!isfinite(plan.units) || !isfinite(plan.lift)
        || plan.rate * (1 + plan.lift) > 1)
    {
        return recs_usage_error(args, "no number of visitors, or no lift,"
                                " does that");
    }

    recs_plan_print(&plan, recs_args_has(args, "json"));

    return RECS_EXIT_OK;
}
