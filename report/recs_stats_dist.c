#include <math.h>

#include "recs_stats_dist.h"


#define RECS_SQRT1_2     0.70710678118654752440
#define RECS_1_SQRT_PI   0.56418958354775628695
#define RECS_LOG_PI      1.14472988584940017414
#define RECS_LOG_2PI     1.83787706640934548356

#define RECS_FRACTION_STEPS  10000
#define RECS_NEWTON_STEPS    100

/* From here on a normal deviate is taken for t, or t for normal itself. */
#define RECS_T_DEVIATE_DF    1e5
#define RECS_T_NORMAL_DF     1e15


typedef double (*recs_distribution_pt)(double x, double df);


/* Not lgamma(): that one stores a sign where all threads see it. */
static double
recs_log_gamma(double x)
{
    int  sign;

    return lgamma_r(x, &sign);
}


/* log(1 + t^2 / df) */
static double
recs_t_log(double t, double df)
{
    double  r;

    r = fabs(t) / sqrt(df);

    return (r < 1e10) ? log1p(r * r) : 2 * log(r);
}


/*
 * log(Gamma(a + 1/2) / Gamma(a)).  A difference of two logarithms would lose
 * digits as a grows; this is its expansion for large a, to which smaller ones
 * are raised by Gamma(a + 1) = a Gamma(a).
 */
static double
recs_log_half_step(double a)
{
    double  raised, r;

    raised = 1;

    while (a < 20) {
        raised *= (a + 0.5) / a;
        a++;
    }

    r = 1 / (a * a);

    return 0.5 * log(a) - log(raised)
           - (1.0 / 8 - r * (1.0 / 192 - r * (1.0 / 640 - r * 17 / 14336)))
             / a;
}


/*
 * The continued fraction of the incomplete beta function, DLMF 8.17.22, by
 * Lentz's method.
 */
static double
recs_beta_fraction(double x, double a, double b)
{
    int     i, m;
    double  c, d, f, numerator;

    c = f = 1;
    d = 0;

    for (i = 1; i < RECS_FRACTION_STEPS; i++) {
        m = i / 2;

        if (i % 2) {
            numerator = -(a + m) * (a + b + m) * x
                        / ((a + 2 * m) * (a + 2 * m + 1));

        } else {
            numerator = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        }

        c = 1 + numerator / c;
        d = 1 / (1 + numerator * d);
        f *= c * d;

        if (fabs(c * d - 1) < 1e-15) {
            break;
        }
    }

    return 1 / f;
}


/*
 * Half of the regularised incomplete beta function I_x(df / 2, 1 / 2), where
 * x = df / (df + t^2); from whichever end its fraction converges.
 */
static double
recs_t_beta(double t, double df)
{
    double  a, front, x, y;

    a = df / 2;
    x = exp(-recs_t_log(t, df));
    y = -expm1(-recs_t_log(t, df));
    front = exp(recs_log_half_step(a) - a * recs_t_log(t, df)) * sqrt(y)
            * RECS_1_SQRT_PI;

    if (x < (a + 1) / (a + 2.5)) {
        return 0.5 * front / a * recs_beta_fraction(x, a, 0.5);
    }

    return 0.5 - front * recs_beta_fraction(y, 0.5, a);
}


/*
 * The normal deviate that has t's tail, Hill 1970 (CACM 13, algorithm 395),
 * to the order that matters where df is large; and back.
 */
static double
recs_t_deviate(double t, double df)
{
    double  y;

    y = (df - 0.5) * recs_t_log(t, df);

    return sqrt(y) * (1 + (y + 3) / (48 * (df - 0.5) * (df - 0.5)));
}


static double
recs_t_of_deviate(double z, double df)
{
    double  y;

    y = z / (1 + (z * z + 3) / (48 * (df - 0.5) * (df - 0.5)));

    return sqrt(df * expm1(y * y / (df - 0.5)));
}


static double
recs_normal_log_density(double z, double df)
{
    (void) df;

    return -0.5 * (z * z + RECS_LOG_2PI);
}


static double
recs_t_log_density(double t, double df)
{
    return recs_log_half_step(df / 2) - 0.5 * (log(df) + RECS_LOG_PI)
           - (df + 1) / 2 * recs_t_log(t, df);
}


static double
recs_chi2_log_density(double x, double df)
{
    return (df / 2 - 1) * log(x / 2) - x / 2 - recs_log_gamma(df / 2) - log(2);
}


static double
recs_normal_tail(double z, double df)
{
    (void) df;

    return recs_normal_upper(z);
}


static double
recs_chi2_tail(double x, double df)
{
    return recs_chi2_upper(x, (unsigned) df);
}


/*
 * Newton's method from x on log(tail) over log(x).  That is concave for each
 * of the distributions, so a start too far left overshoots once and the rest
 * comes down from the right; where the tail is nothing, from halfway back.
 */
static double
recs_solve_log(double x, double q, double df, recs_distribution_pt tail,
    recs_distribution_pt log_density)
{
    int     i;
    double  last, step, upper;

    last = 0;

    for (i = 0; i < RECS_NEWTON_STEPS; i++) {
        upper = tail(x, df);

        if (upper == 0) {
            x = (last + x) / 2;
            continue;
        }

        step = log(upper / q) * upper / exp(log_density(x, df) + log(x));
        last = x;
        x *= exp(step);

        if (fabs(step) < 1e-8) {
            break;
        }
    }

    return x;
}


/*
 * The same on the tail itself, which is convex right of a symmetric peak at 0:
 * from a start left of the solution, for tails that are not small.
 */
static double
recs_solve_linear(double x, double q, double df, recs_distribution_pt tail,
    recs_distribution_pt log_density)
{
    int     i;
    double  step;

    for (i = 0; i < RECS_NEWTON_STEPS; i++) {
        step = (tail(x, df) - q) / exp(log_density(x, df));
        x += step;

        if (fabs(step) < 1e-9) {
            break;
        }
    }

    return x;
}


double
recs_normal_upper(double z)
{
    return 0.5 * erfc(z * RECS_SQRT1_2);
}


double
recs_t_upper(double t, double df)
{
    if (t < 0) {
        return 1 - recs_t_upper(-t, df);
    }

    if (isinf(t)) {
        return 0;
    }

    if (df > RECS_T_NORMAL_DF) {
        return recs_normal_upper(t);
    }

    if (df > RECS_T_DEVIATE_DF) {
        return recs_normal_upper(recs_t_deviate(t, df));
    }

    return recs_t_beta(t, df);
}


/*
 * Poisson's sum for an even df, its half-integer companion for an odd one:
 * all terms are positive (DLMF 8.4.10, 8.4.14).
 */
double
recs_chi2_upper(double x, unsigned df)
{
    double    log_y, sum, y;
    unsigned  i;

    if (x <= 0) {
        return 1;
    }

    if (isinf(x)) {
        return 0;
    }

    y = x / 2;
    log_y = log(y);
    sum = (df % 2) ? erfc(sqrt(y)) : 0;

    for (i = df % 2; i < df; i += 2) {
        sum += exp(i * 0.5 * log_y - y - recs_log_gamma(i * 0.5 + 1));
    }

    return (sum < 1) ? sum : 1;
}


double
recs_normal_critical(double q)
{
    if (q <= 0 || q >= 1) {
        return (q <= 0) ? INFINITY : -INFINITY;
    }

    if (q > 0.5) {
        return -recs_normal_critical(1 - q);
    }

    if (q > 0.1) {
        return recs_solve_linear(0, q, 0, recs_normal_tail,
                                 recs_normal_log_density);
    }

    return recs_solve_log(sqrt(-2 * log(q)), q, 0, recs_normal_tail,
                          recs_normal_log_density);
}


/*
 * The normal's critical value is left of t's.  For tails that are small, the t
 * of that deviate is nearer, if df is not tiny.
 */
double
recs_t_critical(double q, double df)
{
    double  z;

    if (q > 0.5) {
        return -recs_t_critical(1 - q, df);
    }

    z = recs_normal_critical(q);

    if (isinf(z) || df > RECS_T_NORMAL_DF) {
        return z;
    }

    if (q > 0.1) {
        return recs_solve_linear(z, q, df, recs_t_upper, recs_t_log_density);
    }

    return recs_solve_log((df > 3) ? recs_t_of_deviate(z, df) : z, q, df,
                          recs_t_upper, recs_t_log_density);
}


/*
 * From Wilson and Hilferty's cube, or the first term of the lower tail where
 * that is nearer.
 */
double
recs_chi2_critical(double q, unsigned df)
{
    double  cube, low, s;

    if (q <= 0 || q >= 1) {
        return (q <= 0) ? INFINITY : 0;
    }

    s = 2.0 / 9 / df;
    cube = 1 - s + recs_normal_critical(q) * sqrt(s);
    low = 2 * exp((log1p(-q) + recs_log_gamma(df / 2.0 + 1)) * 2 / df);

    return recs_solve_log(fmax(df * cube * cube * cube, low), q, df,
                          recs_chi2_tail, recs_chi2_log_density);
}
