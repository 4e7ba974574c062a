#include "recs_segment_run.h"


uint32_t
recs_segment_find(const recs_bundle_view_t *view, recs_str_t name)
{
    int             rc;
    uint32_t        low, high, middle;
    recs_segment_t  segment;

    low = 0;
    high = (uint32_t) view->segment_spans.n_rows;

    while (low < high) {
        middle = low + (high - low) / 2;
        recs_segment_get(view, middle, &segment);
        rc = recs_id_compare(name, segment.name);

        if (rc == 0) {
            return middle;
        }

        if (rc < 0) {
            high = middle;

        } else {
            low = middle + 1;
        }
    }

    return RECS_SEGMENT_NO;
}


void
recs_segment_get(const recs_bundle_view_t *view, uint32_t number,
    recs_segment_t *segment)
{
    const char                 *run;
    const recs_span_t          *span;
    const recs_segment_head_t  *head;

    span = recs_table_row(&view->segment_spans, number);
    run = view->segment_runs[span->shard] + span->offset;
    head = (const recs_segment_head_t *) (const void *) run;

    segment->n_items = head->n_items;
    segment->n_users = head->n_users;
    segment->n_interactions = head->n_interactions;
    segment->items = (const uint32_t *) (head + 1);
    segment->boosts = (const float *) (segment->items + head->n_items);
    segment->name.data = (const char *) (segment->boosts + head->n_items);
    segment->name.len = span->len - (size_t) (segment->name.data - run);
}
