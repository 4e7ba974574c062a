/*
 * recs_template: markup with {{name}} placeholders, parsed once and rendered
 * for each item, every value escaped for the place where it stands.
 *
 * Values come from the outside and may be hostile; so may, to a lesser
 * degree, the markup.  A placeholder may stand
 *
 *     in text                     & < > " ' become references
 *     in a quoted attribute       the same
 *     at the start of a URL       also: a value with a scheme other than http
 *                                 and https renders as nothing
 *     later in a URL              percent-encoded but for unreserved bytes
 *
 * and nowhere else: not in a tag or attribute name, an unquoted attribute, an
 * event handler (on...), style or srcdoc, a framework's attribute that holds
 * code (@click, :href, x-on:..., v-bind:..., hx-on...), a comment, the text of
 * script, style, textarea, title and their like, in a tag that loads code or
 * sets another's attributes (script, style, link, base, meta, object, embed;
 * SVG's animate, set and their like), nor where it could complete a scheme
 * (href="java{{x}}:", href="javascript:{{x}}").
 *
 * Nothing is allocated; a template borrows the text that it was parsed from.
 */

#ifndef _RECS_TEMPLATE_H_INCLUDED_
#define _RECS_TEMPLATE_H_INCLUDED_


#include <stdint.h>

#include "recs_escape.h"
#include "recs_status.h"


#define RECS_TEMPLATE_PARTS_MAX  128


/* Literal markup, and the placeholder behind it (no name: the end). */
typedef struct {
    recs_str_t    literal;
    recs_str_t    name;
    recs_place_t  place;
} recs_template_part_t;

struct recs_template_s {
    uint32_t              n_parts;
    recs_template_part_t  parts[RECS_TEMPLATE_PARTS_MAX];
};

typedef struct recs_template_s  recs_template_t;


/*
 * RECS_INVALID  a placeholder where none may stand, a broken placeholder or
 *               tag; err says which, and at which byte
 * RECS_LIMIT    more placeholders than RECS_TEMPLATE_PARTS_MAX - 1
 */
recs_status_t recs_template_parse(recs_template_t *t, const char *text,
    size_t len, recs_error_t *err);

/* A placeholder's value, {NULL, 0} where there is none. */
typedef recs_str_t (*recs_template_value_fn)(void *data, recs_str_t name);

/*
 * Renders into dst, of size bytes, and returns the length of the whole; where
 * that is over size, what dst holds is of no use.  dst NULL, size 0: only
 * measures.
 */
size_t recs_template_render(const recs_template_t *t,
    recs_template_value_fn value, void *data, char *dst, size_t size);


#endif /* _RECS_TEMPLATE_H_INCLUDED_ */
