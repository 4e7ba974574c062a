/*
 * recs_markup: finds <recs-slot> elements in HTML that comes in pieces.
 *
 *     <recs-slot name="for_you" count="4">
 *       <template><a href="{{url}}">{{title}}</a></template>
 *       <p>Our best sellers ...</p>
 *     </recs-slot>
 *
 * It is fed with chunks cut anywhere.  All bytes come out again, in order:
 * those outside of elements where they stand in the chunk, an element as a
 * whole, copied.
 *
 * `<recs-slot` inside comments, script, style, textarea, title (and xmp,
 * iframe, noembed, noframes) or template is text.  Of nested elements the
 * inner one counts, the outer one is text: so one that is never closed costs
 * itself only.  An element longer than the limit is text as well.
 */

#ifndef _RECS_MARKUP_H_INCLUDED_
#define _RECS_MARKUP_H_INCLUDED_


#include <stddef.h>

#include "recs_html.h"
#include "recs_id.h"


#define RECS_MARKUP_PREFIX_MAX  16


typedef enum {
    RECS_MARKUP_MORE,             /* the chunk is used up */
    RECS_MARKUP_PASS,             /* bytes of the chunk, to pass on */
    RECS_MARKUP_HELD,             /* bytes held back, to pass on; `fault` */
    RECS_MARKUP_ELEMENT           /* a whole element */
} recs_markup_kind_t;

typedef enum {
    RECS_MARKUP_NO_FAULT,         /* it only looked like the start of one */
    RECS_MARKUP_TOO_LARGE,
    RECS_MARKUP_UNCLOSED,         /* at the next one's start, or at the end */
    RECS_MARKUP_NO_MEMORY
} recs_markup_fault_t;

/*
 * What recs_markup_next() has found.  PASS: in the caller's chunk.  HELD and
 * ELEMENT: in the scanner's memory, until the next call.
 */
typedef struct {
    recs_markup_kind_t    kind;
    recs_markup_fault_t   fault;
    const char           *data;
    size_t                len;

    /* of an element, offsets into data */
    size_t                start_tag_len;
    size_t                end_tag_at;
    size_t                template_at;       /* its content; 0, 0: none */
    size_t                template_end;
    recs_str_t            name;              /* attributes; len 0: none */
    recs_str_t            count;
} recs_markup_token_t;


/*
 * Memory for an element: like realloc(), old_size bytes of old are kept;
 * NULL where there is none (then the element is text).
 */
typedef void *(*recs_markup_alloc_pt)(void *data, void *old,
    size_t old_size, size_t size);


typedef struct {
    size_t                 max_size;
    recs_markup_alloc_pt   alloc;
    void                  *alloc_data;

    recs_html_t            html;
    unsigned               depth;            /* of templates */

    unsigned               capturing:1;      /* inside an element */
    unsigned               has_template:1;
    unsigned               stale:1;          /* the tag began in an element
                                                that has become text */
    unsigned               off:1;

    char                   prefix[RECS_MARKUP_PREFIX_MAX]; /* "<recs-sl" */
    size_t                 prefix_len;
    size_t                 skip;             /* of the chunk: looked at */

    char                  *buffer;           /* the element so far */
    size_t                 buffer_len;
    size_t                 buffer_size;
    size_t                 drop;             /* of it, before the next call */
    size_t                 tag_at;           /* the last '<', in buffer */
    size_t                 start_tag_len;
    size_t                 template_at;
    size_t                 template_end;
} recs_markup_t;


/* An element of more than max_size bytes, tags included, is text. */
void recs_markup_init(recs_markup_t *m, size_t max_size,
    recs_markup_alloc_pt alloc, void *alloc_data);

/* From here on everything is text; nothing may be held back. */
void recs_markup_off(recs_markup_t *m);

/* The next token from *p on, which moves.  MORE once *p has reached end. */
void recs_markup_next(recs_markup_t *m, const char **p, const char *end,
    recs_markup_token_t *token);

/*
 * The end of the document: HELD with what is still held back, else MORE.
 */
void recs_markup_end(recs_markup_t *m, recs_markup_token_t *token);


#endif /* _RECS_MARKUP_H_INCLUDED_ */
