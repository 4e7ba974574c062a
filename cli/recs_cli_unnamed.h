/*
 * recs_cli_unnamed: a bundle in a file that has no name any more.
 */

#ifndef _RECS_CLI_UNNAMED_H_INCLUDED_
#define _RECS_CLI_UNNAMED_H_INCLUDED_


#include "recs_bundle.h"
#include "recs_model.h"


/* Writes model into TMPDIR, or /tmp, and opens it. */
recs_status_t recs_cli_unnamed(const recs_model_t *model,
    recs_bundle_t **bundle, recs_error_t *err);


#endif /* _RECS_CLI_UNNAMED_H_INCLUDED_ */
