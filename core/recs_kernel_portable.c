/*
 * The kernel that every machine runs, and the meaning of the others.
 */

#include <string.h>

#include "recs_kernel_scan.h"
#include "recs_kernel_set.h"


#define RECS_KERNEL         recs_kernel_portable
#define RECS_KERNEL_NAME    "portable"
#define RECS_KERNEL_SPAN    0
#define RECS_KERNEL_TARGET


/* Four lanes, of any alignment: what every machine has registers for. */
typedef float  recs_quad_t
    __attribute__((vector_size(16), aligned(4), may_alias));

typedef struct {
    int32_t  of[RECS_BLOCK_ITEMS];
} recs_sums_t;


static int
recs_kernel_usable(void)
{
    return 1;
}


/*
 * The lanes of recs_search.h are independent, so that vector registers of any
 * width do not change a single rounding.
 */
static float
recs_kernel_dot(const float *a, const float *b, uint32_t n)
{
    uint32_t            i;
    recs_quad_t         l0, l1, l2, l3;
    const recs_quad_t  *p, *q;

    p = (const recs_quad_t *) a;
    q = (const recs_quad_t *) b;
    l0 = l1 = l2 = l3 = (recs_quad_t) { 0 };

    for (i = 0; i < n; i += 16, p += 4, q += 4) {
        l0 += p[0] * q[0];
        l1 += p[1] * q[1];
        l2 += p[2] * q[2];
        l3 += p[3] * q[3];
    }

    l0 = (l0 + l2) + (l1 + l3);

    return (l0[0] + l0[2]) + (l0[1] + l0[3]);
}


static void
recs_sums_int8(const uint8_t *codes, const recs_code_query_t *query,
    recs_sums_t *sums)
{
    uint32_t       g, i;
    const int8_t  *q;

    memset(sums, 0, sizeof(recs_sums_t));
    q = query->codes;

    for (g = 0; g < query->n_groups; g++, q += 4) {
        for (i = 0; i < RECS_BLOCK_ITEMS; i++, codes += 4) {
            sums->of[i] += codes[0] * q[0] + codes[1] * q[1]
                           + codes[2] * q[2] + codes[3] * q[3];
        }
    }
}


static void
recs_sums_int4(const uint8_t *codes, const recs_code_query_t *query,
    recs_sums_t *sums)
{
    uint32_t       g, i, j;
    const int8_t  *q;

    memset(sums, 0, sizeof(recs_sums_t));
    q = query->codes;

    for (g = 0; g < query->n_groups; g++, q += 8) {
        for (i = 0; i < RECS_BLOCK_ITEMS; i++, codes += 4) {
            for (j = 0; j < 4; j++) {
                sums->of[i] += 16 * (codes[j] & 0xf) * q[j]
                               + codes[j] * q[4 + j];
            }
        }
    }
}


static uint32_t
recs_sums_reach(const recs_sums_t *sums, int32_t least)
{
    uint32_t  i, hits;

    hits = 0;

    for (i = 0; i < RECS_BLOCK_ITEMS; i++) {
        hits |= (uint32_t) (sums->of[i] >= least) << i;
    }

    return hits;
}


static void
recs_sums_scores(const recs_sums_t *sums, int doubled, int32_t offset,
    float scale, float *scores)
{
    uint32_t  i;

    for (i = 0; i < RECS_BLOCK_ITEMS; i++) {
        scores[i] = scale * (float) ((doubled ? 2 * sums->of[i] : sums->of[i])
                                     - offset);
    }
}


static void
recs_scores_bonus(float *scores, const uint16_t *bonus, float step)
{
    uint32_t  i;

    for (i = 0; i < RECS_BLOCK_ITEMS; i++) {
        scores[i] += step * (float) bonus[i];
    }
}


static uint32_t
recs_scores_reach(const float *scores, float limit)
{
    uint32_t  i, hits;

    hits = 0;

    for (i = 0; i < RECS_BLOCK_ITEMS; i++) {
        hits |= (uint32_t) (scores[i] >= limit) << i;
    }

    return hits;
}


static uint32_t
recs_bonus_reach(const uint16_t *bonus, uint16_t least)
{
    uint32_t  i, hits;

    hits = 0;

    for (i = 0; i < RECS_BLOCK_ITEMS; i++) {
        hits |= (uint32_t) (bonus[i] >= least) << i;
    }

    return hits;
}


static int
recs_bonus_any(const uint16_t *bonus, uint16_t least)
{
    uint32_t  i;
    uint16_t  largest;

    largest = 0;

    for (i = 0; i < RECS_SWEEP_BLOCKS * RECS_BLOCK_ITEMS; i++) {
        largest = bonus[i] > largest ? bonus[i] : largest;
    }

    return largest >= least;
}


#include "recs_kernel_body.h"
