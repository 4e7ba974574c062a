/*
 * What a reader must know of the segments of a sealed bundle before it looks
 * one up.
 */

#include "recs_bundle_private.h"

#include <string.h>

#include "recs_segment_run.h"


static const char *
recs_segment_items_fault(const recs_bundle_view_t *v,
    const recs_segment_t *segment)
{
    uint32_t  i;

    for (i = 0; i < segment->n_items; i++) {

        if (segment->items[i] >= v->n_items
            || (i > 0 && segment->items[i] <= segment->items[i - 1]))
        {
            return "the items of a segment are out of order or range";
        }

        if (!(segment->boosts[i] >= 1.0f)
            || !(segment->boosts[i] <= RECS_BOOST_MAX))
        {
            return "a boost is out of range";
        }
    }

    return NULL;
}


static const char *
recs_segment_fault(const recs_bundle_t *b, uint32_t number, recs_str_t *last)
{
    size_t               size;
    recs_segment_t       segment;
    const char          *run;
    const recs_span_t   *span;
    recs_segment_head_t  head;

    span = recs_table_row(&b->view.segment_spans, number);

    if (!recs_check_span(b, RECS_TABLE_SEGMENTS, span)
        || span->len < sizeof(recs_segment_head_t))
    {
        return "a segment lies outside its table";
    }

    run = b->tables[RECS_TABLE_SEGMENTS].shards[span->shard] + span->offset;
    memcpy(&head, run, sizeof(recs_segment_head_t));

    size = sizeof(recs_segment_head_t)
           + (size_t) head.n_items * (sizeof(uint32_t) + sizeof(float));

    if (head.n_items > RECS_SEGMENT_ITEMS_MAX || span->len < size) {
        return "a segment has too many items";
    }

    recs_segment_get(&b->view, number, &segment);

    if (!recs_segment_name_valid(segment.name.data, segment.name.len)
        || (number > 0 && recs_id_compare(*last, segment.name) >= 0))
    {
        return "the name of a segment is bad or out of order";
    }

    *last = segment.name;

    return recs_segment_items_fault(&b->view, &segment);
}


recs_status_t
recs_bundle_check_segments(const recs_bundle_t *b, recs_error_t *err)
{
    uint64_t     n;
    uint32_t     i;
    recs_str_t   last;
    const char  *fault;

    n = b->view.segment_spans.n_rows;

    if (n > RECS_SEGMENTS_MAX) {
        return recs_check_error(b, "there are too many segments", n, err);
    }

    last.data = NULL;
    last.len = 0;

    for (i = 0; i < n; i++) {
        fault = recs_segment_fault(b, i, &last);

        if (fault != NULL) {
            return recs_check_error(b, fault, i, err);
        }
    }

    return RECS_OK;
}
