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
 * items' codes: over `span` groups, the positive or the negative values at
 * factors 0 and 1, or 2 and 3, of a group.
 */
static float
recs_query_window(const float *values, uint32_t n, unsigned span)
{
    float               largest, sum;
    uint32_t            i, j;
    recs_quad_t         up, down;
    recs_quad_bits_t    positive;
    const recs_quad_t  *v;

    v = (const recs_quad_t *) values;
    largest = 0.0f;

    for (i = 0; i < n / 4; i += span) {
        up = down = (recs_quad_t) { 0 };

        for (j = i; j < i + span; j++) {
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


/* Rounds values * inverse; returns the norm of what is left, upwards. */
static double
recs_query_round(const float *values, uint32_t n, float inverse, float step,
    recs_code_query_t *query)
{
    uint32_t            i, j;
    recs_quad_t         c, rest, sum, squares, rests;
    recs_quad_bits_t    bits;
    const recs_quad_t  *v;
    const recs_quad_t   magic = { 0x1.8p23f, 0x1.8p23f, 0x1.8p23f, 0x1.8p23f };

    v = (const recs_quad_t *) values;
    sum = squares = rests = (recs_quad_t) { 0 };

    for (i = 0; i < n / 4; i++) {
        c = v[i] * inverse + magic;
        bits = (recs_quad_bits_t) c;
        c -= magic;

        for (j = 0; j < 4; j++) {
            query->codes[i * 4 + j] = (int8_t) (uint8_t) bits[j];
        }

        rest = v[i] - c * step;
        rests += rest * rest;
        squares += c * c;
        sum += c;
    }

    query->offset = (int32_t) ((sum[0] + sum[1]) + (sum[2] + sum[3]));
    query->coded_norm = sqrt(((double) squares[0] + squares[1])
                             + ((double) squares[2] + squares[3]))
                        * RECS_QUERY_UP;

    return sqrt(((double) rests[0] + rests[1])
                + ((double) rests[2] + rests[3])) * RECS_QUERY_UP;
}


/* Nothing is known of it, or it is zero. */
static void
recs_query_empty(recs_code_query_t *query, uint32_t n, double norm,
    double error)
{
    memset(query->codes, 0, n);

    query->offset = 0;
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
    float     largest, inverse, step, window,
              small[RECS_FACTORS_MAX], turned[RECS_FACTORS_MAX];
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

    inverse = 127.0f / recs_query_largest(turned, n);

    if (kind == RECS_CODES_INT8 && span > 0) {
        window = recs_query_window(turned, n, span);

        if (inverse * window > 128.0f - (float) span) {
            inverse = (128.0f - (float) span) / window;
        }
    }

    step = 1.0f / inverse;
    rest = recs_query_round(turned, n, inverse, step, query);

    query->offset *= kind == RECS_CODES_INT8 ? 128 : 15;
    query->scale = step * unit;
    query->norm = norm * unit;
    query->coded_norm *= query->scale;
    query->error = (rest + (RECS_ROTATE_ROUNDING + 4 * 0x1p-24) * norm) * unit;
}
