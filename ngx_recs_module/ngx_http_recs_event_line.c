/*
 * An event as a line of JSON: one writer, which checks its end before every
 * field.
 */

#include "ngx_http_recs_event_log_private.h"

#include "recs_decimal.h"

#include <math.h>


typedef struct {
    u_char      *pos;
    u_char      *last;
    ngx_uint_t   full;           /* something did not fit: so does the rest */
} ngx_http_recs_event_out_t;


static void
ngx_http_recs_event_put(ngx_http_recs_event_out_t *out, const char *text,
    size_t len)
{
    if (out->full || len > (size_t) (out->last - out->pos)) {
        out->full = 1;
        return;
    }

    out->pos = ngx_cpymem(out->pos, text, len);
}


/* ,"name": */
static void
ngx_http_recs_event_name(ngx_http_recs_event_out_t *out, const char *name)
{
    ngx_http_recs_event_put(out, ",\"", 2);
    ngx_http_recs_event_put(out, name, ngx_strlen(name));
    ngx_http_recs_event_put(out, "\":", 2);
}


static void
ngx_http_recs_event_quote(ngx_http_recs_event_out_t *out, ngx_str_t *value)
{
    size_t  len;

    len = value->len + ngx_escape_json(NULL, value->data, value->len);

    ngx_http_recs_event_put(out, "\"", 1);

    if (out->full || len > (size_t) (out->last - out->pos)) {
        out->full = 1;
        return;
    }

    out->pos = (u_char *) ngx_escape_json(out->pos, value->data, value->len);

    ngx_http_recs_event_put(out, "\"", 1);
}


static void
ngx_http_recs_event_string(ngx_http_recs_event_out_t *out, const char *name,
    ngx_str_t *value)
{
    if (value->len != 0) {
        ngx_http_recs_event_name(out, name);
        ngx_http_recs_event_quote(out, value);
    }
}


static void
ngx_http_recs_event_uint(ngx_http_recs_event_out_t *out, const char *name,
    uint64_t value)
{
    u_char  text[NGX_INT64_LEN], *end;

    end = ngx_snprintf(text, sizeof(text), "%uL", value);

    ngx_http_recs_event_name(out, name);
    ngx_http_recs_event_put(out, (char *) text, end - text);
}


static void
ngx_http_recs_event_number(ngx_http_recs_event_out_t *out, const char *name,
    double value)
{
    char  text[RECS_DECIMAL_DOUBLE_MAX];

    if (isfinite(value)) {
        ngx_http_recs_event_name(out, name);
        ngx_http_recs_event_put(out, text, recs_decimal_double(text, value));
    }
}


static void
ngx_http_recs_event_true(ngx_http_recs_event_out_t *out, const char *name,
    ngx_uint_t value)
{
    ngx_http_recs_event_name(out, name);

    if (value) {
        ngx_http_recs_event_put(out, "true", 4);

    } else {
        ngx_http_recs_event_put(out, "false", 5);
    }
}


static void
ngx_http_recs_event_items(ngx_http_recs_event_out_t *out,
    ngx_http_recs_event_t *event)
{
    ngx_uint_t                i;
    ngx_http_recs_exposed_t  *item;

    ngx_http_recs_event_name(out, "items");
    ngx_http_recs_event_put(out, "[", 1);

    for (i = 0; i < event->n_items; i++) {
        item = &event->items[i];

        if (i != 0) {
            ngx_http_recs_event_put(out, ",", 1);
        }

        ngx_http_recs_event_put(out, "{\"id\":", 6);
        ngx_http_recs_event_quote(out, &item->id);

        if (item->rank != 0) {
            ngx_http_recs_event_uint(out, "rank", item->rank);
        }

        ngx_http_recs_event_number(out, "propensity", item->propensity);
        ngx_http_recs_event_put(out, "}", 1);
    }

    ngx_http_recs_event_put(out, "]", 1);
}


/* {"country":"de", ...} */
static void
ngx_http_recs_event_contexts(ngx_http_recs_event_out_t *out,
    ngx_http_recs_contexts_t *contexts)
{
    ngx_uint_t                i;
    ngx_http_recs_context_t  *context;

    ngx_http_recs_event_name(out, "context");
    ngx_http_recs_event_put(out, "{", 1);

    for (i = 0; i < contexts->n; i++) {
        context = &contexts->contexts[i];

        if (i != 0) {
            ngx_http_recs_event_put(out, ",", 1);
        }

        ngx_http_recs_event_quote(out, &context->name);
        ngx_http_recs_event_put(out, ":", 1);
        ngx_http_recs_event_quote(out, &context->value);
    }

    ngx_http_recs_event_put(out, "}", 1);
}


/* Which event it is: of which run and worker, when and whose. */
static void
ngx_http_recs_event_head(ngx_http_recs_event_out_t *out,
    ngx_http_recs_event_log_t *log, ngx_http_recs_event_t *event)
{
    u_char       id[sizeof(log->run->boot) + NGX_INT_T_LEN
                    + NGX_INT64_LEN + 2];
    ngx_str_t    boot, own;
    ngx_time_t  *tp;

    tp = ngx_timeofday();

    boot.data = log->run->boot;
    boot.len = ngx_strlen(log->run->boot);

    own.data = id;
    own.len = ngx_snprintf(id, sizeof(id), "%V-%ui-%uL", &boot, ngx_worker,
                           log->seq)
              - id;

    if (event->client_id.len != 0 && event->consent != 0) {
        own = event->client_id;
    }

    ngx_http_recs_event_put(out, "{\"id\":", 6);
    ngx_http_recs_event_quote(out, &own);
    ngx_http_recs_event_uint(out, "ts", (uint64_t) tp->sec * 1000 + tp->msec);
    ngx_http_recs_event_string(out, "boot", &boot);
    ngx_http_recs_event_uint(out, "worker", ngx_worker);
    ngx_http_recs_event_uint(out, "seq", log->seq);

    if (event->consent != 0) {
        ngx_http_recs_event_string(out, "user", &event->user);
    }
}


/* Where the item was shown, and by which model. */
static void
ngx_http_recs_event_origin(ngx_http_recs_event_out_t *out,
    ngx_http_recs_event_t *event)
{
    ngx_http_recs_event_string(out, "slot", &event->slot);

    if (event->rank != 0) {
        ngx_http_recs_event_uint(out, "rank", event->rank);
    }

    ngx_http_recs_event_string(out, "experiment", &event->experiment);
    ngx_http_recs_event_string(out, "variant", &event->variant);

    if (event->bucket_version != 0) {
        ngx_http_recs_event_uint(out, "bucket_version",
                                 event->bucket_version);
    }

    ngx_http_recs_event_string(out, "generation", &event->generation);
    ngx_http_recs_event_number(out, "propensity", event->propensity);
}


u_char *
ngx_http_recs_event_line(u_char *p, u_char *last,
    ngx_http_recs_event_log_t *log, ngx_http_recs_event_t *event)
{
    ngx_http_recs_event_out_t  out;

    out.pos = p;
    out.last = last;
    out.full = 0;

    ngx_http_recs_event_head(&out, log, event);
    ngx_http_recs_event_string(&out, "event", &event->event);
    ngx_http_recs_event_string(&out, "item", &event->item);

    if (event->contexts != NULL && event->contexts->n != 0) {
        ngx_http_recs_event_contexts(&out, event->contexts);
    }

    ngx_http_recs_event_number(&out, "value", event->value);
    ngx_http_recs_event_origin(&out, event);

    if (event->checked) {
        ngx_http_recs_event_true(&out, "verified", event->verified);
    }

    if (event->forced) {
        ngx_http_recs_event_true(&out, "forced", 1);
    }

    if (event->n_items != 0) {
        ngx_http_recs_event_items(&out, event);
    }

    ngx_http_recs_event_put(&out, "}\n", 2);

    return out.full ? NULL : out.pos;
}


void
ngx_http_recs_event_init(ngx_http_recs_event_t *event)
{
    ngx_memzero(event, sizeof(ngx_http_recs_event_t));

    event->value = NAN;
    event->propensity = NAN;
}
