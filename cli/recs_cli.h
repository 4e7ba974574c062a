/*
 * recs_cli: what the commands of `recs` share.
 *
 * A command is one file, cli/recs_cmd_<name>.c, with a table of its options
 * and a run function; cli/recs.c holds the list.  Exit status: 0 done,
 * 1 failed, 2 usage, 3 refused by a safety rule.
 */

#ifndef _RECS_CLI_H_INCLUDED_
#define _RECS_CLI_H_INCLUDED_


#include "recs_status.h"


#define RECS_EXIT_OK       0
#define RECS_EXIT_FAILED   1
#define RECS_EXIT_USAGE    2
#define RECS_EXIT_REFUSED  3


typedef struct {
    const char  *name;               /* "format" for --format, "o" for -o */
    const char  *argument;           /* "FORMAT"; NULL: a flag */
    const char  *help;               /* one line; may hold further lines */
} recs_option_t;

typedef struct recs_args_s  recs_args_t;

typedef struct {
    const char           *name;
    const char           *summary;   /* one line, for `recs --help` */
    const char           *usage;     /* after "recs NAME "; further lines are
                                        further forms, or go on with the last
                                        if they start with a blank */
    const recs_option_t  *options;   /* ends with a NULL name */
    int                   min_operands;
    int                   max_operands;              /* -1: no limit */
    int                 (*run)(const recs_args_t *args);
    void                (*more_help)(void);          /* may be NULL */
} recs_command_t;


/* The option's value (the last one given), NULL if it was not given. */
const char *recs_args_get(const recs_args_t *args, const char *name);

/* 1 if the flag or option was given. */
int recs_args_has(const recs_args_t *args, const char *name);

/* A repeatable option's values one by one, *pos from 0; NULL at the end. */
const char *recs_args_next(const recs_args_t *args, const char *name,
    int *pos);

int recs_args_n_operands(const recs_args_t *args);
const char *recs_args_operand(const recs_args_t *args, int i);

/*
 * An unsigned option within [min, max], `value` where it was not given;
 * on a bad number prints the usage error and returns RECS_EXIT_USAGE.
 */
int recs_args_unsigned(const recs_args_t *args, const char *name,
    unsigned long min, unsigned long max, unsigned long *value);

/*
 * The same of a time in whole seconds, minutes, hours or days, "90s", "30m",
 * "1h", "7d": *seconds, at most RECS_ARGS_SECONDS_MAX and above 0.
 */
#define RECS_ARGS_SECONDS_MAX  (3650UL * 86400)

int recs_args_seconds(const recs_args_t *args, const char *name,
    unsigned long *seconds);

/* "recs NAME: message" on stderr with a hint; returns RECS_EXIT_USAGE. */
int recs_usage_error(const recs_args_t *args, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * "recs NAME: message" on stderr; returns RECS_EXIT_FAILED, or
 * RECS_EXIT_REFUSED where err->status is RECS_REFUSED.
 */
int recs_failure(const recs_args_t *args, const recs_error_t *err);

/* The same where the command itself finds no memory. */
int recs_no_memory(const recs_args_t *args);


/*
 * Progress of long work on stderr: a bar with rate and ETA on a terminal,
 * else a plain line now and then; silent where --quiet was given.
 */
typedef struct recs_meter_s  recs_meter_t;

recs_meter_t *recs_meter_start(const char *what, double total,
    const char *unit);
void recs_meter_update(recs_meter_t *meter, double done, const char *detail);
void recs_meter_finish(recs_meter_t *meter);


extern const recs_command_t  recs_cmd_import;
extern const recs_command_t  recs_cmd_split;
extern const recs_command_t  recs_cmd_train;
extern const recs_command_t  recs_cmd_tune;
extern const recs_command_t  recs_cmd_evaluate;
extern const recs_command_t  recs_cmd_recommend;
extern const recs_command_t  recs_cmd_pack;
extern const recs_command_t  recs_cmd_export;
extern const recs_command_t  recs_cmd_publish;
extern const recs_command_t  recs_cmd_rollback;
extern const recs_command_t  recs_cmd_prune;
extern const recs_command_t  recs_cmd_inspect;
extern const recs_command_t  recs_cmd_verify;
extern const recs_command_t  recs_cmd_rules;
extern const recs_command_t  recs_cmd_simulate;
extern const recs_command_t  recs_cmd_report;
extern const recs_command_t  recs_cmd_bandit;
extern const recs_command_t  recs_cmd_plan;
extern const recs_command_t  recs_cmd_assign;


#endif /* _RECS_CLI_H_INCLUDED_ */
