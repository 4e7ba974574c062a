/*
 * recs_arms: the file that tells a bandit's experiment how to draw.
 *
 *     # written by `recs bandit`
 *     experiment home_page
 *     epoch      2026-11-24T20:00Z
 *     arm        control  0.6203
 *     arm        deep     0.3797
 *
 * One line of each of the first two, then 2 to RECS_ARMS_MAX arms: every
 * variant of the experiment once, in any order.  Blanks separate words, `#`
 * begins a comment where a word may begin, empty lines say nothing.  An epoch
 * is 1 to RECS_EPOCH_MAX letters, digits and ".", "_", ":", "+", "-"; a unit
 * is drawn anew when it changes.  Probabilities are decimals of at most 18
 * places, at least RECS_ARM_FLOOR, so that no logged propensity is useless;
 * they sum to 1 within 1e-9.
 */

#ifndef _RECS_ARMS_H_INCLUDED_
#define _RECS_ARMS_H_INCLUDED_


#include "recs_id.h"
#include "recs_status.h"


#define RECS_ARMS_MAX       16
#define RECS_ARMS_TEXT_MAX  65536
#define RECS_ARM_NAME_MAX   64
#define RECS_EPOCH_MAX      64
#define RECS_ARM_FLOOR      0.01


typedef struct {
    recs_str_t  experiment;
    recs_str_t  epoch;
    unsigned    n;
    recs_str_t  names[RECS_ARMS_MAX];
    double      probabilities[RECS_ARMS_MAX];
} recs_arms_t;


/*
 * Reads a file's text; arms borrow from it.  RECS_INVALID where it is not as
 * above: err names the line.
 */
recs_status_t recs_arms_read(recs_arms_t *arms, recs_str_t text,
    recs_error_t *err);

/*
 * The probabilities[n] of the experiment's variants names[n], in their order.
 * RECS_INVALID where the file is another experiment's, or its arms are not
 * these.
 */
recs_status_t recs_arms_match(const recs_arms_t *arms, recs_str_t experiment,
    const recs_str_t *names, unsigned n, double *probabilities,
    recs_error_t *err);


#endif /* _RECS_ARMS_H_INCLUDED_ */
