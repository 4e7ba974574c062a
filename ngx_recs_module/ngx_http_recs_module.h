/*
 * What the files of the module share.  The path of a request:
 *
 *     ngx_http_recs_fill.c, _api.c, _variables.c    a slot is wanted
 *     ngx_http_recs_ctx.c, _visitor.c               by whom, for which item
 *     ngx_http_recs_answer.c                        one answer per slot and
 *                                                   request, scored by core/
 *     ngx_http_recs_render.c, _json.c               answer -> HTML, JSON
 *     ngx_http_recs_token.c, _keys.c                each item signed
 *     ngx_http_recs_exposure.c                      what was really shown
 *     ngx_http_recs_headers.c                       a page for one visitor
 *     ngx_http_recs_zone.c                          counted
 *
 * and of a configuration:
 *
 *     ngx_http_recs_module.c     command table, create, merge
 *     ngx_http_recs_model.c      recs_model: verified while parsing, attached
 *                                in each worker
 *     ngx_http_recs_slot.c       recs_slot { ... }
 */

#ifndef _NGX_HTTP_RECS_MODULE_H_INCLUDED_
#define _NGX_HTTP_RECS_MODULE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "recs_bundle.h"
#include "recs_explain.h"
#include "recs_publish.h"
#include "recs_recommend.h"

#include "ngx_http_recs_keys.h"
#include "ngx_http_recs_visitor.h"


#define NGX_HTTP_RECS_COUNT_DEFAULT  10
#define NGX_HTTP_RECS_COUNT_MAX      100


typedef struct recs_template_s             recs_template_t;
typedef struct ngx_http_recs_zone_s        ngx_http_recs_zone_t;
typedef struct ngx_http_recs_event_log_s   ngx_http_recs_event_log_t;
typedef struct ngx_http_recs_watch_s       ngx_http_recs_watch_t;
typedef struct ngx_http_recs_where_s       ngx_http_recs_where_t;
typedef struct ngx_http_recs_session_s     ngx_http_recs_session_t;
typedef struct ngx_http_recs_request_session_s
                                           ngx_http_recs_request_session_t;


typedef struct ngx_http_recs_contexts_s    ngx_http_recs_contexts_t;
typedef struct ngx_http_recs_experiment_s  ngx_http_recs_experiment_t;
typedef struct ngx_http_recs_variant_s     ngx_http_recs_variant_t;
typedef struct ngx_http_recs_request_sticky_s
                                           ngx_http_recs_request_sticky_t;


typedef struct ngx_http_recs_model_s       ngx_http_recs_model_t;

struct ngx_http_recs_model_s {
    ngx_str_t                name;
    ngx_str_t                path;           /* as configured, full */
    ngx_uint_t               index;          /* in main conf's models */
    unsigned                 optional:1;
    unsigned                 prefault:1;

    ngx_fd_t                 fd;             /* pinned by the cycle */
    dev_t                    dev;            /* of what was verified */
    ino_t                    ino;
    off_t                    size;
    struct timespec          mtime;
    struct timespec          ctime;
    recs_generation_t        generation;
    uint32_t                 n_items;
    ngx_msec_t               load_ms;        /* verification at config time */
    time_t                   loaded;         /* when that was */
    ngx_http_recs_model_t   *shared;         /* an earlier model of the same
                                                file, whose mapping serves */

    /* per process, set when a worker attaches; NULL: not attached */
    recs_bundle_t           *bundle;
    recs_scratch_t          *scratch;
    recs_explain_t          *explain;        /* NULL: recs_explain is off */
    recs_bitmap_word_t      *blocked;        /* recs_block, NULL: none */
};


typedef struct {
    ngx_str_t                name;
    ngx_uint_t               index;          /* in main conf's slots */
    ngx_http_recs_model_t   *model;
    ngx_str_t                model_name;     /* until the model is found */
    ngx_str_t                file;           /* where the slot is defined */
    ngx_uint_t               line;
    recs_source_t            strategy;
    ngx_uint_t               count;
    ngx_flag_t               exclude_seen;
    ngx_array_t              terms;          /* recs_filter_term_t */
    recs_filter_t           *filter;         /* of them; NULL: everything */
    ngx_str_t                where_text;     /* data NULL: no where */
    ngx_http_recs_where_t   *where;          /* of it and the filter */
    uint32_t                 budget_us;      /* 0: none */
    uint32_t                 recency;        /* half-life in items; 0: none */
    float                    explore;        /* share of answers */
    recs_rank_t              rank;
    uint32_t                 candidates;     /* 0: not given */
    float                    diversity;      /* 0 to 1 */
    recs_limit_t             limits[RECS_LIMITS_MAX]; /* of max_per */
    ngx_str_t                limit_names[RECS_LIMITS_MAX];
    ngx_uint_t               n_limits;
    ngx_http_complex_value_t *query;         /* NULL: it answers no question */
    float                    query_weight;   /* 0 to 1 */
    recs_template_t         *template;       /* NULL: plain links */
    ngx_array_t             *replacements;   /* ngx_http_recs_replacement_t:
                                                the experiments that it stands
                                                in; NULL: none */
    unsigned                 exclude_given:1; /* else as the strategy wants */
} ngx_http_recs_slot_t;


typedef struct {
    ngx_array_t              models;         /* ngx_http_recs_model_t * */
    ngx_array_t              slots;          /* ngx_http_recs_slot_t * */
    ngx_array_t              experiments;    /* ngx_http_recs_experiment_t * */
    ngx_shm_zone_t          *zone;
    ngx_http_recs_watch_t   *watch;          /* recs_switch, recs_block */
    ngx_array_t             *event_logs;     /* ngx_http_recs_event_log_t * */
    ngx_shm_zone_t          *event_ids;      /* of recs_collect, or NULL */
    ngx_shm_zone_t          *guard;          /* of experiments, or NULL */
    unsigned                 visitor_cookies:1; /* some location issues them */
    unsigned                 session_cookies:1;
    unsigned                 explains:1;     /* recs_explain is on somewhere */
    unsigned                 sticky_cookies:1;
} ngx_http_recs_main_conf_t;


typedef struct {
    ngx_http_complex_value_t  *user;
    ngx_http_complex_value_t  *item;         /* NULL: $arg_item */
    ngx_http_complex_value_t  *consent;      /* NULL: 2 */
    ngx_http_complex_value_t  *bypass;       /* NULL: nobody is a bot */
    ngx_uint_t                 gpc;          /* what Sec-GPC lowers to */
    ngx_str_t                  visitor_cookie; /* its name; len 0: none */
    ngx_flag_t                 fill;
    ngx_hash_t                 fill_types;
    ngx_array_t               *fill_types_keys;
    size_t                     fill_max_size;
    ngx_flag_t                 dedupe;
    ngx_flag_t                 explain;
    ngx_http_complex_value_t  *cache_control; /* NULL: private, no-store */
    ngx_http_recs_event_log_t *event_log;
    ngx_array_t               *tracks;
    ngx_array_t               *contexts;     /* of recs_context; NULL: none */
    ngx_array_t               *collect_origins; /* ngx_str_t; NULL: none */
    ngx_http_recs_keys_t      *token_keys;   /* NULL: none */
    ngx_http_recs_keys_t      *session_keys;
    ngx_http_recs_session_t   *session;      /* NULL: off */
    ngx_http_handler_pt        handler;      /* recs_api's or recs_status's, of
                                                this very location */
    unsigned                   gpc_dnt:1;    /* DNT counts as Sec-GPC */
    unsigned                   wants_id:1;   /* something here needs visitors
                                                to have one; set in merge */
    unsigned                   issue_cookie:1; /* to who has none */
} ngx_http_recs_loc_conf_t;


/* Why an answer is what it is, of each of its items and of all. */
typedef struct {
    recs_explanation_t      *items;          /* [n] of the answer */
    recs_kept_out_t          kept_out;
} ngx_http_recs_explained_t;


/*
 * One answer: what a slot shows in this request.  Behind the answer's n items
 * may stand those that follow in the ranking, n_found in all: slots that ask
 * the same share one search.
 */
typedef struct {
    ngx_http_recs_slot_t    *slot;           /* whose name it bears */
    ngx_http_recs_slot_t    *served;         /* who answers: the slot, or what
                                                an experiment has in its
                                                place */
    ngx_http_recs_variant_t *variant;        /* of that experiment; NULL: the
                                                slot is in none */
    recs_answer_t            answer;         /* n may be 0: show nothing */
    ngx_http_recs_explained_t
                            *explained;      /* NULL: nobody asked, or may */
    uint32_t                 n_found;
    unsigned                 computed:1;
    unsigned                 expected:1;     /* the page shows the slot */
} ngx_http_recs_answer_t;


/* What a question may say that the slot does not; zeroed: nothing. */
typedef struct {
    ngx_uint_t               count;          /* 0: the slot's */
    ngx_str_t                item;           /* len 0: the visitor's */
    uint32_t                *exclude;        /* item numbers of the model */
    ngx_uint_t               n_exclude;
    unsigned                 explain:1;
} ngx_http_recs_question_t;


/* An item on this page; item numbers are those of one bundle. */
typedef struct {
    recs_bundle_t           *bundle;
    uint32_t                 item;
} ngx_http_recs_shown_t;


/* A slot that this response shows, its first n items. */
typedef struct {
    ngx_http_recs_answer_t  *answer;
    ngx_uint_t               n;
} ngx_http_recs_exposure_t;


/* What stands for the visitor in tokens under these keys. */
typedef struct {
    ngx_http_recs_keys_t    *keys;           /* NULL: not computed */
    ngx_str_t                id;             /* whose it is */
    u_char                   kid;
    u_char                   mac[NGX_HTTP_RECS_MAC_LEN];
} ngx_http_recs_token_user_t;


/* Per main request; survives internal redirects (pool cleanup recovery). */
typedef struct {
    ngx_http_recs_visitor_t  visitor;        /* of the main request */
    ngx_http_recs_loc_conf_t *conf;          /* where he was read last */
    ngx_http_recs_answer_t  *answers;        /* [slots.nelts] */
    ngx_array_t              shown;          /* ngx_http_recs_shown_t */
    ngx_http_recs_contexts_t *contexts;      /* NULL: not read yet */
    ngx_http_recs_variant_t *variants;       /* [experiments.nelts]; NULL: none
                                                was asked for yet */
    ngx_http_recs_request_sticky_t
                            *sticky;         /* NULL: not read yet */
    ngx_str_t                coin;           /* stands for an id where there
                                                is none; len 0: not thrown */
    void                    *fill;           /* the filter's own state */
    ngx_array_t             *exposures;      /* ngx_http_recs_exposure_t;
                                                NULL: none */
    ngx_http_recs_token_user_t  token_user;
    void                    *collect;        /* the body that is read */
    ngx_http_recs_request_session_t
                            *session;        /* once it was looked up */
    unsigned                 api:1;          /* recs_api or recs_collect makes
                                                this response */
    unsigned                 explained:1;    /* ... and it tells why */
} ngx_http_recs_ctx_t;


extern ngx_module_t  ngx_http_recs_module;


/* ngx_http_recs_module.c */

/* Makes it the location's handler, for a directive; or says what is wrong. */
char *ngx_http_recs_set_handler(ngx_conf_t *cf,
    ngx_http_recs_loc_conf_t *rlcf, ngx_http_handler_pt handler);

/* ngx_http_recs_model.c */

char *ngx_http_recs_model(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
ngx_http_recs_model_t *ngx_http_recs_model_find(
    ngx_http_recs_main_conf_t *rmcf, ngx_str_t *name);
/* Attaches every model in this process; logs and goes on where one fails. */
void ngx_http_recs_model_attach(ngx_cycle_t *cycle,
    ngx_http_recs_main_conf_t *rmcf);

/* ngx_http_recs_slot.c */

char *ngx_http_recs_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
ngx_http_recs_slot_t *ngx_http_recs_slot_find(
    ngx_http_recs_main_conf_t *rmcf, u_char *name, size_t len);
/*
 * Sets the slot's model, strategy or count.  NGX_ERROR: not to this value, as
 * was logged; NGX_DECLINED: the name is none of the three.
 */
ngx_int_t ngx_http_recs_slot_change(ngx_conf_t *cf, ngx_http_recs_slot_t *slot,
    ngx_str_t *name, ngx_str_t *value);
/* Once all models are known: finds the slots'. */
ngx_int_t ngx_http_recs_slot_init(ngx_conf_t *cf,
    ngx_http_recs_main_conf_t *rmcf);
/* The same, of one slot. */
ngx_int_t ngx_http_recs_slot_settle(ngx_conf_t *cf,
    ngx_http_recs_main_conf_t *rmcf, ngx_http_recs_slot_t *slot);

/* ngx_http_recs_slot_filter.c */

/* filter ATTRIBUTE VALUE...; value is the attribute. */
char *ngx_http_recs_slot_filter(ngx_conf_t *cf, ngx_http_recs_slot_t *slot,
    ngx_str_t *value);
/* Once the slot's model is known: what its filters leave. */
ngx_int_t ngx_http_recs_slot_filter_settle(ngx_conf_t *cf,
    ngx_http_recs_slot_t *slot, recs_bundle_t *bundle);

/* ngx_http_recs_slot_where.c */

/* where 'EXPR' */
char *ngx_http_recs_slot_where(ngx_conf_t *cf, ngx_http_recs_slot_t *slot,
    ngx_str_t *value);
/* Sets slot->where; what is wrong is found even where there is no model. */
ngx_int_t ngx_http_recs_slot_where_parse(ngx_conf_t *cf,
    ngx_http_recs_slot_t *slot);
/* After the filters. */
ngx_int_t ngx_http_recs_slot_where_bind(ngx_conf_t *cf,
    ngx_http_recs_slot_t *slot, recs_bundle_t *bundle);
/* What all leave in this request, until the next; bundle is its model's. */
ngx_int_t ngx_http_recs_slot_allowed(ngx_http_request_t *r,
    ngx_http_recs_slot_t *slot, recs_bundle_t *bundle,
    const recs_filter_t **filter);

/* ngx_http_recs_slot_rank.c */

char *ngx_http_recs_slot_rank(ngx_conf_t *cf, ngx_http_recs_slot_t *slot,
    ngx_str_t *value);
char *ngx_http_recs_slot_candidates(ngx_conf_t *cf,
    ngx_http_recs_slot_t *slot, ngx_str_t *value);
/* Refuses a ranking that the slot's strategy or its model has not. */
ngx_int_t ngx_http_recs_slot_rank_settle(ngx_conf_t *cf,
    ngx_http_recs_slot_t *slot, recs_bundle_t *bundle);

/* ngx_http_recs_slot_slate.c */

char *ngx_http_recs_slot_diversity(ngx_conf_t *cf, ngx_http_recs_slot_t *slot,
    ngx_str_t *value);
char *ngx_http_recs_slot_max_per(ngx_conf_t *cf, ngx_http_recs_slot_t *slot,
    ngx_str_t *value);
/* Finds the attributes of max_per. */
ngx_int_t ngx_http_recs_slot_slate_settle(ngx_conf_t *cf,
    ngx_http_recs_slot_t *slot, recs_bundle_t *bundle);

/* ngx_http_recs_slot_query.c */

/* query VALUE [weight=W]; value is the first of cf->args's. */
char *ngx_http_recs_slot_query(ngx_conf_t *cf, ngx_http_recs_slot_t *slot,
    ngx_str_t *value);
/* Refuses questions to a model that knows no words. */
ngx_int_t ngx_http_recs_slot_query_settle(ngx_conf_t *cf,
    ngx_http_recs_slot_t *slot, recs_bundle_t *bundle);
/* Sets the query's question, where the slot asks one. */
ngx_int_t ngx_http_recs_slot_question(ngx_http_request_t *r,
    ngx_http_recs_slot_t *slot, recs_query_t *query);

/* ngx_http_recs_ctx.c */

/* The context of the main request, made on first use; NULL: no memory. */
ngx_http_recs_ctx_t *ngx_http_recs_get_ctx(ngx_http_request_t *r);
/* The same, but never made: NULL where nothing was computed. */
ngx_http_recs_ctx_t *ngx_http_recs_peek_ctx(ngx_http_request_t *r);
/* Is the request being logged?  Then nothing may be computed any more. */
ngx_uint_t ngx_http_recs_logging(ngx_http_request_t *r);
ngx_int_t ngx_http_recs_ctx_init(ngx_conf_t *cf);
/* Once every module has its handlers: makes ours the first and the last. */
void ngx_http_recs_ctx_last(ngx_cycle_t *cycle);

/* ngx_http_recs_answer.c */

/*
 * The slot's answer in this request, scored on first use and counted.  NULL
 * only where there is no memory.
 */
ngx_http_recs_answer_t *ngx_http_recs_answer(ngx_http_request_t *r,
    ngx_http_recs_slot_t *slot);
/*
 * The records of the answer's first n items, into records[n].  They lie all
 * over the file: so their memory is waited for once.
 */
void ngx_http_recs_answer_records(ngx_http_recs_answer_t *answer,
    ngx_uint_t n, recs_str_t *records);
/* Tells that the slot's answer will be wanted in this request. */
void ngx_http_recs_answer_expect(ngx_http_request_t *r,
    ngx_http_recs_slot_t *slot);
/*
 * The answer to a question of its own.  It becomes the slot's in this request
 * where that has none yet.
 */
ngx_http_recs_answer_t *ngx_http_recs_answer_question(ngx_http_request_t *r,
    ngx_http_recs_slot_t *slot, ngx_http_recs_question_t *question);

/* ngx_http_recs_headers.c */

/*
 * Makes the response one for this visitor alone: Cache-Control as
 * recs_cache_control says, and no validators of the page that all share.
 */
ngx_int_t ngx_http_recs_make_private(ngx_http_request_t *r);
/* Adds a header to the response; name and value outlive the request. */
ngx_int_t ngx_http_recs_add_header(ngx_http_request_t *r, const char *name,
    const char *value);
ngx_int_t ngx_http_recs_headers_init(ngx_conf_t *cf);

/* ngx_http_recs_variables.c */

ngx_int_t ngx_http_recs_variables_add(ngx_conf_t *cf);
/* Once all slots are known: refuses variables of slots that are not. */
ngx_int_t ngx_http_recs_variables_check(ngx_conf_t *cf,
    ngx_http_recs_main_conf_t *rmcf);

/* ngx_http_recs_api.c */

char *ngx_http_recs_api(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/* ngx_http_recs_zone.c */

/* What became of a <recs-slot> element, or of a page that may have some. */
#define NGX_HTTP_RECS_FILL_MAP(XX)                                            \
    XX(FILLED,       "filled")                                                \
    XX(EMPTY,        "empty")         /* nothing to show: original bytes */   \
    XX(UNKNOWN_SLOT, "unknown_slot")                                          \
    XX(TOO_LARGE,    "too_large")     /* over recs_fill_max_size */           \
    XX(TOO_MANY,     "too_many")      /* the 17th on a page */                \
    XX(MALFORMED,    "malformed")     /* broken markup, no end */             \
    XX(BAD_TEMPLATE, "bad_template")  /* placeholder where none may stand */  \
    XX(ERROR,        "error")                                                 \
    XX(ENCODED,      "encoded_page")  /* compressed: the page passes as is */

typedef enum {
#define NGX_HTTP_RECS_FILL_ENUM(name, text)  NGX_HTTP_RECS_FILL_##name,
    NGX_HTTP_RECS_FILL_MAP(NGX_HTTP_RECS_FILL_ENUM)
#undef NGX_HTTP_RECS_FILL_ENUM
    NGX_HTTP_RECS_FILL_COUNT
} ngx_http_recs_fill_outcome_t;


/* Once all models and slots are known; sets rmcf->zone. */
ngx_int_t ngx_http_recs_zone_add(ngx_conf_t *cf,
    ngx_http_recs_main_conf_t *rmcf);
void ngx_http_recs_zone_count(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_slot_t *slot, recs_answer_t *answer, uint64_t nanoseconds);
void ngx_http_recs_zone_count_fill(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_fill_outcome_t outcome);
/* This worker's attached generations, for the status page. */
void ngx_http_recs_zone_attached(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_model_t *model);

/* ngx_http_recs_status.c */

char *ngx_http_recs_status(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);


#endif /* _NGX_HTTP_RECS_MODULE_H_INCLUDED_ */
