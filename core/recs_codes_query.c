#include "recs_codes.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "recs_model.h"
#include "recs_rotate.h"


/* Covers the roundings of sums of up to 1024 squares: 4 lanes of 256. */
#define RECS_QUERY_UP  (1.0 + 160 * (double) FLT_EPSILON)


typedef float  recs_quad_t
    __attribute__((vector_size(16), aligned(4), may_alias));
typedef int32_t  recs_quad_bits_t  __attribute__((vector_size(16)));


size_t
recs_codes_query_size(uint32_t n_factors)
{
    return recs_codes_stride(n_factors);
}


/* The largest |value| of n floats, n a multiple of 16; NaN may pass. */
static float
recs_query_largest(const float *values, uint32_t n)
{
    uint32_t            i;
    recs_quad_t         m, x;
    recs_quad_bits_t    more;
    const recs_quad_t  *v;

    v = (const recs_quad_t *) values;
    m = (recs_quad_t) { 0 };

    for (i = 0; i < n / 4; i++) {
        x = (recs_quad_t) ((recs_quad_bits_t) v[i] & 0x7fffffff);
        more = x > m;
        m = (recs_quad_t) (((recs_quad_bits_t) x & more)
                           | ((recs_quad_bits_t) m & ~more));
    }

    m[0] = m[1] > m[0] ? m[1] : m[0];
    m[2] = m[3] > m[2] ? m[3] : m[2];

    return m[2] > m[0] ? m[2] : m[0];
}


/* Of values up to 2^64: no square overflows. */
static double
recs_query_norm(const float *values, uint32_t n)
{
    uint32_t            i;
    recs_quad_t         s[4];
    const recs_quad_t  *v;

    v = (const recs_quad_t *) values;
    s[0] = s[1] = s[2] = s[3] = (recs_quad_t) { 0 };

    for (i = 0; i < n / 4; i += 4) {
        s[0] += v[i] * v[i];
        s[1] += v[i + 1] * v[i + 1];
        s[2] += v[i + 2] * v[i + 2];
        s[3] += v[i + 3] * v[i + 3];
    }

    s[0] = (s[0] + s[1]) + (s[2] + s[3]);

    return sqrt(((double) s[0][0] + s[0][1]) + ((double) s[0][2] + s[0][3]))
           * RECS_QUERY_UP;
}


/*
 * The largest sum that one 16-bit lane can be asked to hold, per unit of the
 * items' codes: over `span` of the quads first, first + step, ..., the
 * positive or the negative values at 0 and 1, or 2 and 3, of a quad.
 */
static float
recs_query_window(const float *values, uint32_t n, unsigned first,
    unsigned step, unsigned span)
{
    float               largest, sum;
    uint32_t            i, j;
    recs_quad_t         up, down;
    recs_quad_bits_t    positive;
    const recs_quad_t  *v;

    v = (const recs_quad_t *) values;
    largest = 0.0f;

    for (i = first; i < n / 4; i += step * span) {
        up = down = (recs_quad_t) { 0 };

        for (j = i; j < i + step * span; j += step) {
            positive = v[j] > (recs_quad_t) { 0 };
            up += (recs_quad_t) ((recs_quad_bits_t) v[j] & positive);
            down -= (recs_quad_t) ((recs_quad_bits_t) v[j] & ~positive);
        }

        sum = up[0] + up[1];
        largest = sum > largest ? sum : largest;
        sum = up[2] + up[3];
        largest = sum > largest ? sum : largest;
        sum = down[0] + down[1];
        largest = sum > largest ? sum : largest;
        sum = down[2] + down[3];
        largest = sum > largest ? sum : largest;
    }

    return largest;
}


static double
recs_query_total(recs_quad_t x)
{
    return ((double) x[0] + x[1]) + ((double) x[2] + x[3]);
}


/* Rounds four values to whole numbers, which become codes as well. */
static recs_quad_t
recs_query_codes(recs_quad_t values, int8_t *codes)
{
    uint32_t           i;
    recs_quad_t        c;
    recs_quad_bits_t   bits;
    const recs_quad_t  magic = { 0x1.8p23f, 0x1.8p23f, 0x1.8p23f, 0x1.8p23f };

    c = values + magic;
    bits = (recs_quad_bits_t) c;

    for (i = 0; i < 4; i++) {
        codes[i] = (int8_t) (uint8_t) bits[i];
    }

    return c - magic;
}


/* Codes values in units of step; returns the norm of what is left, upwards. */
static double
recs_query_int8(const float *values, uint32_t n, float step,
    recs_code_query_t *query)
{
    uint32_t            i;
    recs_quad_t         c, rest, sum, squares, rests;
    const float         inverse = 1.0f / step;
    const recs_quad_t  *v;

    v = (const recs_quad_t *) values;
    sum = squares = rests = (recs_quad_t) { 0 };

    for (i = 0; i < n / 4; i++) {
        c = recs_query_codes(v[i] * inverse, query->codes + 4 * i);
        rest = v[i] - c * step;
        rests += rest * rest;
        squares += c * c;
        sum += c;
    }

    query->offset = 128 * (int32_t) recs_query_total(sum);
    query->scale = step;
    query->coded_norm = sqrt(recs_query_total(squares)) * RECS_QUERY_UP * step;

    return sqrt(recs_query_total(rests)) * RECS_QUERY_UP;
}


/*
 * The same for INT4, where a low half's factor weighs its code and a sixteenth
 * of the high half's (recs_codes.h).
 */
static double
recs_query_int4(const float *values, uint32_t n, float step,
    recs_code_query_t *query)
{
    uint32_t            i;
    recs_quad_t         low, high, rest, sum, highs, squares, rests;
    const float         inverse = 1.0f / step;
    const recs_quad_t  *v;

    v = (const recs_quad_t *) values;
    sum = highs = squares = rests = (recs_quad_t) { 0 };

    for (i = 0; i < n / 4; i += 2) {
        high = recs_query_codes(v[i + 1] * inverse, query->codes + 4 * i + 4);
        low = recs_query_codes(v[i] * inverse - high * 0.0625f,
                               query->codes + 4 * i);
        low += high * 0.0625f;

        rest = v[i + 1] - high * step;
        rests += rest * rest;
        rest = v[i] - low * step;
        rests += rest * rest;
        squares += high * high + low * low;
        sum += low + high;
        highs += high;
    }

    query->offset = 15 * (int32_t) (16 * recs_query_total(sum));
    query->high_sum = (int32_t) recs_query_total(highs);
    query->scale = step * 0.0625;
    query->coded_norm = sqrt(recs_query_total(squares)) * RECS_QUERY_UP * step;

    return sqrt(recs_query_total(rests)) * RECS_QUERY_UP;
}


/* The least unit of values with which all their codes fit. */
static float
recs_query_step(recs_codes_kind_t kind, const float *values, uint32_t n,
    unsigned span)
{
    float  step, window;

    if (kind == RECS_CODES_INT8) {
        step = recs_query_largest(values, n) / 127;
        window = span > 0 ? recs_query_window(values, n, 0, 1, span) : 0;

    } else {
        /* What the high half takes of the low half's is up to 8. */
        step = recs_query_largest(values, n) / 119;
        window = recs_query_window(values, n, 1, 2, RECS_CODES_INT4_SPAN);
        span = RECS_CODES_INT4_SPAN;
    }

    window /= 128.0f - (float) span;

    return window > step ? window : step;
}


/* Nothing is known of it, or it is zero. */
static void
recs_query_empty(recs_code_query_t *query, uint32_t n, double norm,
    double error)
{
    memset(query->codes, 0, n);

    query->offset = query->high_sum = 0;
    query->scale = 1.0;
    query->norm = norm;
    query->coded_norm = 0.0;
    query->error = error;
}


void
recs_codes_query(recs_codes_kind_t kind, uint32_t n_factors,
    const float *vector, unsigned span, recs_code_query_t *query)
{
    int       exponent;
    float     largest, step, small[RECS_FACTORS_MAX],
              turned[RECS_FACTORS_MAX];
    double    unit, norm, rest;
    uint32_t  i, n;

    n = recs_codes_stride(n_factors);
    query->n_groups = n / (kind == RECS_CODES_INT8 ? 4 : 8);

    largest = recs_query_largest(vector, n);

    if (largest == 0.0f) {
        recs_query_empty(query, n, 0.0, 0.0);
        return;
    }

    (void) frexpf(largest, &exponent);
    exponent = exponent < -126 ? -126 : exponent;
    step = ldexpf(1.0f, -exponent);
    unit = ldexp(1.0, exponent);

    for (i = 0; i < n; i++) {
        small[i] = vector[i] * step;
    }

    norm = recs_query_norm(small, n);

    if (!(norm * unit < RECS_NORM_MAX)) {
        recs_query_empty(query, n, norm * unit, INFINITY);
        return;
    }

    recs_rotate(small, turned, n);

    step = recs_query_step(kind, turned, n, span);
    rest = kind == RECS_CODES_INT8 ? recs_query_int8(turned, n, step, query)
                                   : recs_query_int4(turned, n, step, query);

    query->scale *= unit;
    query->norm = norm * unit;
    query->coded_norm *= unit;
    query->error = (rest + (RECS_ROTATE_ROUNDING + 4 * 0x1p-24) * norm) * unit;
}
