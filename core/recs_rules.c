#include "recs_rules.h"

#include <stdlib.h>
#include <string.h>

#include "recs_timestamp.h"
#include "recs_where.h"


/* What editors on Windows begin UTF-8 with. */
#define RECS_RULES_BOM       "\xef\xbb\xbf"
#define RECS_RULES_BOM_LEN   (sizeof(RECS_RULES_BOM) - 1)

#define RECS_RULES_DIGITS  9            /* of a number, at most */
#define RECS_RULES_SHOWN   64           /* bytes of a wrong word */


typedef struct {
    recs_str_t     line;                /* what is left of it */
    recs_str_t     word;                /* the last one; len 0: there is none */
    int            quoted;              /* the last one */
    uint32_t       number;              /* of the line, from 1 */
    uint32_t       n_where;
    recs_error_t  *err;
} recs_rules_reader_t;


static int
recs_rules_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}


static void
recs_rules_skip(recs_str_t *text)
{
    while (text->len > 0 && recs_rules_blank(text->data[0])) {
        text->data++;
        text->len--;
    }
}


static int
recs_rules_is(recs_str_t word, const char *text)
{
    return word.len == strlen(text) && memcmp(word.data, text, word.len) == 0;
}


/* The line lacks, or has a wrong word for, what had to stand here. */
static recs_status_t
recs_rules_wants(recs_rules_reader_t *r, const char *what)
{
    if (r->word.len == 0) {
        return recs_error(r->err, RECS_INVALID, "line %u: %s is missing at "
                          "the end", r->number, what);
    }

    return recs_error(r->err, RECS_INVALID, "line %u: \"%.*s\" is not %s",
                      r->number,
                      r->word.len < RECS_RULES_SHOWN ? (int) r->word.len
                                                     : RECS_RULES_SHOWN,
                      r->word.data, what);
}


/* Reads the next word; quoted ones end with their quote. */
static recs_status_t
recs_rules_word(recs_rules_reader_t *r)
{
    char        quote;
    size_t      len, skip;
    recs_str_t  text;

    recs_rules_skip(&r->line);

    text = r->line;
    quote = text.len > 0 ? text.data[0] : '\0';
    r->quoted = quote == '"' || quote == '\'';
    r->word.data = text.data + r->quoted;
    skip = (size_t) r->quoted;

    for (len = 0;
         skip + len < text.len
         && (r->quoted ? text.data[skip + len] != quote
                       : !recs_rules_blank(text.data[len]));
         len++)
    {
        /* void */
    }

    if (r->quoted && (len == 0 || skip + len == text.len)) {
        return recs_error(r->err, RECS_INVALID, "line %u: a quote is not "
                          "closed, or nothing is in it", r->number);
    }

    r->word.len = len;
    r->line.data += len + 2 * skip;
    r->line.len -= len + 2 * skip;

    return RECS_OK;
}


static recs_status_t
recs_rules_rank(recs_rules_reader_t *r, recs_rule_t *rule)
{
    size_t    i;
    uint32_t  rank;

    rank = 0;

    for (i = 0; i < r->word.len && i < RECS_RULES_DIGITS
                && r->word.data[i] >= '0' && r->word.data[i] <= '9'; i++)
    {
        rank = rank * 10 + (uint32_t) (r->word.data[i] - '0');
    }

    if (i != r->word.len || rank < 1 || rank > RECS_RULES_RANK_MAX) {
        return recs_rules_wants(r, "a rank, 1 to 1000");
    }

    rule->rank = rank;

    return RECS_OK;
}


static recs_status_t
recs_rules_delta(recs_rules_reader_t *r, recs_rule_t *rule)
{
    double  delta;

    if (r->word.len > RECS_RULES_DIGITS
        || !recs_number_parse(r->word.data, r->word.len, &delta)
        || !(delta >= -RECS_RULES_DELTA_MAX && delta <= RECS_RULES_DELTA_MAX)
        || (float) delta == 0.0f)
    {
        return recs_rules_wants(r, "what to add, -10 to 10 but not 0, as in "
                                "+0.3");
    }

    rule->delta = (float) delta;

    return RECS_OK;
}


static recs_status_t
recs_rules_time(recs_rules_reader_t *r, int64_t *time_ms)
{
    recs_status_t  rc;

    if ((rc = recs_rules_word(r)) != RECS_OK) {
        return rc;
    }

    return r->word.len > 0
           && recs_timestamp_parse(r->word.data, r->word.len, time_ms)
              == RECS_TIMESTAMP_OK && *time_ms != 0
           ? RECS_OK
           : recs_rules_wants(r, "a time as in 2026-11-24 or "
                              "2026-11-24T20:00:00Z");
}


/* The rest of the line; what is wrong with it is found here. */
static recs_status_t
recs_rules_where(recs_rules_reader_t *r, recs_rule_t *rule)
{
    recs_error_t    wrong;
    recs_where_t   *where;
    recs_status_t   rc;

    recs_rules_skip(&r->line);

    if (r->n_where++ == RECS_RULES_WHERE_MAX) {
        return recs_error(r->err, RECS_INVALID, "line %u: more than %d rules "
                          "with a where", r->number, RECS_RULES_WHERE_MAX);
    }

    rc = recs_where_parse(&where, r->line, &wrong);

    if (rc == RECS_OK && recs_where_n_variables(where) > 0) {
        rc = recs_error(&wrong, RECS_INVALID, "variables are not for rules");
        recs_where_destroy(where);

    } else if (rc == RECS_OK) {
        recs_where_destroy(where);
    }

    if (rc != RECS_OK) {
        return recs_error(r->err, rc, "line %u: where: %s", r->number,
                          wrong.message);
    }

    rule->where = r->line;
    r->line.data += r->line.len;
    r->line.len = 0;

    return RECS_OK;
}


static recs_status_t
recs_rules_item(recs_rules_reader_t *r, recs_rule_t *rule)
{
    if (!r->quoted && (r->word.len == 0 || recs_rules_is(r->word, "from")
                       || recs_rules_is(r->word, "until")
                       || recs_rules_is(r->word, "where")))
    {
        return rule->kind == RECS_RULE_PIN
               ? recs_rules_wants(r, "an item") : RECS_OK;
    }

    if (!recs_id_valid(r->word.data, r->word.len)) {
        return recs_rules_wants(r, "an item's id");
    }

    rule->item = r->word;

    return recs_rules_word(r);
}


/* [from TIME] [until TIME] [where EXPR]; the word is the first of it. */
static recs_status_t
recs_rules_conditions(recs_rules_reader_t *r, recs_rule_t *rule)
{
    recs_status_t  rc;

    while (r->word.len > 0) {

        if (r->quoted) {
            return recs_rules_wants(r, "from, until or where");
        }

        if (recs_rules_is(r->word, "from") && rule->from_ms == 0) {
            rc = recs_rules_time(r, &rule->from_ms);

        } else if (recs_rules_is(r->word, "until")
                   && rule->until_ms == RECS_RULES_EVER)
        {
            rc = recs_rules_time(r, &rule->until_ms);

        } else if (recs_rules_is(r->word, "where")) {
            rc = recs_rules_where(r, rule);

        } else {
            return recs_rules_wants(r, "from, until or where, each once");
        }

        if (rc != RECS_OK || (rc = recs_rules_word(r)) != RECS_OK) {
            return rc;
        }
    }

    if (rule->until_ms <= rule->from_ms) {
        return recs_error(r->err, RECS_INVALID, "line %u: it ends before it "
                          "begins", r->number);
    }

    if (rule->item.len == 0 && rule->where.len == 0) {
        return recs_error(r->err, RECS_INVALID, "line %u: an item's id or "
                          "where is missing", r->number);
    }

    return RECS_OK;
}


/* The line's first word was read. */
static recs_status_t
recs_rules_line(recs_rules_reader_t *r, recs_rule_t *rule)
{
    recs_status_t  rc;

    memset(rule, 0, sizeof(recs_rule_t));
    rule->line = r->number;
    rule->until_ms = RECS_RULES_EVER;

    if (recs_rules_is(r->word, "pin")) {
        rule->kind = RECS_RULE_PIN;

    } else if (recs_rules_is(r->word, "boost")) {
        rule->kind = RECS_RULE_BOOST;

    } else if (recs_rules_is(r->word, "block")) {
        rule->kind = RECS_RULE_BLOCK;

    } else {
        return recs_rules_wants(r, "pin, boost or block");
    }

    if ((rc = recs_rules_word(r)) != RECS_OK) {
        return rc;
    }

    if (!recs_rules_is(r->word, "*")
        && !recs_name_valid(r->word.data, r->word.len))
    {
        return recs_rules_wants(r, "a slot's name or *");
    }

    rule->slot = r->word;

    if ((rc = recs_rules_word(r)) != RECS_OK) {
        return rc;
    }

    if (rule->kind != RECS_RULE_BLOCK) {
        rc = rule->kind == RECS_RULE_PIN ? recs_rules_rank(r, rule)
                                         : recs_rules_delta(r, rule);

        if (rc != RECS_OK || (rc = recs_rules_word(r)) != RECS_OK) {
            return rc;
        }
    }

    if ((rc = recs_rules_item(r, rule)) != RECS_OK) {
        return rc;
    }

    return recs_rules_conditions(r, rule);
}


/* Cuts the next line off the text; 0 at its end. */
static int
recs_rules_next(recs_str_t *text, recs_rules_reader_t *r)
{
    const char  *end;

    if (text->len == 0) {
        return 0;
    }

    end = memchr(text->data, '\n', text->len);

    r->number++;
    r->line.data = text->data;
    r->line.len = end != NULL ? (size_t) (end - text->data) : text->len;

    text->data += r->line.len + (end != NULL);
    text->len -= r->line.len + (end != NULL);

    recs_rules_skip(&r->line);

    while (r->line.len > 0 && recs_rules_blank(r->line.data[r->line.len - 1]))
    {
        r->line.len--;
    }

    return 1;
}


static uint32_t
recs_rules_count_lines(recs_str_t text)
{
    uint32_t  n;

    for (n = 1; text.len > 0; text.data++, text.len--) {
        n += text.data[0] == '\n';
    }

    return n < RECS_RULES_MAX ? n : RECS_RULES_MAX;
}


recs_status_t
recs_rules_parse(recs_rules_t *rules, recs_str_t text, recs_error_t *err)
{
    recs_status_t        rc;
    recs_rules_t         parsed;
    recs_rules_reader_t  r;

    if (text.len > RECS_RULES_TEXT_MAX) {
        return recs_error(err, RECS_INVALID, "more than %d bytes",
                          RECS_RULES_TEXT_MAX);
    }

    memset(&parsed, 0, sizeof(recs_rules_t));
    memset(&r, 0, sizeof(recs_rules_reader_t));
    r.err = err;

    parsed.text = malloc(text.len + 1);
    parsed.rules = malloc(recs_rules_count_lines(text) * sizeof(recs_rule_t));

    if (parsed.text == NULL || parsed.rules == NULL) {
        rc = recs_error(err, RECS_NOMEM, "no memory for rules");
        goto failed;
    }

    if (text.len > 0) {
        memcpy(parsed.text, text.data, text.len);
    }

    text.data = parsed.text;
    parsed.len = text.len;

    if (text.len >= RECS_RULES_BOM_LEN
        && memcmp(text.data, RECS_RULES_BOM, RECS_RULES_BOM_LEN) == 0)
    {
        text.data += RECS_RULES_BOM_LEN;
        text.len -= RECS_RULES_BOM_LEN;
    }

    while (recs_rules_next(&text, &r)) {

        if (r.line.len == 0 || r.line.data[0] == '#') {
            continue;
        }

        if (parsed.n == RECS_RULES_MAX) {
            rc = recs_error(err, RECS_INVALID, "line %u: more than %d rules",
                            r.number, RECS_RULES_MAX);
            goto failed;
        }

        if ((rc = recs_rules_word(&r)) != RECS_OK
            || (rc = recs_rules_line(&r, &parsed.rules[parsed.n])) != RECS_OK)
        {
            goto failed;
        }

        parsed.n++;
    }

    *rules = parsed;

    return RECS_OK;

failed:

    recs_rules_free(&parsed);

    return rc;
}


void
recs_rules_free(recs_rules_t *rules)
{
    free(rules->text);
    free(rules->rules);
    memset(rules, 0, sizeof(recs_rules_t));
}


int
recs_rule_concerns(const recs_rule_t *rule, recs_str_t slot)
{
    return recs_rules_is(rule->slot, "*")
           || (rule->slot.len == slot.len
               && memcmp(rule->slot.data, slot.data, slot.len) == 0);
}
