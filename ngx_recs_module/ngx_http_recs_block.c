/*
 * recs_block: items that are never shown, as one bitmap per model.  A new
 * list is looked up some ids at a time between requests, into bitmaps of its
 * own, which then take the place of the old ones at once.
 */

#include "ngx_http_recs_watch_private.h"


/* Looking an id up takes half a microsecond or so. */
#define NGX_HTTP_RECS_BLOCK_STEP  1000
#define NGX_HTTP_RECS_BLOCK_MS    1


static void
ngx_http_recs_block_drop(ngx_http_recs_watch_t *watch)
{
    ngx_uint_t                   i;
    ngx_http_recs_block_load_t  *load;

    load = &watch->load;

    for (i = 0; i < watch->rmcf->models.nelts; i++) {
        if (load->bitmaps[i] != NULL) {
            ngx_free(load->bitmaps[i]);
            load->bitmaps[i] = NULL;
        }
    }

    if (load->text != NULL) {
        ngx_free(load->text);
        load->text = NULL;
    }
}


static ngx_int_t
ngx_http_recs_block_bitmaps(ngx_http_recs_watch_t *watch)
{
    size_t                   words;
    ngx_uint_t               i;
    ngx_http_recs_model_t  **models;

    models = watch->rmcf->models.elts;

    for (i = 0; i < watch->rmcf->models.nelts; i++) {

        if (models[i]->bundle == NULL || models[i]->shared != NULL) {
            continue;
        }

        words = recs_bitmap_words(recs_bundle_view(models[i]->bundle)->n_items);

        watch->load.bitmaps[i] = ngx_calloc(words
                                            * sizeof(recs_bitmap_word_t),
                                            watch->log);
        if (watch->load.bitmaps[i] == NULL) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* An id that no model knows may be of a generation to come: it is counted. */
static void
ngx_http_recs_block_item(ngx_http_recs_watch_t *watch, ngx_str_t *line)
{
    uint32_t                 item;
    ngx_uint_t               i, known;
    recs_str_t               id;
    ngx_http_recs_model_t  **models;

    id.data = (char *) line->data;
    id.len = line->len;
    known = 0;

    watch->load.n_lines++;

    if (!recs_id_valid(id.data, id.len)) {
        watch->load.n_unknown++;
        return;
    }

    models = watch->rmcf->models.elts;

    for (i = 0; i < watch->rmcf->models.nelts; i++) {

        if (watch->load.bitmaps[i] == NULL) {
            continue;
        }

        item = recs_bundle_item(models[i]->bundle, id);

        if (item != RECS_ITEM_NO) {
            recs_bitmap_set(watch->load.bitmaps[i], item);
            known = 1;
        }
    }

    watch->load.n_unknown += !known;
}


static void
ngx_http_recs_block_swap(ngx_http_recs_watch_t *watch)
{
    ngx_uint_t                i;
    recs_bitmap_word_t       *old;
    ngx_http_recs_model_t   **models, *model;
    ngx_http_recs_watched_t  *state;

    models = watch->rmcf->models.elts;

    for (i = 0; i < watch->rmcf->models.nelts; i++) {
        model = models[i];

        if (model->shared != NULL) {
            model->blocked = model->shared->blocked;
            continue;
        }

        old = model->blocked;
        model->blocked = watch->load.bitmaps[i];
        watch->load.bitmaps[i] = old;
    }

    state = &watch->blocks.state;
    state->n_lines = watch->load.n_lines;
    state->n_unknown = watch->load.n_unknown;

    ngx_log_error(NGX_LOG_NOTICE, watch->log, 0,
                  "recs_block \"%V\": %ui items are blocked, %ui of them "
                  "unknown to every model", &state->path, state->n_lines,
                  state->n_unknown);

    ngx_http_recs_block_drop(watch);
    ngx_http_recs_rules_settle(watch);
}


static void
ngx_http_recs_block_step(ngx_http_recs_watch_t *watch, ngx_uint_t n)
{
    ngx_str_t                    line;
    ngx_http_recs_block_load_t  *load;

    load = &watch->load;

    while (n-- > 0) {

        if (!ngx_http_recs_watch_line(load->text, load->len, &load->pos,
                                      load->whole, &line))
        {
            ngx_http_recs_block_swap(watch);
            return;
        }

        if (line.len != 0) {
            ngx_http_recs_block_item(watch, &line);
        }
    }

    ngx_add_timer(&load->event, NGX_HTTP_RECS_BLOCK_MS);
}


static void
ngx_http_recs_block_timer(ngx_event_t *ev)
{
    ngx_http_recs_block_step(ev->data, NGX_HTTP_RECS_BLOCK_STEP);
}


ngx_int_t
ngx_http_recs_block_start(ngx_http_recs_watch_t *watch)
{
    watch->load.bitmaps = ngx_pcalloc(ngx_cycle->pool,
                                      (watch->rmcf->models.nelts + 1)
                                      * sizeof(recs_bitmap_word_t *));
    if (watch->load.bitmaps == NULL) {
        return NGX_ERROR;
    }

    watch->load.event.data = watch;
    watch->load.event.handler = ngx_http_recs_block_timer;
    watch->load.event.log = watch->log;
    watch->load.event.cancelable = 1;

    return NGX_OK;
}


ngx_int_t
ngx_http_recs_block_apply(ngx_http_recs_watch_t *watch,
    ngx_http_recs_watch_file_t *file, char *text, size_t len,
    ngx_uint_t whole)
{
    ngx_uint_t                   first;
    ngx_http_recs_block_load_t  *load;

    load = &watch->load;

    if (load->event.timer_set) {
        ngx_del_timer(&load->event);
    }

    ngx_http_recs_block_drop(watch);

    load->text = text;
    load->len = len;
    load->pos = 0;
    load->whole = whole;
    load->n_lines = 0;
    load->n_unknown = 0;

    if (ngx_http_recs_block_bitmaps(watch) != NGX_OK) {
        ngx_http_recs_block_drop(watch);
        return NGX_ERROR;
    }

    /* A worker that has just started serves nothing before it knows. */
    first = !watch->event.timer_set && watch->event.handler == NULL;

    ngx_http_recs_block_step(watch, first ? NGX_MAX_UINT32_VALUE
                                          : NGX_HTTP_RECS_BLOCK_STEP);

    return NGX_OK;
}
