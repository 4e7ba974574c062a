/*
 * A variant that a tester asks for, `?NAME=<token>`; `recs assign --force`
 * makes the token.
 */

#include "ngx_http_recs_sticky.h"

#include "ngx_http_recs_guard.h"
#include "ngx_http_recs_ticket.h"
#include "recs_force.h"


static int32_t
ngx_http_recs_force_token(ngx_http_recs_keys_t *keys,
    ngx_http_recs_experiment_t *x, recs_str_t token)
{
    recs_ticket_t  ticket;

    if (keys == NULL
        || recs_ticket_read(&ticket, RECS_FORCE_VERSION, token) != RECS_OK
        || ngx_http_recs_ticket_check(keys, RECS_FORCE_PURPOSE, NULL, &ticket)
           != NGX_OK
        || (time_t) ticket.time <= ngx_time())
    {
        return RECS_VARIANT_NONE;
    }

    return recs_force_read(&ticket, x->core.name_hash);
}


int32_t
ngx_http_recs_force(ngx_http_request_t *r, ngx_http_recs_experiment_t *x)
{
    int32_t                     variant;
    recs_str_t                  arguments, value;
    ngx_http_recs_loc_conf_t   *rlcf;
    ngx_http_recs_main_conf_t  *rmcf;

    arguments.data = (char *) r->args.data;
    arguments.len = r->args.len;

    if (x->core.override == RECS_OVERRIDE_OFF
        || !recs_force_argument(arguments, x->core.name, &value))
    {
        return RECS_VARIANT_NONE;
    }

    rmcf = ngx_http_get_module_main_conf(r, ngx_http_recs_module);
    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    variant = x->core.override == RECS_OVERRIDE_QUERY
              ? recs_force_number(value, x->core.n_variants)
              : ngx_http_recs_force_token(rlcf->session_keys, x, value);

    if (variant < 0 || (uint32_t) variant >= x->core.n_variants) {
        ngx_http_recs_guard_count_sticky(rmcf, NGX_HTTP_RECS_STICKY_UNFORCED);
        return RECS_VARIANT_NONE;
    }

    ngx_http_recs_guard_count_sticky(rmcf, NGX_HTTP_RECS_STICKY_FORCED);

    return variant;
}
