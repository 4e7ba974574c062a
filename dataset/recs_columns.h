/*
 * recs_columns: which column of a csv, or key of a json object, is what.
 *
 * Names are compared without case, '_', '-' and blanks: userId is user_id.
 */

#ifndef _RECS_COLUMNS_H_INCLUDED_
#define _RECS_COLUMNS_H_INCLUDED_


#include "recs_id.h"
#include "recs_import.h"


typedef enum {
    RECS_COLUMN_USER,
    RECS_COLUMN_ITEM,
    RECS_COLUMN_TIME,
    RECS_COLUMN_VALUE,
    RECS_COLUMN_EVENT,
    RECS_COLUMN_ROLES
} recs_column_role_t;


/* "user", "item", ... for messages. */
const char *recs_column_role_name(recs_column_role_t role);

/* The name that the options give for role, or NULL. */
const char *recs_column_option(const recs_import_options_t *options,
    recs_column_role_t role);

/*
 * How well name fits role: 0 not at all, else the higher the better.  With
 * option (not NULL) only that very name fits.
 */
int recs_column_fit(recs_column_role_t role, const char *option,
    recs_str_t name);


#endif /* _RECS_COLUMNS_H_INCLUDED_ */
