/*
 * ngx_http_recs_json: an answer as JSON, on one line.
 *
 *     {"slot":"for_you","source":"personal","model":"shop",
 *      "generation":"000002-9f3c21aa",
 *      "items":[{"id":"318","score":1.2034,"source":"personal",
 *                "token":"AQHx4tPE...","title":"..."}]}
 *
 * "reason" follows "source" where there is one; a model that is not attached
 * has the generation "", and "token" is there where there is a
 * recs_token_key.  An item's attributes follow as strings, but for
 * those named like a field above.  Besides what JSON asks for, < > & ' and
 * U+2028, U+2029 are escaped, so that it may stand in a <script> as it is.
 * Explained, items have an "explanation", the answer "kept_out"
 * (recs_explain_json.h).
 */

#ifndef _NGX_HTTP_RECS_JSON_H_INCLUDED_
#define _NGX_HTTP_RECS_JSON_H_INCLUDED_


#include "ngx_http_recs_module.h"


/* With an explanation of it; NULL: without. */
ngx_int_t ngx_http_recs_json_answer(ngx_http_request_t *r,
    ngx_http_recs_answer_t *answer, ngx_http_recs_explained_t *explained,
    ngx_str_t *json);

/* As the response to r: what a content handler returns. */
ngx_int_t ngx_http_recs_json_send(ngx_http_request_t *r, ngx_uint_t status,
    ngx_str_t *json);

/* The same of {"error":"..."}: what is wrong with the request. */
ngx_int_t ngx_http_recs_json_refuse(ngx_http_request_t *r, ngx_uint_t status,
    const char *text);


#endif /* _NGX_HTTP_RECS_JSON_H_INCLUDED_ */
