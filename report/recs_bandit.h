/*
 * recs_bandit: the arms of a bandit's next epoch, from what the logs say of
 * its experiment (recs_thompson.h), and the file that ships them
 * (core/recs_arms.h).
 *
 * The report is one with options.per_variant set: under a bandit a visitor may
 * be in one variant today and in another tomorrow, and counts in each with
 * what was done within the window after meeting it.  Its first metric is what
 * the arms compete in.
 */

#ifndef _RECS_BANDIT_H_INCLUDED_
#define _RECS_BANDIT_H_INCLUDED_


#include "recs_arms.h"
#include "recs_report.h"


typedef struct {
    const char   *name;                /* borrowed */
    uint64_t      n;                   /* units */
    double        mean;                /* share, mean or ratio */
    double        best;                /* probability of being the best */
    uint32_t      steps;               /* of RECS_THOMPSON_STEPS */
} recs_bandit_arm_t;

typedef struct {
    const char         *experiment;    /* borrowed */
    unsigned            n;
    recs_bandit_arm_t   arms[RECS_ARMS_MAX];
} recs_bandit_t;

typedef struct {
    const char *const  *more;          /* arms that the logs may not show yet */
    unsigned            n_more;
    double              floor;         /* probability of each arm, at least */
    uint64_t            seed;
} recs_bandit_options_t;


/*
 * RECS_NOT_FOUND  the logs say nothing: no units, or no outcome
 * RECS_INVALID    fewer than two arms; a floor that leaves nothing to share
 * RECS_LIMIT      more than RECS_ARMS_MAX
 */
recs_status_t recs_bandit_choose(recs_bandit_t *bandit,
    const recs_report_t *report, const recs_report_experiment_t *experiment,
    const recs_bandit_options_t *options, recs_error_t *err);

/*
 * Writes path, whole or not at all.  RECS_INVALID: a name or the epoch may not
 * stand in such a file.
 */
recs_status_t recs_bandit_write(const recs_bandit_t *bandit,
    const char *epoch, const char *path, recs_error_t *err);


#endif /* _RECS_BANDIT_H_INCLUDED_ */
