/*
 * recs_cli_settings: a file of a model's parameters, as `recs tune -o` writes
 * it and `recs train --settings` reads it.
 *
 *     # a comment
 *     model=ials
 *     regularization=0.0031
 *
 * A line a parameter; blank lines and those from '#' on are skipped.  `model`
 * may be missing.
 */

#ifndef _RECS_CLI_SETTINGS_H_INCLUDED_
#define _RECS_CLI_SETTINGS_H_INCLUDED_


#include "recs_trainer.h"


typedef struct {
    char      *model;                     /* NULL: not told */
    char      *lines[RECS_PARAMS_MAX];    /* "name=value" */
    uint32_t   n;
} recs_cli_settings_t;


/* RECS_IO: cannot be read; RECS_INVALID: a line that is not name=value. */
recs_status_t recs_cli_settings_read(recs_cli_settings_t *settings,
    const char *path, recs_error_t *err);
void recs_cli_settings_free(recs_cli_settings_t *settings);


#endif /* _RECS_CLI_SETTINGS_H_INCLUDED_ */
