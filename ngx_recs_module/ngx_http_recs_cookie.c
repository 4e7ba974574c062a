#include "ngx_http_recs_cookie.h"


ngx_uint_t
ngx_http_recs_cookie_name_valid(ngx_str_t *name)
{
    size_t  i;
    u_char  c;

    for (i = 0; i < name->len; i++) {
        c = name->data[i];

        if (c <= ' ' || c >= 0x7f || ngx_strchr("()<>@,;:\\\"/[]?={}", c)) {
            return 0;
        }
    }

    return name->len != 0;
}


/* Adds to the n values those of one header; returns how many there are. */
static ngx_uint_t
ngx_http_recs_cookie_header(ngx_str_t *header, ngx_str_t *name,
    ngx_str_t values[NGX_HTTP_RECS_COOKIES_MAX], ngx_uint_t n)
{
    u_char  *p, *end, *last;

    p = header->data;
    end = p + header->len;

    while (p < end && n < NGX_HTTP_RECS_COOKIES_MAX) {

        last = ngx_strlchr(p, end, ';');

        if (last == NULL) {
            last = end;
        }

        while (p < last && (*p == ' ' || *p == '\t')) {
            p++;
        }

        if ((size_t) (last - p) > name->len && p[name->len] == '='
            && ngx_memcmp(p, name->data, name->len) == 0)
        {
            p += name->len + 1;

            values[n].data = p;
            values[n].len = last - p;

            while (values[n].len != 0
                   && (p[values[n].len - 1] == ' '
                       || p[values[n].len - 1] == '\t'))
            {
                values[n].len--;
            }

            n++;
        }

        p = last + 1;
    }

    return n;
}


ngx_uint_t
ngx_http_recs_cookie_values(ngx_http_request_t *r, ngx_str_t *name,
    ngx_str_t values[NGX_HTTP_RECS_COOKIES_MAX])
{
    ngx_uint_t         n;
#if (nginx_version >= 1023000)
    ngx_table_elt_t   *h;
#else
    ngx_uint_t         i;
    ngx_table_elt_t  **h;
#endif

    n = 0;

#if (nginx_version >= 1023000)

    for (h = r->headers_in.cookie; h != NULL; h = h->next) {
        n = ngx_http_recs_cookie_header(&h->value, name, values, n);
    }

#else

    h = r->headers_in.cookies.elts;

    for (i = 0; i < r->headers_in.cookies.nelts; i++) {
        n = ngx_http_recs_cookie_header(&h[i]->value, name, values, n);
    }

#endif

    return n;
}


ngx_int_t
ngx_http_recs_cookie_set(ngx_http_request_t *r, ngx_str_t *name,
    ngx_str_t *value, time_t max_age)
{
    size_t   size;
    u_char  *text;

    static const char  attributes[] = "; Path=/; Secure; HttpOnly;"
                                      " SameSite=Lax";

    size = name->len + 1 + value->len + sizeof("; Max-Age=") + NGX_TIME_T_LEN
           + sizeof(attributes);

    text = ngx_pnalloc(r->pool, size);
    if (text == NULL) {
        return NGX_ERROR;
    }

    ngx_snprintf(text, size, "%V=%V; Max-Age=%T%s%Z", name, value, max_age,
                 attributes);

    if (ngx_http_recs_add_header(r, "Set-Cookie", (char *) text) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_recs_make_private(r);
}
