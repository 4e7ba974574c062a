/*
 * recs_cli_import: what an import did, for people and for machines.
 */

#ifndef _RECS_CLI_IMPORT_H_INCLUDED_
#define _RECS_CLI_IMPORT_H_INCLUDED_


#include "recs_import.h"


/* On stdout; path is NULL where nothing was written. */
void recs_cli_import_text(const recs_import_options_t *options,
    const recs_import_report_t *report, const char *path, double seconds);
void recs_cli_import_json(const recs_import_report_t *report,
    const char *path, double seconds);


#endif /* _RECS_CLI_IMPORT_H_INCLUDED_ */
