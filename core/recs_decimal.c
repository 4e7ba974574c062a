#include "recs_decimal.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>


#define RECS_DIGITS      9
#define RECS_TEN_TO_9    1000000000u
#define RECS_TEN_TO_8    100000000u

#define RECS_WHOLE       1e15            /* %.15g has no exponent below */

#define RECS_FIVES       28              /* powers of 5 below 2^64 */
#define RECS_FIVES_64    17              /* 5^17 * 2^24 < 2^64 */
#define RECS_FIVES_128   44              /* 5^44 * 2^24 < 2^128 */


typedef unsigned __int128  recs_u128_t;


static const uint64_t  recs_fives[RECS_FIVES] = {
    1u,
    5u,
    25u,
    125u,
    625u,
    3125u,
    15625u,
    78125u,
    390625u,
    1953125u,
    9765625u,
    48828125u,
    244140625u,
    1220703125u,
    6103515625u,
    30517578125u,
    152587890625u,
    762939453125u,
    3814697265625u,
    19073486328125u,
    95367431640625u,
    476837158203125u,
    2384185791015625u,
    11920928955078125u,
    59604644775390625u,
    298023223876953125u,
    1490116119384765625u,
    7450580596923828125u
};


/* The quotient, rounded half to even, from its floor and the remainder. */
static uint32_t
recs_round(uint32_t floor, recs_u128_t rest, recs_u128_t half, int sticky)
{
    if (rest > half || (rest == half && (sticky || (floor & 1)))) {
        return floor + 1;
    }

    return floor;
}


/* 5^n, n <= 54 */
static recs_u128_t
recs_five(int n)
{
    return n < RECS_FIVES ? recs_fives[n]
                          : (recs_u128_t) recs_fives[RECS_FIVES - 1]
                            * recs_fives[n - RECS_FIVES + 1];
}


/* recs_scale_up() where the product has 64 bits, as that of most scores. */
static uint32_t
recs_scale_up_64(uint32_t m, int shift, int p, uint32_t *floor)
{
    uint64_t  product, rest, half;

    product = recs_fives[p] * m;
    rest = product & (((uint64_t) 1 << shift) - 1);
    half = (uint64_t) 1 << (shift - 1);

    *floor = (uint32_t) (product >> shift);

    return *floor + (rest > half || (rest == half && (*floor & 1)));
}


/*
 * m * 2^e * 10^p, p >= 0, rounded to an integer: m * 5^p, shifted by e + p.
 * *floor is not rounded.
 */
static uint32_t
recs_scale_up(uint32_t m, int e, int p, uint32_t *floor)
{
    int           shift, sticky;
    recs_u128_t   five, product, one;

    shift = -(e + p);

    if (p <= RECS_FIVES_64 && shift > 0 && shift < 64) {
        return recs_scale_up_64(m, shift, p, floor);
    }

    sticky = 0;
    five = recs_five(p);

    if (p <= RECS_FIVES_128) {
        product = five * m;

        if (shift <= 0) {
            *floor = (uint32_t) (product << -shift);
            return *floor;
        }

    } else {
        /* Over 128 bits: without the last 64.  The value is under 10^-35. */

        product = (recs_u128_t) (uint64_t) five * m;
        sticky = (uint64_t) product != 0;
        product = (recs_u128_t) (uint64_t) (five >> 64) * m
                  + (uint64_t) (product >> 64);
        shift -= 64;
    }

    one = (recs_u128_t) 1 << shift;
    *floor = (uint32_t) (product >> shift);

    return recs_round(*floor, product & (one - 1), one >> 1, sticky);
}


/* m * 2^e / 10^q, q > 0, e > 0: both are below 2^128. */
static uint32_t
recs_scale_down(uint32_t m, int e, int q, uint32_t *floor)
{
    recs_u128_t  ten, value, rest;

    ten = recs_five(q) << q;
    value = (recs_u128_t) m << e;

    *floor = (uint32_t) (value / ten);
    rest = value % ten;

    return recs_round(*floor, rest, ten >> 1, 0);
}


static uint32_t
recs_scale(uint32_t m, int e, int p, uint32_t *floor)
{
    return p >= 0 ? recs_scale_up(m, e, p, floor)
                  : recs_scale_down(m, e, -p, floor);
}


/* Nine digits of n < 10^9, two at a time. */
static void
recs_digits(char *text, uint32_t n)
{
    int       i;
    uint32_t  pair;

    for (i = RECS_DIGITS - 2; i > 0; i -= 2) {
        pair = n % 100;
        n /= 100;
        text[i] = (char) ('0' + pair / 10);
        text[i + 1] = (char) ('0' + pair % 10);
    }

    text[0] = (char) ('0' + n);
}


/* 0.000ddd, dd.ddd or ddd: exponents from -4 to 8. */
static size_t
recs_fixed(char *text, const char *digits, int n, int exponent)
{
    int    point, i;
    char  *p;

    p = text;

    if (exponent < 0) {
        *p++ = '0';
        *p++ = '.';

        for (i = -1; i > exponent; i--) {
            *p++ = '0';
        }

        memcpy(p, digits, (size_t) n);
        return (size_t) (p - text) + (size_t) n;
    }

    point = exponent + 1;
    memcpy(p, digits, (size_t) point);
    p += point;

    if (n > point) {
        *p++ = '.';
        memcpy(p, digits + point, (size_t) (n - point));
        p += n - point;
    }

    return (size_t) (p - text);
}


/* d.ddde-XX */
static size_t
recs_scientific(char *text, const char *digits, int n, int exponent)
{
    char  *p;

    p = text;
    *p++ = digits[0];

    if (n > 1) {
        *p++ = '.';
        memcpy(p, digits + 1, (size_t) (n - 1));
        p += n - 1;
    }

    *p++ = 'e';
    *p++ = exponent < 0 ? '-' : '+';
    exponent = exponent < 0 ? -exponent : exponent;
    *p++ = (char) ('0' + exponent / 10);
    *p++ = (char) ('0' + exponent % 10);

    return (size_t) (p - text);
}


/* Of m * 2^e > 0: nine digits, and the exponent of the first. */
static int
recs_significant(uint32_t m, int e, char *digits)
{
    int       exponent, bits;
    uint32_t  n, floor;

    /* 2^bits <= value, 315653 / 2^20 is log10(2) to 1.7e-7. */

    bits = 31 - __builtin_clz(m) + e;
    exponent = bits * 315653 >> 20;

    n = recs_scale(m, e, RECS_DIGITS - 1 - exponent, &floor);

    if (floor >= RECS_TEN_TO_9) {
        exponent++;
        n = recs_scale(m, e, RECS_DIGITS - 1 - exponent, &floor);
    }

    if (n == RECS_TEN_TO_9) {
        exponent++;
        n = RECS_TEN_TO_8;
    }

    recs_digits(digits, n);

    return exponent;
}


size_t
recs_decimal(char *text, float value)
{
    int        e, n, exponent;
    char      *p, digits[RECS_DIGITS];
    uint32_t   bits, m;

    memcpy(&bits, &value, sizeof(bits));

    p = text;
    m = bits & 0x7fffff;
    e = (int) (bits >> 23 & 0xff);

    if (e == 0xff) {
        *p = '0';
        return 1;
    }

    if (bits >> 31) {
        *p++ = '-';
    }

    if (e == 0 && m == 0) {
        *p++ = '0';
        return (size_t) (p - text);
    }

    if (e == 0) {
        e = 1;

    } else {
        m |= 0x800000;
    }

    exponent = recs_significant(m, e - 150, digits);

    for (n = RECS_DIGITS; digits[n - 1] == '0'; n--) {
        /* %g drops them */
    }

    p += exponent >= -4 && exponent < RECS_DIGITS
         ? recs_fixed(p, digits, exponent + 1 > n ? exponent + 1 : n,
                      exponent)
         : recs_scientific(p, digits, n, exponent);

    return (size_t) (p - text);
}


/* Digits of n >= 0. */
static size_t
recs_whole(char *text, int64_t n)
{
    char    *p, digits[20];
    size_t   len;

    p = digits + sizeof(digits);

    do {
        *--p = (char) ('0' + n % 10);
        n /= 10;
    } while (n > 0);

    len = (size_t) (digits + sizeof(digits) - p);
    memcpy(text, p, len);

    return len;
}


size_t
recs_decimal_double(char *text, double value)
{
    int     n, i, kept;
    char    printed[64];
    size_t  sign;

    if (!isfinite(value)) {
        *text = '0';
        return 1;
    }

    if (fabs(value) < RECS_WHOLE && value == (double) (int64_t) value) {
        sign = signbit(value) != 0;
        *text = '-';

        return sign + recs_whole(text + sign, (int64_t) fabs(value));
    }

    n = snprintf(printed, sizeof(printed), "%.15g", value);
    kept = 0;

    for (i = 0; i < n && kept < RECS_DECIMAL_DOUBLE_MAX; i++) {

        if ((printed[i] >= '0' && printed[i] <= '9')
            || printed[i] == '-' || printed[i] == '+' || printed[i] == 'e')
        {
            text[kept++] = printed[i];

        } else if (kept > 0 && text[kept - 1] != '.') {

            /* The locale's point, of one byte or more. */

            text[kept++] = '.';
        }
    }

    return (size_t) kept;
}
