/*
 * ngx_http_recs_visitor: who asks, as far as he lets us know.
 */

#ifndef _NGX_HTTP_RECS_VISITOR_H_INCLUDED_
#define _NGX_HTTP_RECS_VISITOR_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/* Of a main request, evaluated once; ids are valid or empty. */
typedef struct {
    ngx_str_t    user;           /* recs_user's; empty at consent 0 */
    ngx_str_t    id;             /* who is meant in sessions and events: user,
                                    else our anonymous cookie's; empty:
                                    nobody */
    ngx_str_t    item;           /* what `similar` starts from */
    ngx_uint_t   consent;        /* 0, 1, 2, after Sec-GPC */
    unsigned     bypass:1;       /* a bot: default lists, no events, no
                                    session */
} ngx_http_recs_visitor_t;


/* Evaluates recs_user, recs_item and recs_consent where r is. */
void ngx_http_recs_visitor_read(ngx_http_request_t *r,
    ngx_http_recs_visitor_t *visitor);


#endif /* _NGX_HTTP_RECS_VISITOR_H_INCLUDED_ */
