/*
 * recs_switch, recs_block, recs_rules and the arms of bandits: files that every
 * worker looks at five times a second.  A change is taken over when two looks
 * in a row have seen the same file, so that one that is being written is not
 * read half; at the latest after four looks.  A last line without a newline
 * counts only in a file that has stopped changing.
 *
 * recs_switch FILE, one rule per line; `#` begins a comment:
 *
 *     all                off: every slot shows its fallback
 *     slot NAME          this slot
 *     model NAME         every slot of this model
 *     experiment NAME    this experiment: nobody is in it
 *
 * each may be followed by `off`; an experiment also by `on`: it runs, whatever
 * its guard has found.  No file, or an empty one: everything is on.
 * recs_block FILE, one item id per line: items that are never shown.
 * recs_rules FILE: core/recs_rules.h.
 * `bandit FILE` of an experiment: core/recs_arms.h.
 */

#ifndef _NGX_HTTP_RECS_WATCH_H_INCLUDED_
#define _NGX_HTTP_RECS_WATCH_H_INCLUDED_


#include "ngx_http_recs_module.h"


#define NGX_HTTP_RECS_SWITCH_MAX  65536            /* bytes */
#define NGX_HTTP_RECS_BLOCK_MAX   (4 * 1024 * 1024)

#define NGX_HTTP_RECS_SWITCH_OFF  1                /* of an experiment */
#define NGX_HTTP_RECS_SWITCH_ON   2


typedef struct {
    ngx_str_t                path;           /* len 0: not configured */
    ngx_uint_t               n_lines;        /* rules or ids in force */
    ngx_uint_t               n_unknown;      /* of them, names nobody has */
    time_t                   applied;        /* 0: never */
    ngx_uint_t               failed;         /* 1: the file on disk is not
                                                what is in force */
} ngx_http_recs_watched_t;


char *ngx_http_recs_switch(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_recs_block(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_recs_rules_file(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/* Once an experiment has a bandit. */
ngx_int_t ngx_http_recs_watch_bandit(ngx_conf_t *cf,
    ngx_http_recs_main_conf_t *rmcf, ngx_http_recs_experiment_t *x);

/*
 * Reads the files and starts looking at them: in a worker, after models are
 * attached.
 */
void ngx_http_recs_watch_start(ngx_cycle_t *cycle,
    ngx_http_recs_main_conf_t *rmcf);

/* Is the slot, its model or everything switched off? */
ngx_uint_t ngx_http_recs_switched_off(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_slot_t *slot);

/* What recs_switch says of the experiment: OFF, ON, or 0: nothing. */
ngx_uint_t ngx_http_recs_switch_experiment(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_experiment_t *x);

/*
 * The rules of a slot of the page that this model answers for; NULL: there are
 * none.  They stay there until the worker is back in its event loop.
 */
const recs_rules_force_t *ngx_http_recs_rules(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_slot_t *slot, ngx_http_recs_model_t *model);

/* For the status page; NULL where there is no such directive. */
ngx_http_recs_watched_t *ngx_http_recs_watch_switch(
    ngx_http_recs_main_conf_t *rmcf);
ngx_http_recs_watched_t *ngx_http_recs_watch_block(
    ngx_http_recs_main_conf_t *rmcf);
ngx_http_recs_watched_t *ngx_http_recs_watch_rules(
    ngx_http_recs_main_conf_t *rmcf);
ngx_http_recs_watched_t *ngx_http_recs_watch_arms(
    ngx_http_recs_main_conf_t *rmcf, ngx_http_recs_experiment_t *x);


#endif /* _NGX_HTTP_RECS_WATCH_H_INCLUDED_ */
