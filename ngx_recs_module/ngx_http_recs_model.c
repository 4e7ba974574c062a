/*
 * recs_model: a bundle is resolved and verified while the configuration is
 * parsed, so that `nginx -t` and a reload refuse a bad one, and stays pinned
 * by a descriptor that the cycle owns.  Each worker attaches to that very
 * file, whatever its name points to by then.
 */

#include "ngx_http_recs_module.h"

#include "recs_golden.h"


#define NGX_HTTP_RECS_GOLDEN_MS  50


static void ngx_http_recs_model_detach(ngx_http_recs_model_t *model);


static void
ngx_http_recs_model_close(void *data)
{
    ngx_http_recs_model_t  *model = data;

    ngx_http_recs_model_detach(model);

    if (model->fd != NGX_INVALID_FILE) {
        ngx_close_file(model->fd);
        model->fd = NGX_INVALID_FILE;
    }
}


static ngx_uint_t
ngx_http_recs_model_same_time(struct timespec *a, struct timespec *b)
{
    return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}


/* The verified model among them whose file this is; NULL: none. */
static ngx_http_recs_model_t *
ngx_http_recs_model_same_file(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_model_t *model)
{
    ngx_uint_t               i;
    ngx_http_recs_model_t  **other;

    other = rmcf->models.elts;

    for (i = 0; i < rmcf->models.nelts; i++) {
        if (other[i]->fd != NGX_INVALID_FILE
            && other[i]->dev == model->dev && other[i]->ino == model->ino
            && other[i]->size == model->size
            && ngx_http_recs_model_same_time(&other[i]->mtime, &model->mtime)
            && ngx_http_recs_model_same_time(&other[i]->ctime, &model->ctime))
        {
            return other[i];
        }
    }

    return NULL;
}


/* What the running configuration has verified is not verified again. */
static ngx_uint_t
ngx_http_recs_model_known(ngx_conf_t *cf, ngx_http_recs_model_t *model)
{
    ngx_uint_t                   i;
    ngx_cycle_t                 *old;
    ngx_http_recs_main_conf_t   *rmcf;

    old = cf->cycle->old_cycle;

    if (old == NULL || ngx_is_init_cycle(old)) {
        return 0;
    }

    /* It may have been loaded by this very reload. */

    for (i = 0; old->modules[i] != NULL; i++) {
        if (old->modules[i] == &ngx_http_recs_module) {
            rmcf = ngx_http_cycle_get_module_main_conf(old,
                                                       ngx_http_recs_module);

            return rmcf != NULL
                   && ngx_http_recs_model_same_file(rmcf, model) != NULL;
        }
    }

    return 0;
}


/*
 * Workers reopen the file by /proc/self/fd as their own user, which asks for
 * the same permission as opening it by name; that user is not known yet while
 * http{} is parsed, so everybody must be able to read it.
 */
static recs_status_t
ngx_http_recs_model_identify(ngx_http_recs_model_t *model,
    recs_error_t *err)
{
    ngx_file_info_t  fi;

    if (ngx_fd_info(model->fd, &fi) == NGX_FILE_ERROR) {
        return recs_error(err, RECS_IO, ngx_fd_info_n " \"%s\" failed (%d)",
                          model->path.data, (int) ngx_errno);
    }

    if (geteuid() == 0 && !(fi.st_mode & S_IROTH)) {
        return recs_error(err, RECS_IO, "\"%s\" cannot be read by the "
                          "workers: its mode is 0%o, make it 0444",
                          model->path.data, (unsigned) (fi.st_mode & 0777));
    }

    model->dev = fi.st_dev;
    model->ino = fi.st_ino;
    model->size = fi.st_size;
    model->mtime = fi.st_mtim;
    model->ctime = fi.st_ctim;

    return RECS_OK;
}


static ngx_msec_t
ngx_http_recs_model_clock(void)
{
    struct timespec  now;

    (void) clock_gettime(CLOCK_MONOTONIC, &now);

    return (ngx_msec_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}


/* By a mapping of its own, which is gone before the next line is parsed. */
static recs_status_t
ngx_http_recs_model_verify(ngx_conf_t *cf, ngx_http_recs_model_t *model,
    recs_error_t *err)
{
    unsigned        known, n_checked;
    recs_bundle_t  *bundle;
    recs_status_t   rc;

    known = ngx_http_recs_model_known(cf, model);

    rc = recs_bundle_open_fd(&bundle, model->fd, (char *) model->path.data,
                             known ? RECS_BUNDLE_SEAL_KNOWN
                                     |RECS_BUNDLE_TRUSTED : 0, err);
    if (rc != RECS_OK) {
        return rc;
    }

    if (!known) {
        rc = recs_golden_check(bundle, NGX_HTTP_RECS_GOLDEN_MS, &n_checked,
                               err);
    }

    model->n_items = recs_bundle_view(bundle)->n_items;

    if (recs_bundle_view(bundle)->item_hashes.n_rows == 0) {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "model \"%V\" is from before items had hashes: "
                           "sessions mean nothing to it, train or pack it "
                           "again", &model->name);
    }

    recs_bundle_close(bundle);

    return rc;
}


/* Opens the file and accepts or refuses it; one seen before is shared. */
static recs_status_t
ngx_http_recs_model_accept(ngx_conf_t *cf, ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_model_t *model, recs_error_t *err)
{
    ngx_msec_t              started;
    recs_status_t           rc;
    ngx_http_recs_model_t  *same;

    started = ngx_http_recs_model_clock();

    rc = recs_generation_open((char *) model->path.data, &model->fd,
                              &model->generation, err);
    if (rc != RECS_OK) {
        model->fd = NGX_INVALID_FILE;
        return rc;
    }

    rc = ngx_http_recs_model_identify(model, err);
    if (rc != RECS_OK) {
        return rc;
    }

    same = ngx_http_recs_model_same_file(rmcf, model);

    if (same != NULL) {
        ngx_close_file(model->fd);
        model->fd = NGX_INVALID_FILE;
        model->shared = same;
        model->n_items = same->n_items;

    } else {
        rc = ngx_http_recs_model_verify(cf, model, err);
        if (rc != RECS_OK) {
            return rc;
        }
    }

    model->load_ms = ngx_http_recs_model_clock() - started;
    model->loaded = ngx_time();

    return RECS_OK;
}


static char *
ngx_http_recs_model_options(ngx_conf_t *cf, ngx_http_recs_model_t *model)
{
    ngx_str_t   *value;
    ngx_uint_t   i;

    value = cf->args->elts;

    for (i = 3; i < cf->args->nelts; i++) {

        if (ngx_strcmp(value[i].data, "optional") == 0) {
            model->optional = 1;

        } else if (ngx_strcmp(value[i].data, "prefault=on") == 0) {
            model->prefault = 1;

        } else if (ngx_strcmp(value[i].data, "prefault=off") == 0) {
            model->prefault = 0;

        } else {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid parameter \"%V\"", &value[i]);
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_recs_model_load(ngx_conf_t *cf, ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_model_t *model)
{
    recs_error_t         err;
    ngx_pool_cleanup_t  *cln;

    /* Before anything is opened: a refused configuration closes it too. */

    cln = ngx_pool_cleanup_add(cf->pool, 0);
    if (cln == NULL) {
        return NGX_CONF_ERROR;
    }

    cln->handler = ngx_http_recs_model_close;
    cln->data = model;

    if (ngx_http_recs_model_accept(cf, rmcf, model, &err) == RECS_OK) {
        return NGX_CONF_OK;
    }

    ngx_http_recs_model_close(model);

    if (model->optional) {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "optional recs_model \"%V\" is left out: %s",
                           &model->name, err.message);
        return NGX_CONF_OK;
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "recs_model \"%V\": %s",
                       &model->name, err.message);

    return NGX_CONF_ERROR;
}


char *
ngx_http_recs_model(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_recs_main_conf_t *rmcf = conf;

    char                    *rv;
    ngx_str_t               *value;
    ngx_http_recs_model_t   *model, **place;

    value = cf->args->elts;

    if (!recs_name_valid((char *) value[1].data, value[1].len)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid model name \"%V\", it must match "
                           "[a-z][a-z0-9_]{0,31}", &value[1]);
        return NGX_CONF_ERROR;
    }

    if (ngx_http_recs_model_find(rmcf, &value[1]) != NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "duplicate recs_model \"%V\"", &value[1]);
        return NGX_CONF_ERROR;
    }

    model = ngx_pcalloc(cf->pool, sizeof(ngx_http_recs_model_t));
    if (model == NULL) {
        return NGX_CONF_ERROR;
    }

    model->name = value[1];
    model->path = value[2];
    model->fd = NGX_INVALID_FILE;
    model->prefault = 1;
    model->index = rmcf->models.nelts;

    if (ngx_conf_full_name(cf->cycle, &model->path, 1) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    rv = ngx_http_recs_model_options(cf, model);
    if (rv != NGX_CONF_OK) {
        return rv;
    }

    rv = ngx_http_recs_model_load(cf, rmcf, model);
    if (rv != NGX_CONF_OK) {
        return rv;
    }

    place = ngx_array_push(&rmcf->models);
    if (place == NULL) {
        return NGX_CONF_ERROR;
    }

    *place = model;

    return NGX_CONF_OK;
}


ngx_http_recs_model_t *
ngx_http_recs_model_find(ngx_http_recs_main_conf_t *rmcf, ngx_str_t *name)
{
    ngx_uint_t               i;
    ngx_http_recs_model_t  **models;

    models = rmcf->models.elts;

    for (i = 0; i < rmcf->models.nelts; i++) {
        if (models[i]->name.len == name->len
            && ngx_memcmp(models[i]->name.data, name->data, name->len) == 0)
        {
            return models[i];
        }
    }

    return NULL;
}


/*
 * Asks for the file ahead, so that the first requests of a new generation do
 * not wait for the disk.  The kernel reads while the worker serves.
 */
static void
ngx_http_recs_model_prefault(ngx_http_recs_model_t *model, ngx_log_t *log)
{
#if (NGX_HAVE_POSIX_FADVISE)
    int  err;

    err = posix_fadvise(model->fd, 0, 0, POSIX_FADV_WILLNEED);

    if (err != 0) {
        ngx_log_error(NGX_LOG_WARN, log, err,
                      "posix_fadvise() of recs_model \"%V\" failed",
                      &model->name);
    }
#endif
}


/* The structure was verified by the master: this maps, and no more. */
static recs_status_t
ngx_http_recs_model_map(ngx_http_recs_model_t *model, ngx_uint_t explains,
    recs_error_t *err)
{
    recs_status_t    rc;
    recs_bundle_t   *bundle;
    recs_explain_t  *explain;
    recs_scratch_t  *scratch;

    rc = recs_bundle_open_fd(&bundle, model->fd, (char *) model->path.data,
                             RECS_BUNDLE_SEAL_KNOWN|RECS_BUNDLE_TRUSTED, err);
    if (rc != RECS_OK) {
        return rc;
    }

    rc = recs_scratch_create(&scratch, bundle, err);
    if (rc != RECS_OK) {
        recs_bundle_close(bundle);
        return rc;
    }

    explain = NULL;

    if (explains) {
        rc = recs_explain_create(&explain, bundle, err);
        if (rc != RECS_OK) {
            recs_scratch_destroy(scratch);
            recs_bundle_close(bundle);
            return rc;
        }
    }

    model->bundle = bundle;
    model->scratch = scratch;
    model->explain = explain;

    return RECS_OK;
}


static void
ngx_http_recs_model_attach_one(ngx_http_recs_model_t *model,
    ngx_uint_t explains, ngx_log_t *log)
{
    recs_error_t  err;

    if (model->shared != NULL) {
        model->bundle = model->shared->bundle;
        model->scratch = model->shared->scratch;
        model->explain = model->shared->explain;
        return;
    }

    if (model->fd == NGX_INVALID_FILE) {
        return;
    }

    if (ngx_http_recs_model_map(model, explains, &err) != RECS_OK) {
        ngx_log_error(NGX_LOG_ERR, log, 0,
                      "recs_model \"%V\" cannot be attached, its slots show "
                      "their fallback: %s", &model->name, err.message);
        return;
    }

    if (model->prefault) {
        ngx_http_recs_model_prefault(model, log);
    }
}


void
ngx_http_recs_model_attach(ngx_cycle_t *cycle,
    ngx_http_recs_main_conf_t *rmcf)
{
    ngx_uint_t               i;
    ngx_http_recs_model_t  **models;

    models = rmcf->models.elts;

    for (i = 0; i < rmcf->models.nelts; i++) {
        ngx_http_recs_model_attach_one(models[i], rmcf->explains, cycle->log);
    }
}


static void
ngx_http_recs_model_detach(ngx_http_recs_model_t *model)
{
    if (model->shared == NULL && model->bundle != NULL) {
        recs_explain_destroy(model->explain);
        recs_scratch_destroy(model->scratch);
        recs_bundle_close(model->bundle);
    }

    model->explain = NULL;
    model->scratch = NULL;
    model->bundle = NULL;
}
