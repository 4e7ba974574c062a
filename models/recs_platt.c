#include "recs_platt.h"

#include <math.h>


#define RECS_PLATT_STEPS      100
#define RECS_PLATT_HALVINGS   40
#define RECS_PLATT_RIDGE      1e-12
#define RECS_PLATT_PRECISE    1e-9           /* gradient, for each example */
#define RECS_PLATT_DECREASE   1e-4


typedef struct {
    const double  *scores;
    const float   *labels;
    uint64_t       n;
    double         target[2];                /* by label */
} recs_platt_data_t;

/* Of the negative log likelihood. */
typedef struct {
    double         g_scale;
    double         g_shift;
    double         h_scale;
    double         h_both;
    double         h_shift;
} recs_platt_slope_t;


/* log(1 + exp(x)), where exp(x) may be too much. */
static double
recs_platt_softplus(double x)
{
    return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x));
}


static double
recs_platt_loss(const recs_platt_data_t *d, const recs_platt_t *platt)
{
    double    loss, x;
    uint64_t  i;

    for (loss = 0, i = 0; i < d->n; i++) {
        x = platt->scale * d->scores[i] + platt->shift;
        loss += recs_platt_softplus(x) - d->target[d->labels[i] > 0] * x;
    }

    return loss;
}


static void
recs_platt_slope(const recs_platt_data_t *d, const recs_platt_t *platt,
    recs_platt_slope_t *slope)
{
    double    error, p, s, spread;
    uint64_t  i;

    *slope = (recs_platt_slope_t) { .h_scale = RECS_PLATT_RIDGE,
                                    .h_shift = RECS_PLATT_RIDGE };

    for (i = 0; i < d->n; i++) {
        s = d->scores[i];
        p = 1 / (1 + exp(-(platt->scale * s + platt->shift)));
        error = p - d->target[d->labels[i] > 0];
        spread = p * (1 - p);

        slope->g_scale += error * s;
        slope->g_shift += error;
        slope->h_scale += spread * s * s;
        slope->h_both += spread * s;
        slope->h_shift += spread;
    }
}


/* Newton's step, halved until it gains; 0 where none does. */
static int
recs_platt_step(const recs_platt_data_t *d, const recs_platt_slope_t *slope,
    recs_platt_t *platt, double *loss)
{
    int           i;
    double        along, by_scale, by_shift, determinant, next, share;
    recs_platt_t  moved;

    determinant = slope->h_scale * slope->h_shift
                  - slope->h_both * slope->h_both;
    if (!(determinant > 0)) {
        return 0;
    }

    by_scale = -(slope->h_shift * slope->g_scale
                 - slope->h_both * slope->g_shift) / determinant;
    by_shift = -(slope->h_scale * slope->g_shift
                 - slope->h_both * slope->g_scale) / determinant;
    along = slope->g_scale * by_scale + slope->g_shift * by_shift;

    for (i = 0, share = 1; i < RECS_PLATT_HALVINGS; i++, share /= 2) {
        moved.scale = platt->scale + share * by_scale;
        moved.shift = platt->shift + share * by_shift;
        next = recs_platt_loss(d, &moved);

        if (next < *loss + RECS_PLATT_DECREASE * share * along) {
            *platt = moved;
            *loss = next;
            return 1;
        }
    }

    return 0;
}


recs_status_t
recs_platt(const double *scores, const float *labels, uint64_t n,
    recs_platt_t *platt, recs_error_t *err)
{
    int                  step;
    double               loss;
    uint64_t             i, n1;
    recs_platt_data_t    d;
    recs_platt_slope_t   slope;

    for (n1 = 0, i = 0; i < n; i++) {
        n1 += labels[i] > 0;

        if (!isfinite(scores[i])) {
            return recs_error(err, RECS_INVALID, "a score is not a number: "
                              "probabilities cannot be fitted");
        }
    }

    if (n1 == 0 || n1 == n) {
        return recs_error(err, RECS_INVALID, "probabilities cannot be fitted "
                          "to examples of one kind");
    }

    d.scores = scores;
    d.labels = labels;
    d.n = n;
    d.target[0] = 1 / ((double) (n - n1) + 2);
    d.target[1] = ((double) n1 + 1) / ((double) n1 + 2);

    platt->scale = 0;
    platt->shift = log(((double) n1 + 1) / ((double) (n - n1) + 1));
    loss = recs_platt_loss(&d, platt);

    for (step = 0; step < RECS_PLATT_STEPS; step++) {
        recs_platt_slope(&d, platt, &slope);

        if (fabs(slope.g_scale) < RECS_PLATT_PRECISE * (double) n
            && fabs(slope.g_shift) < RECS_PLATT_PRECISE * (double) n)
        {
            break;
        }

        if (!recs_platt_step(&d, &slope, platt, &loss)) {
            break;
        }
    }

    if (platt->scale < 0) {
        platt->scale = 0;
        platt->shift = log(d.target[1] * (double) n1 + d.target[0]
                           * (double) (n - n1))
                       - log((1 - d.target[1]) * (double) n1
                             + (1 - d.target[0]) * (double) (n - n1));
    }

    return RECS_OK;
}
