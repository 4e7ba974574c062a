/*
 * recs_assign: which variant of an experiment a unit gets.
 *
 * A pure function: the same in every worker, on every machine, in every
 * release.  In this order:
 *
 *     forced      a tester's wish, before all else as in GrowthBook
 *     unit        the first of the chain that is an id
 *     holdout     who is in no experiment that names it
 *     namespace   who belongs to this experiment and to no other of it
 *     when        what else the configuration asks for
 *     sticky      what the unit, or one behind it in the chain, has already
 *     arms        a bandit's draw among those whom coverage lets in
 *     ranges      by the hash
 *
 * Every hash lands somewhere where coverage is 1.
 */

#ifndef _RECS_ASSIGN_H_INCLUDED_
#define _RECS_ASSIGN_H_INCLUDED_


#include "recs_experiment.h"
#include "recs_sticky.h"


#define RECS_VARIANT_NONE  (-1)

/* The first four have a variant. */
#define RECS_ASSIGN_MAP(XX)                                                   \
    XX(HASH,       "hash")                                                    \
    XX(ARMS,       "arms")                                                    \
    XX(STICKY,     "sticky")                                                  \
    XX(FORCED,     "forced")            /* no variant: no such variant */     \
    XX(NO_UNIT,    "no unit")                                                 \
    XX(HOLDOUT,    "holdout")                                                 \
    XX(NAMESPACE,  "namespace")                                               \
    XX(WHEN,       "when")                                                    \
    XX(VERSION,    "version")           /* in since before the minimum */     \
    XX(COVERAGE,   "coverage")

typedef enum {
#define RECS_ASSIGN_ENUM(name, text)  RECS_ASSIGN_##name,
    RECS_ASSIGN_MAP(RECS_ASSIGN_ENUM)
#undef RECS_ASSIGN_ENUM
    RECS_ASSIGN_COUNT
} recs_assign_reason_t;

typedef struct {
    const recs_str_t     *units;        /* [n_units], the first valid id is
                                           the unit; who has none is not in:
                                           draw an id for him */
    uint32_t              n_units;
    int32_t               forced;       /* RECS_VARIANT_NONE: not */
    unsigned              when:1;       /* 1: let in */
    const recs_sticky_t  *sticky;       /* NULL: none; used where x->sticky */
    const double         *arms;         /* [n_variants], NULL: no bandit */
    recs_str_t            epoch;        /* of the arms */
} recs_assign_t;

typedef struct {
    int32_t               variant;      /* RECS_VARIANT_NONE: not in */
    recs_assign_reason_t  reason;
    double                propensity;   /* of the variant, among those in;
                                           0: not known (a bandit's, kept) */
    uint32_t              unit;         /* number in units; n_units: none */
    unsigned              sticky:1;
    unsigned              forced:1;
    unsigned              changed:1;    /* entry is to be kept:
                                           recs_sticky_set() */
    recs_sticky_entry_t   entry;        /* of unit and variant, where there
                                           are both; era: 0 */
} recs_assignment_t;


void recs_assign(const recs_experiment_t *x, const recs_assign_t *in,
    recs_assignment_t *a);

const char *recs_assign_reason(recs_assign_reason_t reason);


#endif /* _RECS_ASSIGN_H_INCLUDED_ */
