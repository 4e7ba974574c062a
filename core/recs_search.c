#include "recs_pages.h"
#include "recs_search_private.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <time.h>


float
recs_dot(const float *a, const float *b, uint32_t n)
{
    return recs_kernel()->dot(a, b, n);
}


recs_search_scratch_t *
recs_search_scratch_create(const recs_bundle_view_t *view)
{
    size_t                  n_blocks;
    recs_search_scratch_t  *s;

    s = recs_pages_map(sizeof(recs_search_scratch_t));
    if (s == NULL) {
        return NULL;
    }

    n_blocks = ((size_t) view->n_items + RECS_BLOCK_ITEMS - 1)
               / RECS_BLOCK_ITEMS;

    s->bonus_size = n_blocks * RECS_BLOCK_ITEMS * sizeof(uint16_t);
    s->scored_size = (n_blocks + 1) * RECS_BLOCK_ITEMS / 8;
    s->scored_size += s->scored_size % sizeof(recs_bitmap_word_t);

    s->codes = malloc(recs_codes_query_size(view->n_factors) + 1);
    s->bonus = recs_pages_map(s->bonus_size);
    s->scored = recs_pages_map(s->scored_size);

    if (view->opposed_spans.n_rows > 0) {
        s->opposed = recs_pages_map(s->bonus_size);
    }

    if (s->codes == NULL || s->bonus == NULL || s->scored == NULL
        || (view->opposed_spans.n_rows > 0 && s->opposed == NULL))
    {
        recs_search_scratch_destroy(s);
        return NULL;
    }

    return s;
}


void
recs_search_scratch_destroy(recs_search_scratch_t *scratch)
{
    if (scratch == NULL) {
        return;
    }

    free(scratch->codes);
    recs_pages_unmap(scratch->bonus, scratch->bonus_size);
    recs_pages_unmap(scratch->opposed, scratch->bonus_size);
    recs_pages_unmap(scratch->scored, scratch->scored_size);
    recs_pages_unmap(scratch, sizeof(recs_search_scratch_t));
}


int
recs_search_late(recs_search_t *s)
{
    struct timespec  now;

    if (s->query->deadline_ns == 0 || s->late) {
        return s->late;
    }

    clock_gettime(CLOCK_MONOTONIC, &now);
    s->late = (uint64_t) now.tv_sec * 1000000000 + (uint64_t) now.tv_nsec
              >= s->query->deadline_ns;

    return s->late;
}


int
recs_search_wanted(const recs_search_t *s, uint32_t item)
{
    const recs_search_query_t  *q;

    q = s->query;

    return !(q->excluded != NULL && recs_bitmap_test(q->excluded, item))
           && !(q->blocked != NULL && recs_bitmap_test(q->blocked, item))
           && !(q->allowed != NULL && !recs_bitmap_test(q->allowed, item))
           && !(s->n_heads > 0 && recs_bitmap_test(s->scratch->scored, item));
}


float
recs_search_reach(const recs_search_t *s, uint32_t item)
{
    if (s->query->vector == NULL) {
        return s->margin;
    }

    return (float) (s->norm * s->view->item_norms[item] * (1.0 + s->rounding))
           + s->margin;
}


float
recs_search_cosine(const recs_search_t *s, uint32_t item, float dot)
{
    float  norm;

    norm = s->view->item_norms[item];

    return s->cosine_norm > 0.0f && norm > 0.0f
           ? dot / s->cosine_norm / norm : 0.0f;
}


uint32_t
recs_search_wanted_block(const recs_search_t *s, uint32_t block)
{
    uint32_t                    wanted, n;
    const recs_search_query_t  *q;

    q = s->query;
    n = s->view->n_items - block * RECS_BLOCK_ITEMS;
    wanted = n < RECS_BLOCK_ITEMS ? ((uint32_t) 1 << n) - 1 : UINT32_MAX;

    if (q->excluded != NULL) {
        wanted &= ~recs_bitmap_block(q->excluded, block);
    }

    if (q->blocked != NULL) {
        wanted &= ~recs_bitmap_block(q->blocked, block);
    }

    if (q->allowed != NULL) {
        wanted &= recs_bitmap_block(q->allowed, block);
    }

    if (s->n_heads > 0) {
        wanted &= ~recs_bitmap_block(s->scratch->scored, block);
    }

    return wanted;
}


/* Not below the exact norm of the vector. */
static double
recs_search_norm(const float *vector, uint32_t n)
{
    double    sum;
    uint32_t  i;

    sum = 0.0;

    for (i = 0; i < n; i++) {
        sum += (double) vector[i] * vector[i];
    }

    return sqrt(sum) * (1.0 + (n + 1) * DBL_EPSILON);
}


/* The query in codes where the bundle has any: they bring its norm along. */
static void
recs_search_code(recs_search_t *s)
{
    const recs_bundle_view_t  *view;

    view = s->view;

    if (view->codes_kind != RECS_CODES_NONE
        && s->query->allowed_items == NULL)
    {
        s->coded.codes = s->scratch->codes;
        recs_codes_query(view->codes_kind, view->n_factors, s->query->vector,
                         s->kernel->query_span, &s->coded);
    }

    s->norm = isfinite(s->coded.error)
              ? s->coded.norm
              : recs_search_norm(s->query->vector, view->stride);
}


/* The lists that are going to be added. */
static uint32_t
recs_search_n_lists(const recs_search_query_t *q)
{
    return q->n_history + (q->user_list != NULL);
}


/* docs/search.md derives rounding and margin. */
static void
recs_search_init(recs_search_t *s, uint32_t k)
{
    float                       highest, bonus;
    const recs_bundle_view_t   *view;
    const recs_search_query_t  *q;

    q = s->query;
    view = s->view;

    s->kernel = recs_kernel();
    s->rounding = (view->stride / 16 + 32) * 0x1p-24;
    s->margin = 4 * FLT_MIN;
    s->coded.error = INFINITY;

    if (q->vector != NULL) {
        recs_search_code(s);
    }

    highest = recs_search_reach(s, 0);

    if (q->measure == RECS_SEARCH_COSINE) {
        s->cosine_norm = sqrtf(s->kernel->dot(q->vector, q->vector,
                                              view->stride));
        highest = 1.0f;

    } else if (recs_search_n_lists(q) > 0 && view->neighbor_id_size != 0
               && view->neighbor_step > 0.0f)
    {
        s->bonus = s->scratch->bonus;
        s->step = view->neighbor_step;

        s->opposed = s->scratch->opposed;
        bonus = s->step * RECS_WEIGHT_MAX * (float) recs_search_n_lists(q);
        s->margin += bonus * 0x1p-20f;
        highest += bonus;
    }

    s->threshold = &s->scratch->threshold;
    recs_search_threshold_init(s->threshold, k, highest);
}


int
recs_search(const recs_bundle_view_t *view, recs_search_scratch_t *scratch,
    const recs_search_query_t *query, recs_topk_t *topk)
{
    recs_search_t  s;

    if (topk->k == 0 || view->n_items == 0) {
        return 0;
    }

    s = (recs_search_t) { .view = view, .query = query, .scratch = scratch };
    recs_search_init(&s, topk->k);

    if (s.bonus != NULL) {
        recs_search_add_lists(&s);
    }

    if (query->allowed_items != NULL) {
        recs_search_scan_allowed(&s);

    } else {
        if (s.bonus != NULL) {
            recs_search_heads(&s);

        } else if (query->n_history > 0 && view->neighbor_id_size != 0) {
            recs_search_seeds(&s);
        }

        recs_search_scan(&s);
    }

    if (s.bonus != NULL) {
        recs_search_harvest(&s);
    }

    recs_search_forget_heads(&s);
    recs_search_finish(&s, topk);

    if (s.opposed != NULL) {
        recs_search_clear_opposed(&s);
    }

    return s.late;
}
