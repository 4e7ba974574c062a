/*
 * recs_cli_rules: --rules FILE --slot NAME, as recs_rules of nginx.
 */

#ifndef _RECS_CLI_RULES_H_INCLUDED_
#define _RECS_CLI_RULES_H_INCLUDED_


#include "recs_cli.h"
#include "recs_recommend.h"


typedef struct {
    recs_rules_t         rules;
    recs_rules_bound_t  *bound;
    recs_rules_slot_t   *slot;
} recs_cli_rules_t;


/* Prints the usage error, if there is one; RECS_EXIT_OK or not. */
int recs_cli_rules_check(const recs_args_t *args);

/*
 * Reads and parses a file.
 *
 * RECS_IO, RECS_NOMEM  or as recs_rules_parse(); err begins with the path
 */
recs_status_t recs_cli_rules_read(recs_rules_t *rules, const char *path,
    recs_error_t *err);

/*
 * Binds them all.  RECS_NOT_FOUND, RECS_INVALID as recs_rules_bind(); err
 * begins with the path.
 */
recs_status_t recs_cli_rules_bind(recs_rules_bound_t **bound,
    const recs_rules_t *rules, const char *path, const recs_bundle_t *bundle,
    recs_error_t *err);

/*
 * What is in force now, for a query; *force is NULL where that is nothing.
 * rules is zeroed, and to be freed however it ends.
 */
recs_status_t recs_cli_rules(const recs_args_t *args,
    const recs_bundle_t *bundle, recs_cli_rules_t *rules,
    const recs_rules_force_t **force, recs_error_t *err);
void recs_cli_rules_free(recs_cli_rules_t *rules);


#endif /* _RECS_CLI_RULES_H_INCLUDED_ */
