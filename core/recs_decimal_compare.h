/*
 * recs_decimal_compare: numbers compared as they are written, to their last
 * digit: 0.1 is 0.10, and 0.1 + 0.2 is not asked for.
 */

#ifndef _RECS_DECIMAL_COMPARE_H_INCLUDED_
#define _RECS_DECIMAL_COMPARE_H_INCLUDED_


#include "recs_id.h"


/* Borrows the text. */
typedef struct {
    recs_str_t  whole;                  /* without leading zeros */
    recs_str_t  fraction;               /* without trailing zeros */
    int         negative;               /* 0 of zero */
} recs_decimal_number_t;


/* [+-]digits[.digits] or [+-].digits, all of the text; returns 0 if not. */
int recs_decimal_read(recs_str_t text, recs_decimal_number_t *number);

/* Below 0, 0 or above 0: as a is less than, equal to or greater than b. */
int recs_decimal_compare(const recs_decimal_number_t *a,
    const recs_decimal_number_t *b);


#endif /* _RECS_DECIMAL_COMPARE_H_INCLUDED_ */
