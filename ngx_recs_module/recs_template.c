#include "recs_template.h"

#include <string.h>
#include <strings.h>


typedef struct {
    recs_template_t  *t;
    const char       *text;
    const char       *end;
    const char       *pos;
    const char       *literal;        /* not yet in a part */
    recs_error_t     *err;
} recs_template_parser_t;

typedef struct {
    const char       *name;
    size_t            name_len;
    int               forbidden;
    int               url;
} recs_template_attribute_t;


static recs_status_t recs_template_text(recs_template_parser_t *p);
static recs_status_t recs_template_markup(recs_template_parser_t *p);
static recs_status_t recs_template_tag(recs_template_parser_t *p);
static recs_status_t recs_template_attribute(recs_template_parser_t *p,
    int forbidden);
static recs_status_t recs_template_quoted(recs_template_parser_t *p,
    const recs_template_attribute_t *a);
static recs_status_t recs_template_url_byte(recs_template_parser_t *p,
    const char *start, int n_placeholders, int *scheme_open);
static recs_status_t recs_template_placeholder(recs_template_parser_t *p,
    recs_place_t place);
static recs_status_t recs_template_skip(recs_template_parser_t *p,
    const char *stop, const char *where);
static recs_status_t recs_template_bad(recs_template_parser_t *p,
    const char *what);


static const char *const  recs_template_raw_tags[] = {
    "script", "style", "textarea", "title", "xmp", "iframe", "noembed",
    "noframes", "noscript", "plaintext", NULL
};

static const char *const  recs_template_code_tags[] = {
    "script", "style", "link", "base", "meta", "object", "embed", "applet",
    "animate", "animatecolor", "animatemotion", "animatetransform", "set",
    "handler", "listener", NULL
};

/* Code of the browser, and of Alpine, Vue, AngularJS, htmx and Datastar. */
static const char *const  recs_template_code_attributes[] = {
    "on", "style", "srcdoc", "x-", "v-", "ng-", "data-ng-", "hx-on",
    "data-hx-on", "hx-va", "data-hx-va", "hx-headers", "data-hx-headers",
    "hx-request", "data-hx-request", "data-on-", "data-on:", NULL
};

static const char *const  recs_template_url_attributes[] = {
    "href", "src", "action", "formaction", "poster", "cite", "data",
    "background", "longdesc", "manifest", "ping", "xlink:href", "srcset",
    "imagesrcset", NULL
};

/* What may stand before ":" in a URL that goes on with a placeholder. */
static const char *const  recs_template_schemes[] = {
    "http", "https", "mailto", "tel", NULL
};


static int
recs_template_one_of(const char *const *words, const char *word, size_t len)
{
    for ( /* void */ ; *words != NULL; words++) {
        if (strlen(*words) == len && strncasecmp(*words, word, len) == 0) {
            return 1;
        }
    }

    return 0;
}


static int
recs_template_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}


static int
recs_template_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}


static int
recs_template_starts(const recs_template_parser_t *p, const char *with)
{
    size_t  len;

    len = strlen(with);

    return (size_t) (p->end - p->pos) >= len
           && strncasecmp(p->pos, with, len) == 0;
}


/*
 * By how its name begins.  One that does not begin with a letter is no
 * attribute of HTML's but of some framework's: "@click", ":href", "_".
 */
static int
recs_template_holds_code(const char *name, size_t len)
{
    size_t              n;
    const char *const  *prefix;

    for (prefix = recs_template_code_attributes; *prefix != NULL; prefix++) {
        n = strlen(*prefix);

        if (len >= n && strncasecmp(name, *prefix, n) == 0) {
            return 1;
        }
    }

    return !recs_template_letter(name[0]);
}


recs_status_t
recs_template_parse(recs_template_t *t, const char *text, size_t len,
    recs_error_t *err)
{
    recs_status_t            rc;
    recs_template_part_t    *last;
    recs_template_parser_t   p;

    t->n_parts = 0;
    p.t = t;
    p.text = text;
    p.end = text + len;
    p.pos = text;
    p.literal = text;
    p.err = err;

    rc = recs_template_text(&p);
    if (rc != RECS_OK) {
        return rc;
    }

    last = &t->parts[t->n_parts++];
    memset(last, 0, sizeof(recs_template_part_t));
    last->literal.data = p.literal;
    last->literal.len = (size_t) (p.end - p.literal);

    return RECS_OK;
}


static recs_status_t
recs_template_text(recs_template_parser_t *p)
{
    recs_status_t  rc;

    while (p->pos < p->end) {
        if (recs_template_starts(p, "{{")) {
            rc = recs_template_placeholder(p, RECS_PLACE_TEXT);

        } else if (*p->pos == '<') {
            rc = recs_template_markup(p);

        } else {
            p->pos++;
            continue;
        }

        if (rc != RECS_OK) {
            return rc;
        }
    }

    return RECS_OK;
}


/* What begins with "<": a tag, a comment, or a "<" that is only that. */
static recs_status_t
recs_template_markup(recs_template_parser_t *p)
{
    char  next, after;

    next = p->end - p->pos > 1 ? p->pos[1] : '\0';
    after = p->end - p->pos > 2 ? p->pos[2] : '\0';

    if (recs_template_letter(next)
        || (next == '/' && recs_template_letter(after)))
    {
        return recs_template_tag(p);
    }

    if (recs_template_starts(p, "<!--")) {
        p->pos += 4;
        return recs_template_skip(p, "-->", "a comment");
    }

    if (next == '!' || next == '?' || next == '/') {
        return recs_template_skip(p, ">", "a comment");
    }

    p->pos++;

    /* its value would name the tag */
    if (recs_template_starts(p, "{{")) {
        return recs_template_bad(p, "a placeholder in a tag name");
    }

    return RECS_OK;
}


static recs_status_t
recs_template_tag(recs_template_parser_t *p)
{
    int             closing, forbidden;
    char            stop[16];
    size_t          len;
    const char     *name;
    recs_status_t   rc;

    closing = p->pos[1] == '/';
    p->pos += closing ? 2 : 1;
    name = p->pos;

    while (p->pos < p->end && !recs_template_space(*p->pos)
           && *p->pos != '>' && *p->pos != '/')
    {
        if (recs_template_starts(p, "{{")) {
            return recs_template_bad(p, "a placeholder in a tag name");
        }

        p->pos++;
    }

    len = (size_t) (p->pos - name);
    forbidden = closing
                || recs_template_one_of(recs_template_code_tags, name, len);

    for ( ;; ) {
        while (p->pos < p->end
               && (recs_template_space(*p->pos) || *p->pos == '/'))
        {
            p->pos++;
        }

        if (p->pos == p->end) {
            return recs_template_bad(p, "a tag without its end");
        }

        if (*p->pos == '>') {
            p->pos++;
            break;
        }

        rc = recs_template_attribute(p, forbidden);
        if (rc != RECS_OK) {
            return rc;
        }
    }

    if (closing || !recs_template_one_of(recs_template_raw_tags, name, len)) {
        return RECS_OK;
    }

    stop[0] = '<';
    stop[1] = '/';
    memcpy(stop + 2, name, len);
    stop[len + 2] = '\0';

    return recs_template_skip(p, stop, "text that is not markup");
}


static recs_status_t
recs_template_attribute(recs_template_parser_t *p, int forbidden)
{
    const char                 *before;
    recs_template_attribute_t   a;

    a.name = p->pos;

    do {
        if (recs_template_starts(p, "{{")) {
            return recs_template_bad(p, "a placeholder in an attribute's "
                                     "name");
        }

        p->pos++;

    } while (p->pos < p->end && !recs_template_space(*p->pos)
             && *p->pos != '>' && *p->pos != '/' && *p->pos != '=');

    a.name_len = (size_t) (p->pos - a.name);
    a.url = recs_template_one_of(recs_template_url_attributes, a.name,
                                 a.name_len);
    a.forbidden = forbidden || recs_template_holds_code(a.name, a.name_len);

    before = p->pos;

    while (p->pos < p->end && recs_template_space(*p->pos)) {
        p->pos++;
    }

    if (p->pos == p->end || *p->pos != '=') {
        p->pos = before;
        return RECS_OK;
    }

    p->pos++;

    while (p->pos < p->end && recs_template_space(*p->pos)) {
        p->pos++;
    }

    if (p->pos < p->end && (*p->pos == '"' || *p->pos == '\'')) {
        return recs_template_quoted(p, &a);
    }

    while (p->pos < p->end && !recs_template_space(*p->pos)
           && *p->pos != '>')
    {
        if (recs_template_starts(p, "{{")) {
            return recs_template_bad(p, "a placeholder in an attribute "
                                     "without quotes");
        }

        p->pos++;
    }

    return RECS_OK;
}


static recs_status_t
recs_template_quoted(recs_template_parser_t *p,
    const recs_template_attribute_t *a)
{
    int             n_placeholders, scheme_open;
    char            quote;
    const char     *start;
    recs_place_t    place;
    recs_status_t   rc;

    quote = *p->pos++;
    start = p->pos;
    n_placeholders = 0;
    scheme_open = 1;

    while (p->pos < p->end && *p->pos != quote) {

        if (!recs_template_starts(p, "{{")) {
            rc = a->url ? recs_template_url_byte(p, start, n_placeholders,
                                                 &scheme_open)
                        : RECS_OK;
            if (rc != RECS_OK) {
                return rc;
            }

            p->pos++;
            continue;
        }

        if (a->forbidden) {
            return recs_template_bad(p, "a placeholder in an attribute or "
                                     "tag that may hold code");
        }

        if (a->url && scheme_open < 0) {
            return recs_template_bad(p, "a placeholder after a scheme that "
                                     "is not allowed");
        }

        place = !a->url ? RECS_PLACE_TEXT
                        : p->pos == start ? RECS_PLACE_URL
                                          : RECS_PLACE_URL_PART;

        rc = recs_template_placeholder(p, place);
        if (rc != RECS_OK) {
            return rc;
        }

        n_placeholders++;
    }

    if (p->pos == p->end) {
        return recs_template_bad(p, "an attribute without its end");
    }

    p->pos++;

    return RECS_OK;
}


/*
 * Follows the literal bytes of a URL: scheme_open is 1 while they could still
 * be a scheme, 0 after it, -1 if that is one that no placeholder may follow.
 * A reference (&...;) could stand for any byte.
 */
static recs_status_t
recs_template_url_byte(recs_template_parser_t *p, const char *start,
    int n_placeholders, int *scheme_open)
{
    if (*scheme_open != 1) {
        return RECS_OK;
    }

    switch (*p->pos) {

    case '/':
    case '?':
    case '#':
        *scheme_open = 0;
        return RECS_OK;

    case ':':
    case '&':
        if (n_placeholders > 0) {
            return recs_template_bad(p, "a placeholder that could complete "
                                     "the scheme of a URL");
        }

        *scheme_open = *p->pos == ':'
                       && recs_template_one_of(recs_template_schemes, start,
                                               (size_t) (p->pos - start))
                       ? 0 : -1;
        return RECS_OK;

    default:
        return RECS_OK;
    }
}


static recs_status_t
recs_template_placeholder(recs_template_parser_t *p, recs_place_t place)
{
    const char            *open, *name, *close;
    recs_template_part_t  *part;

    open = p->pos;
    name = open + 2;
    close = name;

    while (p->end - close >= 2 && (close[0] != '}' || close[1] != '}')) {
        close++;
    }

    if (p->end - close < 2) {
        return recs_template_bad(p, "a placeholder without its end");
    }

    if (p->t->n_parts == RECS_TEMPLATE_PARTS_MAX - 1) {
        return recs_error(p->err, RECS_LIMIT, "a template with over %d "
                          "placeholders", RECS_TEMPLATE_PARTS_MAX - 1);
    }

    part = &p->t->parts[p->t->n_parts];
    part->literal.data = p->literal;
    part->literal.len = (size_t) (open - p->literal);
    part->place = place;

    p->literal = close + 2;

    while (name < close && recs_template_space(*name)) {
        name++;
    }

    while (close > name && recs_template_space(close[-1])) {
        close--;
    }

    part->name.data = name;
    part->name.len = (size_t) (close - name);

    if (!recs_id_valid(part->name.data, part->name.len)) {
        return recs_template_bad(p, "a placeholder without a proper name");
    }

    p->t->n_parts++;
    p->pos = p->literal;

    return RECS_OK;
}


/* Is the parser at it?  An end tag is one only where its name ends, too. */
static int
recs_template_stops(const recs_template_parser_t *p, const char *stop)
{
    const char  *behind;

    if (!recs_template_starts(p, stop)) {
        return 0;
    }

    behind = p->pos + strlen(stop);

    return stop[0] != '<'
           || (behind < p->end && (recs_template_space(*behind)
                                   || *behind == '/' || *behind == '>'));
}


/* To behind stop, or to the end; what it passes must hold no placeholder. */
static recs_status_t
recs_template_skip(recs_template_parser_t *p, const char *stop,
    const char *where)
{
    char  what[64];

    while (p->pos < p->end && !recs_template_stops(p, stop)) {
        if (recs_template_starts(p, "{{")) {
            strcpy(what, "a placeholder in ");
            strcat(what, where);
            return recs_template_bad(p, what);
        }

        p->pos++;
    }

    /* an end tag is parsed as any tag */
    if (p->pos < p->end && stop[0] != '<') {
        p->pos += strlen(stop);
    }

    return RECS_OK;
}


static recs_status_t
recs_template_bad(recs_template_parser_t *p, const char *what)
{
    return recs_error(p->err, RECS_INVALID, "%s, at byte %zu of the template",
                      what, (size_t) (p->pos - p->text));
}


size_t
recs_template_render(const recs_template_t *t, recs_template_value_fn value,
    void *data, char *dst, size_t size)
{
    uint32_t                     i;
    recs_output_t                out = { dst, size, 0 };
    const recs_template_part_t  *part;

    for (i = 0; i < t->n_parts; i++) {
        part = &t->parts[i];
        recs_output_put(&out, part->literal.data, part->literal.len);

        if (part->name.len > 0) {
            recs_output_value(&out, part->place, value(data, part->name));
        }
    }

    return out.len;
}
