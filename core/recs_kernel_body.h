/*
 * recs_kernel_body: the walks of a kernel, over what its file defines before
 * it includes this one:
 *
 *     RECS_KERNEL         its recs_kernel_t (a declared object)
 *     RECS_KERNEL_NAME, RECS_KERNEL_SPAN
 *     RECS_KERNEL_TARGET  the attribute of its functions
 *     recs_sums_t         the sums of products of a block's 32 items
 *
 *     recs_sums_int8, recs_sums_int4 (codes, query, sums)
 *     recs_sums_reach (sums, least)            which are at least that
 *     recs_sums_scores (sums, doubled, offset, scale, scores)
 *                                              into 32 floats
 *     recs_scores_bonus (scores, bonus, step)  adds step * bonus to them
 *     recs_scores_reach (scores, limit)
 *     recs_bonus_reach (bonus, least)          which of 32 are at least that
 *     recs_bonus_any (bonus, least)            0: none of RECS_SWEEP_BLOCKS is
 *     recs_kernel_usable, recs_kernel_dot
 *
 * Private to the kernels, which are one object each.
 */


#include "recs_kernel_fold_in.h"
#include "recs_kernel_rectified.h"


RECS_KERNEL_TARGET RECS_SCAN_INLINE void
recs_walk_scores(recs_scan_t *scan, const recs_scan_terms_t *t,
    const recs_code_block_t *b, const recs_sums_t *sums, int doubled)
{
    recs_sums_scores(sums, doubled, scan->query->offset,
                     (float) (t->scale * b->scale), scan->approximate);
    scan->slack = recs_scan_slack_up(recs_scan_slack(t, b));
}


RECS_KERNEL_TARGET RECS_SCAN_INLINE uint32_t
recs_walk(recs_scan_t *scan, int int4, int bonus)
{
    int32_t                   least[RECS_SCAN_AHEAD];
    uint32_t                  i, ahead, hits;
    recs_sums_t               sums;
    const uint8_t            *codes;
    recs_scan_terms_t         t;
    const recs_code_block_t  *b;

    t = recs_scan_terms(scan);
    ahead = 0;
    codes = scan->codes + scan->block * scan->block_size;

    for (i = scan->block; i < scan->end; i++, codes += scan->block_size) {
        b = &scan->blocks[i];

        if (recs_scan_stops(scan, &t, b)) {
            scan->stopped = 1;
            break;
        }

        /* Before the sums: its own latency is longer than what they leave. */
        if (!bonus && ahead == 0) {
            recs_scan_products(&t, b, scan->end - i, int4, least);
            ahead = RECS_SCAN_AHEAD;
        }

        if (int4) {
            recs_sums_int4(codes, scan->query, &sums);

        } else {
            recs_sums_int8(codes, scan->query, &sums);
        }

        if (bonus) {
            recs_walk_scores(scan, &t, b, &sums, int4);
            recs_scores_bonus(scan->approximate,
                              scan->bonus + (size_t) i * RECS_BLOCK_ITEMS,
                              scan->step);
            hits = recs_scores_reach(scan->approximate,
                                     recs_scan_float(recs_scan_limit(&t, b)));

        } else {
            hits = recs_sums_reach(&sums, least[RECS_SCAN_AHEAD - ahead--]);
        }

        if (hits != 0) {
            if (!bonus) {
                recs_walk_scores(scan, &t, b, &sums, int4);
            }

            scan->block = i + 1;
            return hits;
        }
    }

    scan->block = i;

    return 0;
}


RECS_KERNEL_TARGET static uint32_t
recs_kernel_next_int8(recs_scan_t *scan)
{
    return recs_walk(scan, 0, 0);
}


RECS_KERNEL_TARGET static uint32_t
recs_kernel_next_int4(recs_scan_t *scan)
{
    return recs_walk(scan, 1, 0);
}


RECS_KERNEL_TARGET static uint32_t
recs_kernel_next_bonus_int8(recs_scan_t *scan)
{
    return recs_walk(scan, 0, 1);
}


RECS_KERNEL_TARGET static uint32_t
recs_kernel_next_bonus_int4(recs_scan_t *scan)
{
    return recs_walk(scan, 1, 1);
}


/* memset() of a known size may become a slow string instruction. */
RECS_KERNEL_TARGET RECS_SCAN_INLINE void
recs_sweep_clear(uint16_t *bonus, uint32_t n_blocks)
{
    uint32_t                   i;
    const recs_sweep_block_t   zero = { 0 };

#pragma GCC unroll 8
    for (i = 0; i < n_blocks; i++) {
        memcpy(bonus + i * RECS_BLOCK_ITEMS, &zero, sizeof(zero));
    }
}


/* Takes a block's items of at least so much out, and clears it. */
RECS_KERNEL_TARGET RECS_SCAN_INLINE uint32_t
recs_sweep_block(uint16_t *bonus, uint32_t first, uint32_t least,
    recs_listed_t *listed)
{
    uint32_t  i, n, hits;

    n = 0;
    hits = least <= UINT16_MAX ? recs_bonus_reach(bonus, (uint16_t) least) : 0;

    for ( /* void */ ; hits != 0; hits &= hits - 1) {
        i = (uint32_t) __builtin_ctz(hits);
        listed[n].item = first + i;
        listed[n++].bonus = bonus[i];
    }

    recs_sweep_clear(bonus, 1);

    return n;
}


/* The first of several blocks has the largest norm: it answers for all. */
RECS_KERNEL_TARGET static uint32_t
recs_kernel_sweep(recs_scan_t *scan, recs_listed_t *listed)
{
    uint32_t            i, j, n, step, least;
    uint16_t           *bonus;
    recs_scan_terms_t   t;

    t = recs_scan_terms(scan);
    n = 0;

    for (i = scan->block;
         i < scan->end && n <= RECS_LISTED_MAX - RECS_BLOCK_ITEMS;
         i += step)
    {
        bonus = scan->bonus + (size_t) i * RECS_BLOCK_ITEMS;
        least = recs_scan_bonus(scan, &t, &scan->blocks[i]);

        if (scan->end - i >= RECS_SWEEP_BLOCKS
            && (least > UINT16_MAX
                || !recs_bonus_any(bonus, (uint16_t) least)))
        {
            step = RECS_SWEEP_BLOCKS;
            recs_sweep_clear(bonus, RECS_SWEEP_BLOCKS);
            continue;
        }

        step = scan->end - i < RECS_SWEEP_BLOCKS ? 1 : RECS_SWEEP_BLOCKS;

        for (j = 0; j < step; j++) {
            if (n > RECS_LISTED_MAX - RECS_BLOCK_ITEMS) {
                step = j;
                break;
            }

            n += recs_sweep_block(bonus, (i + j) * RECS_BLOCK_ITEMS, least,
                                  listed + n);
            bonus += RECS_BLOCK_ITEMS;
        }
    }

    scan->block = i;

    return n;
}


const recs_kernel_t  RECS_KERNEL = {
    RECS_KERNEL_NAME,
    RECS_KERNEL_SPAN,
    recs_kernel_usable,
    recs_kernel_dot,
    recs_kernel_next_int8,
    recs_kernel_next_int4,
    recs_kernel_next_bonus_int8,
    recs_kernel_next_bonus_int4,
    recs_kernel_sweep,
    recs_kernel_fold_in,
    recs_kernel_rectified
};
