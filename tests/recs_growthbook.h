/*
 * recs_growthbook: GrowthBook's cross-SDK cases (cases.json of its SDKs, MIT),
 * and its experiments in our terms.
 */

#ifndef _RECS_GROWTHBOOK_H_INCLUDED_
#define _RECS_GROWTHBOOK_H_INCLUDED_


#include <jansson.h>

#include "recs_assign.h"


/* An experiment with the words that it borrows. */
typedef struct {
    recs_experiment_t  x;
    char               text[1024];
    size_t             used;
} recs_growthbook_t;


/* The n cases of a part; skips the test where the file is not there. */
json_t *recs_growthbook_cases(const char *part, size_t n);

/* Empty where the value is no string. */
recs_str_t recs_growthbook_str(const json_t *value);

/* What nginx has in $args of an address. */
recs_str_t recs_growthbook_arguments(const json_t *url);

/* [[lo, hi], ...]; returns how many. */
uint32_t recs_growthbook_ranges(const json_t *ranges,
    recs_bucket_range_t *to);

/*
 * An experiment (or a feature's rule) through recs_experiment_set(), name by
 * default its key.  RECS_INVALID: settle refuses it.  Its ranges, for which
 * the configuration has no words, are put in the place of the settled ones.
 */
recs_status_t recs_growthbook_experiment(recs_growthbook_t *g,
    const json_t *experiment, recs_str_t key);

/*
 * What `when` is: condition, parentConditions and active; that is equality
 * with a plain value, $inGroup, and of a parent its defaultValue.  Fails the
 * test on any other operator.
 */
int recs_growthbook_when(const json_t *context, const json_t *experiment);


#endif /* _RECS_GROWTHBOOK_H_INCLUDED_ */
