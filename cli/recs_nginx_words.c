#include "recs_nginx_words.h"

#include <string.h>


static recs_status_t
recs_nginx_unexpected(const recs_nginx_text_t *text, const char *what,
    recs_error_t *err)
{
    return recs_error(err, RECS_INVALID, "%s:%u: unexpected %s", text->name,
                      text->line, what);
}


static int
recs_nginx_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}


/* Blanks and comments. */
static void
recs_nginx_skip(recs_nginx_text_t *text)
{
    int  comment;

    for (comment = 0; text->p < text->last; text->p++) {

        if (*text->p == '\n') {
            text->line++;
            comment = 0;

        } else if (*text->p == '#') {
            comment = 1;

        } else if (!comment && !recs_nginx_space(*text->p)) {
            return;
        }
    }
}


/* What stands for a backslash and the character behind it; 0: both stay. */
static char
recs_nginx_escaped(char c)
{
    switch (c) {

    case '"':
    case '\'':
    case '\\':
        return c;

    case 't':
        return '\t';

    case 'r':
        return '\r';

    case 'n':
        return '\n';

    default:
        return 0;
    }
}


/* Where does a word without quotes end?  Not at the brace of "${name}". */
static int
recs_nginx_ends(char c, int variable)
{
    return recs_nginx_space(c) || c == ';' || (c == '{' && !variable);
}


/* A backslash at p, and the character behind it; returns the latter's place. */
static char *
recs_nginx_escape(recs_nginx_text_t *text, char *p, char **to)
{
    char  c;

    c = recs_nginx_escaped(*++p);
    text->line += *p == '\n';

    if (c == 0) {
        *(*to)++ = '\\';
        c = *p;
    }

    *(*to)++ = c;

    return p;
}


/*
 * The word at the text's place: up to its quote, else to where it ends.  In
 * quotes anything may stand.
 */
static recs_status_t
recs_nginx_word(recs_nginx_text_t *text, recs_str_t *word, recs_error_t *err)
{
    int    variable;
    char  *p, *to, *start, quote;

    quote = *text->p == '"' || *text->p == '\'' ? *text->p : 0;
    start = text->p + (quote != 0);
    to = start;
    variable = 0;

    for (p = start; p < text->last; p++) {

        if (quote != 0 ? *p == quote : recs_nginx_ends(*p, variable)) {
            break;
        }

        if (*p == '\\' && p + 1 < text->last) {
            p = recs_nginx_escape(text, p, &to);
            variable = 0;
            continue;
        }

        text->line += *p == '\n';
        variable = *p == '$' || (variable && *p == '{');
        *to++ = *p;
    }

    if (p == text->last) {
        return recs_nginx_unexpected(text, "end of file", err);
    }

    word->data = start;
    word->len = (size_t) (to - start);
    text->p = p + (quote != 0);

    if (quote != 0 && text->p < text->last && !recs_nginx_space(*text->p)
        && *text->p != ';' && *text->p != '{' && *text->p != ')')
    {
        return recs_nginx_unexpected(text, "character behind a quote", err);
    }

    return RECS_OK;
}


recs_status_t
recs_nginx_words_next(recs_nginx_text_t *text, recs_nginx_line_t *line,
    recs_error_t *err)
{
    char           c;
    recs_str_t     word;
    recs_status_t  status;

    recs_nginx_skip(text);

    line->n = 0;
    line->name = text->name;
    line->line = text->line;

    for ( ;; ) {

        if (text->p == text->last) {
            return line->n == 0
                   ? RECS_NOT_FOUND
                   : recs_nginx_unexpected(text, "end of file", err);
        }

        c = *text->p;

        if (c == ';' || c == '{' || (c == '}' && line->n == 0)) {
            text->p++;
            line->end = c;

            if (c != '}' && line->n == 0) {
                return recs_nginx_unexpected(text, c == ';' ? "\";\""
                                                            : "\"{\"", err);
            }

            return RECS_OK;
        }

        if (c == '}') {
            return recs_nginx_unexpected(text, "\"}\"", err);
        }

        status = recs_nginx_word(text, &word, err);

        if (status != RECS_OK) {
            return status;
        }

        if (line->n < RECS_NGINX_WORDS_MAX) {
            line->words[line->n] = word;
        }

        line->n++;
        recs_nginx_skip(text);
    }
}
