#include "recs_decimal_compare.h"

#include <string.h>


/* The digits from *pos on. */
static recs_str_t
recs_decimal_digits(recs_str_t text, size_t *pos)
{
    size_t      first;
    recs_str_t  digits;

    for (first = *pos;
         *pos < text.len && text.data[*pos] >= '0' && text.data[*pos] <= '9';
         (*pos)++)
    {
        /* void */
    }

    digits.data = text.data + first;
    digits.len = *pos - first;

    return digits;
}


int
recs_decimal_read(recs_str_t text, recs_decimal_number_t *number)
{
    size_t  pos, n_digits;

    pos = 0;
    number->negative = text.len > 0 && text.data[0] == '-';

    if (text.len > 0 && (text.data[0] == '-' || text.data[0] == '+')) {
        pos++;
    }

    number->whole = recs_decimal_digits(text, &pos);
    number->fraction.data = text.data + pos;
    number->fraction.len = 0;
    n_digits = number->whole.len;

    if (pos < text.len && text.data[pos] == '.') {
        pos++;
        number->fraction = recs_decimal_digits(text, &pos);
        n_digits += number->fraction.len;

        if (number->fraction.len == 0) {
            return 0;
        }
    }

    if (pos != text.len || n_digits == 0) {
        return 0;
    }

    while (number->whole.len > 0 && number->whole.data[0] == '0') {
        number->whole.data++;
        number->whole.len--;
    }

    while (number->fraction.len > 0
           && number->fraction.data[number->fraction.len - 1] == '0')
    {
        number->fraction.len--;
    }

    if (number->whole.len == 0 && number->fraction.len == 0) {
        number->negative = 0;
    }

    return 1;
}


/* Of digits: what is a prefix of the other is the smaller. */
static int
recs_decimal_order(recs_str_t a, recs_str_t b)
{
    int     rc;
    size_t  len;

    len = a.len < b.len ? a.len : b.len;
    rc = len > 0 ? memcmp(a.data, b.data, len) : 0;

    return rc != 0 ? rc : (a.len > b.len) - (a.len < b.len);
}


int
recs_decimal_compare(const recs_decimal_number_t *a,
    const recs_decimal_number_t *b)
{
    int  rc;

    if (a->negative != b->negative) {
        return b->negative - a->negative;
    }

    if (a->whole.len != b->whole.len) {
        rc = a->whole.len > b->whole.len ? 1 : -1;

    } else {
        rc = recs_decimal_order(a->whole, b->whole);

        if (rc == 0) {
            rc = recs_decimal_order(a->fraction, b->fraction);
        }
    }

    return a->negative ? -rc : rc;
}
