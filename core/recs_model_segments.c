/*
 * Segments: the tables `segments` and `segment_spans`.
 */

#include "recs_model_writing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "recs_segment_run.h"


static const char *
recs_model_segment_fault(const recs_model_t *m, uint32_t i)
{
    float                   boost;
    uint64_t                k;
    recs_str_t              name, former;
    const recs_segments_t  *s;

    s = m->segments;

    name.data = s->names[i];
    name.len = strlen(name.data);

    if (!recs_segment_name_valid(name.data, name.len)) {
        return "its name is not NAME=VALUE";
    }

    if (i > 0) {
        former.data = s->names[i - 1];
        former.len = strlen(former.data);

        if (recs_id_compare(former, name) >= 0) {
            return "its name is out of order";
        }
    }

    if (s->offsets[i + 1] < s->offsets[i]
        || s->offsets[i + 1] - s->offsets[i] > RECS_SEGMENT_ITEMS_MAX)
    {
        return "it has too many items";
    }

    for (k = s->offsets[i]; k < s->offsets[i + 1]; k++) {
        boost = s->boosts[k];

        if (s->items[k] >= m->items.n) {
            return "an item is out of range";
        }

        if (!(boost >= 1.0f) || !(boost <= RECS_BOOST_MAX)) {
            return "a boost is out of range";
        }
    }

    return NULL;
}


recs_status_t
recs_model_check_segments(const recs_model_t *m, recs_error_t *err)
{
    uint32_t     i;
    const char  *fault;

    if (m->segments == NULL) {
        return RECS_OK;
    }

    if (m->popularity == NULL || m->segments->n > RECS_SEGMENTS_MAX) {
        return recs_error(err, RECS_INVALID, "%u segments, at most %d are "
                          "possible, and none without popularity",
                          m->segments->n, RECS_SEGMENTS_MAX);
    }

    for (i = 0; i < m->segments->n; i++) {
        fault = recs_model_segment_fault(m, i);

        if (fault != NULL) {
            return recs_error(err, RECS_INVALID, "segment %u \"%.128s\": %s",
                              i, m->segments->names[i], fault);
        }
    }

    return RECS_OK;
}


static int
recs_model_boosted_compare(const void *one, const void *two)
{
    const recs_boosted_t  *a, *b;

    a = one;
    b = two;

    return (a->item > b->item) - (a->item < b->item);
}


recs_str_t
recs_model_segment(void *data, uint64_t number)
{
    char                   *p;
    size_t                  len;
    uint32_t                i, n;
    uint64_t                first;
    recs_str_t              run;
    recs_writing_t         *w;
    recs_segment_head_t     head;
    const recs_segments_t  *s;

    w = data;
    s = w->model->segments;
    first = s->offsets[number];
    n = (uint32_t) (s->offsets[number + 1] - first);

    for (i = 0; i < n; i++) {
        w->boosted[i].item = w->item_numbers[s->items[first + i]];
        w->boosted[i].boost = s->boosts[first + i];
    }

    qsort(w->boosted, n, sizeof(recs_boosted_t), recs_model_boosted_compare);

    head.n_items = n;
    head.n_users = s->n_users[number];
    head.n_interactions = s->n_interactions[number];

    p = w->segment;
    memcpy(p, &head, sizeof(recs_segment_head_t));
    p += sizeof(recs_segment_head_t);

    for (i = 0; i < n; i++) {
        memcpy(p + i * sizeof(uint32_t), &w->boosted[i].item,
               sizeof(uint32_t));
        memcpy(p + (n + i) * sizeof(uint32_t), &w->boosted[i].boost,
               sizeof(float));
    }

    p += (size_t) n * (sizeof(uint32_t) + sizeof(float));
    len = strlen(s->names[number]);
    memcpy(p, s->names[number], len);

    run.data = w->segment;
    run.len = (size_t) (p - w->segment) + len;

    return run;
}
