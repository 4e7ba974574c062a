/*
 * Recursive descent; nodes are appended as they are understood.
 */

#include "recs_where_private.h"

#include <stdlib.h>
#include <string.h>

#include "recs_decimal_compare.h"
#include "recs_timestamp.h"
#include "recs_where_now.h"


typedef struct {
    recs_where_t        *where;
    recs_str_t           text;
    size_t               pos;
    recs_where_token_t   token;         /* the next one */
    unsigned             depth;
    recs_error_t        *err;
} recs_where_parser_t;


static recs_status_t recs_where_or(recs_where_parser_t *p, uint32_t *node);


static recs_status_t
recs_where_advance(recs_where_parser_t *p)
{
    return recs_where_token(p->text, &p->pos, &p->token, p->err);
}


/* What stands here is not what had to. */
static recs_status_t
recs_where_wants(recs_where_parser_t *p, const char *what)
{
    if (p->token.kind == RECS_TOKEN_END) {
        return recs_error(p->err, RECS_INVALID, "%s is missing at the end, "
                          "byte %zu", what, p->token.at);
    }

    return recs_error(p->err, RECS_INVALID, "%s is missing at byte %zu", what,
                      p->token.at);
}


static recs_status_t
recs_where_add(recs_where_parser_t *p, recs_where_kind_t kind, size_t at,
    uint32_t *node)
{
    recs_where_node_t  *n;

    if (p->where->n_nodes == RECS_WHERE_NODES_MAX) {
        return recs_error(p->err, RECS_INVALID, "over %d comparisons and "
                          "what combines them, at byte %zu",
                          RECS_WHERE_NODES_MAX, at);
    }

    *node = p->where->n_nodes++;
    n = &p->where->nodes[*node];
    n->kind = kind;
    n->at = at;

    return RECS_OK;
}


/* The value of a comparison of texts. */
static recs_status_t
recs_where_add_value(recs_where_parser_t *p, recs_where_node_t *n)
{
    uint32_t             i;
    recs_where_t        *w;
    recs_where_value_t  *v;

    w = p->where;

    if (p->token.kind != RECS_TOKEN_WORD && p->token.kind != RECS_TOKEN_STRING
        && p->token.kind != RECS_TOKEN_VARIABLE)
    {
        return recs_where_wants(p, "a value");
    }

    if (w->n_values == RECS_WHERE_VALUES_MAX) {
        return recs_error(p->err, RECS_INVALID, "over %d values, at byte %zu",
                          RECS_WHERE_VALUES_MAX, p->token.at);
    }

    v = &w->values[w->n_values++];
    v->text = p->token.text;
    v->variable = RECS_WHERE_LITERAL;
    n->n_values++;

    if (p->token.kind != RECS_TOKEN_VARIABLE) {

        if (v->text.len == 0 || v->text.len > RECS_FILTER_VALUE_MAX
            || memchr(v->text.data, '|', v->text.len) != NULL)
        {
            return recs_error(p->err, RECS_INVALID, "no item can have the "
                              "value at byte %zu: it is empty, over %d bytes, "
                              "or has a '|'", p->token.at,
                              RECS_FILTER_VALUE_MAX);
        }

        return recs_where_advance(p);
    }

    for (i = 0; i < w->n_variables; i++) {
        if (w->variables[i].name.len == v->text.len
            && memcmp(w->variables[i].name.data, v->text.data, v->text.len)
               == 0)
        {
            break;
        }
    }

    if (i == RECS_WHERE_VARIABLES_MAX) {
        return recs_error(p->err, RECS_INVALID, "over %d variables, at byte "
                          "%zu", RECS_WHERE_VARIABLES_MAX, p->token.at);
    }

    w->variables[i].name = v->text;
    w->n_variables += i == w->n_variables;
    v->variable = i;
    n->variable = 1;

    return recs_where_advance(p);
}


/* ( V, V, ... ) */
static recs_status_t
recs_where_list(recs_where_parser_t *p, recs_where_node_t *n)
{
    recs_status_t  rc;

    if (p->token.kind != RECS_TOKEN_OPEN) {
        return recs_where_wants(p, "'('");
    }

    do {
        if ((rc = recs_where_advance(p)) != RECS_OK
            || (rc = recs_where_add_value(p, n)) != RECS_OK)
        {
            return rc;
        }
    } while (p->token.kind == RECS_TOKEN_COMMA);

    return p->token.kind == RECS_TOKEN_CLOSE
           ? recs_where_advance(p)
           : recs_where_wants(p, "',' or ')'");
}


/*
 * "now", "now - 30d", "now -30d" or "now-30d"; the token is its first word.
 */
static recs_status_t
recs_where_now(recs_where_parser_t *p, recs_where_node_t *n)
{
    char           text[16];
    size_t         at;
    recs_str_t     rest, offset;
    recs_status_t  rc;

    n->kind = RECS_WHERE_NOW;
    at = p->token.at;
    rest = p->token.text;
    rest.data += 3;
    rest.len -= 3;

    if ((rc = recs_where_advance(p)) != RECS_OK) {
        return rc;
    }

    if (rest.len == 0) {
        if (p->token.kind != RECS_TOKEN_WORD
            || !recs_where_signed(p->token.text))
        {
            return RECS_OK;
        }

        rest = p->token.text;

        if ((rc = recs_where_advance(p)) != RECS_OK) {
            return rc;
        }
    }

    offset = rest;

    if (rest.len == 1 && p->token.kind == RECS_TOKEN_WORD
        && p->token.text.len < sizeof(text) - 1)
    {
        text[0] = rest.data[0];
        memcpy(text + 1, p->token.text.data, p->token.text.len);

        offset.data = text;
        offset.len = p->token.text.len + 1;

        if ((rc = recs_where_advance(p)) != RECS_OK) {
            return rc;
        }
    }

    return recs_where_offset(offset, &n->time_ms)
           ? RECS_OK
           : recs_error(p->err, RECS_INVALID, "what is added to now, at byte "
                        "%zu, must be as in now + 12h or now - 30d, with s, "
                        "m, h, d or w, and at most %d days", at,
                        RECS_WHERE_DAYS_MAX);
}


/* What <, <=, > and >= compare with. */
static recs_status_t
recs_where_limit(recs_where_parser_t *p, recs_where_node_t *n)
{
    recs_decimal_number_t  number;

    if (recs_where_is_now(&p->token)) {
        return recs_where_now(p, n);
    }

    if (p->token.kind == RECS_TOKEN_VARIABLE) {
        return recs_error(p->err, RECS_INVALID, "the variable at byte %zu "
                          "must stand after =, !=, has or in", p->token.at);
    }

    if (p->token.kind == RECS_TOKEN_WORD
        || p->token.kind == RECS_TOKEN_STRING)
    {
        if (recs_decimal_read(p->token.text, &number)) {
            n->kind = RECS_WHERE_NUMBER;
            return recs_where_add_value(p, n);
        }

        if (recs_timestamp_parse(p->token.text.data, p->token.text.len,
                                 &n->time_ms)
            == RECS_TIMESTAMP_OK && n->time_ms != 0)
        {
            n->kind = RECS_WHERE_TIME;
            return recs_where_advance(p);
        }
    }

    return recs_where_wants(p, "a number, a time as in 2026-11-24 or "
                            "2026-11-24T20:00:00Z, or now");
}


/* What = and != compare with. */
static recs_status_t
recs_where_equal(recs_where_parser_t *p, recs_where_node_t *n)
{
    recs_decimal_number_t  number;

    if (recs_where_is_now(&p->token)) {
        return recs_error(p->err, RECS_INVALID, "now, at byte %zu, goes with "
                          "<, <=, > and >=; quote what is a text",
                          p->token.at);
    }

    n->op = RECS_WHERE_EQ;
    n->kind = p->token.kind == RECS_TOKEN_WORD
              && recs_decimal_read(p->token.text, &number)
              ? RECS_WHERE_NUMBER : RECS_WHERE_TEXT;

    return recs_where_add_value(p, n);
}


/* NAME != V is: NAME exists and not NAME = V. */
static recs_status_t
recs_where_unequal(recs_where_parser_t *p, uint32_t *node)
{
    size_t         at;
    uint32_t       equal, both, unequal;
    recs_str_t     attribute;
    recs_status_t  rc;

    both = 0;
    unequal = 0;
    equal = *node;
    attribute = p->where->nodes[equal].attribute;
    at = p->where->nodes[equal].at;

    if ((rc = recs_where_add(p, RECS_WHERE_NOT, at, &unequal)) != RECS_OK) {
        return rc;
    }

    p->where->nodes[unequal].left = equal;

    if ((rc = recs_where_add(p, RECS_WHERE_EXISTS, at, node)) != RECS_OK) {
        return rc;
    }

    p->where->nodes[*node].attribute = attribute;

    if ((rc = recs_where_add(p, RECS_WHERE_AND, at, &both)) != RECS_OK) {
        return rc;
    }

    p->where->nodes[both].left = *node;
    p->where->nodes[both].right = unequal;
    *node = both;

    return RECS_OK;
}


static recs_status_t
recs_where_keyword(recs_where_parser_t *p, recs_where_node_t *n)
{
    recs_status_t  rc;

    if (recs_where_token_is(&p->token, "exists")) {
        n->kind = RECS_WHERE_EXISTS;
        return recs_where_advance(p);
    }

    n->kind = RECS_WHERE_TEXT;

    if (recs_where_token_is(&p->token, "has")) {
        rc = recs_where_advance(p);
        return rc == RECS_OK ? recs_where_add_value(p, n) : rc;
    }

    if (recs_where_token_is(&p->token, "in")) {
        rc = recs_where_advance(p);
        return rc == RECS_OK ? recs_where_list(p, n) : rc;
    }

    return recs_where_wants(p, "=, !=, <, <=, >, >=, has, in or exists");
}


/* The rest of a comparison, behind the attribute's name. */
static recs_status_t
recs_where_compare(recs_where_parser_t *p, uint32_t *node)
{
    recs_status_t             rc;
    recs_where_node_t        *n;
    recs_where_token_kind_t   kind;

    static const recs_where_op_t  ops[] = {
        [RECS_TOKEN_LT] = RECS_WHERE_LT, [RECS_TOKEN_LE] = RECS_WHERE_LE,
        [RECS_TOKEN_GT] = RECS_WHERE_GT, [RECS_TOKEN_GE] = RECS_WHERE_GE
    };

    n = &p->where->nodes[*node];
    n->first = p->where->n_values;
    kind = p->token.kind;

    if (kind < RECS_TOKEN_EQ) {
        return recs_where_keyword(p, n);
    }

    if ((rc = recs_where_advance(p)) != RECS_OK) {
        return rc;
    }

    if (kind == RECS_TOKEN_EQ || kind == RECS_TOKEN_NE) {
        rc = recs_where_equal(p, n);

        return rc == RECS_OK && kind == RECS_TOKEN_NE
               ? recs_where_unequal(p, node) : rc;
    }

    n->op = ops[kind];

    return recs_where_limit(p, n);
}


static recs_status_t
recs_where_comparison(recs_where_parser_t *p, uint32_t *node)
{
    recs_status_t  rc;

    if ((p->token.kind != RECS_TOKEN_WORD
         && p->token.kind != RECS_TOKEN_STRING)
        || recs_where_token_is(&p->token, "and")
        || recs_where_token_is(&p->token, "or"))
    {
        return recs_where_wants(p, "an attribute's name");
    }

    rc = recs_where_add(p, RECS_WHERE_TEXT, p->token.at, node);
    if (rc != RECS_OK) {
        return rc;
    }

    p->where->nodes[*node].attribute = p->token.text;

    rc = recs_where_advance(p);

    return rc == RECS_OK ? recs_where_compare(p, node) : rc;
}


/* ( ... ), not ..., or a comparison */
static recs_status_t
recs_where_not(recs_where_parser_t *p, uint32_t *node)
{
    int            open;
    size_t         at;
    uint32_t       inner;
    recs_status_t  rc;

    inner = 0;
    open = p->token.kind == RECS_TOKEN_OPEN;
    at = p->token.at;

    if (!open && !recs_where_token_is(&p->token, "not")) {
        return recs_where_comparison(p, node);
    }

    if (++p->depth > RECS_WHERE_DEPTH_MAX) {
        return recs_error(p->err, RECS_INVALID, "over %d parentheses and not "
                          "within one another, at byte %zu",
                          RECS_WHERE_DEPTH_MAX, at);
    }

    if ((rc = recs_where_advance(p)) != RECS_OK) {
        return rc;
    }

    if (open) {
        rc = recs_where_or(p, node);

        if (rc == RECS_OK) {
            rc = p->token.kind == RECS_TOKEN_CLOSE
                 ? recs_where_advance(p)
                 : recs_where_wants(p, "\"and\", \"or\" or ')'");
        }

    } else {
        rc = recs_where_not(p, &inner);

        if (rc == RECS_OK
            && (rc = recs_where_add(p, RECS_WHERE_NOT, at, node)) == RECS_OK)
        {
            p->where->nodes[*node].left = inner;
        }
    }

    p->depth--;

    return rc;
}


/* One after another, joined by the same word. */
static recs_status_t
recs_where_chain(recs_where_parser_t *p, const char *word,
    recs_where_kind_t kind,
    recs_status_t (*next)(recs_where_parser_t *p, uint32_t *node),
    uint32_t *node)
{
    size_t         at;
    uint32_t       left, right;
    recs_status_t  rc;

    right = 0;

    if ((rc = next(p, node)) != RECS_OK) {
        return rc;
    }

    while (recs_where_token_is(&p->token, word)) {
        at = p->token.at;
        left = *node;

        if ((rc = recs_where_advance(p)) != RECS_OK
            || (rc = next(p, &right)) != RECS_OK
            || (rc = recs_where_add(p, kind, at, node)) != RECS_OK)
        {
            return rc;
        }

        p->where->nodes[*node].left = left;
        p->where->nodes[*node].right = right;
    }

    return RECS_OK;
}


static recs_status_t
recs_where_and(recs_where_parser_t *p, uint32_t *node)
{
    return recs_where_chain(p, "and", RECS_WHERE_AND, recs_where_not, node);
}


static recs_status_t
recs_where_or(recs_where_parser_t *p, uint32_t *node)
{
    return recs_where_chain(p, "or", RECS_WHERE_OR, recs_where_and, node);
}


recs_status_t
recs_where_parse(recs_where_t **where, recs_str_t text, recs_error_t *err)
{
    recs_where_t         *w;
    recs_status_t         rc;
    recs_where_parser_t   p;

    if (text.len > RECS_WHERE_TEXT_MAX
        || !recs_utf8_valid(text.data, text.len))
    {
        return recs_error(err, RECS_INVALID, "over %d bytes, or not UTF-8",
                          RECS_WHERE_TEXT_MAX);
    }

    w = calloc(1, sizeof(recs_where_t));

    if (w == NULL || (w->text = malloc(text.len + 1)) == NULL) {
        rc = recs_error(err, RECS_NOMEM, "no memory for a predicate");
        goto failed;
    }

    memcpy(w->text, text.data, text.len);

    p.where = w;
    p.text.data = w->text;
    p.text.len = text.len;
    p.pos = 0;
    p.depth = 0;
    p.err = err;

    if ((rc = recs_where_advance(&p)) != RECS_OK
        || (rc = recs_where_or(&p, &w->root)) != RECS_OK)
    {
        goto failed;
    }

    if (p.token.kind != RECS_TOKEN_END) {
        rc = recs_where_wants(&p, "\"and\" or \"or\"");
        goto failed;
    }

    *where = w;

    return RECS_OK;

failed:

    recs_where_destroy(w);

    return rc;
}
