/*
 * ngx_http_recs_ticket: tickets (core/recs_ticket.h) under the keys of a file.
 */

#ifndef _NGX_HTTP_RECS_TICKET_H_INCLUDED_
#define _NGX_HTTP_RECS_TICKET_H_INCLUDED_


#include "ngx_http_recs_keys.h"
#include "recs_ticket.h"


/*
 * Sets kid and MAC; whose, NULL: nobody's, is at most RECS_ID_MAX bytes.
 * NGX_ERROR: no memory.
 */
ngx_int_t ngx_http_recs_ticket_sign(ngx_http_recs_keys_t *keys,
    const char *purpose, ngx_str_t *whose, recs_ticket_t *ticket);

/*
 * NGX_OK, NGX_DECLINED: forged, of another purpose or person, NGX_ABORT: its
 * key is not live.  Its time is the caller's to look at.
 */
ngx_int_t ngx_http_recs_ticket_check(ngx_http_recs_keys_t *keys,
    const char *purpose, ngx_str_t *whose, const recs_ticket_t *ticket);


#endif /* _NGX_HTTP_RECS_TICKET_H_INCLUDED_ */
