/*
 * The event log: one JSON object per line (docs/event-format.md), one file
 * PATH.<worker> per worker, opened by the master, buffered by the worker.
 */

#ifndef _NGX_HTTP_RECS_EVENT_LOG_H_INCLUDED_
#define _NGX_HTTP_RECS_EVENT_LOG_H_INCLUDED_


#include "ngx_http_recs_context.h"
#include "ngx_http_recs_module.h"


/* One of the items that an exposure showed. */
typedef struct {
    ngx_str_t                id;             /* valid id */
    ngx_uint_t               rank;           /* from 1; 0: not known */
    double                   propensity;     /* NAN: not known */
} ngx_http_recs_exposed_t;


/*
 * An event as docs/event-format.md has it.  Strings are valid ids, names or
 * empty: they are escaped as JSON, not checked.  What is empty, 0 or NAN is
 * left out of the record.
 */
typedef struct {
    ngx_uint_t               consent;        /* 0: user and client_id are left
                                                out */
    ngx_str_t                user;           /* valid id or empty */
    ngx_str_t                event;          /* a name */
    ngx_str_t                item;           /* valid id; empty: an exposure */
    ngx_str_t                client_id;      /* the event's own; empty: ours */

    ngx_http_recs_contexts_t *contexts;      /* of the request; NULL: none */

    ngx_str_t                slot;
    ngx_str_t                experiment;
    ngx_str_t                variant;
    ngx_uint_t               bucket_version; /* of the experiment; 0: none */
    ngx_str_t                generation;
    ngx_uint_t               rank;           /* from 1; 0: none */
    double                   value;          /* NAN: none */
    double                   propensity;     /* NAN: none */

    unsigned                 checked:1;      /* a client said it: the record
                                                says whether it is verified */
    unsigned                 verified:1;     /* by a token */
    unsigned                 forced:1;       /* the variant was */

    ngx_http_recs_exposed_t *items;          /* [n_items] of an exposure */
    ngx_uint_t               n_items;
} ngx_http_recs_event_t;


/* recs_event_log PATH [buffer=SIZE] [flush=TIME]; or off */
char *ngx_http_recs_event_log(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* Opens every worker's files; in the master, when their number is known. */
ngx_int_t ngx_http_recs_event_log_open(ngx_cycle_t *cycle,
    ngx_http_recs_main_conf_t *rmcf);

/* Once all logs are known: the memory that numbers their events. */
ngx_int_t ngx_http_recs_event_runs_add(ngx_conf_t *cf,
    ngx_http_recs_main_conf_t *rmcf);

/* Is it a log?  0: NULL, or off. */
ngx_uint_t ngx_http_recs_event_log_is_on(ngx_http_recs_event_log_t *log);

/* An event of which nothing is known yet. */
void ngx_http_recs_event_init(ngx_http_recs_event_t *event);

/*
 * Buffers the event for a log that is on; never fails: what cannot be kept is
 * counted, and so is a record that is larger than the whole buffer.
 */
void ngx_http_recs_event_log_write(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_event_log_t *log, ngx_http_recs_event_t *event);


/* recs_track EVENT VALUE; */
char *ngx_http_recs_track(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/* Called when a location's configuration is merged. */
char *ngx_http_recs_track_merge(ngx_conf_t *cf,
    ngx_http_recs_loc_conf_t *prev, ngx_http_recs_loc_conf_t *conf);

/* Adds the views of this page to the visitor's session. */
void ngx_http_recs_track_views(ngx_http_request_t *r);

/* Called after the configuration: the log phase's handler. */
ngx_int_t ngx_http_recs_track_init(ngx_conf_t *cf);
/* Will the response, whose header is about to go, be recorded as a view? */
ngx_uint_t ngx_http_recs_track_wanted(ngx_http_request_t *r);


#endif /* _NGX_HTTP_RECS_EVENT_LOG_H_INCLUDED_ */
