/*
 * recs_mlp_layers: the pairwise network as plain arrays, in index order, on
 * its way from training into a bundle.  What it computes: recs_rank_mlp.h.
 */

#ifndef _RECS_MLP_LAYERS_H_INCLUDED_
#define _RECS_MLP_LAYERS_H_INCLUDED_


#include <stdint.h>


#define RECS_MLP_HIDDEN_MAX  512
#define RECS_MLP_WEIGHT_MAX  1e20f

/* Hidden units are a multiple of that. */
#define RECS_MLP_LANES       16


typedef struct {
    uint32_t            n_hidden;       /* 0: there is no network */
    const float        *weights;        /* [n_hidden], of whole numbers */
    float               retrieved_weight;
    float               bias;
} recs_mlp_output_t;

/* What the first layer makes of everything there is, in whole numbers. */
typedef struct {
    recs_mlp_output_t   output;
    const int16_t      *candidates;     /* [n_items][n_hidden] */
    const int16_t      *pasts;          /* [n_items][n_hidden] */
    const int16_t      *users;          /* [n_users][n_hidden] */
} recs_mlp_t;


/* What is wrong with the output layer, or NULL. */
const char *recs_mlp_check(const recs_mlp_output_t *output);


#endif /* _RECS_MLP_LAYERS_H_INCLUDED_ */
