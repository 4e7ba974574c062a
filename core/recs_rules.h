/*
 * recs_rules: what editors say about lists: a text, one rule per line.
 *
 *     pin   SLOT RANK  ITEM   [from TIME] [until TIME] [where EXPR]
 *     boost SLOT DELTA [ITEM] [from TIME] [until TIME] [where EXPR]
 *     block SLOT       [ITEM] [from TIME] [until TIME] [where EXPR]
 *
 *     pin   home 1 i318 until 2026-12-24
 *     boost home +0.3 where category = shoes
 *     boost *    -0.5 i42
 *     block *    where stock < 1
 *
 * SLOT is a slot's name or `*`, all.  A rule of an ITEM counts while EXPR
 * (recs_where.h, without variables; it goes to the end of the line) is true of
 * it; without one it is of all the items EXPR is true of, and EXPR must be
 * there.  An id that has blanks, or is the word from, until or where, stands
 * in quotes, "..." or '...'.  It counts from TIME on, until TIME is reached
 * (recs_timestamp.h).  Blanks separate words; empty lines, and those whose
 * first character is `#`, say nothing.
 *
 * What the rules do to an answer is in recs_rules_slot.h.
 */

#ifndef _RECS_RULES_H_INCLUDED_
#define _RECS_RULES_H_INCLUDED_


#include <stdint.h>

#include "recs_id.h"
#include "recs_status.h"


#define RECS_RULES_TEXT_MAX   1048576            /* bytes */
#define RECS_RULES_MAX        4096
#define RECS_RULES_WHERE_MAX  64                 /* of them with a where */
#define RECS_RULES_RANK_MAX   1000
#define RECS_RULES_DELTA_MAX  10
#define RECS_RULES_EVER       INT64_MAX


typedef enum {
    RECS_RULE_PIN,
    RECS_RULE_BOOST,
    RECS_RULE_BLOCK
} recs_rule_kind_t;

/* All texts are borrowed from the rules. */
typedef struct {
    recs_rule_kind_t  kind;
    uint32_t          line;             /* from 1 */
    recs_str_t        slot;             /* "*": all */
    recs_str_t        item;             /* len 0: any */
    recs_str_t        where;            /* len 0: none */
    int64_t           from_ms;
    int64_t           until_ms;         /* RECS_RULES_EVER: without an end */
    uint32_t          rank;             /* of PIN, from 1 */
    float             delta;            /* of BOOST */
} recs_rule_t;

typedef struct {
    char         *text;                 /* [len], owned */
    size_t        len;
    recs_rule_t  *rules;                /* owned */
    uint32_t      n;
} recs_rules_t;


/*
 * RECS_INVALID  a line that is no rule, or more than there may be; err begins
 *               with "line N: "
 */
recs_status_t recs_rules_parse(recs_rules_t *rules, recs_str_t text,
    recs_error_t *err);

/* What was parsed; zeroed rules have nothing. */
void recs_rules_free(recs_rules_t *rules);

/* Is the rule of that slot? */
int recs_rule_concerns(const recs_rule_t *rule, recs_str_t slot);


#endif /* _RECS_RULES_H_INCLUDED_ */
