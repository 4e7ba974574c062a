#include "recs_html.h"

#ifdef __SSE2__
#include <immintrin.h>
#endif


/*
 * Names that matter to somebody, by their first two letters: script, style,
 * textarea, title, template, xmp, iframe, noembed, noframes, recs-slot.
 */
#define recs_html_bit(c)  (1u << ((c) & 31))

static const unsigned  recs_html_second[32] = {
    ['s' & 31] = recs_html_bit('c') | recs_html_bit('t'),
    ['t' & 31] = recs_html_bit('e') | recs_html_bit('i'),
    ['x' & 31] = recs_html_bit('m'),
    ['i' & 31] = recs_html_bit('f'),
    ['n' & 31] = recs_html_bit('o'),
    ['r' & 31] = recs_html_bit('e')
};

/* What ends a name or a value without quotes. */
enum { RECS_HTML_SPACE = 1, RECS_HTML_SLASH = 2, RECS_HTML_END = 4 };

static const unsigned char  recs_html_kinds[256] = {
    [' '] = RECS_HTML_SPACE, ['\t'] = RECS_HTML_SPACE,
    ['\n'] = RECS_HTML_SPACE, ['\r'] = RECS_HTML_SPACE,
    ['\f'] = RECS_HTML_SPACE, ['/'] = RECS_HTML_SLASH,
    ['>'] = RECS_HTML_END
};


static inline int
recs_html_is(char c, int kinds)
{
    return recs_html_kinds[(unsigned char) c] & kinds;
}


/* The first a or b, or end.  Mostly near: a call would take longer. */
static inline const char *
recs_html_find(const char *p, const char *end, char a, char b)
{
#ifdef __SSE2__
    unsigned  found;
    __m128i   bytes, as, bs;

    as = _mm_set1_epi8(a);
    bs = _mm_set1_epi8(b);

    for ( /* void */ ; end - p >= 16; p += 16) {
        bytes = _mm_loadu_si128((const __m128i *) (const void *) p);
        found = (unsigned) _mm_movemask_epi8(
                    _mm_or_si128(_mm_cmpeq_epi8(bytes, as),
                                 _mm_cmpeq_epi8(bytes, bs)));
        if (found) {
            return p + __builtin_ctz(found);
        }
    }
#endif

    while (p < end && *p != a && *p != b) {
        p++;
    }

    return p;
}


/*
 * Behind the value of an attribute, from behind its '='; NULL where there is
 * none yet.
 */
static inline const char *
recs_html_skip_value(const char *p, const char *end)
{
    if (p == end || recs_html_is(*p, RECS_HTML_SPACE|RECS_HTML_END)) {
        return NULL;
    }

    if (*p == '"' || *p == '\'') {
        p = recs_html_find(p + 1, end, *p, *p);
        return p < end ? p + 1 : NULL;
    }

    while (p < end && !recs_html_is(*p, RECS_HTML_SPACE|RECS_HTML_END)) {
        p++;
    }

    return p;
}


/* Behind the tag at p, NULL where it must be looked at byte by byte. */
static inline const char *
recs_html_skip_tag(const char *p, const char *end)
{
    const char  *attributes;

    p += end - p > 1 && p[1] == '/' ? 2 : 1;

    if (end - p < 2 || (unsigned char) ((*p | 0x20) - 'a') > 'z' - 'a'
        || (recs_html_second[*p & 31] & recs_html_bit(p[1])))
    {
        return NULL;
    }

    while (p < end && recs_html_is(*p, -1) == 0) {
        p++;
    }

    attributes = p;

    for ( ;; ) {
        p = recs_html_find(p, end, '>', '=');

        if (p == end) {
            return NULL;
        }

        if (*p == '>') {
            return p + 1;
        }

        /* A '=' that follows no name begins one. */

        if (p == attributes
            || recs_html_is(p[-1], RECS_HTML_SPACE|RECS_HTML_SLASH))
        {
            return NULL;
        }

        p = recs_html_skip_value(p + 1, end);
        if (p == NULL) {
            return NULL;
        }

        attributes = p;
    }
}


const char *
recs_html_skip(const char *p, const char *end)
{
    const char  *behind;

    for ( ;; ) {
        p = recs_html_find(p, end, '<', '<');

        if (p == end) {
            return end;
        }

        behind = recs_html_skip_tag(p, end);

        if (behind == NULL) {
            return p;
        }

        p = behind;
    }
}
