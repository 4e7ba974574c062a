/*
 * recs_policy_log: logs to evaluate a policy on.
 *
 * open-bandit   the Open Bandit Dataset's csv (Saito et al. 2021): a row is
 *               one place of one page; columns item_id, position, click and
 *               propensity_score, others are passed over
 *
 * A file is read twice, and so is no pipe.
 */

#ifndef _RECS_POLICY_LOG_H_INCLUDED_
#define _RECS_POLICY_LOG_H_INCLUDED_


#include "recs_policy.h"
#include "recs_policy_target.h"


/* Smaller propensities are taken for an error of the log. */
#define RECS_POLICY_PROPENSITY_MIN  1e-9

typedef struct {
    const char *const           *paths;
    unsigned                     n_paths;
    const recs_policy_target_t  *target;          /* NULL: uniform */
    double                       z;    /* intervals are +- z standard errors */
} recs_policy_options_t;

typedef struct {
    recs_policy_estimate_t       estimate;
    uint32_t                     n_places;        /* slots and positions */
    uint64_t                     n_items;         /* of all slots */
    double                       unseen;          /* recs_policy_model.h */
    uint64_t                     n_rejected;      /* rows that are none */
    char                         first[RECS_ERROR_MAX];    /* of these */
} recs_policy_report_t;


/*
 * RECS_IO       a file cannot be read, or not twice
 * RECS_INVALID  a column is missing; not one row can be used
 */
recs_status_t recs_policy_open_bandit(const recs_policy_options_t *options,
    recs_policy_report_t *report, recs_error_t *err);


#endif /* _RECS_POLICY_LOG_H_INCLUDED_ */
