/*
 * ngx_http_recs_variant: who gets which variant, decided once per main
 * request and experiment, on first use.
 *
 * At consent 0, to a bot and while the request is being logged nothing is
 * decided any more: nobody is in an experiment.  Who has no id is in by a
 * coin of this request, the same for all its experiments, so that those of
 * one namespace exclude each other for him too.
 */

#ifndef _NGX_HTTP_RECS_VARIANT_H_INCLUDED_
#define _NGX_HTTP_RECS_VARIANT_H_INCLUDED_


#include "ngx_http_recs_experiment.h"

#include "recs_assign.h"


struct ngx_http_recs_variant_s {
    ngx_http_recs_experiment_t  *experiment;
    ngx_str_t                    unit;       /* an id, or the coin */
    ngx_str_t                    origin;     /* the unit that the variant was
                                                first given to: it or one
                                                behind it in the chain */
    recs_assignment_t            assignment;
    u_char                       era;        /* of the weights that it was
                                                given under */
    unsigned                     decided:1;  /* or being decided */
    unsigned                     evaluated:1; /* holdout and all: not off, and
                                                 allowed */
    unsigned                     coin:1;     /* unit is one */
    unsigned                     exposed:1;
};


/* Never NULL but where there is no memory, or nothing may be decided. */
ngx_http_recs_variant_t *ngx_http_recs_variant(ngx_http_request_t *r,
    ngx_http_recs_experiment_t *x);

/* Is the visitor in?  The variant may be NULL. */
ngx_uint_t ngx_http_recs_variant_in(ngx_http_recs_variant_t *variant);

/* Its name; of a visitor who is in. */
recs_str_t ngx_http_recs_variant_name(ngx_http_recs_variant_t *variant);

/*
 * Who answers for the slot where r is: the slot itself, or what the visitor's
 * variant has in its place; *variant is the one that decides, NULL: none.
 */
ngx_http_recs_slot_t *ngx_http_recs_variant_slot(ngx_http_request_t *r,
    ngx_http_recs_slot_t *slot, ngx_http_recs_variant_t **variant);

/*
 * The header of a page is about to go, and with it cookies of ours: decides
 * the experiments of its slots that may need one.
 */
void ngx_http_recs_variant_expect(ngx_http_request_t *r);

/* The variant, or that there is none, was used: once per request. */
void ngx_http_recs_variant_exposed(ngx_http_request_t *r,
    ngx_http_recs_experiment_t *x);
/* All experiments that the slot stands in were. */
void ngx_http_recs_variant_slot_exposed(ngx_http_request_t *r,
    ngx_http_recs_slot_t *slot);

/* The request has come to where less is allowed: nobody is in any more. */
void ngx_http_recs_variant_forget(ngx_http_request_t *r,
    ngx_http_recs_ctx_t *ctx);

/* $recs_variant_NAME */
ngx_int_t ngx_http_recs_variant_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, ngx_http_recs_experiment_t *x);


#endif /* _NGX_HTTP_RECS_VARIANT_H_INCLUDED_ */
