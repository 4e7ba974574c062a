#include "recs_mlp_weigh.h"

#include <math.h>
#include <string.h>


/* Newton's method has converged long before. */
#define RECS_WEIGH_ROUNDS  50

/* Of the mean loss, per squared weight of inputs in standard deviations. */
#define RECS_WEIGH_RIDGE   1e-6

#define RECS_WEIGH_INPUTS  2


typedef struct {
    const float    *inputs[RECS_WEIGH_INPUTS];
    const float    *labels;
    const uint8_t  *found;
    uint64_t        n;
    uint64_t        n_found;
    double          means[RECS_WEIGH_INPUTS];
    double          scales[RECS_WEIGH_INPUTS];    /* 0: is left out */
} recs_weigh_t;


static void
recs_weigh_measure(recs_weigh_t *w)
{
    double    sum, squares, deviation;
    uint64_t  i, n;
    unsigned  k;

    for (k = 0; k < RECS_WEIGH_INPUTS; k++) {
        sum = squares = 0;

        for (i = 0, n = 0; i < w->n; i++) {
            if (w->found[i]) {
                sum += (double) w->inputs[k][i];
                n++;
            }
        }

        w->n_found = n;
        w->means[k] = sum / fmax((double) n, 1);

        for (i = 0; i < w->n; i++) {
            if (w->found[i]) {
                deviation = (double) w->inputs[k][i] - w->means[k];
                squares += deviation * deviation;
            }
        }

        w->scales[k] = squares > 0 ? 1 / sqrt(squares / (double) n) : 0;
    }
}


/* Solves matrix [3][3] x = vector, positive definite, into vector. */
static void
recs_weigh_solve(double matrix[3][3], double vector[3])
{
    double    factor;
    unsigned  i, j, k;

    for (k = 0; k < 3; k++) {
        for (i = k + 1; i < 3; i++) {
            factor = matrix[i][k] / matrix[k][k];

            for (j = k; j < 3; j++) {
                matrix[i][j] -= factor * matrix[k][j];
            }

            vector[i] -= factor * vector[k];
        }
    }

    for (k = 3; k-- > 0; /* void */) {
        for (j = k + 1; j < 3; j++) {
            vector[k] -= matrix[k][j] * vector[j];
        }

        vector[k] /= matrix[k][k];
    }
}


/* The mean loss at weights, with its slopes and their slopes. */
static double
recs_weigh_loss(const recs_weigh_t *w, const double weights[3],
    double slopes[3], double matrix[3][3])
{
    double    x[3], odds, p, loss, n;
    uint64_t  i;
    unsigned  j, k;

    n = (double) w->n_found;
    loss = 0;
    memset(slopes, 0, 3 * sizeof(double));
    memset(matrix, 0, 9 * sizeof(double));

    for (i = 0; i < w->n; i++) {
        if (!w->found[i]) {
            continue;
        }

        x[0] = 1;

        for (k = 0; k < RECS_WEIGH_INPUTS; k++) {
            x[k + 1] = ((double) w->inputs[k][i] - w->means[k])
                       * w->scales[k];
        }

        odds = weights[0] + weights[1] * x[1] + weights[2] * x[2];
        p = 1 / (1 + exp(-odds));
        loss += (log1p(exp(-fabs(odds))) + fmax(odds, 0)
                 - (double) w->labels[i] * odds) / n;

        for (j = 0; j < 3; j++) {
            slopes[j] += (p - (double) w->labels[i]) * x[j] / n;

            for (k = 0; k < 3; k++) {
                matrix[j][k] += p * (1 - p) * x[j] * x[k] / n;
            }
        }
    }

    for (k = 0; k < 3; k++) {
        slopes[k] += 2 * RECS_WEIGH_RIDGE * weights[k];
        matrix[k][k] += 2 * RECS_WEIGH_RIDGE;
    }

    return loss;
}


/* Newton's method, each step halved until it does not make matters worse. */
static double
recs_weigh_fit(const recs_weigh_t *w, double weights[3])
{
    double    loss, next, step, slopes[3], matrix[3][3], tried[3],
              unused[3], unused_matrix[3][3];
    unsigned  round, k;

    memset(weights, 0, 3 * sizeof(double));
    loss = recs_weigh_loss(w, weights, slopes, matrix);

    for (round = 0; round < RECS_WEIGH_ROUNDS; round++) {
        recs_weigh_solve(matrix, slopes);

        for (step = 1; step > 1e-6; step /= 2) {
            for (k = 0; k < 3; k++) {
                tried[k] = weights[k] - step * slopes[k];
            }

            next = recs_weigh_loss(w, tried, unused, unused_matrix);

            if (next < loss) {
                break;
            }
        }

        if (step <= 1e-6) {
            break;
        }

        memcpy(weights, tried, sizeof(tried));
        memcpy(slopes, unused, sizeof(unused));
        memcpy(matrix, unused_matrix, sizeof(unused_matrix));
        loss = next;
    }

    return loss;
}


void
recs_mlp_weigh(recs_mlp_weights_t *weights, const float *retrieved,
    const float *logits, const float *labels, const uint8_t *found,
    uint64_t n)
{
    double        x[3];
    unsigned      k, worst;
    recs_weigh_t  w = { { retrieved, logits }, labels, found, n, 0, { 0 },
                        { 0 } };

    recs_weigh_measure(&w);

    for ( ;; ) {
        weights->loss = recs_weigh_fit(&w, x);
        worst = x[1] < x[2] ? 1 : 2;

        if (x[worst] >= 0) {
            break;
        }

        w.scales[worst - 1] = 0;
    }

    for (k = 0; k < RECS_WEIGH_INPUTS; k++) {
        x[k + 1] *= w.scales[k];
        x[0] -= x[k + 1] * w.means[k];
    }

    weights->bias = x[0];
    weights->retrieved = x[1];
    weights->network = x[2];
}
