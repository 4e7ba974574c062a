#include "recs_codes.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "recs_bundle_format.h"
#include "recs_rotate.h"


/* Covers the roundings of sums of up to 1024 squares. */
#define RECS_CODES_UP          (1.0 + 2048 * DBL_EPSILON)

/* An INT4 block's scale is the one with the least error of this many. */
#define RECS_CODES_SCALES      16
#define RECS_CODES_SCALE_STEP  0.04f


typedef float  recs_quad_t
    __attribute__((vector_size(16), aligned(4), may_alias));
typedef int32_t  recs_quad_bits_t  __attribute__((vector_size(16)));


static const char *const  recs_codes_names[] = { "none", "int8", "int4" };


const char *
recs_codes_name(recs_codes_kind_t kind)
{
    return recs_codes_names[kind];
}


recs_codes_kind_t
recs_codes_by_name(const char *name)
{
    recs_codes_kind_t  kind;

    for (kind = RECS_CODES_INT4; kind > RECS_CODES_NONE; kind--) {
        if (strcmp(recs_codes_names[kind], name) == 0) {
            break;
        }
    }

    return kind;
}


static float
recs_codes_float_up(double x)
{
    float  f;

    f = (float) x;

    return (double) f < x ? nextafterf(f, INFINITY) : f;
}


static float
recs_codes_float_down(double x)
{
    return -recs_codes_float_up(-x);
}


size_t
recs_codes_block_size(recs_codes_kind_t kind, uint32_t n_factors)
{
    size_t  size;

    size = (size_t) recs_codes_stride(n_factors) * RECS_BLOCK_ITEMS;

    switch (kind) {

    case RECS_CODES_INT8:
        return size;

    case RECS_CODES_INT4:
        return size / 2;

    default:
        return 0;
    }
}


/* The code of value as it is stored: 0..255 or 0..15. */
static unsigned
recs_codes_code(recs_codes_kind_t kind, float value, float scale)
{
    float  c;

    c = value / scale;

    if (kind == RECS_CODES_INT8) {
        c = rintf(c);
        c = c < -127 ? -127 : c > 127 ? 127 : c;

        return (unsigned) ((int) c + 128);
    }

    c = floorf(c * 0.5f);
    c = c < -8 ? -8 : c > 7 ? 7 : c;

    return (unsigned) ((int) c + 8);
}


/* In units of the scale. */
static int
recs_codes_value(recs_codes_kind_t kind, unsigned code)
{
    return kind == RECS_CODES_INT8 ? (int) code - 128 : 2 * (int) code - 15;
}


/* Where a factor of an item lies in a block, and the bits to shift it by. */
static size_t
recs_codes_place(recs_codes_kind_t kind, uint32_t item, uint32_t factor,
    unsigned *shift)
{
    if (kind == RECS_CODES_INT8) {
        *shift = 0;
        return (factor / 4 * RECS_BLOCK_ITEMS + item) * 4 + factor % 4;
    }

    *shift = factor % 8 / 4 * 4;

    return (factor / 8 * RECS_BLOCK_ITEMS + item) * 4 + factor % 4;
}


static void
recs_codes_put(recs_codes_kind_t kind, const float *turned, uint32_t stride,
    uint32_t item, float scale, uint8_t *codes)
{
    size_t    at;
    uint32_t  f;
    unsigned  shift;

    for (f = 0; f < stride; f++) {
        at = recs_codes_place(kind, item, f, &shift);
        codes[at] |= recs_codes_code(kind, turned[f], scale) << shift;
    }
}


/* The norm of a turned row's difference from its codes' values. */
static double
recs_codes_difference(recs_codes_kind_t kind, const float *turned,
    uint32_t stride, float scale)
{
    double    d, sum;
    uint32_t  f;

    sum = 0.0;

    for (f = 0; f < stride; f++) {
        d = turned[f] - (double) scale
            * recs_codes_value(kind, recs_codes_code(kind, turned[f], scale));
        sum += d * d;
    }

    return sqrt(sum);
}


/*
 * About what an INT4 scale leaves of n values, as a sum of squares: scales are
 * compared by it, nothing is proven with it.
 */
static float
recs_codes_rest(const float *values, size_t n, float scale)
{
    size_t              i;
    recs_quad_t         c, rest, sum;
    recs_quad_bits_t    over;
    const float         inverse = 0.5f / scale;
    const recs_quad_t  *v;
    const recs_quad_t   half = { 0.5f, 0.5f, 0.5f, 0.5f };
    const recs_quad_t   most = { 7.5f, 7.5f, 7.5f, 7.5f };
    const recs_quad_t   magic = { 0x1.8p23f, 0x1.8p23f, 0x1.8p23f, 0x1.8p23f };

    v = (const recs_quad_t *) values;
    sum = (recs_quad_t) { 0 };

    for (i = 0; i < n / 4; i++) {
        c = (v[i] * inverse - half + magic) - magic + half;

        over = c > most;
        c = (recs_quad_t) (((recs_quad_bits_t) most & over)
                           | ((recs_quad_bits_t) c & ~over));
        over = c < -most;
        c = (recs_quad_t) (((recs_quad_bits_t) -most & over)
                           | ((recs_quad_bits_t) c & ~over));

        rest = v[i] - c * (2.0f * scale);
        sum += rest * rest;
    }

    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}


static float
recs_codes_largest(const float *values, size_t n)
{
    float   largest;
    size_t  i;

    largest = 0.0f;

    for (i = 0; i < n; i++) {
        largest = fabsf(values[i]) > largest ? fabsf(values[i]) : largest;
    }

    return largest;
}


/* The largest rest of the rows, given up where it reaches limit. */
static float
recs_codes_worst(const float *turned, uint32_t n_rows, uint32_t stride,
    float scale, float limit)
{
    float     rest, worst;
    uint32_t  i;

    worst = 0.0f;

    for (i = 0; i < n_rows && worst < limit; i++) {
        rest = recs_codes_rest(turned + (size_t) i * stride, stride, scale);
        worst = rest > worst ? rest : worst;
    }

    return worst;
}


/*
 * INT4 gains by cutting off the few largest values: the cut is sought with
 * which the worst row, which is what the block's error is of, does best.
 */
static float
recs_codes_scale(recs_codes_kind_t kind, const float *turned,
    uint32_t n_rows, uint32_t stride)
{
    float     full, scale, best, rest, least;
    unsigned  i;

    full = recs_codes_largest(turned, (size_t) n_rows * stride)
           / (kind == RECS_CODES_INT8 ? 127.0f : 16.0f);

    if (full < FLT_MIN) {
        return FLT_MIN;
    }

    if (kind == RECS_CODES_INT8) {
        return full;
    }

    best = full;
    least = INFINITY;

    for (i = 0; i < RECS_CODES_SCALES; i++) {
        scale = full * (1.0f - RECS_CODES_SCALE_STEP * (float) i);
        rest = recs_codes_worst(turned, n_rows, stride, scale, least);

        if (rest < least) {
            least = rest;
            best = scale;
        }
    }

    return best;
}


/* What the rotation may have moved is part of the error. */
static double
recs_codes_error(double difference, double norm)
{
    return (difference + RECS_ROTATE_ROUNDING * norm) * RECS_CODES_UP
           + 1024 * (double) FLT_TRUE_MIN;
}


void
recs_codes_encode(recs_codes_kind_t kind, uint32_t n_factors,
    const float *const *rows, uint32_t n_rows, float *scratch, uint8_t *codes,
    recs_code_block_t *block)
{
    double    norm, longest, shortest, error, difference;
    uint32_t  i, stride;

    stride = recs_codes_stride(n_factors);
    longest = 0.0;
    shortest = INFINITY;
    error = 0.0;

    memset(codes, 0, recs_codes_block_size(kind, n_factors));
    memset(scratch, 0, (size_t) RECS_BLOCK_ITEMS * stride * sizeof(float));

    for (i = 0; i < n_rows; i++) {
        recs_rotate(rows[i], scratch + (size_t) i * stride, stride);
    }

    block->scale = recs_codes_scale(kind, scratch, n_rows, stride);

    for (i = 0; i < RECS_BLOCK_ITEMS; i++) {
        recs_codes_put(kind, scratch + (size_t) i * stride, stride, i,
                       block->scale, codes);
    }

    for (i = 0; i < n_rows; i++) {
        norm = recs_row_norm(rows[i], n_factors);
        longest = norm > longest ? norm : longest;
        shortest = norm < shortest ? norm : shortest;

        difference = recs_codes_difference(kind,
                                           scratch + (size_t) i * stride,
                                           stride, block->scale);
        difference = recs_codes_error(difference, norm);
        error = difference > error ? difference : error;
    }

    block->norm = recs_codes_float_up(longest);
    block->norm_min = recs_codes_float_down(shortest);
    block->error = recs_codes_float_up(error);
}


double
recs_codes_row_error(recs_codes_kind_t kind, uint32_t n_factors,
    const float *row, uint32_t item, const uint8_t *codes, float scale,
    float *scratch)
{
    double    d, sum;
    size_t    at;
    uint32_t  f, stride;
    unsigned  shift;

    stride = recs_codes_stride(n_factors);
    sum = 0.0;

    recs_rotate(row, scratch, stride);

    for (f = 0; f < stride; f++) {
        at = recs_codes_place(kind, item, f, &shift);
        d = scratch[f] - (double) scale * recs_codes_value(kind,
                kind == RECS_CODES_INT8 ? codes[at] : codes[at] >> shift & 15);
        sum += d * d;
    }

    return recs_codes_error(sqrt(sum), recs_row_norm(row, n_factors));
}
