/*
 * recs_timestamp: times as they stand in data, to milliseconds since 1970.
 *
 *     964982703, 964982703.25       seconds (below 1e11)
 *     964982703000                  milliseconds
 *     2000-07-30, 2000-07-30T18:45:03.5Z, 2000-07-30 18:45:03+02:00
 *                                   ISO 8601; UTC where no zone is given
 *     30/Jul/2000:18:45:03 +0000    as nginx logs $time_local
 *
 * 0, "" and null stand for a time that is not known, and give 0.
 */

#ifndef _RECS_TIMESTAMP_H_INCLUDED_
#define _RECS_TIMESTAMP_H_INCLUDED_


#include <stddef.h>
#include <stdint.h>


/* Accepted times end here: 2100-01-01T00:00:00Z. */
#define RECS_TIMESTAMP_MAX  4102444800000


typedef enum {
    RECS_TIMESTAMP_OK,
    RECS_TIMESTAMP_MALFORMED,
    RECS_TIMESTAMP_RANGE               /* before 1970, after 2100, NaN, inf */
} recs_timestamp_result_t;


recs_timestamp_result_t recs_timestamp_parse(const char *text, size_t len,
    int64_t *time_ms);

recs_timestamp_result_t recs_timestamp_number(double number,
    int64_t *time_ms);

/* "2000-07-30 18:45:03" (UTC) into text[20]. */
void recs_timestamp_format(int64_t time_ms, char *text);

/*
 * A decimal number that fills all len bytes: [+-]digits[.digits][e[+-]digits].
 * Returns 1 and the value, or 0.  Out of range gives infinity.
 */
int recs_number_parse(const char *text, size_t len, double *number);


#endif /* _RECS_TIMESTAMP_H_INCLUDED_ */
