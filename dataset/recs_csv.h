/*
 * recs_csv: a strict reader of RFC 4180, ours because libcsv neither numbers
 * lines nor goes on after an error.
 *
 * Fields are separated by commas; a quoted field may hold commas, doubled
 * quotes and line breaks.  A quote inside an unquoted field, bytes behind a
 * closing quote and a quote that is never closed are malformed; reading goes
 * on at the next line, so that one bad row costs one row.  Empty lines are
 * skipped.  LF and CR LF end a row.
 */

#ifndef _RECS_CSV_H_INCLUDED_
#define _RECS_CSV_H_INCLUDED_


#include "recs_input.h"


#define RECS_CSV_FIELDS_MAX  1024


typedef enum {
    RECS_CSV_ROW,
    RECS_CSV_MALFORMED,                /* fault says why */
    RECS_CSV_TOO_LONG,                 /* bytes or fields */
    RECS_CSV_END
} recs_csv_result_t;

typedef struct {
    recs_input_t  *input;              /* borrowed */
    uint64_t       line;               /* where the row begins */
    const char    *fault;
    uint32_t       n_fields;
    recs_str_t     fields[RECS_CSV_FIELDS_MAX];      /* until the next read */

    char          *text;               /* private: unquoted fields */
    size_t         size;
} recs_csv_t;


void recs_csv_init(recs_csv_t *csv, recs_input_t *input);
void recs_csv_free(recs_csv_t *csv);

/* The next row.  RECS_OK with *result, or RECS_IO, RECS_INVALID, RECS_NOMEM. */
recs_status_t recs_csv_read(recs_csv_t *csv, recs_csv_result_t *result,
    recs_error_t *err);


#endif /* _RECS_CSV_H_INCLUDED_ */
