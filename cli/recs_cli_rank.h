/*
 * recs_cli_rank: --rank NAME and --candidates N, of a question.
 */

#ifndef _RECS_CLI_RANK_H_INCLUDED_
#define _RECS_CLI_RANK_H_INCLUDED_


#include "recs_cli.h"
#include "recs_rank.h"


#define RECS_CLI_CANDIDATES_OPTION                                            \
    { "candidates", "N", "how many to rank, 1 to 1000 (200)" }


typedef struct {
    recs_rank_t  kind;
    uint32_t     candidates;              /* 0: not given */
} recs_cli_rank_t;


/* Returns RECS_EXIT_OK or, having printed why, RECS_EXIT_USAGE. */
int recs_cli_rank(const recs_args_t *args, recs_cli_rank_t *rank);


#endif /* _RECS_CLI_RANK_H_INCLUDED_ */
