/*
 * recs_moments: count, mean and sum of squared deviations of one value per
 * unit, or of two with their sum of products, added up one by one (Welford
 * 1962) and merged from parts (Chan, Golub and LeVeque 1979): by thread, by
 * day, by file.  Sums of squares would lose all digits of the variance of
 * large values; these do not.
 *
 * All zero is the empty set.  A unit without an outcome counts as zero: merge
 * { .n = n_without } for them.  Values are finite: whoever reads them from a
 * log checks.  Merging in one fixed order gives the same bits each time;
 * another order differs in the last few.
 */

#ifndef _RECS_MOMENTS_H_INCLUDED_
#define _RECS_MOMENTS_H_INCLUDED_


#include <stdint.h>


typedef struct {
    uint64_t  n;
    double    mean;
    double    m2;                         /* sum of (x - mean)^2 */
} recs_moments_t;

/* A denominator or covariate x, a numerator or outcome y, of the same unit. */
typedef struct {
    uint64_t  n;
    double    mean_x, mean_y;
    double    m2_x, m2_y;
    double    c_xy;                       /* sum of (x - mean)(y - mean) */
} recs_pair_moments_t;


void recs_moments_add(recs_moments_t *m, double x);

/* m becomes the moments of both. */
void recs_moments_merge(recs_moments_t *m, const recs_moments_t *other);

/* n values, n_ones of them 1, the others 0; n_ones <= n. */
recs_moments_t recs_moments_of_count(uint64_t n_ones, uint64_t n);

/* The sample's variance, m2 / (n - 1); 0 below two values. */
double recs_moments_variance(const recs_moments_t *m);

void recs_pair_moments_add(recs_pair_moments_t *m, double x, double y);
void recs_pair_moments_merge(recs_pair_moments_t *m,
    const recs_pair_moments_t *other);

/* Those of x and of y alone. */
recs_moments_t recs_pair_moments_x(const recs_pair_moments_t *m);
recs_moments_t recs_pair_moments_y(const recs_pair_moments_t *m);


#endif /* _RECS_MOMENTS_H_INCLUDED_ */
