#include "recs_where_token.h"

#include <string.h>


static int
recs_where_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}


static int
recs_where_word(char c)
{
    return !recs_where_blank(c) && c != '\0'
           && strchr("()<>=!,\"'$", c) == NULL;
}


static int
recs_where_variable_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || (c >= '0' && c <= '9') || c == '_';
}


int
recs_where_token_is(const recs_where_token_t *token, const char *word)
{
    return token->kind == RECS_TOKEN_WORD
           && token->text.len == strlen(word)
           && memcmp(token->text.data, word, token->text.len) == 0;
}


/* The bytes from *pos on for which is() holds. */
static recs_str_t
recs_where_run(recs_str_t text, size_t *pos, int (*is)(char c))
{
    recs_str_t  run;

    run.data = text.data + *pos;

    while (*pos < text.len && is(text.data[*pos])) {
        (*pos)++;
    }

    run.len = (size_t) (text.data + *pos - run.data);

    return run;
}


static recs_status_t
recs_where_quoted(recs_str_t text, size_t *pos, recs_where_token_t *token,
    recs_error_t *err)
{
    const char  *first, *end;

    first = text.data + *pos + 1;
    end = memchr(first, first[-1], text.len - *pos - 1);

    if (end == NULL) {
        return recs_error(err, RECS_INVALID, "a quote is not closed, at byte "
                          "%zu", token->at);
    }

    token->kind = RECS_TOKEN_STRING;
    token->text.data = first;
    token->text.len = (size_t) (end - first);
    *pos = (size_t) (end + 1 - text.data);

    return RECS_OK;
}


/* One or two bytes, an operator. */
static recs_status_t
recs_where_operator(recs_str_t text, size_t *pos, recs_where_token_t *token,
    recs_error_t *err)
{
    int   equal;
    char  c;

    c = text.data[(*pos)++];
    equal = (c == '<' || c == '>' || c == '!') && *pos < text.len
            && text.data[*pos] == '=';
    *pos += (size_t) equal;

    switch (c) {

    case '(':
        token->kind = RECS_TOKEN_OPEN;
        break;

    case ')':
        token->kind = RECS_TOKEN_CLOSE;
        break;

    case ',':
        token->kind = RECS_TOKEN_COMMA;
        break;

    case '=':
        token->kind = RECS_TOKEN_EQ;
        break;

    case '<':
        token->kind = equal ? RECS_TOKEN_LE : RECS_TOKEN_LT;
        break;

    case '>':
        token->kind = equal ? RECS_TOKEN_GE : RECS_TOKEN_GT;
        break;

    case '!':
        if (equal) {
            token->kind = RECS_TOKEN_NE;
            break;
        }

        /* fall through */

    default:
        return recs_error(err, RECS_INVALID, "'%c' means nothing here, at "
                          "byte %zu", c, token->at);
    }

    return RECS_OK;
}


recs_status_t
recs_where_token(recs_str_t text, size_t *pos, recs_where_token_t *token,
    recs_error_t *err)
{
    char  c;

    (void) recs_where_run(text, pos, recs_where_blank);

    token->at = *pos + 1;
    token->text.data = text.data + *pos;
    token->text.len = 0;

    if (*pos == text.len) {
        token->kind = RECS_TOKEN_END;
        return RECS_OK;
    }

    c = text.data[*pos];

    if (c == '"' || c == '\'') {
        return recs_where_quoted(text, pos, token, err);
    }

    if (c == '$') {
        (*pos)++;
        token->kind = RECS_TOKEN_VARIABLE;
        token->text = recs_where_run(text, pos, recs_where_variable_byte);

        return token->text.len > 0
               ? RECS_OK
               : recs_error(err, RECS_INVALID, "a variable without a name, at "
                            "byte %zu", token->at);
    }

    if (recs_where_word(c)) {
        token->kind = RECS_TOKEN_WORD;
        token->text = recs_where_run(text, pos, recs_where_word);
        return RECS_OK;
    }

    return recs_where_operator(text, pos, token, err);
}
