/*
 * An event of a client, completed by what nginx knows.
 */

#include "ngx_http_recs_collect_private.h"
#include "ngx_http_recs_event_log.h"
#include "ngx_http_recs_session.h"
#include "ngx_http_recs_token.h"
#include "ngx_http_recs_zone.h"


static ngx_str_t
ngx_http_recs_collect_str(recs_str_t *value)
{
    ngx_str_t  str;

    str.data = (u_char *) value->data;
    str.len = value->len;

    return str;
}


/* Where the item stood, and who chose it: what the token says, if it may. */
static void
ngx_http_recs_collect_token(ngx_http_request_t *r, recs_str_t *text,
    ngx_http_recs_event_t *event)
{
    ngx_str_t              str;
    ngx_http_recs_token_t  token;

    str = ngx_http_recs_collect_str(text);

    if (str.len == 0
        || ngx_http_recs_token_read(r, &str, &event->item, &token) != NGX_OK)
    {
        return;
    }

    event->slot = token.slot;
    event->experiment = token.experiment;
    event->variant = token.variant;
    event->generation = token.generation;
    event->rank = token.rank;
    event->propensity = token.propensity;
    event->verified = 1;
}


void
ngx_http_recs_collect_event(ngx_http_request_t *r, ngx_http_recs_ctx_t *ctx,
    recs_collect_event_t *said)
{
    ngx_http_recs_event_t       event;
    ngx_http_recs_loc_conf_t   *rlcf;
    ngx_http_recs_main_conf_t  *rmcf;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);
    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);

    if (said->id.len != 0 && !ngx_http_recs_event_ids_new(rmcf, &said->id)) {
        ngx_http_recs_zone_count_events(rmcf, NGX_HTTP_RECS_EVENTS_DUPLICATE,
                                        1);
        return;
    }

    ngx_http_recs_event_init(&event);

    event.consent = ctx->visitor.consent;
    event.user = ctx->visitor.id;
    event.contexts = ngx_http_recs_contexts(r);
    event.event = ngx_http_recs_collect_str(&said->event);
    event.item = ngx_http_recs_collect_str(&said->item);
    event.client_id = ngx_http_recs_collect_str(&said->id);
    event.value = said->value;
    event.checked = 1;

    ngx_http_recs_collect_token(r, &said->token, &event);

    ngx_http_recs_zone_count_events(rmcf, NGX_HTTP_RECS_EVENTS_COLLECTED, 1);

    if (!event.verified) {
        ngx_http_recs_zone_count_events(rmcf, NGX_HTTP_RECS_EVENTS_UNVERIFIED,
                                        1);
    }

    if (event.user.len == 0) {
        ngx_http_recs_zone_count_events(rmcf, NGX_HTTP_RECS_EVENTS_ANONYMOUS,
                                        1);
    }

    if (ngx_http_recs_event_log_is_on(rlcf->event_log)) {
        ngx_http_recs_event_log_write(rmcf, rlcf->event_log, &event);
    }

    ngx_http_recs_session_add(r, &event.item);
}
