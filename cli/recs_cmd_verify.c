/*
 * recs verify: is a bundle whole and usable on this machine?
 */

#include "recs_bundle.h"
#include "recs_cli.h"
#include "recs_cli_text.h"
#include "recs_golden.h"
#include "recs_publish.h"
#include "recs_seal.h"

#include <stdio.h>
#include <unistd.h>


#define RECS_CMD_VERIFY_BUDGET_MS  60000


static int recs_cmd_verify_run(const recs_args_t *args);


static const recs_option_t  recs_cmd_verify_options[] = {
    { NULL, NULL, NULL }
};

const recs_command_t  recs_cmd_verify = {
    "verify",
    "check seal, structure and golden answers of a bundle",
    "BUNDLE",
    recs_cmd_verify_options,
    1,
    1,
    recs_cmd_verify_run,
    NULL
};


/* Says how far a bundle got; the last line is the step that failed. */

static recs_status_t
recs_cmd_verify_seal(int fd, const char *path, recs_error_t *err)
{
    recs_seal_t    seal;
    recs_status_t  status;

    status = recs_seal_read(fd, path, &seal, err);

    if (status == RECS_OK) {
        status = recs_seal_verify(fd, path, &seal, err);
    }

    if (status == RECS_OK) {
        printf("seal       ok      %s\n",
               recs_cli_size(seal.payload_size + RECS_SEAL_SIZE));

    } else {
        printf("seal       failed\n");
    }

    return status;
}


static recs_status_t
recs_cmd_verify_structure(int fd, const char *path, recs_bundle_t **bundle,
    recs_error_t *err)
{
    recs_status_t              status;
    const recs_bundle_view_t  *view;

    status = recs_bundle_open_fd(bundle, fd, path, RECS_BUNDLE_SEAL_KNOWN,
                                 err);
    if (status != RECS_OK) {
        printf("structure  failed\n");
        return status;
    }

    view = recs_bundle_view(*bundle);
    printf("structure  ok      %u items, %u users, %u factors\n",
           view->n_items, view->n_users, view->n_factors);

    return RECS_OK;
}


static recs_status_t
recs_cmd_verify_golden(const recs_bundle_t *bundle, recs_error_t *err)
{
    unsigned       n_checked;
    recs_status_t  status;

    status = recs_golden_check(bundle, RECS_CMD_VERIFY_BUDGET_MS, &n_checked,
                               err);
    if (status != RECS_OK) {
        printf("answers    failed\n");
        return status;
    }

    printf("answers    ok      %u golden answers recomputed\n", n_checked);

    return RECS_OK;
}


static int
recs_cmd_verify_run(const recs_args_t *args)
{
    int                 fd;
    const char         *path;
    recs_error_t        err;
    recs_bundle_t      *bundle;
    recs_status_t       status;
    recs_generation_t   gen;

    path = recs_args_operand(args, 0);

    if (recs_generation_open(path, &fd, &gen, &err) != RECS_OK) {
        return recs_failure(args, &err);
    }

    bundle = NULL;

    status = recs_cmd_verify_seal(fd, path, &err);

    if (status == RECS_OK) {
        status = recs_cmd_verify_structure(fd, path, &bundle, &err);
    }

    if (status == RECS_OK) {
        status = recs_cmd_verify_golden(bundle, &err);
    }

    recs_bundle_close(bundle);
    close(fd);

    if (status != RECS_OK) {
        fflush(stdout);
        return recs_failure(args, &err);
    }

    return RECS_EXIT_OK;
}
