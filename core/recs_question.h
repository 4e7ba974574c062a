/*
 * recs_question: a question in words as a vector of factor space.
 *
 * A bundle's terms (recs_text.h) each have a vector and a weight, the term's
 * inverse document frequency.  With the words of the question and K(w) the
 * terms of word w that the bundle knows,
 *
 *     q = sum over words w with K(w) > 0 of
 *             sum over the known terms t of w of weight(t) * vector(t) / K(w)
 *
 * and what is searched with is q at length 1; or, beside a visitor's vector p
 * that is not zero and with weight a of the question,
 *
 *     u = a * q / |q| + (1 - a) * p / |p|
 */

#ifndef _RECS_QUESTION_H_INCLUDED_
#define _RECS_QUESTION_H_INCLUDED_


#include "recs_bundle.h"


#define RECS_QUESTION_BYTES_MAX  1024     /* what follows is not read */
#define RECS_QUESTION_WEIGHT     0.8f     /* of a slot that does not say */


/* What questions need; one per thread or nginx worker. */
typedef struct recs_question_s  recs_question_t;

/* RECS_NOT_FOUND for a bundle without terms: err says so. */
recs_status_t recs_question_require(const recs_bundle_view_t *view,
    recs_error_t *err);

/* *question is NULL for a bundle without terms.  view must outlive it. */
recs_status_t recs_question_create(recs_question_t **question,
    const recs_bundle_view_t *view, recs_error_t *err);
void recs_question_destroy(recs_question_t *question);

/*
 * q / |q| of the text into vector [stride].  Returns 0 where no word of it is
 * known (or what they say cancels out): vector is zero.
 */
int recs_question_vector(recs_question_t *question, recs_str_t text,
    float *vector);

/* Makes u of it, in place.  profile [stride]; NULL or zero: nothing. */
void recs_question_blend(const recs_bundle_view_t *view, float weight,
    const float *profile, float *vector);

/* How often u has q / |q|, which is returned, and p. */
double recs_question_share(const recs_bundle_view_t *view, float weight,
    const float *profile, double *of_profile);


#endif /* _RECS_QUESTION_H_INCLUDED_ */
