/*
 * The contexts of a dataset file: what is behind the sections of one without.
 */

#include "recs_dataset_format.h"

#include <stdlib.h>
#include <string.h>


static const char *recs_dataset_contexts_sections_fault(
    const recs_dataset_t *d, const recs_dataset_contexts_t *tail);
static const char *recs_dataset_segments_fault(recs_dataset_t *d,
    const char *text, uint64_t size);
static const char *recs_dataset_rows_fault(const recs_contexts_t *c,
    uint64_t n_interactions);


const char *
recs_dataset_contexts_fault(recs_dataset_t *d)
{
    const char                     *base, *fault;
    recs_contexts_t                *c;
    const recs_section_t           *s;
    const recs_dataset_contexts_t  *tail;

    if (d->map_size < sizeof(recs_dataset_header_t) + sizeof(*tail)
        || (d->map_size - sizeof(*tail)) % RECS_DATASET_ALIGN != 0)
    {
        return "contexts";
    }

    base = d->map;
    tail = (const void *) (base + d->map_size - sizeof(*tail));
    s = tail->sections;
    c = &d->view.contexts;

    fault = recs_dataset_contexts_sections_fault(d, tail);
    if (fault != NULL) {
        return fault;
    }

    c->n = tail->n_contexts;
    c->n_segments = tail->n_segments;
    c->numbers = (const void *)
                 (base + s[RECS_SECTION_CONTEXTS - RECS_SECTION_COUNT].offset);
    c->rows = (const void *)
              (base + s[RECS_SECTION_CONTEXT_ROWS
                        - RECS_SECTION_COUNT].offset);
    s += RECS_SECTION_SEGMENTS - RECS_SECTION_COUNT;

    fault = recs_dataset_segments_fault(d, base + s->offset, s->size);

    return fault != NULL
           ? fault : recs_dataset_rows_fault(c, d->view.n_interactions);
}


static const char *
recs_dataset_contexts_sections_fault(const recs_dataset_t *d,
    const recs_dataset_contexts_t *tail)
{
    size_t                 i, end;
    uint64_t               sizes[RECS_SECTION_ALL - RECS_SECTION_COUNT];
    const recs_section_t  *s;

    s = tail->sections;
    end = d->map_size - sizeof(*tail);

    sizes[RECS_SECTION_CONTEXTS - RECS_SECTION_COUNT] =
        d->view.n_interactions * 4;
    sizes[RECS_SECTION_CONTEXT_ROWS - RECS_SECTION_COUNT] =
        (uint64_t) tail->n_contexts * RECS_CONTEXTS_MAX * 4;
    sizes[RECS_SECTION_SEGMENTS - RECS_SECTION_COUNT] =
        s[RECS_SECTION_SEGMENTS - RECS_SECTION_COUNT].size;

    for (i = 0; i < RECS_SECTION_ALL - RECS_SECTION_COUNT; i++) {

        if (s[i].offset < sizeof(recs_dataset_header_t) || s[i].offset > end
            || s[i].size > end - s[i].offset
            || s[i].offset % RECS_DATASET_ALIGN != 0
            || s[i].size != sizes[i])
        {
            return "bounds of the contexts";
        }
    }

    /* Each has a name of 3 bytes at least. */

    return tail->n_contexts > 0 && tail->n_segments <= s[i - 1].size / 4
           ? NULL : "number of the contexts";
}


static const char *
recs_dataset_segments_fault(recs_dataset_t *d, const char *text, uint64_t size)
{
    uint32_t          i;
    recs_str_t        name, last;
    const char       *end, *stop;
    recs_contexts_t  *c;

    c = &d->view.contexts;
    end = text + size;
    last.data = NULL;
    last.len = 0;

    d->segments = malloc((c->n_segments + (size_t) 1) * sizeof(char *));
    if (d->segments == NULL) {
        return "no memory to check it";
    }

    for (i = 0; i < c->n_segments; i++) {
        stop = memchr(text, '\0', (size_t) (end - text));

        if (stop == NULL) {
            return "names of the segments";
        }

        name.data = text;
        name.len = (size_t) (stop - text);

        if (!recs_segment_name_valid(name.data, name.len)
            || (i > 0 && recs_id_compare(last, name) >= 0))
        {
            return "name of a segment";
        }

        d->segments[i] = text;
        last = name;
        text = stop + 1;
    }

    c->segments = d->segments;

    return text == end ? NULL : "names of the segments";
}


static const char *
recs_dataset_rows_fault(const recs_contexts_t *c, uint64_t n_interactions)
{
    uint32_t         i;
    uint64_t         k;
    const uint32_t  *row;

    for (k = 0; k < c->n; k++) {
        row = c->rows + k * RECS_CONTEXTS_MAX;

        for (i = 0; i < RECS_CONTEXTS_MAX; i++) {

            if (row[i] == RECS_CONTEXT_END) {
                continue;
            }

            if (k == 0 || row[i] >= c->n_segments
                || (i > 0 && row[i] <= row[i - 1]))
            {
                return "a context";
            }
        }
    }

    for (k = 0; k < n_interactions; k++) {
        if (c->numbers[k] >= c->n) {
            return "number of a context";
        }
    }

    return NULL;
}
