/*
 * ngx_http_recs_experiment: recs_experiment NAME { ... }, as configured.
 *
 * What decides the variant of an id, and what the directives of the block
 * are, is core's (recs_experiment.h): `recs assign` reads the same block.
 * What needs nginx to be known is here: units, conditions, slots.
 */

#ifndef _NGX_HTTP_RECS_EXPERIMENT_H_INCLUDED_
#define _NGX_HTTP_RECS_EXPERIMENT_H_INCLUDED_


#include "ngx_http_recs_module.h"

#include "recs_arms.h"
#include "recs_experiment.h"


#define NGX_HTTP_RECS_UNITS_MAX  8           /* of one experiment */


typedef struct ngx_http_recs_guard_place_s  ngx_http_recs_guard_place_t;


/* What a worker knows of it besides (ngx_http_recs_guard.h, _bandit.c). */
typedef struct {
    ngx_uint_t               n_arms;         /* 0: no arms are in force */
    double                   arms[RECS_VARIANTS_MAX];
    u_char                   epoch[RECS_EPOCH_MAX];
    size_t                   epoch_len;
    double                   shares[RECS_VARIANTS_MAX]; /* expected */
    uint64_t                 key;            /* of its count */
    ngx_http_recs_guard_place_t
                            *place;          /* where it is; NULL: nowhere */
} ngx_http_recs_live_t;


struct ngx_http_recs_experiment_s {
    recs_experiment_t        core;           /* settled */
    ngx_str_t                name;
    ngx_uint_t               index;          /* in main conf's experiments */
    ngx_str_t                file;           /* where it is defined */
    ngx_uint_t               line;
    ngx_array_t              units;          /* ngx_http_complex_value_t, in
                                                order; none: the visitor */
    ngx_array_t              conditions;     /* ngx_http_complex_value_t: all
                                                of `when` */
    ngx_array_t              changes;        /* ngx_http_recs_change_t, one per
                                                variant */
    ngx_str_t                slot_name;      /* len 0: none */
    ngx_str_t                bandit;         /* the arms' file; len 0: none */
    unsigned                 expose:1;       /* reading the variable is the
                                                exposure */
    unsigned                 guard:1;
    unsigned                 guard_given:1;
    ngx_http_recs_live_t     live;           /* zeroed but in workers */
};


/* What one variant has in a slot's place. */
typedef struct {
    ngx_http_recs_experiment_t  *experiment;
    ngx_http_recs_slot_t       **to;         /* [n_variants] */
} ngx_http_recs_replacement_t;


/* slot=FROM:TO of a variant. */
typedef struct {
    ngx_str_t                from;           /* len 0: the experiment's slot */
    ngx_str_t                to;
} ngx_http_recs_place_t;


/* The parameters of a variant, until the slots are known. */
typedef struct {
    ngx_array_t              places;         /* ngx_http_recs_place_t */
    ngx_http_recs_slot_t     values;         /* model_name, strategy, count:
                                                len 0, RECS_SOURCE_COUNT, 0
                                                where they are not changed */
    unsigned                 changed:1;      /* one of them is */
} ngx_http_recs_change_t;


/* recs_experiment NAME { ... } */
char *ngx_http_recs_experiment(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
ngx_http_recs_experiment_t *ngx_http_recs_experiment_find(
    ngx_http_recs_main_conf_t *rmcf, ngx_str_t *name);
/* ngx_http_recs_experiment_check.c */

/* Once all slots are settled: what is in their places, what collides. */
ngx_int_t ngx_http_recs_experiment_init(ngx_conf_t *cf,
    ngx_http_recs_main_conf_t *rmcf);

/* ngx_http_recs_replacement.c */

/* The next variant's n words behind its weight. */
char *ngx_http_recs_replacement_add(ngx_conf_t *cf,
    ngx_http_recs_experiment_t *x, ngx_str_t *words, ngx_uint_t n);
/* Does a variant leave to the experiment's `slot` what it replaces? */
ngx_uint_t ngx_http_recs_replacement_wants_slot(
    ngx_http_recs_experiment_t *x);
/* Gives the experiment's slots what its variants have in their places. */
ngx_int_t ngx_http_recs_replacement_init(ngx_conf_t *cf,
    ngx_http_recs_main_conf_t *rmcf, ngx_http_recs_experiment_t *x);


#endif /* _NGX_HTTP_RECS_EXPERIMENT_H_INCLUDED_ */
