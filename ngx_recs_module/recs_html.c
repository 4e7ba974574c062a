#include "recs_html.h"

#include <string.h>


static const char *const  recs_html_raw[] = {
    "script", "style", "textarea", "title", "xmp", "iframe", "noembed",
    "noframes", NULL
};


int
recs_html_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}


static int
recs_html_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}


char
recs_html_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char) (c | 0x20) : c;
}


int
recs_html_named(const recs_html_t *h, const char *name)
{
    return h->name_len == strlen(name)
           && memcmp(h->name, name, h->name_len) == 0;
}


static void
recs_html_step_open(recs_html_t *h, char c)
{
    h->name_len = 0;
    h->closing = h->state == RECS_HTML_IN_END_OPEN;

    if (recs_html_alpha(c)) {
        h->name[h->name_len++] = recs_html_lower(c);
        h->state = RECS_HTML_IN_NAME;

    } else if (h->closing) {
        h->state = c == '>' ? RECS_HTML_IN_DATA : RECS_HTML_IN_BOGUS_COMMENT;

    } else if (c == '/') {
        h->state = RECS_HTML_IN_END_OPEN;

    } else if (c == '!') {
        h->state = RECS_HTML_IN_BANG;

    } else if (c == '?') {
        h->state = RECS_HTML_IN_BOGUS_COMMENT;

    } else if (c != '<') {
        h->state = RECS_HTML_IN_DATA;
    }
}


static recs_html_step_t
recs_html_step_attribute(recs_html_t *h, char c)
{
    if (c == '>') {
        return RECS_HTML_TAG;
    }

    if (c == '/') {
        h->state = RECS_HTML_IN_BEFORE_ATTRIBUTE;

    } else if (recs_html_space(c)) {
        if (h->state == RECS_HTML_IN_ATTRIBUTE) {
            h->state = RECS_HTML_IN_AFTER_ATTRIBUTE;
        }

    } else if (c == '=' && h->state != RECS_HTML_IN_BEFORE_ATTRIBUTE) {
        h->state = RECS_HTML_IN_BEFORE_VALUE;

    } else {
        h->state = RECS_HTML_IN_ATTRIBUTE;
    }

    return RECS_HTML_NOTHING;
}


static recs_html_step_t
recs_html_step_value(recs_html_t *h, char c)
{
    switch (h->state) {

    case RECS_HTML_IN_BEFORE_VALUE:

        if (c == '>') {
            return RECS_HTML_TAG;
        }

        if (c == '"') {
            h->state = RECS_HTML_IN_DOUBLE_QUOTED;

        } else if (c == '\'') {
            h->state = RECS_HTML_IN_SINGLE_QUOTED;

        } else if (!recs_html_space(c)) {
            h->state = RECS_HTML_IN_UNQUOTED;
        }

        break;

    case RECS_HTML_IN_DOUBLE_QUOTED:

        if (c == '"') {
            h->state = RECS_HTML_IN_BEFORE_ATTRIBUTE;
        }

        break;

    case RECS_HTML_IN_SINGLE_QUOTED:

        if (c == '\'') {
            h->state = RECS_HTML_IN_BEFORE_ATTRIBUTE;
        }

        break;

    default:                                 /* RECS_HTML_IN_UNQUOTED */

        if (c == '>') {
            return RECS_HTML_TAG;
        }

        if (recs_html_space(c)) {
            h->state = RECS_HTML_IN_BEFORE_ATTRIBUTE;
        }
    }

    return RECS_HTML_NOTHING;
}


static void
recs_html_step_comment(recs_html_t *h, char c)
{
    switch (h->state) {

    case RECS_HTML_IN_BANG:
        h->state = c == '-' ? RECS_HTML_IN_BANG_DASH
                 : c == '>' ? RECS_HTML_IN_DATA : RECS_HTML_IN_BOGUS_COMMENT;
        break;

    case RECS_HTML_IN_BANG_DASH:
        h->state = c == '-' ? RECS_HTML_IN_COMMENT
                 : c == '>' ? RECS_HTML_IN_DATA : RECS_HTML_IN_BOGUS_COMMENT;
        h->dashes = 2;                       /* "<!-->" is a whole one */
        h->bang = 0;
        break;

    case RECS_HTML_IN_BOGUS_COMMENT:

        if (c == '>') {
            h->state = RECS_HTML_IN_DATA;
        }

        break;

    default:                                 /* RECS_HTML_IN_COMMENT */

        if (c == '>' && (h->dashes >= 2 || h->bang)) {
            h->state = RECS_HTML_IN_DATA;

        } else if (c == '-') {
            h->dashes = h->bang ? 1 : h->dashes + 1;
            h->bang = 0;

        } else {
            h->bang = c == '!' && h->dashes >= 2;
            h->dashes = 0;
        }
    }
}


/* Raw text ends with its own end tag only. */
static recs_html_step_t
recs_html_step_raw(recs_html_t *h, char c)
{
    if (h->state == RECS_HTML_IN_RAW_OPEN) {
        h->name_len = 0;
        h->state = c == '/' ? RECS_HTML_IN_RAW_NAME
                 : c == '<' ? RECS_HTML_IN_RAW_OPEN : RECS_HTML_IN_RAW;
        return RECS_HTML_NOTHING;
    }

    if (h->name_len < h->raw_len
        && recs_html_lower(c) == h->raw[h->name_len])
    {
        h->name[h->name_len++] = recs_html_lower(c);
        return RECS_HTML_NOTHING;
    }

    if (h->name_len == h->raw_len
        && (recs_html_space(c) || c == '/' || c == '>'))
    {
        h->closing = 1;
        h->state = RECS_HTML_IN_BEFORE_ATTRIBUTE;
        return c == '>' ? RECS_HTML_TAG : RECS_HTML_NOTHING;
    }

    h->state = c == '<' ? RECS_HTML_IN_RAW_OPEN : RECS_HTML_IN_RAW;

    return RECS_HTML_NOTHING;
}


static recs_html_step_t
recs_html_advance(recs_html_t *h, char c)
{
    switch (h->state) {

    case RECS_HTML_IN_DATA:

        if (c == '<') {
            h->state = RECS_HTML_IN_OPEN;
            h->closing = 0;
        }

        return RECS_HTML_NOTHING;

    case RECS_HTML_IN_OPEN:
    case RECS_HTML_IN_END_OPEN:
        recs_html_step_open(h, c);
        return RECS_HTML_NOTHING;

    case RECS_HTML_IN_NAME:

        if (recs_html_space(c) || c == '/' || c == '>') {
            h->state = RECS_HTML_IN_BEFORE_ATTRIBUTE;
            return RECS_HTML_NAME;
        }

        /* A longer name is none that matters: one byte too many tells. */

        if (h->name_len < RECS_HTML_NAME_MAX) {
            h->name[h->name_len++] = recs_html_lower(c);
        }

        return RECS_HTML_NOTHING;

    case RECS_HTML_IN_BEFORE_ATTRIBUTE:
    case RECS_HTML_IN_ATTRIBUTE:
    case RECS_HTML_IN_AFTER_ATTRIBUTE:
        return recs_html_step_attribute(h, c);

    case RECS_HTML_IN_BEFORE_VALUE:
    case RECS_HTML_IN_DOUBLE_QUOTED:
    case RECS_HTML_IN_SINGLE_QUOTED:
    case RECS_HTML_IN_UNQUOTED:
        return recs_html_step_value(h, c);

    case RECS_HTML_IN_RAW:

        if (c == '<') {
            h->state = RECS_HTML_IN_RAW_OPEN;
        }

        return RECS_HTML_NOTHING;

    case RECS_HTML_IN_RAW_OPEN:
    case RECS_HTML_IN_RAW_NAME:
        return recs_html_step_raw(h, c);

    default:
        recs_html_step_comment(h, c);
        return RECS_HTML_NOTHING;
    }
}


/* A tag is complete: what follows a start tag may be raw text. */
static void
recs_html_tag(recs_html_t *h)
{
    int  i;

    h->state = RECS_HTML_IN_DATA;

    for (i = 0; !h->closing && recs_html_raw[i] != NULL; i++) {
        if (recs_html_named(h, recs_html_raw[i])) {
            memcpy(h->raw, h->name, h->name_len);
            h->raw_len = h->name_len;
            h->state = RECS_HTML_IN_RAW;
        }
    }
}


recs_html_step_t
recs_html_step(recs_html_t *h, char c)
{
    recs_html_step_t  step;

    step = recs_html_advance(h, c);

    if (step == RECS_HTML_TAG) {
        recs_html_tag(h);
    }

    return step;
}
