/*
 * recs_decimal: a float in decimal, as printf's %.9g writes it in the C
 * locale: nine significant digits, correctly rounded, which give the very
 * float back.  It is many times as fast and knows no locale.
 */

#ifndef _RECS_DECIMAL_H_INCLUDED_
#define _RECS_DECIMAL_H_INCLUDED_


#include <stddef.h>


#define RECS_DECIMAL_MAX  16           /* "-1.23456789e-38" is the longest */


/*
 * Writes value into text[RECS_DECIMAL_MAX], without a NUL, and returns the
 * length.  What is no finite number is "0": JSON knows no other.
 */
size_t recs_decimal(char *text, float value);


#endif /* _RECS_DECIMAL_H_INCLUDED_ */
