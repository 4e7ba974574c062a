/*
 * recs_html: HTML's tokenizer, as far as it decides what is a tag: tags with
 * quoted attributes, comments, raw text.  A byte at a time, of a document
 * that may be cut anywhere.
 *
 * Not followed: the states of script that "<!--" begins (there `</script>`
 * ends it all the same), plaintext, and the other rules of SVG and MathML.
 */

#ifndef _RECS_HTML_H_INCLUDED_
#define _RECS_HTML_H_INCLUDED_


#include <stddef.h>


#define RECS_HTML_NAME_MAX  16


typedef enum {
    RECS_HTML_IN_DATA,
    RECS_HTML_IN_OPEN,               /* after '<' */
    RECS_HTML_IN_END_OPEN,           /* after "</" */
    RECS_HTML_IN_NAME,
    RECS_HTML_IN_BEFORE_ATTRIBUTE,
    RECS_HTML_IN_ATTRIBUTE,
    RECS_HTML_IN_AFTER_ATTRIBUTE,
    RECS_HTML_IN_BEFORE_VALUE,
    RECS_HTML_IN_DOUBLE_QUOTED,
    RECS_HTML_IN_SINGLE_QUOTED,
    RECS_HTML_IN_UNQUOTED,
    RECS_HTML_IN_BANG,               /* after "<!" */
    RECS_HTML_IN_BANG_DASH,          /* after "<!-" */
    RECS_HTML_IN_COMMENT,
    RECS_HTML_IN_BOGUS_COMMENT,      /* up to '>' */
    RECS_HTML_IN_RAW,                /* script, style, ... */
    RECS_HTML_IN_RAW_OPEN,           /* '<' in it */
    RECS_HTML_IN_RAW_NAME            /* "</" in it */
} recs_html_state_t;

/* What a byte has completed. */
typedef enum {
    RECS_HTML_NOTHING,
    RECS_HTML_NAME,                          /* the name ended before it */
    RECS_HTML_TAG                            /* '>' of a tag */
} recs_html_step_t;


/* All zero: the start of a document. */
typedef struct {
    recs_html_state_t  state;
    char               name[RECS_HTML_NAME_MAX];  /* of the tag, lower case;
                                                     cut where longer */
    size_t             name_len;
    char               raw[RECS_HTML_NAME_MAX];   /* whose text it is */
    size_t             raw_len;
    unsigned           dashes;                    /* in a row, in a comment */
    unsigned           closing:1;                 /* it is an end tag */
    unsigned           bang:1;                    /* "--!" in a comment */
} recs_html_t;


/*
 * Takes the next byte.  NAME: a tag's name is complete and the byte was not
 * taken: give it again.
 */
recs_html_step_t recs_html_step(recs_html_t *h, char c);

/*
 * Where, from p on, recs_html_step() is needed again, in RECS_HTML_IN_DATA:
 * it has passed text and whole tags of no interest, after which the state
 * would be the same.  At '<', or end.
 */
const char *recs_html_skip(const char *p, const char *end);

/* Is this the tag's whole name? */
int recs_html_named(const recs_html_t *h, const char *name);

int recs_html_space(char c);
char recs_html_lower(char c);


#endif /* _RECS_HTML_H_INCLUDED_ */
