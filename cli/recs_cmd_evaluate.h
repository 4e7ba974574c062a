/*
 * recs_cmd_evaluate: what `recs evaluate` is about; private to
 * recs_cmd_evaluate*.c.
 */

#ifndef _RECS_CMD_EVALUATE_H_INCLUDED_
#define _RECS_CMD_EVALUATE_H_INCLUDED_


#include "recs_cli_rank.h"
#include "recs_cli_train.h"
#include "recs_evaluate.h"
#include "recs_split.h"
#include "recs_stats_bootstrap.h"


#define RECS_CMD_EVALUATE_FOLDS_MAX  100
#define RECS_CMD_EVALUATE_ALPHA      0.05


/* What models are told apart by; the verdict goes by the first. */
#define RECS_COMPARED_MAP(XX)                                                 \
    XX(NDCG)                                                                  \
    XX(RECALL)                                                                \
    XX(MAP)                                                                   \
    XX(MRR)

typedef enum {
#define RECS_COMPARED_ENUM(name)  RECS_COMPARED_##name,
    RECS_COMPARED_MAP(RECS_COMPARED_ENUM)
#undef RECS_COMPARED_ENUM
    RECS_COMPARED_AUC,
    RECS_COMPARED_COUNT
} recs_compared_t;


/* A bundle, or a model to be trained; and how well it did. */
typedef struct {
    const char              *name;           /* as it was given */
    char                    *bundle;         /* its path; NULL: to train */
    recs_cli_train_t         train;
    recs_rank_t              rank;           /* COUNT: as --rank says */
    unsigned                 any:1;          /* of "all": may fail */
    recs_evaluation_t        evaluation;     /* of folds the mean */
    recs_evaluation_t        error;          /* of folds, of that mean */
    recs_evaluation_t        trained;        /* the hidden users, not hidden */
    recs_evaluation_rows_t   rows;           /* where models are compared */
} recs_contender_t;

/* How much better a contender is than another, user by user. */
typedef struct {
    const recs_contender_t  *model;
    const recs_contender_t  *against;        /* NULL: its own popular rung */
    uint32_t                 n_users;        /* known to both */
    double                   before[RECS_COMPARED_COUNT];     /* of against */
    recs_stats_bootstrap_t   differences[RECS_COMPARED_COUNT];
} recs_comparison_t;

typedef struct {
    const recs_args_t       *args;
    uint32_t                 at[RECS_EVALUATE_AT_MAX];
    uint32_t                 n_at;
    unsigned long            n_threads;
    recs_split_params_t      split;
    uint32_t                 n_folds;        /* 0: no cross-validation */
    double                   hidden;         /* share of the users; 0: none */
    unsigned long            n_known;        /* 0: all */
    recs_cli_rank_t          rank;
    recs_contender_t        *contenders;     /* the first is compared with */
    uint32_t                 n_contenders;
    unsigned                 compares:1;     /* rows are kept */
    double                   alpha;          /* of each comparison */
    recs_comparison_t       *comparisons;
    uint32_t                 n_comparisons;
} recs_cmd_evaluate_t;


/* --model, --bundle and --compare; returns an exit status, having told why. */
int recs_cmd_evaluate_contenders(recs_cmd_evaluate_t *e);
void recs_cmd_evaluate_free(recs_cmd_evaluate_t *e);

/* --split, --hidden and --known; returns an exit status, having told why. */
int recs_cmd_evaluate_plan(recs_cmd_evaluate_t *e);

/* Trains what is to be trained, and evaluates; an exit status. */
int recs_cmd_evaluate_measure(recs_cmd_evaluate_t *e);

/*
 * The first contender against its popular rung, the others against the first,
 * at a level that allows for their number (Bonferroni); an exit status.
 */
int recs_cmd_evaluate_compare(recs_cmd_evaluate_t *e);

/* -1: worse, 1: better, 0: not shown; and that in words, for people. */
#define RECS_CMD_EVALUATE_WORDS  1024

int recs_cmd_evaluate_verdict(const recs_comparison_t *comparison);
void recs_cmd_evaluate_words(const recs_comparison_t *comparison,
    char *text);

/* The figure's number (recs_figures_at()), at the main cut-off. */
uint32_t recs_compared_figure(const recs_evaluation_t *evaluation,
    recs_compared_t compared);

/* All that was found, on stdout. */
void recs_cmd_evaluate_text(const recs_cmd_evaluate_t *e);
void recs_cmd_evaluate_json(const recs_cmd_evaluate_t *e);

/* The same as a page, where --html asks for one; an exit status. */
int recs_cmd_evaluate_html(recs_cmd_evaluate_t *e);


#endif /* _RECS_CMD_EVALUATE_H_INCLUDED_ */
