/*
 * ngx_http_recs_visitor: who asks, as far as he lets us know.
 *
 * recs_bypass comes first, then recs_consent, which `Sec-GPC: 1` can only
 * lower.  A bot, and a visitor at consent 0, is nobody: no expression that
 * could name him is evaluated.
 */

#ifndef _NGX_HTTP_RECS_VISITOR_H_INCLUDED_
#define _NGX_HTTP_RECS_VISITOR_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


#define NGX_HTTP_RECS_CONSENT_NONE         0
#define NGX_HTTP_RECS_CONSENT_MEASURE      1
#define NGX_HTTP_RECS_CONSENT_PERSONALISE  2


/* Of a main request, evaluated once; ids are valid or empty. */
typedef struct {
    ngx_str_t    user;           /* recs_user's; empty at consent 0 */
    ngx_str_t    id;             /* who is meant in sessions and events: user,
                                    else our anonymous cookie's; empty:
                                    nobody */
    ngx_str_t    cookie;         /* to be set; not empty: id is anonymous and
                                    as old as this request */
    ngx_str_t    item;           /* what `similar` starts from */
    ngx_uint_t   consent;        /* 0, 1, 2, after Sec-GPC */
    unsigned     bypass:1;       /* a bot: default lists, no events, no
                                    session */
} ngx_http_recs_visitor_t;


/* What is counted of main requests: name, text, help. */
#define NGX_HTTP_RECS_VISITOR_MAP(XX)                                         \
    XX(CONSENT_0, "consent_0", "Main requests at consent 0.")                 \
    XX(CONSENT_1, "consent_1", "Main requests at consent 1.")                 \
    XX(CONSENT_2, "consent_2", "Main requests at consent 2.")                 \
    XX(LOWERED,   "lowered",   "Main requests whose consent Sec-GPC or DNT"   \
                               " lowered.")                                   \
    XX(BYPASSED,  "bypassed",  "Main requests of bots (recs_bypass).")        \
    XX(ISSUED,    "ids_issued",                                               \
       "Anonymous ids given out in a cookie.")                                \
    XX(DROPPED,   "ids_dropped",                                              \
       "Anonymous ids that came at consent 0 and were forgotten.")

typedef enum {
#define NGX_HTTP_RECS_VISITOR_ENUM(name, text, help)                          \
    NGX_HTTP_RECS_VISITORS_##name,
    NGX_HTTP_RECS_VISITOR_MAP(NGX_HTTP_RECS_VISITOR_ENUM)
#undef NGX_HTTP_RECS_VISITOR_ENUM
    NGX_HTTP_RECS_VISITORS_COUNT
} ngx_http_recs_visitors_t;


/*
 * Evaluates recs_bypass, recs_consent, recs_user and recs_item where r is.
 * main is NULL for the main request itself; a subrequest's visitor is allowed
 * no more than main is.
 */
void ngx_http_recs_visitor_read(ngx_http_request_t *r,
    ngx_http_recs_visitor_t *visitor, ngx_http_recs_visitor_t *main);

/*
 * The main request has come to another location: its recs_bypass and
 * recs_consent count where they allow less.  NGX_OK: they do; NGX_DECLINED.
 */
ngx_int_t ngx_http_recs_visitor_lower(ngx_http_request_t *r,
    ngx_http_recs_visitor_t *visitor);

/* recs_bypass and consent alone, of a request that nothing of ours is in. */
ngx_uint_t ngx_http_recs_visitor_refuses(ngx_http_request_t *r);

/* recs_gpc 0|1 [dnt] */
char *ngx_http_recs_gpc(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);


#endif /* _NGX_HTTP_RECS_VISITOR_H_INCLUDED_ */
