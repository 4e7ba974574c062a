#include "recs_markup.h"

#include <string.h>


#define RECS_MARKUP_TAG        "recs-slot"
#define RECS_MARKUP_TAG_LEN    (sizeof(RECS_MARKUP_TAG) - 1)
#define RECS_MARKUP_FIRST      2048          /* bytes of a first buffer */


/* Bytes that may be the start of an element: held back. */
static int
recs_markup_candidate(const recs_markup_t *m)
{
    const recs_html_t  *h;

    h = &m->html;

    return !m->off && !m->stale && m->depth == 0 && !h->closing
           && (h->state == RECS_HTML_IN_OPEN
               || (h->state == RECS_HTML_IN_NAME
                   && h->name_len <= RECS_MARKUP_TAG_LEN
                   && memcmp(h->name, RECS_MARKUP_TAG, h->name_len) == 0));
}


void
recs_markup_init(recs_markup_t *m, size_t max_size,
    recs_markup_alloc_pt alloc, void *alloc_data)
{
    memset(m, 0, sizeof(recs_markup_t));

    m->max_size = max_size;
    m->alloc = alloc;
    m->alloc_data = alloc_data;
}


void
recs_markup_off(recs_markup_t *m)
{
    m->off = 1;
}


/* --- the element ------------------------------------------------------- */

/* Returns 0 where the element grows over its limit or memory's. */
static int
recs_markup_append(recs_markup_t *m, const char *data, size_t len,
    recs_markup_fault_t *fault)
{
    char    *buffer;
    size_t   size;

    if (len == 0) {
        return 1;
    }

    if (len > m->max_size - m->buffer_len) {
        *fault = RECS_MARKUP_TOO_LARGE;
        return 0;
    }

    if (len > m->buffer_size - m->buffer_len) {
        size = m->buffer_size ? m->buffer_size : RECS_MARKUP_FIRST;

        while (size < m->buffer_len + len) {
            size *= 2;
        }

        buffer = m->alloc(m->alloc_data, m->buffer, m->buffer_len, size);

        if (buffer == NULL) {
            *fault = RECS_MARKUP_NO_MEMORY;
            return 0;
        }

        m->buffer = buffer;
        m->buffer_size = size;
    }

    memcpy(m->buffer + m->buffer_len, data, len);
    m->buffer_len += len;

    return 1;
}


/* Forgets what the last token was of. */
static void
recs_markup_shift(recs_markup_t *m)
{
    if (m->drop == 0) {
        return;
    }

    m->buffer_len -= m->drop;
    memmove(m->buffer, m->buffer + m->drop, m->buffer_len);
    m->drop = 0;
}


static void
recs_markup_begin(recs_markup_t *m)
{
    m->capturing = 1;
    m->has_template = 0;
    m->start_tag_len = 0;
    m->template_at = 0;
    m->template_end = 0;
    m->tag_at = 0;
}


static void
recs_markup_held(recs_markup_t *m, recs_markup_token_t *token, size_t len,
    recs_markup_fault_t fault)
{
    token->kind = RECS_MARKUP_HELD;
    token->fault = fault;
    token->data = m->buffer;
    token->len = len;
    m->drop = len;
}


/* An attribute of the start tag, without its quotes; the first one counts. */
static recs_str_t
recs_markup_attribute(const char *p, const char *end, const char *name)
{
    char         quote;
    size_t       len;
    recs_str_t   key, value;

    len = strlen(name);

    while (p < end) {
        while (p < end && (recs_html_space(*p) || *p == '/')) {
            p++;
        }

        key.data = p;

        while (p < end && !recs_html_space(*p) && *p != '/'
               && (*p != '=' || p == key.data))
        {
            p++;
        }

        key.len = (size_t) (p - key.data);
        value = (recs_str_t) { p, 0 };

        while (p < end && recs_html_space(*p)) {
            p++;
        }

        if (p < end && *p == '=') {
            p++;

            while (p < end && recs_html_space(*p)) {
                p++;
            }

            quote = p < end && (*p == '"' || *p == '\'') ? *p++ : ' ';
            value.data = p;

            while (p < end
                   && (quote != ' ' ? *p != quote : !recs_html_space(*p)))
            {
                p++;
            }

            value.len = (size_t) (p - value.data);

            if (quote != ' ' && p < end) {
                p++;
            }
        }

        if (key.len == len) {
            for (len = 0; len < key.len; len++) {
                if (recs_html_lower(key.data[len]) != name[len]) {
                    break;
                }
            }

            if (len == key.len) {
                return value;
            }

            len = strlen(name);
        }
    }

    return (recs_str_t) { NULL, 0 };
}


static void
recs_markup_element(recs_markup_t *m, recs_markup_token_t *token)
{
    const char  *attributes, *end;

    attributes = m->buffer + sizeof("<" RECS_MARKUP_TAG) - 1;
    end = m->buffer + m->start_tag_len - 1;

    token->kind = RECS_MARKUP_ELEMENT;
    token->fault = RECS_MARKUP_NO_FAULT;
    token->data = m->buffer;
    token->len = m->buffer_len;
    token->start_tag_len = m->start_tag_len;
    token->end_tag_at = m->tag_at;
    token->template_at = m->template_at;
    token->template_end = m->template_end;
    token->name = recs_markup_attribute(attributes, end, "name");
    token->count = recs_markup_attribute(attributes, end, "count");

    m->capturing = 0;
    m->drop = m->buffer_len;
}


/*
 * A tag is complete; `at` is the offset behind it in the element's buffer.
 * Returns 1 where it was the element's end tag.
 */
static int
recs_markup_tag(recs_markup_t *m, size_t at)
{
    if (m->capturing && m->start_tag_len == 0) {
        m->start_tag_len = at;
        return 0;
    }

    if (recs_html_named(&m->html, "template")) {
        if (!m->html.closing) {
            if (m->depth++ == 0 && m->capturing && !m->has_template) {
                m->has_template = 1;
                m->template_at = at;
            }

        } else if (m->depth > 0 && --m->depth == 0 && m->capturing
                   && m->template_end == 0)
        {
            m->template_end = m->tag_at;
        }

        return 0;
    }

    return m->html.closing && m->capturing && m->depth == 0
           && recs_html_named(&m->html, RECS_MARKUP_TAG);
}


/* --- tokens ------------------------------------------------------------ */

static void
recs_markup_pass(recs_markup_token_t *token, const char *start,
    const char *end)
{
    token->kind = start < end ? RECS_MARKUP_PASS : RECS_MARKUP_MORE;
    token->fault = RECS_MARKUP_NO_FAULT;
    token->data = start;
    token->len = (size_t) (end - start);
}


/* The states in which '<' may begin a tag. */
static int
recs_markup_between(const recs_markup_t *m)
{
    return m->html.state == RECS_HTML_IN_DATA
           || m->html.state == RECS_HTML_IN_OPEN;
}


/*
 * One byte inside an element, at offset `at` of it.  Returns the token that
 * it completes: ELEMENT, HELD for the start of another element before it, or
 * MORE.
 */
static recs_markup_kind_t
recs_markup_inside(recs_markup_t *m, char c, size_t at)
{
    recs_html_step_t  step;

    if (c == '<' && recs_markup_between(m)) {
        m->tag_at = at;
    }

    step = recs_html_step(&m->html, c);

    if (step == RECS_HTML_NAME) {
        if (!m->html.closing && m->depth == 0 && m->start_tag_len != 0
            && recs_html_named(&m->html, RECS_MARKUP_TAG))
        {
            return RECS_MARKUP_HELD;
        }

        step = recs_html_step(&m->html, c);
    }

    return step == RECS_HTML_TAG && recs_markup_tag(m, at + 1)
           ? RECS_MARKUP_ELEMENT : RECS_MARKUP_MORE;
}


/*
 * Inside an element: bytes from *p on are appended to it, up to its end, the
 * start of another one, or the end of the chunk.
 */
static void
recs_markup_capture(recs_markup_t *m, const char **p, const char *end,
    recs_markup_token_t *token)
{
    const char           *q;
    recs_markup_kind_t    kind;
    recs_markup_fault_t   fault;

    kind = RECS_MARKUP_MORE;
    fault = RECS_MARKUP_TOO_LARGE;

    for (q = *p; q < end && kind == RECS_MARKUP_MORE; q++) {

        if (m->buffer_len + (size_t) (q - *p) == m->max_size) {
            goto failed;
        }

        kind = recs_markup_inside(m, *q, m->buffer_len + (size_t) (q - *p));
    }

    if (kind == RECS_MARKUP_HELD) {
        q--;                                 /* it ended the name only */
    }

    if (!recs_markup_append(m, *p, (size_t) (q - *p), &fault)) {
        if (kind == RECS_MARKUP_HELD) {
            (void) recs_html_step(&m->html, *q++);
        }

        goto failed;
    }

    *p = q;
    recs_markup_pass(token, q, q);

    if (kind == RECS_MARKUP_ELEMENT) {
        recs_markup_element(m, token);

    } else if (kind == RECS_MARKUP_HELD) {
        recs_markup_held(m, token, m->tag_at, RECS_MARKUP_UNCLOSED);
        recs_markup_begin(m);
    }

    return;

failed:

    /* What came before is text, and so is what was looked at just now. */

    m->capturing = 0;
    m->stale = 1;
    m->skip = (size_t) (q - *p);
    recs_markup_held(m, token, m->buffer_len, fault);
}


/* The start of an element: what was held back becomes its first bytes. */
static int
recs_markup_enter(recs_markup_t *m, const char *start, const char *end)
{
    recs_markup_fault_t  fault;

    if (!recs_markup_append(m, m->prefix, m->prefix_len, &fault)) {
        return 0;
    }

    if (!recs_markup_append(m, start, (size_t) (end - start), &fault)) {
        m->buffer_len = 0;
        return 0;
    }

    m->prefix_len = 0;
    recs_markup_begin(m);

    return 1;
}


/*
 * Where the next byte to look at is, from q on: only '<' matters in text, and
 * not all tags do.  *split: what is before it is a token of its own, since an
 * element may begin.
 */
static const char *
recs_markup_skip_text(recs_markup_t *m, const char *q, const char *end,
    int *split)
{
    *split = 0;

    switch (m->html.state) {

    case RECS_HTML_IN_DATA:
        q = recs_html_skip(q, end);

        if (q < end && !m->off && m->depth == 0) {
            *split = q + 1 == end || recs_html_lower(q[1]) == 'r';
        }

        break;

    case RECS_HTML_IN_RAW:
        q = memchr(q, '<', (size_t) (end - q));
        break;

    case RECS_HTML_IN_COMMENT:

        if (m->html.dashes == 0 && !m->html.bang) {
            q = memchr(q, '-', (size_t) (end - q));
        }

        return q != NULL ? q : end;

    default:
        return q;
    }

    m->stale = 0;

    return q != NULL ? q : end;
}


/* Outside of elements. */
static void
recs_markup_scan(recs_markup_t *m, const char **p, const char *end,
    recs_markup_token_t *token)
{
    int                split, candidate;
    const char        *start, *q;
    recs_html_step_t   step;

    start = *p;
    q = start + m->skip;
    m->skip = 0;

    while (q < end) {
        q = recs_markup_skip_text(m, q, end, &split);

        if (q == end || (split && q > start)) {
            break;
        }

        if (m->html.state == RECS_HTML_IN_OPEN && *q == '<') {
            m->html.state = RECS_HTML_IN_DATA;   /* the former is text */

        } else {
            candidate = recs_markup_candidate(m);
            step = recs_html_step(&m->html, *q);

            if (step == RECS_HTML_NAME) {

                if (candidate
                    && recs_html_named(&m->html, RECS_MARKUP_TAG)
                    && recs_markup_enter(m, start, q))
                {
                    *p = q;
                    recs_markup_capture(m, p, end, token);
                    return;
                }

                step = recs_html_step(&m->html, *q);
            }

            if (step == RECS_HTML_TAG) {
                (void) recs_markup_tag(m, 0);
            }

            q++;
        }

        if (m->prefix_len > 0 && !recs_markup_candidate(m)) {
            memcpy(m->prefix + m->prefix_len, start, (size_t) (q - start));
            token->kind = RECS_MARKUP_HELD;
            token->fault = RECS_MARKUP_NO_FAULT;
            token->data = m->prefix;
            token->len = m->prefix_len + (size_t) (q - start);
            m->prefix_len = 0;
            *p = q;
            return;
        }
    }

    *p = q;

    if (q == end && recs_markup_candidate(m)) {
        memcpy(m->prefix + m->prefix_len, start, (size_t) (q - start));
        m->prefix_len += (size_t) (q - start);
        start = q;
    }

    recs_markup_pass(token, start, q);
}


void
recs_markup_next(recs_markup_t *m, const char **p, const char *end,
    recs_markup_token_t *token)
{
    recs_markup_shift(m);

    if (m->capturing) {
        recs_markup_capture(m, p, end, token);

    } else {
        recs_markup_scan(m, p, end, token);
    }
}


void
recs_markup_end(recs_markup_t *m, recs_markup_token_t *token)
{
    recs_markup_shift(m);
    recs_markup_pass(token, NULL, NULL);

    if (m->capturing) {
        m->capturing = 0;
        recs_markup_held(m, token, m->buffer_len, RECS_MARKUP_UNCLOSED);

    } else if (m->prefix_len > 0) {
        token->kind = RECS_MARKUP_HELD;
        token->data = m->prefix;
        token->len = m->prefix_len;
        m->prefix_len = 0;
    }
}
