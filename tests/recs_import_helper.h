/*
 * recs_import_helper: an import in one call, its result as one line of text.
 */

#ifndef _RECS_IMPORT_HELPER_H_INCLUDED_
#define _RECS_IMPORT_HELPER_H_INCLUDED_


#include "recs_import.h"


#define RECS_HELPER_TEXT  4096


typedef struct {
    recs_import_options_t  options;
    recs_import_report_t   report;
    recs_status_t          status;
    recs_error_t           err;

    /* "user:item*weight@ms,... user:..." of what was imported */
    char                   text[RECS_HELPER_TEXT];
    /* "line reason; line reason; " */
    char                   rejects[RECS_HELPER_TEXT];
    /* "item{column=value,...} ..." for items with attributes */
    char                   items[RECS_HELPER_TEXT];
    char                   users[RECS_HELPER_TEXT];
} recs_helper_t;


/* Zeroes all but options and imports the file. */
void recs_helper_import(recs_helper_t *helper, const char *path);

/* The same, of text in a file. */
void recs_helper_text(recs_helper_t *helper, recs_format_t format,
    const char *text);

/* Fills text, items and users from a dataset. */
void recs_helper_describe(recs_helper_t *helper,
    const recs_dataset_view_t *view);


#endif /* _RECS_IMPORT_HELPER_H_INCLUDED_ */
