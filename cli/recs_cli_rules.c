#include "recs_cli_rules.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>


int
recs_cli_rules_check(const recs_args_t *args)
{
    const char  *slot;

    slot = recs_args_get(args, "slot");

    if (recs_args_has(args, "rules") != (slot != NULL)) {
        return recs_usage_error(args, "--rules FILE goes with --slot NAME");
    }

    if (slot != NULL && !recs_name_valid(slot, strlen(slot))) {
        return recs_usage_error(args, "--slot wants the name of a slot, not "
                                "\"%s\"", slot);
    }

    return RECS_EXIT_OK;
}


/* err has what is wrong with the file. */
static recs_status_t
recs_cli_rules_wrong(recs_status_t rc, const char *path,
    const recs_error_t *wrong, recs_error_t *err)
{
    return recs_error(err, rc, "%s: %s", path, wrong->message);
}


recs_status_t
recs_cli_rules_read(recs_rules_t *rules, const char *path, recs_error_t *err)
{
    char           *bytes;
    FILE           *in;
    recs_str_t      text;
    recs_error_t    wrong;
    recs_status_t   rc;

    in = fopen(path, "rb");
    if (in == NULL) {
        return recs_error(err, RECS_IO, "cannot open %s: %s", path,
                          strerror(errno));
    }

    bytes = malloc(RECS_RULES_TEXT_MAX + 1);
    if (bytes == NULL) {
        fclose(in);
        return recs_error(err, RECS_NOMEM, "no memory for %s", path);
    }

    text.data = bytes;
    text.len = fread(bytes, 1, RECS_RULES_TEXT_MAX + 1, in);

    rc = ferror(in) ? recs_error(&wrong, RECS_IO, "%s", strerror(errno))
                    : recs_rules_parse(rules, text, &wrong);

    fclose(in);
    free(bytes);

    return rc == RECS_OK ? RECS_OK : recs_cli_rules_wrong(rc, path, &wrong,
                                                          err);
}


recs_status_t
recs_cli_rules_bind(recs_rules_bound_t **bound, const recs_rules_t *rules,
    const char *path, const recs_bundle_t *bundle, recs_error_t *err)
{
    uint32_t        i;
    recs_error_t    wrong;
    recs_status_t   rc;

    rc = recs_rules_bound_create(bound, rules, bundle, err);
    if (rc != RECS_OK) {
        return rc;
    }

    for (i = 0; i < rules->n; i++) {
        rc = recs_rules_bind(*bound, i, &wrong);

        if (rc != RECS_OK) {
            return recs_cli_rules_wrong(rc, path, &wrong, err);
        }
    }

    return RECS_OK;
}


recs_status_t
recs_cli_rules(const recs_args_t *args, const recs_bundle_t *bundle,
    recs_cli_rules_t *rules, const recs_rules_force_t **force,
    recs_error_t *err)
{
    time_t          now;
    recs_str_t      slot;
    const char     *path;
    recs_status_t   rc;

    *force = NULL;
    path = recs_args_get(args, "rules");

    if (path == NULL) {
        return RECS_OK;
    }

    slot.data = recs_args_get(args, "slot");
    slot.len = strlen(slot.data);

    if ((rc = recs_cli_rules_read(&rules->rules, path, err)) != RECS_OK
        || (rc = recs_cli_rules_bind(&rules->bound, &rules->rules, path,
                                     bundle, err))
           != RECS_OK
        || (rc = recs_rules_slot_create(&rules->slot, rules->bound, slot,
                                        err))
           != RECS_OK)
    {
        return rc;
    }

    if (rules->slot != NULL) {
        now = time(NULL);
        recs_rules_bound_settle(rules->bound, now);
        recs_rules_slot_settle(rules->slot, NULL, now);
        *force = recs_rules_force(rules->slot);
    }

    return RECS_OK;
}


void
recs_cli_rules_free(recs_cli_rules_t *rules)
{
    recs_rules_slot_destroy(rules->slot);
    recs_rules_bound_destroy(rules->bound);
    recs_rules_free(&rules->rules);
}
