/*
 * recs: one command for the whole road from behaviour data to a published
 * model.  Each subcommand is a file of its own, cli/recs_cmd_<name>.c.
 */

#include "recs_args.h"
#include "recs_cli_apart.h"
#include "recs_signals.h"
#include "recs_temporary.h"

#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>


#define RECS_VERSION_TEXT  "0.1.0"


static const recs_command_t *const  recs_commands[] = {
    &recs_cmd_import,
    &recs_cmd_split,
    &recs_cmd_train,
    &recs_cmd_tune,
    &recs_cmd_evaluate,
    &recs_cmd_recommend,
    &recs_cmd_pack,
    &recs_cmd_export,
    &recs_cmd_publish,
    &recs_cmd_rollback,
    &recs_cmd_prune,
    &recs_cmd_inspect,
    &recs_cmd_verify,
    &recs_cmd_rules,
    &recs_cmd_simulate,
    &recs_cmd_assign,
    &recs_cmd_report,
    &recs_cmd_bandit,
    &recs_cmd_plan
};

#define RECS_N_COMMANDS  (sizeof(recs_commands) / sizeof(recs_commands[0]))

static const char  *recs_running;


static void
recs_help(FILE *out)
{
    size_t  i;

    fprintf(out, "recs: train, evaluate and publish recommendation models "
            "for ngx_recs\n\nUsage: recs COMMAND [OPTIONS] ...\n\n");

    for (i = 0; i < RECS_N_COMMANDS; i++) {
        fprintf(out, "  %-12s %s\n", recs_commands[i]->name,
                recs_commands[i]->summary);
    }

    fprintf(out, "\nrecs COMMAND --help says more.  Exit status: 0 done, "
            "1 failed, 2 usage,\n3 refused by a safety rule.\n");
}


/*
 * What libraries build for printing has a hundred places where memory may be
 * missing; a command has nothing better to do there than to end.
 */
static void *
recs_json_malloc(size_t size)
{
    void  *p;

    p = malloc(size);

    if (p == NULL) {
        fprintf(stderr, "recs %s: no memory\n", recs_running);
        recs_temporary_sweep();
        _exit(RECS_EXIT_FAILED);
    }

    return p;
}


int
main(int argc, char **argv)
{
    int           rc;
    size_t        i;
    recs_args_t  *args;

    /* A file size limit then is an error to report, not a death. */
    signal(SIGXFSZ, SIG_IGN);

    recs_signals_catch();

    if (argc < 2) {
        recs_help(stderr);
        return RECS_EXIT_USAGE;
    }

    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        recs_help(stdout);
        return RECS_EXIT_OK;
    }

    if (strcmp(argv[1], "--version") == 0) {
        printf("recs %s\n", RECS_VERSION_TEXT);
        return RECS_EXIT_OK;
    }

    for (i = 0; i < RECS_N_COMMANDS; i++) {
        if (strcmp(argv[1], recs_commands[i]->name) == 0) {
            break;
        }
    }

    if (i == RECS_N_COMMANDS) {
        fprintf(stderr, "recs: unknown command \"%s\" (see recs --help)\n",
                argv[1]);
        return RECS_EXIT_USAGE;
    }

    recs_running = argv[1];
    json_set_alloc_funcs(recs_json_malloc, free);

    rc = recs_args_parse(recs_commands[i], argc - 2, argv + 2, &args);
    if (rc != RECS_EXIT_OK) {
        return rc == -1 ? RECS_EXIT_OK : rc;
    }

    rc = recs_cli_apart(args);

    if (rc == RECS_EXIT_OK) {
        rc = recs_commands[i]->run(args);
    }

    recs_args_free(args);

    if (rc == RECS_EXIT_OK && (fflush(stdout) != 0 || ferror(stdout))) {
        fprintf(stderr, "recs %s: cannot write to standard output\n",
                argv[1]);
        return RECS_EXIT_FAILED;
    }

    return rc;
}
