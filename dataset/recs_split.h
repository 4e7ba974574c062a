/*
 * recs_split: a dataset parted into what is trained on and what is held out.
 *
 *     last=F     of each user's n interactions, sorted by (time, item), the
 *                last ceil(F * n) are held out
 *     time=F     all interactions sorted by (time, user, item): the first
 *                floor(F * n) are trained on; of the rest, those of users
 *                without a training interaction are dropped (and counted)
 *     random=F   ceil(F * n) of all n interactions are held out, drawn evenly
 *     users=F    all interactions of ceil(F * n) of the n users are held out,
 *                drawn evenly
 *     fold       of n_folds parts of about the same size, drawn by the seed,
 *                the one numbered `fold` is held out (cross-validation)
 *
 * Both parts number users and items as the whole does: every user and item,
 * with its attributes, is in both, though some have no interaction there.
 */

#ifndef _RECS_SPLIT_H_INCLUDED_
#define _RECS_SPLIT_H_INCLUDED_


#include <stdint.h>

#include "recs_dataset.h"
#include "recs_status.h"


typedef enum {
    RECS_SPLIT_LAST,
    RECS_SPLIT_TIME,
    RECS_SPLIT_RANDOM,
    RECS_SPLIT_USERS,
    RECS_SPLIT_FOLD
} recs_split_kind_t;

typedef struct {
    recs_split_kind_t  kind;
    double             fraction;                  /* 0 < fraction < 1 */
    uint64_t           seed;                      /* random, users, fold only */
    uint32_t           fold;                      /* fold only: 0 .. */
    uint32_t           n_folds;                   /* ... n_folds - 1 */
} recs_split_params_t;

typedef struct {
    recs_dataset_t  *train;
    recs_dataset_t  *test;
    uint32_t         n_test_users;                /* with a held-out item */
    uint32_t         n_dropped_users;             /* time only */
    uint64_t         n_dropped;                   /* their interactions */
} recs_split_t;


/*
 * Reads "last=0.2", "last" (0.2), "time" (0.8), "random" (0.1) or "users"
 * (0.1); the seed becomes 0.  RECS_INVALID: something else; folds have no text.
 */
recs_status_t recs_split_parse(recs_split_params_t *params, const char *text,
    recs_error_t *err);

/*
 * Splits in memory.  Both parts are datasets like any other (train on one,
 * hand the other to recs_evaluate()), and borrow ids, attributes and
 * segments from view, which must outlive them.  recs_split_free() closes both.
 *
 * RECS_INVALID: either part would be empty, or a split by time of data
 * without times.
 */
recs_status_t recs_split(const recs_dataset_view_t *view,
    const recs_split_params_t *params, recs_split_t *split,
    recs_error_t *err);
void recs_split_free(recs_split_t *split);

/*
 * Writes train as a dataset and test as csv with the header
 * user,item,timestamp,value: the timestamp is in ms, before March 1973 in
 * seconds, empty where unknown.  The two files appear together.
 */
recs_status_t recs_split_write(const recs_split_t *split, const char *train,
    const char *test, recs_error_t *err);


#endif /* _RECS_SPLIT_H_INCLUDED_ */
