/*
 * recs_mlp: trains the pairwise network (core/recs_rank_mlp.h) to tell what a
 * user has taken from what he has not: binary cross entropy on logits, by
 * Adam (Kingma and Ba 2015; rows of embeddings that a minibatch does not
 * touch stand still), with `negatives` items for each that was taken, which
 * he has not: half of them drawn evenly, half by how often they are taken
 * (to the power 3/4, Mikolov et al. 2013).
 *
 * A user is what he has taken, without the item in question.  Of every two
 * times one shows a session in his place, 1 to 20 of his items that follow
 * each other, so that short pasts mean as much as they will be asked to.
 */

#ifndef _RECS_MLP_H_INCLUDED_
#define _RECS_MLP_H_INCLUDED_


#include "recs_checkpoint.h"
#include "recs_dataset.h"
#include "recs_mlp_layers.h"
#include "recs_mlp_network.h"
#include "recs_threads.h"


#define RECS_MLP_NEGATIVES_MAX  32


typedef struct {
    uint32_t   n_embedding;             /* 1 to RECS_MLP_EMBEDDING_MAX */
    uint32_t   n_hidden;                /* a multiple of RECS_MLP_LANES */
    uint32_t   n_epochs;
    uint32_t   n_negatives;             /* 1 to RECS_MLP_NEGATIVES_MAX */
    double     learning_rate;
    uint64_t   seed;
} recs_mlp_params_t;

/* Told after every epoch: its mean loss. */
typedef void (*recs_mlp_progress_fn)(void *data, uint32_t epoch, double loss);


/*
 * Into network, zeroed before; freed by recs_mlp_network_free().  Gives the
 * same bytes for a seed, with any number of threads.  Epochs are saved to
 * checkpoint, and those that are there are not done again; NULL: none.
 *
 * RECS_INVALID  no user has two items, or everybody has everything
 * RECS_NOMEM
 */
recs_status_t recs_mlp_train(recs_mlp_network_t *network,
    const recs_dataset_view_t *view, const recs_mlp_params_t *params,
    recs_threads_t *threads, recs_checkpoint_t *checkpoint,
    recs_mlp_progress_fn progress, void *data, recs_error_t *err);

/*
 * The network as a bundle takes it, with the users' pasts as in view: 0 for
 * those without one.  Its score is the network's logit; what the retrieval
 * adds is the caller's to set.  Freed by recs_mlp_layers_free().
 */
recs_status_t recs_mlp_layers(recs_mlp_t *layers,
    const recs_mlp_network_t *network, const recs_dataset_view_t *view,
    recs_error_t *err);
void recs_mlp_layers_free(recs_mlp_t *layers);

/*
 * The logits of items[n] for a user, without what the retrieval adds; as the
 * server computes them.
 */
void recs_mlp_logits(const recs_mlp_t *layers, uint32_t user,
    const uint32_t *items, uint32_t n, float *logits);

/* The score becomes bias + retrieved * retrieval's + network * the logit. */
void recs_mlp_layers_weigh(recs_mlp_t *layers, double network,
    double retrieved, double bias);


#endif /* _RECS_MLP_H_INCLUDED_ */
