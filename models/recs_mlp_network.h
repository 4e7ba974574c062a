/*
 * recs_mlp_network: the pairwise network while it is trained, in floats, and
 * the slopes of its loss.  Private to models/; recs_mlp.h trains with it.
 *
 *     x = [u v]                   u: mean of the past's embeddings,
 *                                 v: the candidate's
 *     z = first x + first_bias    [n_hidden]
 *     logit = second . max(z, 0) + second_bias
 *     loss = sum of log(1 + exp(logit)) - label * logit
 *
 * A candidate that is in the past is left out of the mean.
 */

#ifndef _RECS_MLP_NETWORK_H_INCLUDED_
#define _RECS_MLP_NETWORK_H_INCLUDED_


#include <stddef.h>
#include <stdint.h>

#include "recs_status.h"


#define RECS_MLP_EMBEDDING_MAX  512


typedef struct {
    uint32_t   n_items;
    uint32_t   n_embedding;
    uint32_t   n_hidden;

    /* rows of candidates, then rows of pasts: [2 n_items][n_embedding] */
    float     *embeddings;

    /*
     * first [n_hidden][2 n_embedding], first_bias [n_hidden], second
     * [n_hidden], second_bias, in this order: [n_layers]
     */
    float     *layers;
    size_t     n_layers;
} recs_mlp_network_t;


/* A past, and candidates that are looked at beside it. */
typedef struct {
    uint32_t   first_past;              /* in the examples' pasts */
    uint32_t   n_pasts;                 /* 1 or more; 2, where a candidate is
                                           among them */
    uint32_t   first;                   /* in the examples' items */
    uint32_t   n;
} recs_mlp_visit_t;

/* One row's part of the slopes: factor * slopes [n_embedding]. */
typedef struct {
    uint32_t      row;                  /* of the embeddings */
    float         factor;
    const float  *slopes;
} recs_mlp_term_t;

/* Examples, filled by the caller, and what comes of them. */
typedef struct {
    uint32_t           n_visits;
    recs_mlp_visit_t  *visits;          /* [max_visits] */
    uint32_t          *pasts;           /* [max_pasts] items */
    uint32_t          *items;           /* [max_items] candidates */
    float             *labels;          /* [max_items] 1: taken, 0: not */
    uint8_t           *inside;          /* [max_items] 1: is in the past */

    float             *inputs;          /* [max_items][2 n_embedding] */
    float             *hidden;          /* [max_items][n_hidden] */
    float             *errors;          /* [max_items] p - label */
    float             *input_slopes;    /* [max_items][2 n_embedding] */
    float             *past_slopes;     /* [max_visits][n_embedding] */

    double             loss;
    float             *layer_slopes;    /* [n_layers] */
    uint32_t           n_terms;
    recs_mlp_term_t   *terms;           /* of the embeddings' slopes */
} recs_mlp_examples_t;


/*
 * Random ones: layers by He et al. 2015, embeddings small.  RECS_NOMEM; freed
 * by recs_mlp_network_free(), as is one that is zeroed.
 */
recs_status_t recs_mlp_network_init(recs_mlp_network_t *network,
    uint32_t n_items, uint32_t n_embedding, uint32_t n_hidden, uint64_t seed,
    recs_error_t *err);
void recs_mlp_network_free(recs_mlp_network_t *network);

static inline float *
recs_mlp_first_bias(const recs_mlp_network_t *n)
{
    return n->layers + 2 * (size_t) n->n_hidden * n->n_embedding;
}


static inline float *
recs_mlp_second(const recs_mlp_network_t *n)
{
    return recs_mlp_first_bias(n) + n->n_hidden;
}


static inline float *
recs_mlp_second_bias(const recs_mlp_network_t *n)
{
    return recs_mlp_second(n) + n->n_hidden;
}


recs_status_t recs_mlp_examples_init(recs_mlp_examples_t *examples,
    const recs_mlp_network_t *network, uint32_t max_visits,
    uint32_t max_pasts, uint32_t max_items, recs_error_t *err);
void recs_mlp_examples_free(recs_mlp_examples_t *examples);

/*
 * Into loss, layer_slopes and terms.  Computes in the calling thread; slopes
 * that terms point to are valid until the next call.
 */
void recs_mlp_slopes(const recs_mlp_network_t *network,
    recs_mlp_examples_t *examples);


#endif /* _RECS_MLP_NETWORK_H_INCLUDED_ */
