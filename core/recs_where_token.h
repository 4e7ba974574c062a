/*
 * recs_where_token: a predicate's text in tokens.  Private to
 * recs_where_parse.
 */

#ifndef _RECS_WHERE_TOKEN_H_INCLUDED_
#define _RECS_WHERE_TOKEN_H_INCLUDED_


#include "recs_id.h"
#include "recs_status.h"


typedef enum {
    RECS_TOKEN_END,
    RECS_TOKEN_WORD,
    RECS_TOKEN_STRING,                  /* its text, without the quotes */
    RECS_TOKEN_VARIABLE,                /* its name */
    RECS_TOKEN_OPEN,
    RECS_TOKEN_CLOSE,
    RECS_TOKEN_COMMA,
    RECS_TOKEN_EQ,
    RECS_TOKEN_NE,
    RECS_TOKEN_LT,
    RECS_TOKEN_LE,
    RECS_TOKEN_GT,
    RECS_TOKEN_GE
} recs_where_token_kind_t;

typedef struct {
    recs_where_token_kind_t  kind;
    recs_str_t               text;      /* borrowed */
    size_t                   at;        /* byte of the whole text, from 1 */
} recs_where_token_t;


/* The token at *pos, which is put behind it. */
recs_status_t recs_where_token(recs_str_t text, size_t *pos,
    recs_where_token_t *token, recs_error_t *err);

/* Is it this word, not quoted? */
int recs_where_token_is(const recs_where_token_t *token, const char *word);


#endif /* _RECS_WHERE_TOKEN_H_INCLUDED_ */
