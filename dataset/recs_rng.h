/*
 * recs_rng: seeded random numbers (xoshiro256**, Blackman and
 * Vigna 2018, seeded through splitmix64).  Not for secrets.
 */

#ifndef _RECS_RNG_H_INCLUDED_
#define _RECS_RNG_H_INCLUDED_


#include <stdint.h>


typedef struct {
    uint64_t  s[4];
    double    spare;                      /* second normal of a pair */
    int       has_spare;
} recs_rng_t;


void recs_rng_seed(recs_rng_t *rng, uint64_t seed);

/* 64 random bits. */
uint64_t recs_rng_next(recs_rng_t *rng);

/* Uniform in (0, 1). */
double recs_rng_uniform(recs_rng_t *rng);

/* Standard normal, by Marsaglia's polar method. */
double recs_rng_normal(recs_rng_t *rng);


#endif /* _RECS_RNG_H_INCLUDED_ */
