#include "ngx_http_recs_ticket.h"


static size_t
ngx_http_recs_ticket_signed(const recs_ticket_t *ticket, const char *purpose,
    ngx_str_t *whose, u_char bytes[RECS_TICKET_SIGNED_MAX])
{
    recs_str_t  str;

    str.data = whose != NULL ? (char *) whose->data : NULL;
    str.len = whose != NULL ? whose->len : 0;

    return recs_ticket_signed(ticket, purpose, str, bytes);
}


ngx_int_t
ngx_http_recs_ticket_sign(ngx_http_recs_keys_t *keys, const char *purpose,
    ngx_str_t *whose, recs_ticket_t *ticket)
{
    size_t  len;
    u_char  bytes[RECS_TICKET_SIGNED_MAX];

    len = ngx_http_recs_ticket_signed(ticket, purpose, whose, bytes);

    return ngx_http_recs_keys_sign(keys, bytes, len, &ticket->kid,
                                   ticket->mac);
}


ngx_int_t
ngx_http_recs_ticket_check(ngx_http_recs_keys_t *keys, const char *purpose,
    ngx_str_t *whose, const recs_ticket_t *ticket)
{
    size_t  len;
    u_char  bytes[RECS_TICKET_SIGNED_MAX];

    if (!ngx_http_recs_keys_has(keys, ticket->kid)) {
        return NGX_ABORT;
    }

    len = ngx_http_recs_ticket_signed(ticket, purpose, whose, bytes);

    return ngx_http_recs_keys_check(keys, ticket->kid, bytes, len,
                                    ticket->mac, RECS_TICKET_MAC);
}
