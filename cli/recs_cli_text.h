/*
 * recs_cli_text: printing what others have written.  Ids, titles and manifest
 * values may hold anything that was in the data.
 */

#ifndef _RECS_CLI_TEXT_H_INCLUDED_
#define _RECS_CLI_TEXT_H_INCLUDED_


#include <stdint.h>
#include <stdio.h>

#include "recs_id.h"


/* For people: control characters, which could move a cursor, become '?'. */
void recs_cli_put_text(FILE *out, recs_str_t text);

/* A JSON string with its quotes; text is well-formed UTF-8. */
void recs_cli_put_json(FILE *out, recs_str_t text);

/* "1.5 MiB" in a static buffer. */
const char *recs_cli_size(uint64_t bytes);


#endif /* _RECS_CLI_TEXT_H_INCLUDED_ */
