/*
 * recs_experiment: what is tested against what, and on whom.
 *
 * Made from the lines of a `recs_experiment NAME { ... }` block, by nginx as
 * by `recs assign`, which so mean the same.  Strings are borrowed from the
 * words: they live as long as the experiment.
 *
 *     recs_experiment_init()    its name
 *     recs_experiment_set()     a line, as often as there is one
 *     recs_experiment_settle()  the whole: ranges out of weights
 *     recs_experiment_agree()   two of one configuration
 *
 * Percentages have two decimals, thousandths of a namespace none.
 */

#ifndef _RECS_EXPERIMENT_H_INCLUDED_
#define _RECS_EXPERIMENT_H_INCLUDED_


#include "recs_bucket.h"
#include "recs_bucket_hash.h"
#include "recs_status.h"


#define RECS_VARIANTS_MAX      16
#define RECS_VARIANT_NAME_MAX  32

typedef enum {
    RECS_OVERRIDE_UNSET,              /* signed where there is a key */
    RECS_OVERRIDE_OFF,
    RECS_OVERRIDE_SIGNED,
    RECS_OVERRIDE_QUERY
} recs_override_t;

typedef struct {
    recs_str_t           name;
    recs_str_t           salt;                          /* default: name */
    recs_bucket_hash_t   hash;
    double               coverage;                      /* 0 to 1 */

    recs_str_t           holdout_name;                  /* len 0: none */
    uint32_t             holdout;                       /* below: held out */
    recs_str_t           namespace_name;                /* len 0: none */
    uint32_t             namespace_lo;                  /* [lo, hi) of 1000 */
    uint32_t             namespace_hi;

    uint32_t             n_variants;
    recs_str_t           variants[RECS_VARIANTS_MAX];   /* names */
    double               weights[RECS_VARIANTS_MAX];    /* 0 to 1 */
    recs_bucket_range_t  ranges[RECS_VARIANTS_MAX];     /* settled */

    uint32_t             name_hash;                     /* settled */
    uint8_t              bucket_version;
    uint8_t              min_version;
    unsigned             sticky:1;
    unsigned             override:2;                    /* recs_override_t */

    unsigned             seen;                          /* lines, as bits */
} recs_experiment_t;


/* RECS_INVALID: no name for an experiment, recs_name_valid(). */
recs_status_t recs_experiment_init(recs_experiment_t *x, recs_str_t name,
    recs_error_t *err);

/*
 * A line: words[0] is salt, hash, namespace, holdout, coverage, variant,
 * sticky or override.  The words of a variant behind its weight, slot=, model=,
 * strategy= and count=, are the caller's to read.
 *
 * RECS_NOT_FOUND  another word, which may be known to the caller; err names it
 * RECS_INVALID    it is wrong; err tells how
 */
recs_status_t recs_experiment_set(recs_experiment_t *x,
    const recs_str_t *words, uint32_t n_words, recs_error_t *err);

/* RECS_INVALID: lines are missing, or do not fit together. */
recs_status_t recs_experiment_settle(recs_experiment_t *x, recs_error_t *err);

/*
 * RECS_INVALID: of one name (or hash of it), in the same part of one
 * namespace, or of one holdout with other percentages.
 */
recs_status_t recs_experiment_agree(const recs_experiment_t *a,
    const recs_experiment_t *b, recs_error_t *err);

/* The number of the variant of that name, or -1. */
int32_t recs_experiment_variant(const recs_experiment_t *x, recs_str_t name);


#endif /* _RECS_EXPERIMENT_H_INCLUDED_ */
