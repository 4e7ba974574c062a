/*
 * recs_escape: a value into markup, escaped for the place where it stands;
 * and a value out of a URL.
 */

#ifndef _RECS_ESCAPE_H_INCLUDED_
#define _RECS_ESCAPE_H_INCLUDED_


#include <stddef.h>

#include "recs_id.h"


typedef enum {
    RECS_PLACE_TEXT,          /* text or a quoted attribute: & < > " ' become
                                 references */
    RECS_PLACE_URL,           /* where a URL begins: the same, and nothing of
                                 a value that has a scheme but http or https,
                                 or a control character */
    RECS_PLACE_URL_PART       /* later in a URL: all but letters, digits and
                                 - . _ ~ becomes %XX */
} recs_place_t;


/*
 * Where output goes: bytes that fit, and the length that all would have.
 * {NULL, 0, 0} only measures.
 */
typedef struct {
    char    *dst;
    size_t   size;
    size_t   len;
} recs_output_t;

void recs_output_put(recs_output_t *out, const char *data, size_t len);
void recs_output_value(recs_output_t *out, recs_place_t place,
    recs_str_t value);

/*
 * Undoes %XX in len bytes at src; dst has room for len and may be src.
 * Returns 1 and their number, or 0 where a %XX is malformed.
 */
int recs_unescape(char *dst, const char *src, size_t len, size_t *decoded);


#endif /* _RECS_ESCAPE_H_INCLUDED_ */
