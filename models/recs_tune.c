#include "recs_tune.h"
#include "recs_rng.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>


/* Trials that cover the ranges: so many, and one for each parameter. */
#define RECS_TUNE_COVER       3

#define RECS_TUNE_GOOD        4           /* one in so many is good */
#define RECS_TUNE_CANDIDATES  64
#define RECS_TUNE_WIDTH       0.2         /* of a kernel, of one trial */
#define RECS_TUNE_WIDTH_MIN   0.03

#define RECS_TUNE_LOG         10          /* from hi / lo on */


/*
 * What is looked for by itself.  A span is how far, times and divided by, from
 * what the trainer takes by itself; 0: all of the bounds.
 */
typedef struct {
    const char  *name;
    double       span;
} recs_tune_default_t;

static const recs_tune_default_t  recs_tune_defaults[] = {
    { "regularization", 10 },
    { "unobserved_weight", 10 },
    { "regularization_exponent", 0 },
    { "epochs", 2 },
    { "learning_rate", 10 },
    { "source_exponent", 0 },
    { "user_exponent", 0 }
};

#define RECS_TUNE_DEFAULTS_N                                                  \
    (sizeof(recs_tune_defaults) / sizeof(recs_tune_defaults[0]))


/* A trial's place in the box of ranges, each 0 to 1. */
typedef struct {
    double    at[RECS_PARAMS_MAX];
    double    quality;
    uint32_t  trial;
} recs_tune_point_t;


static double
recs_tune_round(double value)
{
    char  text[32];

    snprintf(text, sizeof(text), "%.4g", value);

    return strtod(text, NULL);
}


static void
recs_tune_add(recs_tune_space_t *space, uint32_t param, double min,
    double max)
{
    recs_tune_range_t  *range;

    range = &space->ranges[space->n_ranges++];
    range->param = param;
    range->min = min;
    range->max = max;
    range->log = min > 0 && max >= RECS_TUNE_LOG * min;
}


recs_status_t
recs_tune_search(recs_tune_space_t *space, const char *text,
    recs_error_t *err)
{
    char                  setting[128];
    double                values[RECS_PARAMS_MAX], min;
    size_t                len;
    uint32_t              i, param;
    const char           *equals, *colon;
    recs_status_t         status;

    equals = strchr(text, '=');
    colon = equals != NULL ? strchr(equals, ':') : NULL;

    if (colon == NULL || strlen(text) >= sizeof(setting)) {
        return recs_error(err, RECS_INVALID, "\"%.64s\" is not "
                          "name=lowest:highest", text);
    }

    len = (size_t) (colon - text);
    memcpy(setting, text, len);
    setting[len] = '\0';

    status = recs_trainer_set(space->trainer, values, setting, err);
    if (status != RECS_OK) {
        return status;
    }

    len = (size_t) (equals - text);
    setting[len] = '\0';
    param = recs_trainer_param(space->trainer, setting);
    min = values[param];

    snprintf(setting + len, sizeof(setting) - len, "=%s", colon + 1);

    status = recs_trainer_set(space->trainer, values, setting, err);
    if (status != RECS_OK) {
        return status;
    }

    if (values[param] <= min) {
        return recs_error(err, RECS_INVALID, "%.64s: the second number is "
                          "not the larger one", text);
    }

    for (i = 0; i < space->n_ranges; i++) {
        if (space->ranges[i].param == param) {
            return recs_error(err, RECS_INVALID, "%s is named twice",
                              space->trainer->params[param].name);
        }
    }

    recs_tune_add(space, param, min, values[param]);

    return RECS_OK;
}


void
recs_tune_ranges(recs_tune_space_t *space, const double *values,
    const uint8_t *fixed)
{
    double                      min, max;
    uint32_t                    i, param;
    const recs_param_t         *p;
    const recs_tune_default_t  *d;

    for (i = 0; i < RECS_TUNE_DEFAULTS_N; i++) {
        d = &recs_tune_defaults[i];
        param = recs_trainer_param(space->trainer, d->name);

        if (param == space->trainer->n_params || fixed[param]) {
            continue;
        }

        p = &space->trainer->params[param];

        /* Below 0 stands for what the trainer chooses itself. */
        if (p->value < 0 || (d->span > 0 && values[param] <= 0)) {
            continue;
        }

        min = p->min;
        max = p->max;

        if (d->span > 0) {
            min = fmax(min, recs_tune_round(values[param] / d->span));
            max = fmin(max, recs_tune_round(values[param] * d->span));
        }

        if (p->integer) {
            min = ceil(min);
            max = floor(max);
        }

        if (min < max) {
            recs_tune_add(space, param, min, max);
        }
    }
}


static double
recs_tune_place(const recs_tune_range_t *range, double value)
{
    double  at;

    at = range->log
         ? log(fmax(value, range->min) / range->min)
           / log(range->max / range->min)
         : (value - range->min) / (range->max - range->min);

    return fmin(fmax(at, 0), 1);
}


static double
recs_tune_value(const recs_tune_space_t *space,
    const recs_tune_range_t *range, double at)
{
    double  value;

    value = range->log ? range->min * pow(range->max / range->min, at)
                       : range->min + (range->max - range->min) * at;

    value = space->trainer->params[range->param].integer
            ? round(value) : recs_tune_round(value);

    return fmin(fmax(value, range->min), range->max);
}


/*
 * Point k of a sequence that is even for every number of points (Roberts
 * 2018): the coordinates advance by the powers of 1 / g, g^(d + 1) = g + 1.
 */
static void
recs_tune_cover(const recs_tune_space_t *space, uint32_t k, double *at)
{
    double      g, step, whole;
    uint32_t    i;
    recs_rng_t  rng;

    recs_rng_seed(&rng, space->seed);

    for (i = 0, g = 1; i < 64; i++) {
        g = pow(1 + g, 1.0 / (space->n_ranges + 1));
    }

    for (i = 0, step = 1; i < space->n_ranges; i++) {
        step /= g;
        at[i] = modf(recs_rng_uniform(&rng) + k * step, &whole);
    }
}


static int
recs_tune_compare(const void *one, const void *two)
{
    const recs_tune_point_t  *a, *b;

    a = one;
    b = two;

    if (a->quality != b->quality) {
        return a->quality < b->quality ? 1 : -1;
    }

    return (a->trial > b->trial) - (a->trial < b->trial);
}


/*
 * The logarithm of a density at a place: a normal kernel around each of n
 * points, and one point's worth of nothing known.
 */
static double
recs_tune_density(const recs_tune_space_t *space,
    const recs_tune_point_t *points, uint32_t n, double width,
    const double *at)
{
    double    sum, kernel, z;
    uint32_t  i, k;

    for (k = 0, sum = 1; k < n; k++) {
        for (i = 0, kernel = 1; i < space->n_ranges; i++) {
            z = (at[i] - points[k].at[i]) / width;
            kernel *= exp(-0.5 * z * z) / (width * sqrt(2 * M_PI));
        }

        sum += kernel;
    }

    return log(sum / (n + 1));
}


/* Kernels narrow as points come in (Scott 1992). */
static double
recs_tune_width(const recs_tune_space_t *space, uint32_t n)
{
    return fmax(RECS_TUNE_WIDTH * pow(n, -1.0 / (space->n_ranges + 4)),
                RECS_TUNE_WIDTH_MIN);
}


static void
recs_tune_draw(const recs_tune_space_t *space,
    const recs_tune_point_t *points, uint32_t n, double *at)
{
    double      best, score, width, place, trial[RECS_PARAMS_MAX];
    uint32_t    c, i, from, n_good;
    recs_rng_t  rng;

    recs_rng_seed(&rng, space->seed * 0x9e3779b97f4a7c15 + n);

    n_good = (n + RECS_TUNE_GOOD - 1) / RECS_TUNE_GOOD;
    width = recs_tune_width(space, n_good);
    best = -INFINITY;

    for (c = 0; c < RECS_TUNE_CANDIDATES; c++) {
        from = (uint32_t) (recs_rng_uniform(&rng) * n_good);

        for (i = 0; i < space->n_ranges; i++) {
            place = fabs(points[from].at[i] + width * recs_rng_normal(&rng));
            place = place > 1 ? 2 - place : place;     /* mirrored */
            trial[i] = fmin(fmax(place, 0), 1);
        }

        score = recs_tune_density(space, points, n_good, width, trial)
                - recs_tune_density(space, points + n_good, n - n_good,
                                    recs_tune_width(space, n - n_good + 1),
                                    trial);
        if (score > best) {
            best = score;
            memcpy(at, trial, sizeof(trial));
        }
    }
}


static int
recs_tune_model(const recs_tune_space_t *space,
    const recs_tune_trial_t *trials, uint32_t n, double *at)
{
    uint32_t                  i, k;
    recs_tune_point_t        *points;
    const recs_tune_range_t  *range;

    points = calloc(n, sizeof(recs_tune_point_t));
    if (points == NULL) {
        return 0;
    }

    for (k = 0; k < n; k++) {
        for (i = 0; i < space->n_ranges; i++) {
            range = &space->ranges[i];
            points[k].at[i] = recs_tune_place(range,
                                              trials[k].values[range->param]);
        }

        points[k].quality = isfinite(trials[k].quality) ? trials[k].quality
                                                        : -INFINITY;
        points[k].trial = k;
    }

    qsort(points, n, sizeof(recs_tune_point_t), recs_tune_compare);
    recs_tune_draw(space, points, n, at);
    free(points);

    return 1;
}


void
recs_tune_suggest(const recs_tune_space_t *space,
    const recs_tune_trial_t *trials, uint32_t n, double *values)
{
    double    at[RECS_PARAMS_MAX];
    uint32_t  i;

    if (n < RECS_TUNE_COVER + space->n_ranges
        || !recs_tune_model(space, trials, n, at))
    {
        recs_tune_cover(space, n, at);
    }

    for (i = 0; i < space->n_ranges; i++) {
        values[space->ranges[i].param] =
                        recs_tune_value(space, &space->ranges[i], at[i]);
    }
}


uint32_t
recs_tune_best(const recs_tune_trial_t *trials, uint32_t n)
{
    uint32_t  i, best;

    for (i = 0, best = n; i < n; i++) {
        if (isfinite(trials[i].quality)
            && (best == n || trials[i].quality > trials[best].quality))
        {
            best = i;
        }
    }

    return best;
}
