#include "recs_import_helper.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "recs_temp.h"


static void
append(char *text, const char *fmt, ...)
{
    size_t   len;
    va_list  args;

    len = strlen(text);

    va_start(args, fmt);
    vsnprintf(text + len, RECS_HELPER_TEXT - len, fmt, args);
    va_end(args);
}


static recs_status_t
rejected(void *data, const recs_reject_t *reject, recs_error_t *err)
{
    recs_helper_t  *helper;

    (void) err;

    helper = data;
    append(helper->rejects, "%" PRIu64 " %s; ", reject->line,
           recs_reject_text(reject->reason));

    return RECS_OK;
}


static void
describe_entities(const recs_entities_t *entities, char *text)
{
    int         any;
    size_t      pos;
    uint32_t    i, column;
    recs_str_t  record, value;

    for (i = 0; i < entities->n; i++) {
        record = entities->record(entities->data, i);
        any = 0;

        for (pos = 0; recs_record_next(record, &pos, &column, &value); any++) {

            if (!any) {
                append(text, "%s%.*s{", *text ? " " : "",
                       (int) recs_record_id(record).len,
                       recs_record_id(record).data);
            }

            append(text, "%s%s=%.*s", any ? "," : "",
                   entities->columns[column], (int) value.len, value.data);
        }

        append(text, "%s", any ? "}" : "");
    }
}


void
recs_helper_describe(recs_helper_t *helper, const recs_dataset_view_t *view)
{
    uint32_t                u;
    uint64_t                k;
    recs_str_t              id;
    const recs_entities_t  *e;

    for (u = 0; u < view->n_users; u++) {
        e = &view->user_entities;
        id = recs_record_id(e->record(e->data, u));
        append(helper->text, "%s%.*s:", u ? " " : "", (int) id.len, id.data);

        for (k = view->user_offsets[u]; k < view->user_offsets[u + 1]; k++) {
            e = &view->item_entities;
            id = recs_record_id(e->record(e->data, view->items[k]));
            append(helper->text, "%s%.*s",
                   k > view->user_offsets[u] ? "," : "", (int) id.len,
                   id.data);

            if (view->weights[k] != 1) {
                append(helper->text, "*%g", (double) view->weights[k]);
            }

            if (view->times_ms[k] != 0) {
                append(helper->text, "@%" PRId64, view->times_ms[k]);
            }
        }
    }

    describe_entities(&view->item_entities, helper->items);
    describe_entities(&view->user_entities, helper->users);
}


void
recs_helper_import(recs_helper_t *helper, const char *path)
{
    recs_dataset_t  *dataset;

    helper->text[0] = '\0';
    helper->rejects[0] = '\0';
    helper->items[0] = '\0';
    helper->users[0] = '\0';
    helper->err.message[0] = '\0';

    helper->options.inputs = &path;
    helper->options.n_inputs = 1;
    helper->options.rejected = rejected;
    helper->options.data = helper;

    helper->status = recs_import_memory(&helper->options, &dataset,
                                        &helper->report, &helper->err);

    if (helper->status == RECS_OK) {
        recs_helper_describe(helper, recs_dataset_view(dataset));
        recs_dataset_close(dataset);
    }
}


void
recs_helper_text(recs_helper_t *helper, recs_format_t format,
    const char *text)
{
    helper->options.format = format;
    recs_helper_import(helper, recs_temp_text("input", text));
}
