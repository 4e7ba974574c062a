/*
 * recs_model_writing: a model on its way into a bundle, for the files that
 * bring it there.  Private to core/.
 */

#ifndef _RECS_MODEL_WRITING_H_INCLUDED_
#define _RECS_MODEL_WRITING_H_INCLUDED_


#include "recs_bundle_write.h"
#include "recs_model.h"
#include "recs_segment_run.h"


typedef struct {
    double    sort;                   /* norm, or popularity without factors */
    uint32_t  index;
} recs_ranked_t;

/* 255 - weight in bits 32 to 39, below it the number: sorts as it is stored. */
typedef uint64_t  recs_neighbor_t;

typedef struct {
    int64_t   time_ms;
    uint32_t  index;
} recs_touched_t;

typedef struct {
    uint32_t  item;
    float     boost;
} recs_boosted_t;

typedef struct recs_filter_index_s  recs_filter_index_t;

/* What is renumbered how; zeroed before its first use. */
typedef struct {
    const recs_model_t    *model;
    recs_bundle_writer_t  *writer;

    recs_ranked_t         *items;             /* [n_items] number -> index */
    uint32_t              *item_numbers;      /* [n_items] index -> number */
    float                 *norms;             /* [n_items] by number */
    uint32_t              *popular_items;     /* [n_items] */

    recs_hashed_item_t    *hashes;            /* [n_hashes] rising */
    uint32_t               n_hashes;

    uint32_t              *users;             /* [n_users] number -> index */
    uint32_t               n_users;

    uint32_t              *seen;              /* one user's, sorted */
    recs_touched_t        *touched;           /* one user's */

    double                 unit;              /* of neighbours' weights */
    float                  step;
    uint32_t               id_size;
    recs_neighbor_t       *list;              /* one item's */
    recs_neighbor_t       *sorted;
    char                  *run;
    uint32_t               stride;

    /* one segment's */
    recs_boosted_t         boosted[RECS_SEGMENT_ITEMS_MAX];
    char                   segment[RECS_SEGMENT_RUN_MAX];

    recs_filter_index_t   *filters;           /* recs_filter_index.h */

    recs_codes_kind_t      codes_kind;
    uint32_t               n_blocks;
    float                 *code_rows;         /* one block's */
    float                 *code_scratch;
    recs_code_block_t     *code_blocks;       /* [n_blocks] */
} recs_writing_t;


/* RECS_INVALID for everything that recs_model_write() refuses. */
recs_status_t recs_model_check(const recs_model_t *model, recs_error_t *err);

/* Numbers items by norm and the users that the bundle will know. */
recs_status_t recs_model_arrange(recs_writing_t *w, recs_error_t *err);
void recs_model_arrange_free(recs_writing_t *w);

/* The item numbers that user has seen, ascending; until the next call. */
recs_str_t recs_model_seen(recs_writing_t *w, uint32_t user);

/* Chooses the kind of codes (recs_model_codes.c); the users are known. */
recs_status_t recs_model_arrange_codes(recs_writing_t *w, recs_error_t *err);

/* Blocks in their order: codes first, then what is said of them. */
void recs_model_fill_codes(void *data, uint64_t row, void *dst);
void recs_model_fill_code_block(void *data, uint64_t row, void *dst);

/* Lists of neighbours (recs_model_neighbors.c). */
recs_status_t recs_model_check_neighbors(const recs_model_t *model,
    recs_error_t *err);
recs_status_t recs_model_arrange_neighbors(recs_writing_t *w,
    recs_error_t *err);

/* The run of an item number; until the next call.  data is the writing. */
recs_str_t recs_model_neighbors(void *data, uint64_t item);
recs_str_t recs_model_opposed(void *data, uint64_t item);
recs_str_t recs_model_user_list(void *data, uint64_t user);

/* An upper estimate of their bytes. */
uint64_t recs_model_lists_size(const recs_model_t *model);

/* Whether users' last items are known; and a user's, as recs_model_seen(). */
int recs_model_has_recent(const recs_model_t *model);
recs_str_t recs_model_recent(void *data, uint64_t user);

/* Items by their hashes, the others left out (recs_model_hashes.c). */
recs_status_t recs_model_arrange_hashes(recs_writing_t *w, recs_error_t *err);

/* What is popular in a context (recs_model_segments.c). */
recs_status_t recs_model_check_segments(const recs_model_t *model,
    recs_error_t *err);

/* The run of a segment; until the next call.  data is the writing. */
recs_str_t recs_model_segment(void *data, uint64_t number);

/* Trees (recs_model_trees.c); their bytes of data. */
recs_status_t recs_model_check_trees(const recs_model_t *model,
    recs_error_t *err);
uint64_t recs_model_trees_size(const recs_model_t *model);
recs_status_t recs_model_put_trees(recs_writing_t *w, recs_error_t *err);

/* Logistic regression (recs_model_logistic.c); its bytes of data. */
recs_status_t recs_model_check_logistic(const recs_model_t *model,
    recs_error_t *err);
uint64_t recs_model_logistic_size(const recs_model_t *model);
recs_status_t recs_model_put_logistic(recs_writing_t *w, recs_error_t *err);

/* The pairwise network (recs_model_mlp.c); its bytes of data. */
recs_status_t recs_model_check_mlp(const recs_model_t *model,
    recs_error_t *err);
uint64_t recs_model_mlp_size(const recs_model_t *model);
recs_status_t recs_model_put_mlp(recs_writing_t *w, recs_error_t *err);

/* What words mean (recs_model_terms.c). */
recs_status_t recs_model_check_terms(const recs_model_t *model,
    recs_error_t *err);
recs_status_t recs_model_put_terms(recs_writing_t *w, recs_error_t *err);

recs_status_t recs_model_put_manifest(recs_writing_t *w, recs_error_t *err);


#endif /* _RECS_MODEL_WRITING_H_INCLUDED_ */
