/*
 * recs_rank_examples: what ranking models learn from.
 *
 * A retrieval model is fitted to the earlier part of the data.  Each user who
 * has something held out is asked for RECS_RANK_FOUND candidates, as a slot
 * would be, and these are his examples, of label 1 where he took them later.
 * So the share of ones among them is what a served candidate meets.  Beside
 * them stand RECS_RANK_DRAWN items drawn evenly from the rest of the catalogue,
 * labelled in the same way: a ranking may be asked about anything.  What he
 * took without its being found is not put in on purpose, it would teach that
 * the worst found is the best.
 *
 * Of more than RECS_RANK_USERS users so many are taken, evenly spaced.
 */

#ifndef _RECS_RANK_EXAMPLES_H_INCLUDED_
#define _RECS_RANK_EXAMPLES_H_INCLUDED_


#include "recs_bundle.h"
#include "recs_features.h"
#include "recs_split.h"


#define RECS_RANK_FOUND  RECS_CANDIDATES
#define RECS_RANK_DRAWN  20
#define RECS_RANK_USERS  2000


/* Example i is of the user in whose range of offsets it is. */
typedef struct {
    uint64_t   n;
    uint32_t   n_users;
    uint32_t  *users;                   /* [n_users] indexes in the dataset */
    uint64_t  *offsets;                 /* [n_users + 1] */
    uint32_t  *items;                   /* [n] indexes in the dataset */
    float     *labels;                  /* [n] 0 or 1 */
    uint8_t   *found;                   /* [n] 1: a candidate, 0: drawn */
    float     *retrieved;               /* [n] retrieval scores */
    float     *numeric;                 /* [n][RECS_FEATURE_COUNT] */
    uint64_t  *hash_offsets;            /* [n + 1] */
    uint64_t  *hashes;                  /* of example i from hash_offsets[i] */
} recs_rank_examples_t;


/*
 * Of bundle, which is fitted to split.train; all are the same for a seed.
 * RECS_INVALID: of what was held out nothing was found.
 */
recs_status_t recs_rank_examples_create(recs_rank_examples_t *examples,
    const recs_bundle_t *bundle, const recs_split_t *split, uint64_t seed,
    recs_error_t *err);
void recs_rank_examples_free(recs_rank_examples_t *examples);


#endif /* _RECS_RANK_EXAMPLES_H_INCLUDED_ */
