#include "recs_search_private.h"

#include <float.h>
#include <math.h>


/* Below this length squares come near the smallest floats. */
#define RECS_SEARCH_SHORT  0x1p-40f


/* Of cosines a little less: ||u|| of the scan is not that of the score. */
static float
recs_search_scan_threshold(const recs_search_t *s)
{
    float  value;

    value = s->threshold->value;

    if (s->query->measure == RECS_SEARCH_COSINE && value > -INFINITY) {
        value -= fabsf(value) * (float) s->rounding * 2;
    }

    return value;
}


/*
 * The rows of a block's hits are all asked for, then scored.  By cosine hits
 * are many all along, for nothing falls as norms do: the last ones wait for
 * the next block, so that their rows have time to come.
 */
static void
recs_search_hits(recs_search_t *s, const recs_scan_t *scan, uint32_t block,
    uint32_t hits)
{
    float     upper, bonus;
    uint32_t  i, item;

    for (hits &= recs_search_wanted_block(s, block);
         hits != 0;
         hits &= hits - 1)
    {
        i = (uint32_t) __builtin_ctz(hits);
        item = block * RECS_BLOCK_ITEMS + i;
        upper = scan->approximate[i] + scan->slack;
        bonus = 0.0f;

        if (s->bonus != NULL) {
            bonus = s->step * (float) s->bonus[item];

        } else if (s->query->measure == RECS_SEARCH_COSINE) {
            upper = recs_search_cosine(s, item, upper);
        }

        recs_search_wait(s, item, upper, bonus);
    }

    recs_search_settle(s, s->query->measure == RECS_SEARCH_COSINE
                          ? RECS_COSINE_WAITING : 0);
}


/*
 * Blocks from first on that may be scanned in one run: not beyond a shard,
 * nor over a block that the filter leaves empty, nor too long without a look
 * at the clock.
 */
static uint32_t
recs_search_run(const recs_search_t *s, uint32_t first, uint32_t n_blocks)
{
    uint64_t             n;
    uint32_t             end;
    const recs_table_t  *codes;

    codes = &s->view->codes;
    n = codes->rows_per_shard - first % codes->rows_per_shard;

    if (s->query->deadline_ns != 0
        && n * codes->row_size > RECS_SEARCH_RUN_SIZE)
    {
        n = RECS_SEARCH_RUN_SIZE / codes->row_size + 1;
    }

    end = n < n_blocks - first ? first + (uint32_t) n : n_blocks;

    if (s->query->allowed != NULL) {
        for (n = first + 1; n < end; n++) {
            if (recs_bitmap_block(s->query->allowed, n) == 0) {
                return (uint32_t) n;
            }
        }
    }

    return end;
}


static void
recs_search_scan_codes(recs_search_t *s)
{
    uint32_t            first, n_blocks, hits;
    uint32_t          (*next)(recs_scan_t *scan);
    recs_scan_t         scan;

    if (s->bonus != NULL) {
        next = s->view->codes_kind == RECS_CODES_INT8
               ? s->kernel->next_bonus_int8 : s->kernel->next_bonus_int4;
    } else {
        next = s->view->codes_kind == RECS_CODES_INT8
               ? s->kernel->next_int8 : s->kernel->next_int4;
    }

    scan.query = &s->coded;
    scan.block_size = s->view->codes.row_size;
    scan.step = s->step;
    scan.rounding = s->rounding;
    scan.margin = s->margin;
    scan.cosine = s->query->measure == RECS_SEARCH_COSINE;
    scan.stopped = 0;

    n_blocks = (s->view->n_items + RECS_BLOCK_ITEMS - 1) / RECS_BLOCK_ITEMS;

    for (first = 0;
         first < n_blocks && !scan.stopped
         && (first == 0 || !recs_search_late(s));
         first += scan.block)
    {
        scan.codes = recs_table_row(&s->view->codes, first);
        scan.blocks = s->view->code_blocks + first;
        scan.bonus = s->bonus != NULL
                     ? s->bonus + (size_t) first * RECS_BLOCK_ITEMS : NULL;
        scan.block = 0;
        scan.end = recs_search_run(s, first, n_blocks) - first;

        for ( ;; ) {
            scan.threshold = recs_search_scan_threshold(s);

            hits = next(&scan);
            if (hits == 0) {
                break;
            }

            recs_search_hits(s, &scan, first + scan.block - 1, hits);
        }
    }

    s->scanned = first < n_blocks ? first * RECS_BLOCK_ITEMS
                                  : s->view->n_items;
}


static void
recs_search_scan_rows(recs_search_t *s)
{
    float                      bonus;
    uint32_t                   item, n_items;
    const recs_bundle_view_t  *view;

    view = s->view;
    n_items = view->n_items;

    for (item = 0; item < n_items; item++) {
        if (item % RECS_BLOCK_ITEMS == 0
            && ((s->query->measure == RECS_SEARCH_DOT
                 && recs_search_reach(s, item) < s->threshold->value)
                || (item > 0 && recs_search_late(s))))
        {
            break;
        }

        if (recs_search_wanted(s, item)) {
            bonus = s->bonus != NULL ? s->step * (float) s->bonus[item]
                                     : 0.0f;
            recs_search_score(s, item, bonus);
        }
    }

    s->scanned = item;
}


void
recs_search_scan(recs_search_t *s)
{
    if (s->query->vector == NULL) {
        return;
    }

    if (!isfinite(s->coded.error)
        || !(s->norm * s->view->item_norms[0] < FLT_MAX / 64)
        || (s->query->measure == RECS_SEARCH_COSINE
            && s->cosine_norm < RECS_SEARCH_SHORT))
    {
        recs_search_scan_rows(s);
        return;
    }

    recs_search_scan_codes(s);
}


void
recs_search_scan_allowed(recs_search_t *s)
{
    float                       bonus, upper;
    uint32_t                    i, item;
    const recs_search_query_t  *q;

    q = s->query;
    s->scanned = s->view->n_items;

    for (i = 0; i < q->n_allowed; i++) {
        item = q->allowed_items[i];

        if (i > 0 && i % RECS_SEARCH_LOOK == 0) {
            recs_search_settle(s, RECS_SEARCH_LOOK / 2);

            if (recs_search_late(s)) {
                break;
            }
        }

        bonus = s->bonus != NULL ? s->step * (float) s->bonus[item] : 0.0f;

        if (q->vector == NULL && bonus == 0.0f) {
            continue;
        }

        upper = q->measure == RECS_SEARCH_COSINE
                ? INFINITY : recs_search_reach(s, item) + bonus;

        if (upper >= s->threshold->value && recs_search_wanted(s, item)) {
            recs_search_wait(s, item, upper, bonus);
        }
    }
}
