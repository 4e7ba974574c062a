/*
 * recs_policy_log: logs to evaluate a policy on.
 *
 * open-bandit   the Open Bandit Dataset's csv (Saito et al. 2021): a row is
 *               one place of one page; columns item_id, position, click and
 *               propensity_score, others are passed over
 *
 * events        nginx's event logs (docs/event-format.md): each item of an
 *               exposure that has a propensity is a place, its reward 1 if
 *               the visitor clicked it within the window, else 0; a unit is a
 *               visitor (recs_policy_clicks.h)
 *
 * A file is read twice, and so is no pipe.
 */

#ifndef _RECS_POLICY_LOG_H_INCLUDED_
#define _RECS_POLICY_LOG_H_INCLUDED_


#include "recs_event_scan.h"
#include "recs_policy.h"
#include "recs_policy_target.h"


/* Smaller propensities are taken for an error of the log. */
#define RECS_POLICY_PROPENSITY_MIN  1e-9

typedef struct {
    recs_event_scan_t            scan; /* open-bandit: the paths alone */
    const recs_policy_target_t  *target;          /* NULL: uniform */
    double                       z;    /* intervals are +- z standard errors */
    int64_t                      window_ms;       /* events: of a click */
} recs_policy_options_t;

typedef struct {
    recs_policy_estimate_t       estimate;
    uint32_t                     n_places;        /* slots and positions */
    uint64_t                     n_items;         /* of all slots */
    double                       unseen;          /* recs_policy_model.h */

    /* open-bandit */
    uint64_t                     n_rejected;      /* rows that are none */
    char                         first[RECS_ERROR_MAX];    /* of these */

    /* events */
    recs_event_counts_t          counts;
    uint64_t                     n_exposures;     /* that have items */
    uint64_t                     n_forced;        /* left out, as are: */
    uint64_t                     n_no_user;
    uint64_t                     n_no_propensity; /* items of exposures */
    uint64_t                     n_clicks;        /* on an item of a slot */
    uint64_t                     n_unexplained;   /* what they follow is not
                                                     in the logs */
} recs_policy_report_t;


/*
 * RECS_IO       a file cannot be read, or not twice
 * RECS_INVALID  a column is missing; not one row can be used
 */
recs_status_t recs_policy_open_bandit(const recs_policy_options_t *options,
    recs_policy_report_t *report, recs_error_t *err);
recs_status_t recs_policy_events(const recs_policy_options_t *options,
    recs_policy_report_t *report, recs_error_t *err);


#endif /* _RECS_POLICY_LOG_H_INCLUDED_ */
