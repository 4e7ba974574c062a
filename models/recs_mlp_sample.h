/*
 * recs_mlp_sample: the examples that the pairwise network is trained on, drawn
 * anew in every epoch (recs_mlp.h).  Private to models/.
 *
 * A visit is a user with up to RECS_MLP_VISIT_TAKEN of his items, the
 * negatives to them, and a past.  What is drawn depends on the seed, the epoch
 * and the visit alone.
 */

#ifndef _RECS_MLP_SAMPLE_H_INCLUDED_
#define _RECS_MLP_SAMPLE_H_INCLUDED_


#include "recs_dataset.h"
#include "recs_mlp_network.h"


#define RECS_MLP_VISIT_TAKEN  64
#define RECS_MLP_PASTS_MAX    256       /* of a visit */
#define RECS_MLP_SESSION_MAX  20        /* of one that shows a session */


typedef struct {
    const recs_dataset_view_t  *view;
    uint32_t                    n_negatives;
    uint64_t                    seed;

    uint32_t                   *by_time;    /* [n_interactions] each user's
                                               items, the first first */
    double                     *shares;     /* [n_items] rising to 1: by how
                                               often an item is taken */
    uint32_t                    n_visits;
    uint32_t                   *users;      /* [n_visits] in this epoch's */
    uint32_t                   *parts;      /* order: and which of his visits */
} recs_mlp_sample_t;


/* RECS_INVALID: nobody has two items and lacks some. */
recs_status_t recs_mlp_sample_init(recs_mlp_sample_t *sample,
    const recs_dataset_view_t *view, uint32_t n_negatives, uint64_t seed,
    recs_error_t *err);
void recs_mlp_sample_free(recs_mlp_sample_t *sample);

/* Another order of the visits. */
void recs_mlp_sample_shuffle(recs_mlp_sample_t *sample, uint32_t epoch);

/* How many candidates a visit has. */
uint32_t recs_mlp_sample_size(const recs_mlp_sample_t *sample,
    uint32_t visit);

/* Fills examples with n visits from `first` on. */
void recs_mlp_sample(const recs_mlp_sample_t *sample, uint32_t epoch,
    uint32_t first, uint32_t n, recs_mlp_examples_t *examples);


#endif /* _RECS_MLP_SAMPLE_H_INCLUDED_ */
