/*
 * Any template, and values that try to leave their place.  What parses says
 * of each placeholder where it stands; HTML's tokenizer, which sees the page
 * as a browser does, must agree, and find every place again behind it.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "recs_html.h"
#include "recs_template.h"


static const char *const  fuzz_values[] = {
    "x", "", "\"'><script>alert(1)</script>", "--><!--", "javascript:x",
    "data:text/html,<b>", "/a?b=\"c\"&d='e'", " \t\njava\rscript:", "\xff<",
    "</title></textarea></style></xmp>", "`=/"
};


/* Is it where a value of that place may be? */
static int
fuzz_stands(const recs_html_t *h, recs_place_t place)
{
    return h->state == RECS_HTML_IN_DOUBLE_QUOTED
           || h->state == RECS_HTML_IN_SINGLE_QUOTED
           || (h->state == RECS_HTML_IN_DATA && place == RECS_PLACE_TEXT);
}


/* Feeds the text; how many names and tags it has completed. */
static unsigned
fuzz_feed(recs_html_t *h, const char *text, size_t len)
{
    size_t            i;
    unsigned          n;
    recs_html_step_t  step;

    n = 0;

    for (i = 0; i < len; i++) {
        step = recs_html_step(h, text[i]);

        if (step == RECS_HTML_NAME) {
            n++;
            step = recs_html_step(h, text[i]);
        }

        n += step == RECS_HTML_TAG;
    }

    return n;
}


static recs_str_t
fuzz_value(void *data, recs_str_t name)
{
    recs_str_t  v;

    (void) name;

    v.data = data;
    v.len = strlen(data);

    return v;
}


static void
fuzz_parts(const recs_template_t *t, const char *value)
{
    char              *text;
    size_t             len;
    uint32_t           i;
    recs_html_t        h;
    recs_html_state_t  state;
    recs_template_t    one;

    memset(&h, 0, sizeof(h));

    for (i = 0; i < t->n_parts; i++) {
        (void) fuzz_feed(&h, t->parts[i].literal.data,
                         t->parts[i].literal.len);

        if (t->parts[i].name.len == 0) {
            continue;
        }

        if (!fuzz_stands(&h, t->parts[i].place)) {
            abort();
        }

        one.n_parts = 1;
        one.parts[0] = t->parts[i];
        one.parts[0].literal.len = 0;

        len = recs_template_render(&one, fuzz_value, (char *) value, NULL, 0);
        text = malloc(len + 1);

        if (text == NULL
            || recs_template_render(&one, fuzz_value, (char *) value, text,
                                    len) != len)
        {
            abort();
        }

        state = h.state;

        if (fuzz_feed(&h, text, len) != 0 || h.state != state) {
            abort();
        }

        free(text);
    }
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char             *text;
    size_t            i;
    recs_error_t      err;
    recs_template_t   t;

    /* Exactly as long as it is: a byte too far is seen. */

    text = malloc(size > 0 ? size : 1);

    if (text == NULL) {
        abort();
    }

    memcpy(text, data, size);

    if (recs_template_parse(&t, text, size, &err) == RECS_OK) {
        for (i = 0; i < sizeof(fuzz_values) / sizeof(fuzz_values[0]); i++) {
            fuzz_parts(&t, fuzz_values[i]);
        }
    }

    free(text);

    return 0;
}
