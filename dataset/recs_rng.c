#include "recs_rng.h"

#include <math.h>


static uint64_t
recs_rng_rotl(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}


void
recs_rng_seed(recs_rng_t *rng, uint64_t seed)
{
    int       i;
    uint64_t  z;

    for (i = 0; i < 4; i++) {
        seed += 0x9e3779b97f4a7c15;
        z = seed;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        rng->s[i] = z ^ (z >> 31);
    }

    rng->has_spare = 0;
}


uint64_t
recs_rng_next(recs_rng_t *rng)
{
    uint64_t  *s, result, t;

    s = rng->s;
    result = recs_rng_rotl(s[1] * 5, 7) * 9;
    t = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = recs_rng_rotl(s[3], 45);

    return result;
}


double
recs_rng_uniform(recs_rng_t *rng)
{
    return ((double) (recs_rng_next(rng) >> 12) + 0.5) * 0x1p-52;
}


double
recs_rng_normal(recs_rng_t *rng)
{
    double  u, v, s, scale;

    if (rng->has_spare) {
        rng->has_spare = 0;
        return rng->spare;
    }

    do {
        u = 2 * recs_rng_uniform(rng) - 1;
        v = 2 * recs_rng_uniform(rng) - 1;
        s = u * u + v * v;
    } while (s >= 1 || s == 0);

    scale = sqrt(-2 * log(s) / s);
    rng->spare = v * scale;
    rng->has_spare = 1;

    return u * scale;
}
