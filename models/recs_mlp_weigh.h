/*
 * recs_mlp_weigh: how much the network and how much the retrieval counts, by
 * logistic regression on examples that neither was fitted to (stacking,
 * Wolpert 1992).  Private to models/.
 *
 *     log odds = bias + retrieved * retrieval's score + network * its logit
 *
 * Neither weight is negative: what helps only upside down does not help.
 */

#ifndef _RECS_MLP_WEIGH_H_INCLUDED_
#define _RECS_MLP_WEIGH_H_INCLUDED_


#include <stdint.h>


typedef struct {
    double  bias;
    double  retrieved;
    double  network;
    double  loss;                       /* mean, of the examples */
} recs_mlp_weights_t;


/*
 * Of the n examples that are `found` (recs_rank_examples.h); some of them have
 * label 1 and some 0.
 */
void recs_mlp_weigh(recs_mlp_weights_t *weights, const float *retrieved,
    const float *logits, const float *labels, const uint8_t *found,
    uint64_t n);


#endif /* _RECS_MLP_WEIGH_H_INCLUDED_ */
