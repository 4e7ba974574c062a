/*
 * recs_where_private: the tree of a predicate, for its parser, its binding to
 * a bundle and its evaluation.
 */

#ifndef _RECS_WHERE_PRIVATE_H_INCLUDED_
#define _RECS_WHERE_PRIVATE_H_INCLUDED_


#include "recs_where.h"


#define RECS_WHERE_LITERAL  UINT32_MAX

#define RECS_WHERE_NOW_NO   INT64_MIN   /* the item has no time */


typedef enum {
    RECS_WHERE_AND,
    RECS_WHERE_OR,
    RECS_WHERE_NOT,
    RECS_WHERE_EXISTS,
    RECS_WHERE_TEXT,                    /* any of some values */
    RECS_WHERE_NUMBER,
    RECS_WHERE_TIME,
    RECS_WHERE_NOW,
    RECS_WHERE_BITS                     /* known already */
} recs_where_kind_t;

typedef enum {
    RECS_WHERE_EQ,
    RECS_WHERE_LT,
    RECS_WHERE_LE,
    RECS_WHERE_GT,
    RECS_WHERE_GE
} recs_where_op_t;

typedef struct {
    recs_str_t  text;
    uint32_t    variable;               /* or RECS_WHERE_LITERAL */
} recs_where_value_t;

typedef struct {
    recs_where_kind_t         kind;
    recs_where_op_t           op;
    uint32_t                  left;     /* nodes, of AND, OR; NOT's is left */
    uint32_t                  right;
    recs_str_t                attribute;
    size_t                    at;       /* byte of the text */
    uint32_t                  first;    /* values */
    uint32_t                  n_values;
    int64_t                   time_ms;  /* of TIME; NOW: to be added */
    unsigned                  variable:1; /* some value is one */

    /* bound: */
    recs_bitmap_word_t       *bits;     /* owned; NULL: AND, OR, NOT of what
                                           may change */
    int64_t                  *times;    /* [n_items] of NOW, owned: the most
                                           favourable of the item's */
    recs_filter_attribute_t   indexed;  /* of a variable */
} recs_where_node_t;

typedef struct {
    recs_str_t  name;
    size_t      len;                    /* of the value it had */
    char        value[RECS_FILTER_VALUE_MAX];
} recs_where_variable_t;

struct recs_where_s {
    char                  *text;        /* a copy, owned: all borrow from it */
    recs_where_node_t      nodes[RECS_WHERE_NODES_MAX + 2];
    uint32_t               n_nodes;
    uint32_t               root;
    recs_where_value_t     values[RECS_WHERE_VALUES_MAX];
    uint32_t               n_values;
    recs_where_variable_t  variables[RECS_WHERE_VARIABLES_MAX];
    uint32_t               n_variables;

    /* bound: */
    uint32_t               n_items;
    recs_bitmap_word_t    *bits;        /* what is left, owned */
    uint32_t              *items;       /* the same where it is little */
    recs_filter_t          filter;      /* borrows one of them */
    int64_t                now;         /* the filter is of */
    unsigned               timed:1;     /* now is in it */
    unsigned               fresh:1;     /* the filter is set */
};


/* Compares, as the node does, what the item has to what was written. */
static inline int
recs_where_holds(recs_where_op_t op, int order)
{
    switch (op) {

    case RECS_WHERE_EQ:
        return order == 0;

    case RECS_WHERE_LT:
        return order < 0;

    case RECS_WHERE_LE:
        return order <= 0;

    case RECS_WHERE_GT:
        return order > 0;

    default:
        return order >= 0;
    }
}


#endif /* _RECS_WHERE_PRIVATE_H_INCLUDED_ */
