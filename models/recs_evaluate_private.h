/*
 * recs_evaluate_private: an evaluation under way; private to recs_evaluate*.c.
 */

#ifndef _RECS_EVALUATE_PRIVATE_H_INCLUDED_
#define _RECS_EVALUATE_PRIVATE_H_INCLUDED_


#include "recs_evaluate.h"
#include "recs_evaluate_recent.h"


/* The two questions of a user. */
#define RECS_EVALUATE_MODEL      0
#define RECS_EVALUATE_POPULAR    1
#define RECS_EVALUATE_QUESTIONS  2


/* What one thread owns. */
typedef struct {
    recs_scratch_t       *scratch;
    recs_answer_item_t   *items;         /* [RECS_COUNT_MAX] */
    uint32_t             *wanted;        /* a user's test items, rising */
    uint32_t             *new_wanted;    /* those few have met, rising */
    recs_evaluate_met_t  *met;           /* what is known of a visitor */
    uint32_t             *recent;        /* the same, the last first */
    double               *sum;           /* [n_factors] */
    recs_bitmap_word_t   *blocked;       /* all items, between users */
    recs_bitmap_word_t   *taken;         /* none */
    uint32_t             *shown[RECS_EVALUATE_QUESTIONS];
                                         /* [n_at][n_items]: how often */
} recs_evaluate_worker_t;

typedef struct {
    uint32_t    index;                   /* in the test set */
    uint32_t    history;                 /* training items */
    uint32_t    n_test;
    uint32_t    n_new;                   /* ... of new items */
    uint32_t    new_row;                 /* where n_new is not 0 */
    double      history_popularity;      /* NAN: none */
    unsigned    known:1;                 /* to the model */
} recs_evaluate_user_t;

typedef struct {
    const recs_bundle_t        *bundle;
    const recs_dataset_view_t  *test;
    recs_evaluate_hidden_t      hidden;  /* known is NULL: nobody is */
    recs_rank_t                 rank;
    uint32_t                    candidates;      /* of a user; 0: not ranked */
    const uint32_t             *at;      /* [n_at] */
    uint32_t                    n_at;
    uint32_t                    k_max;
    uint32_t                    width;   /* of a row */
    size_t                      words;   /* of a bitmap of the catalogue */
    recs_quality_catalogue_t    catalogue;

    recs_evaluate_user_t       *users;   /* [n_users], by index */
    uint32_t                    n_users;
    uint32_t                    max_users;       /* 0: all */
    uint32_t                    n_known; /* to the model, or hidden */
    uint32_t                    n_unknown;
    uint32_t                   *histories;       /* [n_users] room to sort */
    uint32_t                    longest; /* items of a user, at most, in
                                            test and known */
    uint32_t                   *items;   /* [test->n_items] -> in the bundle */
    uint32_t                   *met;     /* [known->n_items] -> the same */

    uint32_t                    n_new_rows;

    /* [n_users][width] by question; [n_new_rows][width] of new items. */
    double                     *rows[RECS_EVALUATE_QUESTIONS];
    double                     *new_rows[RECS_EVALUATE_QUESTIONS];

    float                      *chances;         /* [n_users][candidates], NAN
                                                    behind the last */
    uint8_t                    *happened;        /* the same */

    uint32_t                    n_workers;
    recs_evaluate_worker_t     *workers;
} recs_evaluate_t;


/* Asks for user number i of e->users and fills his rows. */
void recs_evaluate_ask(recs_evaluate_t *e, recs_evaluate_worker_t *worker,
    uint32_t i);

/* The AUC of a question, whose exclusions are in it already. */
double recs_evaluate_auc(const recs_evaluate_t *e,
    recs_evaluate_worker_t *worker, const recs_query_t *question,
    uint32_t user, uint32_t n_wanted, uint32_t n_test);

/* The probabilities of an answer's candidates, which the user number i has
   taken where they are among his wanted (recs_evaluate_chances.c). */
recs_status_t recs_evaluate_chances_alloc(recs_evaluate_t *e,
    recs_error_t *err);
void recs_evaluate_chances(recs_evaluate_t *e, uint32_t i,
    const recs_answer_t *answer, const uint32_t *wanted, uint32_t n_wanted);
recs_status_t recs_evaluate_probability(recs_evaluate_t *e,
    recs_probability_t *result, recs_error_t *err);

/* Rows to means, in the order of the users. */
void recs_evaluate_sum(recs_evaluate_t *e, recs_evaluation_t *evaluation);

static inline recs_str_t
recs_evaluate_id(const recs_entities_t *entities, uint32_t index)
{
    return recs_record_id(entities->record(entities->data, index));
}


#endif /* _RECS_EVALUATE_PRIVATE_H_INCLUDED_ */
