#include "recs_probability.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>


typedef struct {
    float    p;
    uint8_t  happened;
} recs_probability_case_t;


static int
recs_probability_compare(const void *one, const void *two)
{
    const recs_probability_case_t  *a, *b;

    a = one;
    b = two;

    return a->p < b->p ? -1 : a->p > b->p;
}


/* By groups of equal p, the lowest first. */

static double
recs_probability_auc(const recs_probability_case_t *cases, uint32_t n)
{
    double    won, no, yes, group_no, group_yes;
    uint32_t  i;
    float     p;

    won = 0;
    no = 0;
    yes = 0;

    for (i = 0; i < n; /* void */) {
        p = cases[i].p;
        group_no = 0;
        group_yes = 0;

        for ( /* void */ ; i < n && cases[i].p <= p; i++) {
            group_yes += cases[i].happened;
            group_no += !cases[i].happened;
        }

        won += group_yes * (no + 0.5 * group_no);
        no += group_no;
        yes += group_yes;
    }

    return no > 0 && yes > 0 ? won / (no * yes) : (double) NAN;
}


static double
recs_probability_log_loss(double p, int happened)
{
    p = fmin(fmax(p, RECS_PROBABILITY_MIN), 1 - RECS_PROBABILITY_MIN);

    return happened ? -log(p) : -log1p(-p);
}


static void
recs_probability_add(const recs_probability_case_t *c, recs_probability_t *r)
{
    double                   p;
    uint32_t                 bin;
    recs_probability_bin_t  *b;

    p = (double) c->p;
    bin = (uint32_t) (p * RECS_PROBABILITY_BINS);
    b = &r->bins[bin < RECS_PROBABILITY_BINS ? bin
                                             : RECS_PROBABILITY_BINS - 1];
    b->n++;
    b->mean += p;
    b->share += c->happened;

    r->log_loss += recs_probability_log_loss(p, c->happened);
    r->brier += (p - c->happened) * (p - c->happened);
    r->accuracy += (p >= 0.5) == c->happened;
}


/* Sums become means. */

static void
recs_probability_means(recs_probability_t *r)
{
    double                   share;
    uint32_t                 i;
    recs_probability_bin_t  *b;

    share = 0;

    for (i = 0; i < RECS_PROBABILITY_BINS; i++) {
        b = &r->bins[i];

        if (b->n > 0) {
            share += b->share / r->n;
            r->calibration += fabs(b->mean - b->share) / r->n;
            b->mean /= b->n;
            b->share /= b->n;
        }
    }

    r->log_loss /= r->n;
    r->brier /= r->n;
    r->accuracy /= r->n;
    r->base = share * recs_probability_log_loss(share, 1)
              + (1 - share) * recs_probability_log_loss(share, 0);
}


recs_status_t
recs_probability(const float *p, const uint8_t *happened, uint32_t n,
    recs_probability_t *result, recs_error_t *err)
{
    uint32_t                  i;
    recs_probability_t        r;
    recs_probability_case_t  *cases;

    memset(&r, 0, sizeof(recs_probability_t));
    r.n = n;

    for (i = 0; i < n; i++) {
        if (!(p[i] >= 0 && p[i] <= 1)) {
            return recs_error(err, RECS_INVALID, "number %u, %g, is no "
                              "probability", i, (double) p[i]);
        }
    }

    if (n == 0) {
        return recs_error(err, RECS_INVALID, "no probabilities to measure");
    }

    cases = calloc(n, sizeof(recs_probability_case_t));
    if (cases == NULL) {
        return recs_error(err, RECS_NOMEM, "out of memory");
    }

    for (i = 0; i < n; i++) {
        cases[i].p = p[i];
        cases[i].happened = happened[i] != 0;
        recs_probability_add(&cases[i], &r);
    }

    qsort(cases, n, sizeof(recs_probability_case_t),
          recs_probability_compare);
    r.auc = recs_probability_auc(cases, n);
    free(cases);

    recs_probability_means(&r);
    *result = r;

    return RECS_OK;
}
