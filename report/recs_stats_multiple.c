#include <math.h>

#include "recs_stats_multiple.h"


#define RECS_PENDING  -1.0


/*
 * The pending p that is least, or greatest.  A report's metrics are few: this
 * asks for no memory.
 */
static unsigned
recs_stats_next(const double *p, const double *adjusted, unsigned n,
    int greatest)
{
    unsigned  best, i;

    best = n;

    for (i = 0; i < n; i++) {

        if (adjusted[i] == RECS_PENDING
            && (best == n || (greatest ? p[i] > p[best] : p[i] < p[best])))
        {
            best = i;
        }
    }

    return best;
}


void
recs_stats_holm(const double *p, double *adjusted, unsigned n)
{
    double    running;
    unsigned  i, next;

    for (i = 0; i < n; i++) {
        adjusted[i] = RECS_PENDING;
    }

    running = 0;

    for (i = 0; i < n; i++) {
        next = recs_stats_next(p, adjusted, n, 0);
        running = fmax(running, fmin(1, (n - i) * p[next]));
        adjusted[next] = running;
    }
}


void
recs_stats_benjamini_hochberg(const double *p, double *adjusted, unsigned n)
{
    double    running;
    unsigned  i, next;

    for (i = 0; i < n; i++) {
        adjusted[i] = RECS_PENDING;
    }

    running = 1;

    for (i = n; i > 0; i--) {
        next = recs_stats_next(p, adjusted, n, 1);
        running = fmin(running, p[next] * n / i);
        adjusted[next] = running;
    }
}
