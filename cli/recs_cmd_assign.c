/*
 * recs assign: which variant of an experiment ids get, as nginx has it; and
 * tokens that force one.
 */

#include "recs_arms.h"
#include "recs_assign.h"
#include "recs_cli.h"
#include "recs_cli_text.h"
#include "recs_conf_experiment.h"
#include "recs_force_token.h"
#include "recs_id_lines.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>


#define RECS_CMD_ASSIGN_VALID  3600          /* seconds */


typedef struct {
    recs_conf_experiment_t  conf;
    recs_assign_t           in;
    int                     json;
    char                    text[RECS_ARMS_TEXT_MAX + 1];  /* of the arms */
    double                  arms[RECS_VARIANTS_MAX];
} recs_cmd_assign_t;


static int recs_cmd_assign_run(const recs_args_t *args);


static const recs_option_t  recs_cmd_assign_options[] = {
    { "experiment", "NAME", "the recs_experiment of the configuration" },
    { "ids", "FILE", "ids, one a line; \"-\": standard input" },
    { "arms", "FILE", "a bandit's arms, instead of those that the\n"
      "configuration names" },
    { "json", NULL, "a line of JSON for each id, with the reason" },
    { "force", "VARIANT", "print a token that forces this variant" },
    { "key", "FILE", "the key file that nginx checks tokens by" },
    { "valid", "TIME", "how long the token is good: 30m, 7d (1h)" },
    { NULL, NULL, NULL }
};

const recs_command_t  recs_cmd_assign = {
    "assign",
    "say who gets which variant of an experiment",
    "CONF --experiment NAME [--arms FILE] [--json] [--ids FILE | ID...]\n"
    "CONF --experiment NAME --force VARIANT --key FILE [--valid TIME]",
    recs_cmd_assign_options,
    1,
    -1,
    recs_cmd_assign_run,
    NULL
};


static recs_str_t
recs_cmd_assign_str(const char *text)
{
    recs_str_t  str;

    str.data = text;
    str.len = strlen(text);

    return str;
}


/* RECS_NOT_FOUND: no such file. */
static recs_status_t
recs_cmd_assign_load(recs_cmd_assign_t *c, const char *path, recs_str_t *text,
    recs_error_t *err)
{
    int     failed;
    FILE   *in;

    in = fopen(path, "re");

    if (in == NULL) {
        return recs_error(err, errno == ENOENT ? RECS_NOT_FOUND : RECS_IO,
                          "cannot read \"%s\": %s", path, strerror(errno));
    }

    text->data = c->text;
    text->len = fread(c->text, 1, sizeof(c->text), in);
    failed = ferror(in);
    fclose(in);

    if (failed || text->len == sizeof(c->text)) {
        return recs_error(err, RECS_IO, "cannot read \"%s\": %s", path,
                          failed ? strerror(errno) : "it is too long");
    }

    return RECS_OK;
}


static recs_status_t
recs_cmd_assign_read_arms(recs_cmd_assign_t *c, const char *path,
    recs_error_t *err)
{
    recs_str_t      text;
    recs_arms_t     arms;
    recs_error_t    what;
    recs_status_t   status;

    status = recs_cmd_assign_load(c, path, &text, err);

    if (status != RECS_OK) {
        return status;
    }

    status = recs_arms_read(&arms, text, &what);

    if (status == RECS_OK) {
        status = recs_arms_match(&arms, c->conf.x.name, c->conf.x.variants,
                                 c->conf.x.n_variants, c->arms, &what);
    }

    if (status != RECS_OK) {
        return recs_error(err, status, "%s: %s", path, what.message);
    }

    c->in.arms = c->arms;
    c->in.epoch = arms.epoch;

    return RECS_OK;
}


/* Those asked for, else as nginx: the weights until there is a file. */
static recs_status_t
recs_cmd_assign_arms(recs_cmd_assign_t *c, const char *path,
    recs_error_t *err)
{
    char           *own;
    recs_status_t   status;

    if (path != NULL) {
        return recs_cmd_assign_read_arms(c, path, err);
    }

    if (c->conf.bandit.len == 0) {
        return RECS_OK;
    }

    own = recs_nginx_conf_path(c->conf.conf, c->conf.bandit);

    if (own == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory for a path");
    }

    status = recs_cmd_assign_read_arms(c, own, err);
    free(own);

    return status == RECS_NOT_FOUND ? RECS_OK : status;
}


static void
recs_cmd_assign_put(const recs_cmd_assign_t *c, recs_str_t id,
    const recs_assignment_t *a)
{
    recs_str_t  variant;

    variant = a->variant != RECS_VARIANT_NONE ? c->conf.x.variants[a->variant]
                                              : recs_cmd_assign_str("");

    if (!c->json) {
        fwrite(id.data, 1, id.len, stdout);
        putchar('\t');
        fwrite(variant.data, 1, variant.len, stdout);
        putchar('\n');
        return;
    }

    fputs("{\"id\":", stdout);
    recs_cli_put_json(stdout, id);
    fputs(",\"variant\":", stdout);
    recs_cli_put_json(stdout, variant);
    printf(",\"reason\":\"%s\"", recs_assign_reason(a->reason));

    if (a->variant != RECS_VARIANT_NONE) {
        printf(",\"propensity\":%.15g", a->propensity);
    }

    puts("}");
}


static void
recs_cmd_assign_id(recs_cmd_assign_t *c, recs_str_t id)
{
    recs_assignment_t  a;

    c->in.units = &id;
    c->in.n_units = 1;
    recs_assign(&c->conf.x, &c->in, &a);
    recs_cmd_assign_put(c, id, &a);
}


static recs_status_t
recs_cmd_assign_operands(recs_cmd_assign_t *c, const recs_args_t *args,
    recs_error_t *err)
{
    int         i;
    recs_str_t  id;

    for (i = 1; i < recs_args_n_operands(args); i++) {
        id = recs_cmd_assign_str(recs_args_operand(args, i));

        if (!recs_id_valid(id.data, id.len)) {
            return recs_error(err, RECS_INVALID, "\"%s\" is no id: it has 1 "
                              "to %d bytes of UTF-8 without control "
                              "characters", id.data, RECS_ID_MAX);
        }

        recs_cmd_assign_id(c, id);
    }

    return RECS_OK;
}


static recs_status_t
recs_cmd_assign_lines(recs_cmd_assign_t *c, const char *path,
    recs_error_t *err)
{
    recs_str_t      id;
    recs_input_t    input;
    recs_status_t   status;

    status = recs_input_open(&input, path, err);

    if (status != RECS_OK) {
        return status;
    }

    while ((status = recs_id_lines_next(&input, &id, err)) == RECS_OK) {
        recs_cmd_assign_id(c, id);

        if (ferror(stdout)) {
            status = recs_error(err, RECS_IO, "cannot write to standard "
                                "output");
            break;
        }
    }

    recs_input_close(&input);

    return status == RECS_NOT_FOUND ? RECS_OK : status;
}


static recs_status_t
recs_cmd_assign_ids(recs_cmd_assign_t *c, const recs_args_t *args,
    recs_error_t *err)
{
    const char     *path;
    recs_status_t   status;

    c->json = recs_args_has(args, "json");
    c->in.forced = RECS_VARIANT_NONE;
    c->in.when = 1;

    status = recs_cmd_assign_arms(c, recs_args_get(args, "arms"), err);

    if (status != RECS_OK) {
        return status;
    }

    if (c->conf.when) {
        fprintf(stderr, "recs assign: only requests can answer `when`: here "
                "all pass\n");
    }

    path = recs_args_get(args, "ids");

    return path != NULL ? recs_cmd_assign_lines(c, path, err)
                        : recs_cmd_assign_operands(c, args, err);
}


static recs_status_t
recs_cmd_assign_token(const recs_cmd_assign_t *c, const recs_args_t *args,
    unsigned long valid, recs_error_t *err)
{
    char             text[RECS_TICKET_LEN_MAX];
    size_t           len;
    int32_t          variant;
    const char      *name;
    recs_status_t    status;
    recs_key_file_t  keys;

    name = recs_args_get(args, "force");
    variant = recs_experiment_variant(&c->conf.x, recs_cmd_assign_str(name));

    if (variant < 0) {
        return recs_error(err, RECS_NOT_FOUND, "experiment \"%.*s\" has no "
                          "variant \"%s\"", (int) c->conf.x.name.len,
                          c->conf.x.name.data, name);
    }

    status = recs_key_file_read(recs_args_get(args, "key"), &keys, err);

    if (status != RECS_OK) {
        return status;
    }

    status = recs_force_token(&keys, c->conf.x.name_hash, (uint8_t) variant,
                              (uint32_t) (time(NULL) + (time_t) valid), text,
                              &len, err);
    recs_key_file_forget(&keys);

    if (status == RECS_OK) {
        printf("%.*s\n", (int) len, text);
    }

    return status;
}


/* Do the options go together? */
static int
recs_cmd_assign_check(const recs_args_t *args)
{
    int  force, ids;

    force = recs_args_has(args, "force");
    ids = recs_args_n_operands(args) > 1;

    if (!recs_args_has(args, "experiment")) {
        return recs_usage_error(args, "--experiment says which one");
    }

    if (force && (ids || recs_args_has(args, "ids")
                  || recs_args_has(args, "json")
                  || recs_args_has(args, "arms")))
    {
        return recs_usage_error(args, "--force makes a token for everybody: "
                                "it takes --key and --valid");
    }

    if (force != recs_args_has(args, "key")
        || (!force && recs_args_has(args, "valid")))
    {
        return recs_usage_error(args, "--force, --key and --valid are for a "
                                "token: it takes the first two at least");
    }

    if (!force && ids == recs_args_has(args, "ids")) {
        return recs_usage_error(args, ids ? "ids stand in --ids or behind "
                                "CONF, not in both"
                                : "no ids: they stand in --ids or behind "
                                "CONF");
    }

    return RECS_EXIT_OK;
}


static int
recs_cmd_assign_run(const recs_args_t *args)
{
    int                 rc;
    recs_error_t        err;
    recs_status_t       status;
    unsigned long       valid;
    recs_cmd_assign_t  *c;

    valid = RECS_CMD_ASSIGN_VALID;
    rc = recs_cmd_assign_check(args);

    if (rc == RECS_EXIT_OK) {
        rc = recs_args_seconds(args, "valid", &valid);
    }

    if (rc != RECS_EXIT_OK) {
        return rc;
    }

    c = calloc(1, sizeof(recs_cmd_assign_t));

    if (c == NULL) {
        recs_error(&err, RECS_NOMEM, "no memory");
        return recs_failure(args, &err);
    }

    status = recs_conf_experiment_read(&c->conf, recs_args_operand(args, 0),
                                       recs_cmd_assign_str(
                                           recs_args_get(args, "experiment")),
                                       &err);

    if (status == RECS_OK) {
        status = recs_args_has(args, "force")
                 ? recs_cmd_assign_token(c, args, valid, &err)
                 : recs_cmd_assign_ids(c, args, &err);
        recs_conf_experiment_free(&c->conf);
    }

    free(c);

    return status == RECS_OK ? RECS_EXIT_OK : recs_failure(args, &err);
}
