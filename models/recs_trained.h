/*
 * recs_trained: what every trainer's result has in common.  Private to
 * models/.
 */

#ifndef _RECS_TRAINED_H_INCLUDED_
#define _RECS_TRAINED_H_INCLUDED_


#include "recs_knn_lists.h"
#include "recs_segments.h"
#include "recs_session_choose.h"
#include "recs_trainer.h"


#define RECS_TRAINED_NOTES_MAX  16
#define RECS_TRAINED_TEXT_MAX   64


/* The arrays are freed with it by recs_trained_destroy(). */
typedef struct {
    recs_trained_t         trained;       /* first: what the caller holds */

    float                 *item_factors;
    float                 *user_factors;
    float                 *popularity;
    recs_segment_lists_t   segments;
    float                 *gram;
    recs_fold_in_params_t  fold_in;
    recs_knn_lists_t       lists;
    recs_knn_lists_t       opposed;
    recs_knn_lists_t       user_lists;
    recs_neighbor_lists_t  neighbors;
    recs_terms_t           terms;
    uint64_t              *term_hashes;
    float                 *term_weights;
    float                 *term_factors;

    recs_pair_t            params[RECS_PARAMS_MAX + 1];
    recs_pair_t            notes[RECS_TRAINED_NOTES_MAX];
    char                   texts[RECS_PARAMS_MAX + 1 + RECS_TRAINED_NOTES_MAX]
                                [RECS_TRAINED_TEXT_MAX];
    uint32_t               n_texts;
} recs_trained_base_t;


/* RECS_INVALID where there is nothing to train on. */
recs_status_t recs_trained_check(const recs_dataset_view_t *view,
    recs_error_t *err);

/*
 * An otherwise empty result for dataset: entities, seen items and time span
 * are borrowed from it, values and the seed become the manifest's params.
 */
recs_status_t recs_trained_create(recs_trained_base_t **base,
    const recs_trainer_t *trainer, const recs_dataset_view_t *view,
    const double *values, uint64_t seed, recs_error_t *err);
void recs_trained_destroy(recs_trained_t *trained);

/* Counts what is popular, everywhere and in contexts (recs_popularity.h). */
recs_status_t recs_trained_popularity(recs_trained_base_t *base,
    const recs_dataset_view_t *view, double half_life_days,
    recs_error_t *err);

/* Takes vectors, popularity and fold-in over from another result. */
void recs_trained_take_vectors(recs_trained_base_t *base,
    recs_trained_base_t *from);

/* Takes the lists over, with their weight beside the vectors. */
void recs_trained_set_lists(recs_trained_base_t *base,
    recs_knn_lists_t *lists, double weight, uint32_t history);

/* Takes opposed lists over, beside the lists: no weight is cut off then. */
void recs_trained_set_opposed(recs_trained_base_t *base,
    recs_knn_lists_t *opposed);

/* Takes over a list of each user's own, beside the lists of items. */
void recs_trained_set_user_lists(recs_trained_base_t *base,
    recs_knn_lists_t *lists);

/* Sessions as they were chosen, if they were. */
void recs_trained_set_session(recs_trained_base_t *base,
    const recs_session_choice_t *choice);

/* Adds a manifest note; name must be a constant. */
void recs_trained_note(recs_trained_base_t *base, const char *name,
    double value);


#endif /* _RECS_TRAINED_H_INCLUDED_ */
