/*
 * recs_stats_dist: upper tails of the normal, Student's t and chi-square
 * distributions, and the values that cut a given tail off.
 *
 * The tail, never 1 - cdf: it keeps its digits down to 1e-300.  Error of a
 * tail below 1e-12 absolute and 1e-11 relative, of a critical value below
 * 1e-11 relative, against mpmath at 60 digits.  Infinite arguments are
 * allowed; nothing returns NaN unless it is given one.
 *
 * Built on erfc() and lgamma(): the libraries in Debian that have t and
 * chi-square in C (GSL, Rmath) are GPL.
 */

#ifndef _RECS_STATS_DIST_H_INCLUDED_
#define _RECS_STATS_DIST_H_INCLUDED_


/* P(Z > z).  The lower tail is recs_normal_upper(-z). */
double recs_normal_upper(double z);

/* P(T > t), df > 0, whole or not. */
double recs_t_upper(double t, double df);

/* P(X > x), df >= 1. */
double recs_chi2_upper(double x, unsigned df);

/*
 * The value whose upper tail is q: a two-sided interval of level 1 - alpha
 * takes the one of alpha / 2.  0 < q < 1; q <= 0 gives infinity, q >= 1 the
 * lower end.
 */
double recs_normal_critical(double q);
double recs_t_critical(double q, double df);
double recs_chi2_critical(double q, unsigned df);


#endif /* _RECS_STATS_DIST_H_INCLUDED_ */
