/*
 * recs_kernel_rectified: a kernel's rectified(), for recs_kernel_body.h, in
 * vectors of 8 floats (recs_kernel_fold_in.h).  Lane l of 16 sums the terms
 * l, l + 16, ...; the lanes are then added in a tree, so that registers of any
 * width give the same roundings.
 */


typedef int16_t  recs_short_oct_t
    __attribute__((vector_size(16), aligned(2), may_alias));
typedef int32_t  recs_int_oct_t  __attribute__((vector_size(32)));


/* Adds weights * max(a + b, 0) of eight hidden units to the sums. */
RECS_KERNEL_TARGET RECS_SCAN_INLINE void
recs_rectified_add(recs_oct_t *sums, const float *a, const int16_t *b,
    const float *weights)
{
    recs_oct_t      input;
    recs_int_oct_t  whole;

    whole = __builtin_convertvector(*(const recs_short_oct_t *) b,
                                    recs_int_oct_t);
    input = *(const recs_oct_t *) a
            + __builtin_convertvector(whole, recs_oct_t);
    input = (recs_oct_t) ((recs_int_oct_t) input
                          & (recs_int_oct_t) (input > (recs_oct_t) { 0 }));

    *sums += input * *(const recs_oct_t *) weights;
}


RECS_KERNEL_TARGET static float
recs_kernel_rectified(const float *a, const int16_t *b, const float *weights,
    uint32_t n)
{
    uint32_t     h;
    recs_oct_t   low, high;
    recs_four_t  four;

    low = high = (recs_oct_t) { 0 };

    for (h = 0; h < n; h += 16) {
        recs_rectified_add(&low, a + h, b + h, weights + h);
        recs_rectified_add(&high, a + h + 8, b + h + 8, weights + h + 8);
    }

    low += high;
    four = recs_fold_in_halve(low);

    return (four[0] + four[2]) + (four[1] + four[3]);
}
