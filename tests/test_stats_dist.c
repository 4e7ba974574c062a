/*
 * Tails and critical values against mpmath 1.4 at 60 digits (erfc, betainc,
 * gammainc and their roots), rounded to doubles and frozen here.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "recs_stats_dist.h"


typedef struct {
    double  x;
    double  df;
    double  value;
} vector_t;

#define COUNT(a)  (sizeof(a) / sizeof((a)[0]))


static const vector_t  normal_upper[] = {
    { -40, 0, 1 },
    { -8.5, 0, 1 },
    { -1, 0, 0.8413447460685429 },
    { 0, 0, 0.5 },
    { 1e-09, 0, 0.49999999960105773 },
    { 0.5, 0, 0.3085375387259869 },
    { 1.5, 0, 0.06680720126885807 },
    { 1.959963984540054, 0, 0.025000000000000012 },
    { 3, 0, 0.0013498980316300946 },
    { 6.25, 0, 2.0522634252189388e-10 },
    { 10, 0, 7.619853024160525e-24 },
    { 25, 0, 3.056696706382561e-138 },
    { 37, 0, 5.725571222524577e-300 },
    { 37.5, 0, 4.605353009581955e-308 },
};

static const vector_t  t_upper[] = {
    { 0, 3, 0.5 },
    { 1.5, 1, 0.18716704181099883 },
    { -2.5, 2.5, 0.9477150184609223 },
    { 0.001, 1.5, 0.4996592651133599 },
    { 12.7062047361747, 1, 0.025000000000000012 },
    { 2, 4, 0.058058261758407795 },
    { 3.5, 10, 0.002863252714942608 },
    { 0.1, 10, 0.46116035928220417 },
    { 1.8673068, 6865.7, 0.030950668249565744 },
    { 2.3237, 5840.25, 0.010087864257637332 },
    { 1.96, 99999, 0.0249992816110155 },
    { 1.96, 100001, 0.024999281583286414 },
    { 1.9, 2000000, 0.028716631657126377 },
    { 30, 30.5, 1.677389651467771e-24 },
    { 50, 200, 2.7102877398912426e-115 },
    { 38, 2000, 1.2753861547920711e-238 },
    { 37, 90000, 9.98538733423045e-298 },
    { 36.5, 5000000, 6.05999547749507e-292 },
    { 1e+30, 9, 2.5458970371070175e-267 },
    { 3e+299, 1, 1.0610329539459688e-300 },
    { 5, 1e+18, 2.866515718791939e-07 },
};

static const vector_t  chi2_upper[] = {
    { 0.5, 1, 0.4795001221869535 },
    { 3.841458820694124, 1, 0.05000000000000006 },
    { 22.774, 1, 1.8221425580850136e-06 },
    { 11.25, 2, 0.0036065631360157305 },
    { 0.01, 3, 0.9997348349413444 },
    { 7.8, 3, 0.05033109785985335 },
    { 14, 4, 0.00729505572443613 },
    { 25, 15, 0.04994343362642837 },
    { 3, 15, 0.9995978014473508 },
    { 1350, 1, 1.5405535053331527e-295 },
    { 1360, 4, 3.257612461877794e-293 },
    { 1400, 15, 1.6554376843628597e-289 },
    { 1100, 1000, 0.014614408126295194 },
    { 2600, 1000, 1.251533134027511e-142 },
    { 1e-20, 2, 1 },
    { 1e-05, 1, 0.9974768716831944 },
};

static const vector_t  normal_critical[] = {
    { 0.975, 0, -1.9599639845400538 },
    { 0.6, 0, -0.2533471031357997 },
    { 0.4999, 0, 0.00025066283008800747 },
    { 0.3, 0, 0.5244005127080408 },
    { 0.100001, 0, 1.2815458675055489 },
    { 0.1, 0, 1.2815515655446004 },
    { 0.05, 0, 1.6448536269514726 },
    { 0.025, 0, 1.9599639845400543 },
    { 0.005, 0, 2.575829303548901 },
    { 1e-09, 0, 5.9978070150076865 },
    { 1e-100, 0, 21.273453560965326 },
    { 1e-300, 0, 37.0470962993612 },
};

static const vector_t  t_critical[] = {
    { 0.975, 2, -4.302652729749462 },
    { 0.45, 1, 0.15838444032453625 },
    { 0.2, 1.5, 1.1533643782954686 },
    { 0.025, 1, 12.706204736174705 },
    { 0.025, 2.5, 3.574654842003683 },
    { 0.025, 56.3, 2.0030051877823998 },
    { 0.025, 6865.7, 1.9603095694601476 },
    { 0.025, 100000, 1.9599877075346097 },
    { 0.025, 200000, 1.9599758459667684 },
    { 0.005, 17, 2.8982305196774187 },
    { 1e-10, 4, 416.1751403296041 },
    { 1e-10, 1000, 6.427876283134213 },
    { 1e-200, 12, 1.3405431320396368e+17 },
    { 1e-300, 1, 3.1830988618379066e+299 },
};

static const vector_t  chi2_critical[] = {
    { 0.999, 1, 1.5707971492624927e-06 },
    { 0.95, 2, 0.10258658877510116 },
    { 0.5, 1, 0.4549364231195728 },
    { 0.05, 1, 3.841458820694126 },
    { 0.001, 1, 10.827566170662733 },
    { 0.001, 3, 16.266236196238133 },
    { 0.05, 15, 24.99579013972863 },
    { 0.99999, 15, 1.7002812038933066 },
    { 1e-09, 2, 41.44653167389282 },
    { 1e-300, 1, 1373.8726312223941 },
    { 1e-300, 15, 1452.1396883104553 },
    { 0.3, 1000, 1022.9598734718893 },
};


/* What the header promises. */
static void
near(double got, double expected, double absolute, double relative)
{
    double  error;

    error = fabs(got - expected);

    if (!(error <= absolute) || !(error <= relative * fabs(expected))) {
        fail_msg("%.17g, expected %.17g", got, expected);
    }
}


static double
normal_upper_of(double z, double df)
{
    (void) df;

    return recs_normal_upper(z);
}


static double
normal_critical_of(double q, double df)
{
    (void) df;

    return recs_normal_critical(q);
}


static double
chi2_upper_of(double x, double df)
{
    return recs_chi2_upper(x, (unsigned) df);
}


static double
chi2_critical_of(double q, double df)
{
    return recs_chi2_critical(q, (unsigned) df);
}


static void
check(const vector_t *vectors, size_t n, double (*function)(double, double),
    double absolute, double relative)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        near(function(vectors[i].x, vectors[i].df), vectors[i].value,
             absolute, relative);
    }
}


static void
test_tails(void **state)
{
    (void) state;

    check(normal_upper, COUNT(normal_upper), normal_upper_of, 1e-12, 1e-11);
    check(t_upper, COUNT(t_upper), recs_t_upper, 1e-12, 1e-11);
    check(chi2_upper, COUNT(chi2_upper), chi2_upper_of, 1e-12, 1e-11);
}


static void
test_critical_values(void **state)
{
    (void) state;

    check(normal_critical, COUNT(normal_critical), normal_critical_of,
          INFINITY, 1e-11);
    check(t_critical, COUNT(t_critical), recs_t_critical, INFINITY, 1e-11);
    check(chi2_critical, COUNT(chi2_critical), chi2_critical_of, INFINITY,
          1e-11);
}


static void
test_ends(void **state)
{
    static const double  dfs[] = { 0.5, 1, 30, 1e5, 1e6, 1e18, INFINITY };

    size_t  i;

    (void) state;

    assert_true(recs_normal_upper(INFINITY) == 0);
    assert_true(recs_normal_upper(-INFINITY) == 1);
    assert_true(recs_normal_critical(0) == INFINITY);
    assert_true(recs_normal_critical(1) == -INFINITY);
    assert_true(recs_normal_critical(0.5) == 0);

    for (i = 0; i < COUNT(dfs); i++) {
        assert_true(recs_t_upper(INFINITY, dfs[i]) == 0);
        assert_true(recs_t_upper(-INFINITY, dfs[i]) == 1);
        assert_true(recs_t_upper(0, dfs[i]) == 0.5);
        assert_true(recs_t_critical(0, dfs[i]) == INFINITY);
        assert_true(recs_t_critical(1, dfs[i]) == -INFINITY);
        assert_true(recs_t_critical(0.5, dfs[i]) == 0);
    }

    assert_true(recs_chi2_upper(-1, 3) == 1);
    assert_true(recs_chi2_upper(0, 1) == 1);
    assert_true(recs_chi2_upper(INFINITY, 1) == 0);
    assert_true(recs_chi2_critical(0, 2) == INFINITY);
    assert_true(recs_chi2_critical(1, 2) == 0);
}


/*
 * Whatever is asked, a tail is a number of [0, 1] that falls, and its critical
 * value comes back to it, down to 1e-300.
 */
static void
test_all_over(void **state)
{
    static const double  dfs[] = { 1, 1.3, 2, 15, 400, 99999, 100001, 1e7 };

    size_t  i;
    double  last, q, tail, x;

    (void) state;

    for (i = 0; i < COUNT(dfs); i++) {
        last = 1;

        for (x = -50; x < 400; x += 0.37) {
            tail = recs_t_upper(x, dfs[i]);
            assert_true(tail >= 0 && tail <= last);
            last = tail;
        }

        for (q = 0.97; q > 1e-300; q *= 0.03) {
            near(recs_t_upper(recs_t_critical(q, dfs[i]), dfs[i]), q, 1e-12,
                 1e-10);
        }
    }

    for (i = 1; i < 40; i++) {
        for (q = 0.97; q > 1e-300; q *= 0.03) {
            x = recs_chi2_critical(q, (unsigned) i);
            near(recs_chi2_upper(x, (unsigned) i), q, 1e-12, 1e-10);
        }
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_tails),
        cmocka_unit_test(test_critical_values),
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_all_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
