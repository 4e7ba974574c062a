#include "recs_cli_rank.h"

#include <string.h>


int
recs_cli_rank(const recs_args_t *args, recs_cli_rank_t *rank)
{
    int            rc;
    recs_str_t     name;
    unsigned long  candidates;

    rank->kind = RECS_RANK_NONE;
    name.data = recs_args_get(args, "rank");

    if (name.data != NULL) {
        name.len = strlen(name.data);
        rank->kind = recs_rank_find(name);

        if (rank->kind == RECS_RANK_COUNT) {
            return recs_usage_error(args, "--rank is none, logistic, mlp or "
                                    "trees, not \"%s\"", name.data);
        }
    }

    candidates = 0;

    rc = recs_args_unsigned(args, "candidates", 1, RECS_CANDIDATES_MAX,
                            &candidates);
    if (rc != RECS_EXIT_OK) {
        return rc;
    }

    rank->candidates = (uint32_t) candidates;

    if (rank->candidates > 0 && rank->kind == RECS_RANK_NONE
        && !recs_args_has(args, "diversity") && !recs_args_has(args, "max-per"))
    {
        return recs_usage_error(args, "--candidates goes with --rank, "
                                "--diversity or --max-per");
    }

    return RECS_EXIT_OK;
}
