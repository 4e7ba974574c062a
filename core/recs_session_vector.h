/*
 * recs_session_vector: the vector of a visitor's session.  Serving, evaluation
 * and the choice of a session's parameters in training share it.
 *
 * With n items, the last first and at most RECS_FOLD_IN_ITEMS_MAX of them,
 * item i (from 0) weighing
 *
 *     w = 2 ^ -(i / half_life)                        (1 without a half-life)
 *
 * a session's vector s is
 *
 *     n = 1, 2    the mean of the items' vectors, by weight
 *     n >= 3      the fold-in of recs_fold_in.h; times 1 + (3 / n)^2 where
 *                 the bundle has lists: a vector of few items is short (the
 *                 equation distrusts them), the sum of their lists is not
 *
 * and the mean for any n where the bundle has no Gram diagonal.  Beside a
 * trained vector x of the same visitor it is
 *
 *     (prior * x + W * |x| / |s| * s) / (prior + W),      W the sum of the w
 *
 * prior being the bundle's session_prior: how many items of a session the
 * trained vector is worth.
 */

#ifndef _RECS_SESSION_VECTOR_H_INCLUDED_
#define _RECS_SESSION_VECTOR_H_INCLUDED_


#include "recs_fold_in.h"


typedef struct {
    const uint32_t  *items;         /* item numbers, the last first */
    uint32_t         n;             /* 1 or more */
    uint32_t         half_life;     /* in items; 0: none */
    const float     *trained;       /* [stride], NULL: unknown visitor */
} recs_session_vector_t;


/* What a vector came to be made of: of_session * s + of_trained * x. */
typedef struct {
    unsigned  folded_in:1;          /* s is; else the mean */
    float     of_session;           /* the gain of few items in it */
    float     of_trained;           /* 0: there is none */
} recs_session_parts_t;


/* f is of a bundle with vectors.  Into vector [stride]; parts may be NULL. */
void recs_session_vector(recs_fold_in_t *f,
    const recs_session_vector_t *session, float *vector,
    recs_session_parts_t *parts);

/*
 * The weights of the first n items of a session, into weights[n]; returns
 * their sum.
 */
float recs_session_weights(uint32_t half_life, uint32_t n, float *weights);


#endif /* _RECS_SESSION_VECTOR_H_INCLUDED_ */
