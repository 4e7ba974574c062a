#include "recs_rotate.h"

#include <math.h>


typedef float  recs_quad_t
    __attribute__((vector_size(16), aligned(4), may_alias));
typedef uint32_t  recs_quad_bits_t  __attribute__((vector_size(16)));


/* Of 1024 factors; splitmix64. */
static const uint64_t  recs_rotate_signs[16] = {
    0x9f7f18f4299eea24, 0x10ad6c73d01d3515,
    0x6b1153528bb1e053, 0x1f857163d10db31e,
    0x0c3029632a9782b0, 0xa0954905e55a11a1,
    0x3b59bd832be979f0, 0x5cc0493144718dc5,
    0x24223be43a3345ef, 0x00ae977042c835e8,
    0x4313488a8548c7d2, 0xa04366aac51e0bef,
    0x26cc7d59215ae15e, 0x01dc5e80f5a479be,
    0x15ba6a8bf1f5d38e, 0xad32f9b05a73494a
};

#define RECS_MINUS  0x80000000

/* The sign bits of four factors, by four bits of the above. */
static const recs_quad_bits_t  recs_rotate_minus[16] = {
    { 0, 0, 0, 0 },
    { RECS_MINUS, 0, 0, 0 },
    { 0, RECS_MINUS, 0, 0 },
    { RECS_MINUS, RECS_MINUS, 0, 0 },
    { 0, 0, RECS_MINUS, 0 },
    { RECS_MINUS, 0, RECS_MINUS, 0 },
    { 0, RECS_MINUS, RECS_MINUS, 0 },
    { RECS_MINUS, RECS_MINUS, RECS_MINUS, 0 },
    { 0, 0, 0, RECS_MINUS },
    { RECS_MINUS, 0, 0, RECS_MINUS },
    { 0, RECS_MINUS, 0, RECS_MINUS },
    { RECS_MINUS, RECS_MINUS, 0, RECS_MINUS },
    { 0, 0, RECS_MINUS, RECS_MINUS },
    { RECS_MINUS, 0, RECS_MINUS, RECS_MINUS },
    { 0, RECS_MINUS, RECS_MINUS, RECS_MINUS },
    { RECS_MINUS, RECS_MINUS, RECS_MINUS, RECS_MINUS }
};


#ifdef __clang__
#define recs_quad_pick(x, a, b, c, d)                                         \
    __builtin_shufflevector(x, x, a, b, c, d)
#else
#define recs_quad_pick(x, a, b, c, d)                                         \
    __builtin_shuffle(x, (recs_quad_bits_t) { a, b, c, d })
#endif


static recs_quad_t
recs_quad_flip(recs_quad_t x, unsigned signs)
{
    return (recs_quad_t) ((recs_quad_bits_t) x ^ recs_rotate_minus[signs]);
}


/* The transform of four quads: 16 factors in registers. */
static void
recs_rotate_sixteen(recs_quad_t *x)
{
    unsigned     i;
    recs_quad_t  y[4];

    for (i = 0; i < 4; i++) {
        y[i] = recs_quad_pick(x[i], 1, 0, 3, 2) + recs_quad_flip(x[i], 0xa);
        y[i] = recs_quad_pick(y[i], 2, 3, 0, 1) + recs_quad_flip(y[i], 0xc);
    }

    x[0] = (y[0] + y[1]) + (y[2] + y[3]);
    x[1] = (y[0] - y[1]) + (y[2] - y[3]);
    x[2] = (y[0] + y[1]) - (y[2] + y[3]);
    x[3] = (y[0] - y[1]) - (y[2] - y[3]);
}


/* Of n quads, a power of two from 4, times norm. */
static void
recs_rotate_block(recs_quad_t *x, uint32_t n, float norm)
{
    uint32_t     i, j, half;
    recs_quad_t  a, b;

    for (i = 0; i < n; i += 4) {
        recs_rotate_sixteen(x + i);
    }

    for (half = 4; half < n; half *= 2) {
        for (i = 0; i < n; i += 2 * half) {
            for (j = i; j < i + half; j++) {
                a = x[j];
                b = x[j + half];
                x[j] = a + b;
                x[j + half] = a - b;
            }
        }
    }

    for (i = 0; i < n; i++) {
        x[i] *= norm;
    }
}


/* All powers of two in n quads, the largest first. */
static void
recs_rotate_blocks(recs_quad_t *x, uint32_t n)
{
    float     norm, next, former;
    uint32_t  block;

    norm = 0x1p-5f;
    next = (float) (M_SQRT1_2 * 0x1p-4);

    for (block = 256; n > 0; block /= 2) {
        if (n >= block) {
            recs_rotate_block(x, block, norm);
            x += block;
            n -= block;
        }

        former = norm;
        norm = next;
        next = 2 * former;
    }
}


/* A step through n quads that meets each of them and neighbours far apart. */
static uint32_t
recs_rotate_step(uint32_t n)
{
    uint32_t  a, b, r, step;

    for (step = n * 5 / 8; /* void */ ; step++) {

        for (a = n, b = step; b != 0; b = r) {
            r = a % b;
            a = b;
        }

        if (a == 1) {
            return step;
        }
    }
}


void
recs_rotate(const float *from, float *to, uint32_t n)
{
    uint32_t            i, j, n_quads, step;
    recs_quad_t        *y, turned[256];
    const recs_quad_t  *x;

    x = (const recs_quad_t *) from;
    y = (recs_quad_t *) to;
    n_quads = n / 4;

    if ((n & (n - 1)) != 0) {
        step = recs_rotate_step(n_quads);

        for (i = 0; i < n_quads; i++) {
            turned[i] = recs_quad_flip(x[i], recs_rotate_signs[15 - i / 16]
                                             >> i % 16 * 4 & 0xf);
        }

        recs_rotate_blocks(turned, n_quads);

        for (i = 0, j = 0; i < n_quads; i++) {
            y[i] = turned[j];
            j = (j + step) % n_quads;
        }

        x = y;
    }

    for (i = 0; i < n_quads; i++) {
        y[i] = recs_quad_flip(x[i], recs_rotate_signs[i / 16]
                                    >> i % 16 * 4 & 0xf);
    }

    recs_rotate_blocks(y, n_quads);
}
