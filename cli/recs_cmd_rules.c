/*
 * recs rules: is a file of rules one that nginx will take?
 */

#include "recs_bundle.h"
#include "recs_cli.h"
#include "recs_cli_rules.h"
#include "recs_cli_text.h"

#include <stdio.h>
#include <string.h>


static int recs_cmd_rules_run(const recs_args_t *args);


static const recs_option_t  recs_cmd_rules_options[] = {
    { "bundle", "BUNDLE", "also: has this model the attributes and items" },
    { NULL, NULL, NULL }
};

const recs_command_t  recs_cmd_rules = {
    "rules",
    "check a file of pins, boosts and blocks",
    "FILE [--bundle BUNDLE]",
    recs_cmd_rules_options,
    1,
    1,
    recs_cmd_rules_run,
    NULL
};


static void
recs_cmd_rules_unknown(const char *path, const recs_rules_t *rules,
    const recs_rules_bound_t *bound)
{
    uint32_t            i;
    const recs_rule_t  *rule;

    for (i = 0; i < rules->n; i++) {
        rule = &rules->rules[i];

        if (!recs_rules_known(bound, i)) {
            printf("%s: line %u: the model has no item \"", path, rule->line);
            recs_cli_put_text(stdout, rule->item);
            printf("\"\n");
        }
    }
}


static recs_status_t
recs_cmd_rules_bundle(const char *path, const recs_rules_t *rules,
    const char *bundle_path, recs_error_t *err)
{
    recs_bundle_t       *bundle;
    recs_status_t        rc;
    recs_rules_bound_t  *bound;

    rc = recs_bundle_open(&bundle, bundle_path, 0, err);
    if (rc != RECS_OK) {
        return rc;
    }

    bound = NULL;
    rc = recs_cli_rules_bind(&bound, rules, path, bundle, err);

    if (rc == RECS_OK) {
        recs_cmd_rules_unknown(path, rules, bound);
    }

    recs_rules_bound_destroy(bound);
    recs_bundle_close(bundle);

    return rc;
}


static int
recs_cmd_rules_run(const recs_args_t *args)
{
    uint32_t       i, n[RECS_RULE_BLOCK + 1];
    const char    *path, *bundle;
    recs_rules_t   rules;
    recs_error_t   err;
    recs_status_t  rc;

    path = recs_args_operand(args, 0);
    bundle = recs_args_get(args, "bundle");

    rc = recs_cli_rules_read(&rules, path, &err);
    if (rc != RECS_OK) {
        return recs_failure(args, &err);
    }

    if (bundle != NULL) {
        rc = recs_cmd_rules_bundle(path, &rules, bundle, &err);
    }

    memset(n, 0, sizeof(n));

    for (i = 0; i < rules.n; i++) {
        n[rules.rules[i].kind]++;
    }

    recs_rules_free(&rules);

    if (rc != RECS_OK) {
        return recs_failure(args, &err);
    }

    printf("%s: %u pins, %u boosts, %u blocks\n", path, n[RECS_RULE_PIN],
           n[RECS_RULE_BOOST], n[RECS_RULE_BLOCK]);

    return RECS_EXIT_OK;
}
