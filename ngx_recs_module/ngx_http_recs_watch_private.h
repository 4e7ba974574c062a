/*
 * Private to ngx_http_recs_watch.c, _switch.c, _block.c, _rules.c and
 * _bandit.c.
 */

#ifndef _NGX_HTTP_RECS_WATCH_PRIVATE_H_INCLUDED_
#define _NGX_HTTP_RECS_WATCH_PRIVATE_H_INCLUDED_


#include "ngx_http_recs_watch.h"


/* What says that a file is, or is not, the one that was read. */
typedef struct {
    dev_t                    dev;
    ino_t                    ino;
    off_t                    size;
    struct timespec          mtime;
    struct timespec          ctime;
    ngx_err_t                err;            /* of stat(); 0: there is one */
} ngx_http_recs_watch_id_t;


typedef struct ngx_http_recs_watch_file_s  ngx_http_recs_watch_file_t;

/*
 * Takes over a text of len bytes, which is the handler's to keep and free.
 * `whole`: the last line counts even without a newline.  NGX_ERROR: there is
 * no memory; what was in force stays so, and it is tried again later.
 * NGX_DECLINED: the same, but the text is wrong, as file->wrong says.
 * NGX_AGAIN: it takes a while; ngx_http_recs_watch_end() then tells which of
 * them it is.
 */
typedef ngx_int_t (*ngx_http_recs_watch_pt)(ngx_http_recs_watch_t *watch,
    ngx_http_recs_watch_file_t *file, char *text, size_t len,
    ngx_uint_t whole);


struct ngx_http_recs_watch_file_s {
    ngx_http_recs_watched_t  state;
    size_t                   max;
    const char              *directive;
    ngx_http_recs_watch_pt   handler;
    ngx_http_recs_experiment_t *experiment;  /* whose arms it has, or NULL */
    recs_error_t             wrong;

    ngx_http_recs_watch_id_t seen;           /* at the last look */
    ngx_http_recs_watch_id_t taken;          /* what was taken over */
    ngx_http_recs_watch_id_t refused;        /* what was last complained of */
    const char              *why;            /* and for what */
    uint64_t                 hash;           /* of its text */
    time_t                   retry;          /* when memory may be there; 0:
                                                it was not short of it */
    ngx_uint_t               n_looks;        /* since it began to change */
    unsigned                 ever:1;         /* taken is set */
    unsigned                 racy:1;         /* read within the clock's grain
                                                of its last change */
    unsigned                 was_whole:1;
    unsigned                 binding:1;      /* NGX_AGAIN, and not done yet */
};


/* A block file being looked up, some ids at a time. */
typedef struct {
    char                    *text;           /* NULL: nothing to do */
    size_t                   len;
    size_t                   pos;
    ngx_uint_t               whole;
    ngx_uint_t               n_lines;
    ngx_uint_t               n_unknown;
    recs_bitmap_word_t     **bitmaps;        /* [models.nelts], NULL: the
                                                model needs none of its own */
    ngx_event_t              event;
} ngx_http_recs_block_load_t;


typedef struct ngx_http_recs_rules_s  ngx_http_recs_rules_t;

struct ngx_http_recs_watch_s {
    ngx_http_recs_watch_file_t  switches;
    ngx_http_recs_watch_file_t  blocks;
    ngx_http_recs_watch_file_t  rules;
    ngx_array_t                 bandits;     /* ngx_http_recs_watch_file_t */
    ngx_http_recs_main_conf_t  *rmcf;
    ngx_log_t                  *log;
    ngx_event_t                 event;

    ngx_uint_t                  all_off;
    u_char                     *slots_off;   /* [slots.nelts] */
    u_char                     *models_off;  /* [models.nelts] */
    u_char                     *experiments; /* [experiments.nelts], OFF, ON
                                                or 0 */

    ngx_http_recs_block_load_t  load;

    ngx_http_recs_rules_t      *rules_in_force;  /* NULL: none */
    ngx_http_recs_rules_t      *rules_coming;    /* being bound */
    ngx_event_t                 rules_event;
    ngx_shm_zone_t             *rules_kept;
};


/* The next line of text, blanks around it cut off; 0 at the end. */
ngx_uint_t ngx_http_recs_watch_line(char *text, size_t len, size_t *pos,
    ngx_uint_t whole, ngx_str_t *line);

/* A handler that has answered NGX_AGAIN is done. */
void ngx_http_recs_watch_end(ngx_http_recs_watch_t *watch,
    ngx_http_recs_watch_file_t *file, ngx_int_t rc);

/* After blocks have changed; and five times a second. */
void ngx_http_recs_rules_settle(ngx_http_recs_watch_t *watch);
void ngx_http_recs_rules_tick(ngx_http_recs_watch_t *watch);

/* Where the file cannot be taken as the worker starts: what others took. */
void ngx_http_recs_rules_resume(ngx_http_recs_watch_t *watch);

/*
 * The last text that was taken over: room for it, while the configuration is
 * read; writing it; reading it, to be freed (NULL: no memory; len 0: none).
 */
ngx_int_t ngx_http_recs_rules_kept_add(ngx_conf_t *cf,
    ngx_http_recs_watch_t *watch);
void ngx_http_recs_rules_keep(ngx_http_recs_watch_t *watch, const char *text,
    size_t len);
char *ngx_http_recs_rules_kept(ngx_http_recs_watch_t *watch, size_t *len);

/* The handlers, and blocks' start. */
ngx_int_t ngx_http_recs_switch_apply(ngx_http_recs_watch_t *watch,
    ngx_http_recs_watch_file_t *file, char *text, size_t len,
    ngx_uint_t whole);
ngx_int_t ngx_http_recs_block_apply(ngx_http_recs_watch_t *watch,
    ngx_http_recs_watch_file_t *file, char *text, size_t len,
    ngx_uint_t whole);
ngx_int_t ngx_http_recs_rules_apply(ngx_http_recs_watch_t *watch,
    ngx_http_recs_watch_file_t *file, char *text, size_t len,
    ngx_uint_t whole);
ngx_int_t ngx_http_recs_bandit_apply(ngx_http_recs_watch_t *watch,
    ngx_http_recs_watch_file_t *file, char *text, size_t len,
    ngx_uint_t whole);
ngx_int_t ngx_http_recs_block_start(ngx_http_recs_watch_t *watch);


#endif /* _NGX_HTTP_RECS_WATCH_PRIVATE_H_INCLUDED_ */
