/*
 * recs_nginx_words: the words of an nginx configuration, as nginx itself
 * splits them: quotes, backslashes, comments, `;`, `{` and `}`.
 */

#ifndef _RECS_NGINX_WORDS_H_INCLUDED_
#define _RECS_NGINX_WORDS_H_INCLUDED_


#include <stdint.h>

#include "recs_id.h"
#include "recs_status.h"


#define RECS_NGINX_WORDS_MAX  64


/* A text that is being read; it is changed: words are unescaped in place. */
typedef struct {
    const char  *name;                  /* of the file, for errors */
    char        *p;
    char        *last;
    unsigned     line;                  /* from 1 */
} recs_nginx_text_t;

/* A directive.  Words lie in the text. */
typedef struct {
    recs_str_t   words[RECS_NGINX_WORDS_MAX];
    uint32_t     n;                     /* may be more than are kept */
    char         end;                   /* ';', '{', or '}' without words */
    const char  *name;                  /* of the file */
    unsigned     line;                  /* where its first word is */
} recs_nginx_line_t;


/*
 * The next directive.
 *
 * RECS_NOT_FOUND  there is none
 * RECS_INVALID    nginx would refuse it; err names file and line
 */
recs_status_t recs_nginx_words_next(recs_nginx_text_t *text,
    recs_nginx_line_t *line, recs_error_t *err);


#endif /* _RECS_NGINX_WORDS_H_INCLUDED_ */
