/*
 * recs_decimal: a number in decimal, whatever the locale.
 *
 * A float is written as printf's %.9g does in the C locale: nine significant
 * digits, correctly rounded, which give the very float back; but many times
 * as fast.
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


#define RECS_DECIMAL_DOUBLE_MAX  24    /* "-1.23456789012345e-308" is 22 */


/*
 * The same of a double, as %.15g writes it: a decimal of 15 digits that was
 * read is given back as it stood.  By printf, but for whole numbers.
 */
size_t recs_decimal_double(char *text, double value);


#endif /* _RECS_DECIMAL_H_INCLUDED_ */
