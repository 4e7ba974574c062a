#include "recs_moments.h"


void
recs_moments_add(recs_moments_t *m, double x)
{
    double  d;

    d = x - m->mean;
    m->n++;
    m->mean += d / (double) m->n;
    m->m2 += d * (x - m->mean);
}


void
recs_moments_merge(recs_moments_t *m, const recs_moments_t *other)
{
    double    d, share;
    uint64_t  n;

    n = m->n + other->n;

    if (n == 0) {
        return;
    }

    d = other->mean - m->mean;
    share = (double) other->n / (double) n;

    m->m2 += other->m2 + d * d * share * (double) m->n;
    m->mean += d * share;
    m->n = n;
}


recs_moments_t
recs_moments_of_count(uint64_t n_ones, uint64_t n)
{
    recs_moments_t  m = { 0 };

    if (n == 0) {
        return m;
    }

    m.n = n;
    m.mean = (double) n_ones / (double) n;
    m.m2 = (double) n_ones * ((double) (n - n_ones) / (double) n);

    return m;
}


double
recs_moments_variance(const recs_moments_t *m)
{
    return (m->n < 2) ? 0 : m->m2 / (double) (m->n - 1);
}


void
recs_pair_moments_add(recs_pair_moments_t *m, double x, double y)
{
    double  dx, dy;

    dx = x - m->mean_x;
    dy = y - m->mean_y;
    m->n++;
    m->mean_x += dx / (double) m->n;
    m->mean_y += dy / (double) m->n;
    m->m2_x += dx * (x - m->mean_x);
    m->m2_y += dy * (y - m->mean_y);
    m->c_xy += dx * (y - m->mean_y);
}


void
recs_pair_moments_merge(recs_pair_moments_t *m,
    const recs_pair_moments_t *other)
{
    double    dx, dy, share, weight;
    uint64_t  n;

    n = m->n + other->n;

    if (n == 0) {
        return;
    }

    dx = other->mean_x - m->mean_x;
    dy = other->mean_y - m->mean_y;
    share = (double) other->n / (double) n;
    weight = share * (double) m->n;

    m->m2_x += other->m2_x + dx * dx * weight;
    m->m2_y += other->m2_y + dy * dy * weight;
    m->c_xy += other->c_xy + dx * dy * weight;
    m->mean_x += dx * share;
    m->mean_y += dy * share;
    m->n = n;
}


recs_moments_t
recs_pair_moments_x(const recs_pair_moments_t *m)
{
    return (recs_moments_t) { m->n, m->mean_x, m->m2_x };
}


recs_moments_t
recs_pair_moments_y(const recs_pair_moments_t *m)
{
    return (recs_moments_t) { m->n, m->mean_y, m->m2_y };
}
