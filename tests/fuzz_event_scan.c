/* Any bytes as an event log: lines add up, and what is an event obeys. */

#include <jansson.h>
#include <math.h>

#include "fuzz_import.h"
#include "recs_event_scan.h"


static void
fuzz_text(recs_str_t text)
{
    if (text.len != 0 && !recs_id_valid(text.data, text.len)) {
        abort();
    }
}


static void
fuzz_pack(void *data, const recs_event_t *event, recs_event_pack_t *pack)
{
    uint32_t  i;

    (void) data;

    fuzz_text(event->id);
    fuzz_text(event->user);
    fuzz_text(event->event);
    fuzz_text(event->item);
    fuzz_text(event->slot);
    fuzz_text(event->experiment);
    fuzz_text(event->variant);
    fuzz_text(event->boot);

    if (event->event.len == 0 || event->time_ms <= 0
        || event->n_contexts > RECS_EVENT_CONTEXTS_MAX
        || event->n_items > RECS_EVENT_ITEMS_MAX || isinf(event->value)
        || event->propensity <= 0 || event->propensity > 1)
    {
        abort();
    }

    for (i = 0; i < event->n_contexts; i++) {
        fuzz_text(event->contexts[i].name);
        fuzz_text(event->contexts[i].value);
    }

    for (i = 0; i < event->n_items; i++) {
        fuzz_text(event->items[i].id);
    }

    memset(recs_event_pack(pack, event->user.len), 1, event->user.len);
}


static recs_status_t
fuzz_apply(void *data, const void *packed, size_t size, recs_error_t *err)
{
    (void) packed;
    (void) err;

    *(size_t *) data += size;

    return RECS_OK;
}


/* What one line parses as, it does for jansson too. */
static void
fuzz_line(const uint8_t *data, size_t size)
{
    char                 *line;
    json_t               *json;
    json_error_t          error;
    recs_event_t          event;
    recs_event_parser_t  *parser;

    line = calloc(1, size + RECS_EVENT_PADDING);
    parser = recs_event_parser_create(1);

    if (line == NULL || parser == NULL) {
        abort();
    }

    memcpy(line, data, size);

    if (recs_event_parse(parser, line, size, &event) == RECS_EVENT_OK) {
        json = json_loadb(line, size, JSON_ALLOW_NUL, &error);

        if (json == NULL) {
            abort();
        }

        json_decref(json);
    }

    recs_event_parser_destroy(parser);
    free(line);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int                   fd;
    char                  path[32];
    size_t                sum;
    const char           *name;
    recs_error_t          err;
    recs_event_scan_t     scan;
    recs_event_sink_t     sink;
    recs_event_counts_t   counts;

    fuzz_line(data, size);

    fd = fuzz_file(data, size, path);
    name = path;
    sum = 0;

    memset(&scan, 0, sizeof(scan));
    scan.paths = &name;
    scan.n_paths = 1;
    scan.n_threads = 1;
    scan.with_items = 1;
    scan.now_ms = 1800000000000;

    sink.pack = fuzz_pack;
    sink.prepare = NULL;
    sink.apply = fuzz_apply;
    sink.data = &sum;

    if (recs_event_scan(&scan, &sink, &counts, &err) == RECS_OK
        && counts.n_lines != counts.n_events + counts.n_duplicates
                             + counts.n_torn + counts.n_foreign
                             + counts.n_no_time + counts.n_future
                             + counts.n_unverified)
    {
        abort();
    }

    close(fd);

    return 0;
}
