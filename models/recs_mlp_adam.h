/*
 * recs_mlp_adam: Adam (Kingma and Ba 2015) over the pairwise network.  Rows of
 * embeddings that no example touches stand still, their moments too.  Private
 * to models/.
 */

#ifndef _RECS_MLP_ADAM_H_INCLUDED_
#define _RECS_MLP_ADAM_H_INCLUDED_


#include "recs_mlp_network.h"
#include "recs_threads.h"


typedef struct {
    double                   learning_rate;
    uint64_t                 n_steps;
    float                   *layer_moments;     /* [2][n_layers] */
    float                   *row_moments;       /* [2 n_items][2]
                                                   [n_embedding] */

    /* a step's: rows that are touched, and the terms of each */
    uint32_t                *rows;              /* [2 n_items] */
    uint32_t                *starts;            /* [2 n_items + 1] */
    uint32_t                *counts;            /* [2 n_items] 0 between
                                                   steps */
    const recs_mlp_term_t  **terms;             /* [max_terms] */
    uint32_t                 max_terms;
} recs_mlp_adam_t;


recs_status_t recs_mlp_adam_init(recs_mlp_adam_t *adam,
    const recs_mlp_network_t *network, double learning_rate,
    recs_error_t *err);
void recs_mlp_adam_free(recs_mlp_adam_t *adam);

/* One step against the mean of the slopes of n examples in n_parts parts. */
recs_status_t recs_mlp_adam_step(recs_mlp_adam_t *adam,
    recs_mlp_network_t *network, const recs_mlp_examples_t *parts,
    uint32_t n_parts, uint32_t n, recs_threads_t *threads,
    recs_error_t *err);


#endif /* _RECS_MLP_ADAM_H_INCLUDED_ */
