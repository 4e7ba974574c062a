/*
 * Looks at the files of recs_switch, recs_block, recs_rules and bandits, and
 * hands a changed text to the one that understands it.
 */

#include "ngx_http_recs_experiment.h"
#include "ngx_http_recs_watch_private.h"
#include "recs_rules.h"


#define NGX_HTTP_RECS_WATCH_MS     200
#define NGX_HTTP_RECS_WATCH_LOOKS  4
/* File systems stamp changes with a clock this coarse, at the worst (s). */
#define NGX_HTTP_RECS_WATCH_GRAIN  2
/* Between two attempts where there is no memory (s). */
#define NGX_HTTP_RECS_WATCH_RETRY  2


static ngx_http_recs_watch_t *
ngx_http_recs_watch_get(ngx_conf_t *cf, ngx_http_recs_main_conf_t *rmcf)
{
    ngx_http_recs_watch_t  *watch;

    if (rmcf->watch != NULL) {
        return rmcf->watch;
    }

    watch = ngx_pcalloc(cf->pool, sizeof(ngx_http_recs_watch_t));

    if (watch == NULL
        || ngx_array_init(&watch->bandits, cf->pool, 1,
                          sizeof(ngx_http_recs_watch_file_t))
           != NGX_OK)
    {
        return NULL;
    }

    watch->rmcf = rmcf;
    rmcf->watch = watch;

    return watch;
}


static char *
ngx_http_recs_watch_set(ngx_conf_t *cf, ngx_http_recs_main_conf_t *rmcf,
    size_t offset, size_t max, ngx_http_recs_watch_pt handler)
{
    ngx_str_t                   *value;
    ngx_http_recs_watch_t       *watch;
    ngx_http_recs_watch_file_t  *file;

    watch = ngx_http_recs_watch_get(cf, rmcf);
    if (watch == NULL) {
        return NGX_CONF_ERROR;
    }

    file = (ngx_http_recs_watch_file_t *) ((char *) watch + offset);

    if (file->state.path.len != 0) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (value[1].len == 0) {
        return "needs the name of a file";
    }

    file->state.path = value[1];
    file->max = max;
    file->handler = handler;
    file->directive = (char *) value[0].data;

    if (ngx_conf_full_name(cf->cycle, &file->state.path, 1) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


ngx_int_t
ngx_http_recs_watch_bandit(ngx_conf_t *cf, ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_experiment_t *x)
{
    ngx_http_recs_watch_t       *watch;
    ngx_http_recs_watch_file_t  *file;

    watch = ngx_http_recs_watch_get(cf, rmcf);
    if (watch == NULL) {
        return NGX_ERROR;
    }

    file = ngx_array_push(&watch->bandits);
    if (file == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(file, sizeof(ngx_http_recs_watch_file_t));

    file->state.path = x->bandit;
    file->max = RECS_ARMS_TEXT_MAX;
    file->handler = ngx_http_recs_bandit_apply;
    file->directive = "bandit";
    file->experiment = x;

    return NGX_OK;
}


char *
ngx_http_recs_switch(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    return ngx_http_recs_watch_set(cf, conf,
                                   offsetof(ngx_http_recs_watch_t, switches),
                                   NGX_HTTP_RECS_SWITCH_MAX,
                                   ngx_http_recs_switch_apply);
}


char *
ngx_http_recs_block(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    return ngx_http_recs_watch_set(cf, conf,
                                   offsetof(ngx_http_recs_watch_t, blocks),
                                   NGX_HTTP_RECS_BLOCK_MAX,
                                   ngx_http_recs_block_apply);
}


char *
ngx_http_recs_rules_file(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char                       *rv;
    ngx_http_recs_main_conf_t  *rmcf = conf;

    rv = ngx_http_recs_watch_set(cf, rmcf,
                                 offsetof(ngx_http_recs_watch_t, rules),
                                 RECS_RULES_TEXT_MAX,
                                 ngx_http_recs_rules_apply);

    if (rv != NGX_CONF_OK) {
        return rv;
    }

    return ngx_http_recs_rules_kept_add(cf, rmcf->watch) == NGX_OK
           ? NGX_CONF_OK : NGX_CONF_ERROR;
}


ngx_uint_t
ngx_http_recs_watch_line(char *text, size_t len, size_t *pos,
    ngx_uint_t whole, ngx_str_t *line)
{
    char  *p, *last, *end;

    if (*pos >= len) {
        return 0;
    }

    p = text + *pos;
    last = text + len;
    end = memchr(p, '\n', last - p);

    if (end == NULL) {
        *pos = len;

        if (!whole) {
            return 0;
        }

        end = last;

    } else {
        *pos = end + 1 - text;
    }

    while (p < end && (*p == ' ' || *p == '\t')) {
        p++;
    }

    while (end > p && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r'))
    {
        end--;
    }

    line->data = (u_char *) p;
    line->len = end - p;

    return 1;
}


static void
ngx_http_recs_watch_identify(ngx_http_recs_watch_id_t *id, struct stat *st,
    ngx_err_t err)
{
    ngx_memzero(id, sizeof(ngx_http_recs_watch_id_t));

    id->err = err;

    if (err == 0) {
        id->dev = st->st_dev;
        id->ino = st->st_ino;
        id->size = st->st_size;
        id->mtime = st->st_mtim;
        id->ctime = st->st_ctim;
    }
}


static ngx_uint_t
ngx_http_recs_watch_same(ngx_http_recs_watch_id_t *a,
    ngx_http_recs_watch_id_t *b)
{
    return a->err == b->err && a->dev == b->dev && a->ino == b->ino
           && a->size == b->size
           && a->mtime.tv_sec == b->mtime.tv_sec
           && a->mtime.tv_nsec == b->mtime.tv_nsec
           && a->ctime.tv_sec == b->ctime.tv_sec
           && a->ctime.tv_nsec == b->ctime.tv_nsec;
}


/* Said once per state of the file; what was in force stays so. */
static void
ngx_http_recs_watch_refuse(ngx_http_recs_watch_t *watch,
    ngx_http_recs_watch_file_t *file, ngx_err_t err, const char *why)
{
    file->state.failed = 1;

    if (file->why == why
        && ngx_http_recs_watch_same(&file->refused, &file->seen))
    {
        return;
    }

    file->why = why;
    file->refused = file->seen;

    ngx_log_error(NGX_LOG_ERR, watch->log, err,
                  "%s \"%V\": %s, what was read from it before stays in "
                  "force", file->directive, &file->state.path, why);
}


static void
ngx_http_recs_watch_no_memory(ngx_http_recs_watch_file_t *file)
{
    file->state.failed = 1;
    file->retry = ngx_time() + NGX_HTTP_RECS_WATCH_RETRY;
}


static void
ngx_http_recs_watch_applied(ngx_http_recs_watch_file_t *file)
{
    file->why = NULL;
    file->state.failed = 0;
}


void
ngx_http_recs_watch_end(ngx_http_recs_watch_t *watch,
    ngx_http_recs_watch_file_t *file, ngx_int_t rc)
{
    file->binding = 0;

    if (rc == NGX_OK) {
        file->state.applied = ngx_time();
        ngx_http_recs_watch_applied(file);
        return;
    }

    /* Were the same text there once more, it would be no less wrong. */
    file->ever = 0;

    if (rc == NGX_DECLINED) {
        ngx_http_recs_watch_refuse(watch, file, 0, file->wrong.message);

    } else {
        ngx_http_recs_watch_no_memory(file);
    }
}


/* The whole file; NULL where it cannot be had, which is logged. */
static char *
ngx_http_recs_watch_read(ngx_http_recs_watch_t *watch,
    ngx_http_recs_watch_file_t *file, size_t *len)
{
    char         *text;
    size_t        have;
    ssize_t       n;
    ngx_fd_t      fd;
    struct stat   st;

    text = NULL;

    /* Not to be kept waiting by a pipe that somebody put there. */
    fd = open((char *) file->state.path.data, O_RDONLY|O_CLOEXEC|O_NONBLOCK);

    if (fd == NGX_INVALID_FILE) {
        ngx_http_recs_watch_refuse(watch, file, ngx_errno, "cannot be opened");
        return NULL;
    }

    if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode)) {
        ngx_http_recs_watch_refuse(watch, file, 0, "is not a regular file");
        goto done;
    }

    text = ngx_alloc(file->max + 1, watch->log);
    if (text == NULL) {
        ngx_http_recs_watch_no_memory(file);
        goto done;
    }

    for (have = 0; have <= file->max; have += n) {
        n = read(fd, text + have, file->max + 1 - have);

        if (n == -1) {
            ngx_http_recs_watch_refuse(watch, file, ngx_errno,
                                       "cannot be read");
            goto failed;
        }

        if (n == 0) {
            *len = have;
            goto done;
        }
    }

    ngx_http_recs_watch_refuse(watch, file, 0, "is too large");

failed:

    ngx_free(text);
    text = NULL;

done:

    ngx_close_file(fd);

    return text;
}


/* Reads the file that `seen` describes and takes its text over. */
static void
ngx_http_recs_watch_take(ngx_http_recs_watch_t *watch,
    ngx_http_recs_watch_file_t *file, ngx_uint_t whole)
{
    char       *text;
    size_t      len;
    time_t      age;
    uint64_t    hash;
    ngx_int_t   rc;

    file->taken = file->seen;
    file->n_looks = 0;
    file->retry = 0;

    /* By ctime, which nobody can set ahead; a server's clock may be ahead. */
    age = ngx_time() - file->seen.ctime.tv_sec;
    file->racy = file->seen.err == 0
                 && age <= NGX_HTTP_RECS_WATCH_GRAIN
                 && age >= -NGX_HTTP_RECS_WATCH_GRAIN;

    len = 0;

    if (file->seen.err == NGX_ENOENT && file->experiment == NULL) {
        text = ngx_alloc(1, watch->log);

        if (text == NULL) {
            ngx_http_recs_watch_no_memory(file);
        }

    } else if (file->seen.err != 0) {
        ngx_http_recs_watch_refuse(watch, file, file->seen.err,
                                   "cannot be found");
        return;

    } else {
        text = ngx_http_recs_watch_read(watch, file, &len);
    }

    if (text == NULL) {
        return;
    }

    hash = (uint64_t) ngx_crc32_long((u_char *) text, len) << 32
           | ngx_murmur_hash2((u_char *) text, len);

    if (file->ever && hash == file->hash && whole == file->was_whole) {
        ngx_free(text);

    } else {
        /* The handler lets go of what it had not done yet. */

        if (file->binding) {
            file->binding = 0;
            file->ever = 0;
        }

        rc = file->handler(watch, file, text, len, whole);

        if (rc == NGX_DECLINED) {
            ngx_http_recs_watch_refuse(watch, file, 0, file->wrong.message);
            return;
        }

        if (rc != NGX_OK && rc != NGX_AGAIN) {
            file->ever = 0;
            ngx_http_recs_watch_no_memory(file);
            return;
        }

        file->ever = 1;
        file->hash = hash;
        file->was_whole = whole;
        file->binding = rc == NGX_AGAIN;

        if (rc == NGX_AGAIN) {
            return;
        }

        file->state.applied = ngx_time();
    }

    if (!file->binding) {
        ngx_http_recs_watch_applied(file);
    }
}


static void
ngx_http_recs_watch_look(ngx_http_recs_watch_t *watch,
    ngx_http_recs_watch_file_t *file, ngx_uint_t first)
{
    struct stat               st;
    ngx_uint_t                stable, again;
    ngx_http_recs_watch_id_t  now;

    if (file->state.path.len == 0) {
        return;
    }

    ngx_http_recs_watch_identify(&now, &st,
                        stat((char *) file->state.path.data, &st) == -1
                        ? ngx_errno : 0);

    stable = first || ngx_http_recs_watch_same(&now, &file->seen);
    file->seen = now;

    again = file->retry != 0 ? file->retry <= ngx_time() : file->racy;

    if (!first && !again && ngx_http_recs_watch_same(&now, &file->taken)) {
        file->n_looks = 0;
        return;
    }

    if (stable || ++file->n_looks >= NGX_HTTP_RECS_WATCH_LOOKS) {
        ngx_http_recs_watch_take(watch, file, stable);
    }
}


static void
ngx_http_recs_watch_look_all(ngx_http_recs_watch_t *watch, ngx_uint_t first)
{
    ngx_uint_t                   i;
    ngx_http_recs_watch_file_t  *bandits;

    ngx_http_recs_watch_look(watch, &watch->switches, first);
    ngx_http_recs_watch_look(watch, &watch->blocks, first);
    ngx_http_recs_watch_look(watch, &watch->rules, first);

    bandits = watch->bandits.elts;

    for (i = 0; i < watch->bandits.nelts; i++) {
        ngx_http_recs_watch_look(watch, &bandits[i], first);
    }
}


static void
ngx_http_recs_watch_timer(ngx_event_t *ev)
{
    ngx_http_recs_watch_look_all(ev->data, 0);
    ngx_http_recs_rules_tick(ev->data);

    ngx_add_timer(ev, NGX_HTTP_RECS_WATCH_MS);
}


void
ngx_http_recs_watch_start(ngx_cycle_t *cycle,
    ngx_http_recs_main_conf_t *rmcf)
{
    ngx_http_recs_watch_t  *watch;

    watch = rmcf->watch;

    if (watch == NULL) {
        return;
    }

    watch->log = cycle->log;
    watch->slots_off = ngx_pcalloc(cycle->pool, rmcf->slots.nelts + 1);
    watch->models_off = ngx_pcalloc(cycle->pool, rmcf->models.nelts + 1);
    watch->experiments = ngx_pcalloc(cycle->pool, rmcf->experiments.nelts + 1);

    if (watch->slots_off == NULL || watch->models_off == NULL
        || watch->experiments == NULL
        || ngx_http_recs_block_start(watch) != NGX_OK)
    {
        ngx_log_error(NGX_LOG_ERR, cycle->log, 0,
                      "recs_switch, recs_block, recs_rules and bandits do not "
                      "work in this worker: out of memory");
        rmcf->watch = NULL;
        return;
    }

    ngx_http_recs_watch_look_all(watch, 1);
    ngx_http_recs_rules_resume(watch);

    watch->event.data = watch;
    watch->event.handler = ngx_http_recs_watch_timer;
    watch->event.log = cycle->log;
    watch->event.cancelable = 1;

    ngx_add_timer(&watch->event, NGX_HTTP_RECS_WATCH_MS);
}


ngx_http_recs_watched_t *
ngx_http_recs_watch_switch(ngx_http_recs_main_conf_t *rmcf)
{
    return rmcf->watch != NULL && rmcf->watch->switches.state.path.len != 0
           ? &rmcf->watch->switches.state : NULL;
}


ngx_http_recs_watched_t *
ngx_http_recs_watch_block(ngx_http_recs_main_conf_t *rmcf)
{
    return rmcf->watch != NULL && rmcf->watch->blocks.state.path.len != 0
           ? &rmcf->watch->blocks.state : NULL;
}


ngx_http_recs_watched_t *
ngx_http_recs_watch_rules(ngx_http_recs_main_conf_t *rmcf)
{
    return rmcf->watch != NULL && rmcf->watch->rules.state.path.len != 0
           ? &rmcf->watch->rules.state : NULL;
}


ngx_http_recs_watched_t *
ngx_http_recs_watch_arms(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_experiment_t *x)
{
    ngx_uint_t                   i;
    ngx_http_recs_watch_file_t  *bandits;

    if (rmcf->watch == NULL) {
        return NULL;
    }

    bandits = rmcf->watch->bandits.elts;

    for (i = 0; i < rmcf->watch->bandits.nelts; i++) {
        if (bandits[i].experiment == x) {
            return &bandits[i].state;
        }
    }

    return NULL;
}
