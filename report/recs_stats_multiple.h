/*
 * recs_stats_multiple: p values of several metrics, corrected for there being
 * several.  An adjusted p is held against the same alpha as one alone would
 * be; p values that hold at any time, hold so after the correction too.
 */

#ifndef _RECS_STATS_MULTIPLE_H_INCLUDED_
#define _RECS_STATS_MULTIPLE_H_INCLUDED_


/*
 * Holm 1979: the chance of any false call stays at alpha.  p[n] in [0, 1] to
 * adjusted[n], in the same order; two arrays.
 */
void recs_stats_holm(const double *p, double *adjusted, unsigned n);

/*
 * Benjamini and Hochberg 1995: of the calls made, alpha are false on average,
 * where the metrics do not work against each other.
 */
void recs_stats_benjamini_hochberg(const double *p, double *adjusted,
    unsigned n);


#endif /* _RECS_STATS_MULTIPLE_H_INCLUDED_ */
