/*
 * recs_switch: what is off.
 */

#include "ngx_http_recs_experiment.h"
#include "ngx_http_recs_watch_private.h"


static ngx_uint_t
ngx_http_recs_switch_word(ngx_str_t *line, ngx_str_t *word)
{
    u_char  *p, *last;

    p = line->data;
    last = p + line->len;

    while (p < last && (*p == ' ' || *p == '\t')) {
        p++;
    }

    word->data = p;

    while (p < last && *p != ' ' && *p != '\t') {
        p++;
    }

    word->len = p - word->data;
    line->len = last - p;
    line->data = p;

    return word->len != 0;
}


static ngx_uint_t
ngx_http_recs_switch_is(ngx_str_t *word, const char *text)
{
    return word->len == ngx_strlen(text)
           && ngx_memcmp(word->data, text, word->len) == 0;
}


/* 0 where nothing has that name, or it cannot be what is said. */
static ngx_uint_t
ngx_http_recs_switch_name(ngx_http_recs_watch_t *watch, ngx_str_t *kind,
    ngx_str_t *name, ngx_uint_t how)
{
    ngx_http_recs_slot_t        *slot;
    ngx_http_recs_model_t       *model;
    ngx_http_recs_experiment_t  *x;

    if (ngx_http_recs_switch_is(kind, "experiment")) {
        x = ngx_http_recs_experiment_find(watch->rmcf, name);

        if (x != NULL) {
            watch->experiments[x->index] = (u_char) how;
        }

        return x != NULL;
    }

    if (how != NGX_HTTP_RECS_SWITCH_OFF) {
        return 0;
    }

    if (ngx_http_recs_switch_is(kind, "slot")) {
        slot = ngx_http_recs_slot_find(watch->rmcf, name->data, name->len);

        if (slot != NULL) {
            watch->slots_off[slot->index] = 1;
        }

        return slot != NULL;
    }

    if (ngx_http_recs_switch_is(kind, "model")) {
        model = ngx_http_recs_model_find(watch->rmcf, name);

        if (model != NULL) {
            watch->models_off[model->index] = 1;
        }

        return model != NULL;
    }

    return 0;
}


/* `off`, `on` or nothing; 0: another word, or more. */
static ngx_uint_t
ngx_http_recs_switch_how(ngx_str_t *line)
{
    ngx_str_t   word;
    ngx_uint_t  how;

    if (!ngx_http_recs_switch_word(line, &word)) {
        return NGX_HTTP_RECS_SWITCH_OFF;
    }

    how = ngx_http_recs_switch_is(&word, "off") ? NGX_HTTP_RECS_SWITCH_OFF
          : ngx_http_recs_switch_is(&word, "on") ? NGX_HTTP_RECS_SWITCH_ON
          : 0;

    return ngx_http_recs_switch_word(line, &word) ? 0 : how;
}


/*
 * all | slot NAME | model NAME | experiment NAME, and perhaps `off`, of an
 * experiment also `on`; 0 where it is not that.
 */
static ngx_uint_t
ngx_http_recs_switch_rule(ngx_http_recs_watch_t *watch, ngx_str_t line)
{
    ngx_str_t   kind, name;
    ngx_uint_t  how;

    (void) ngx_http_recs_switch_word(&line, &kind);

    if (ngx_http_recs_switch_is(&kind, "all")) {
        watch->all_off |= ngx_http_recs_switch_how(&line)
                          == NGX_HTTP_RECS_SWITCH_OFF;
        return watch->all_off;
    }

    if (!ngx_http_recs_switch_word(&line, &name)) {
        return 0;
    }

    how = ngx_http_recs_switch_how(&line);

    return how != 0 && ngx_http_recs_switch_name(watch, &kind, &name, how);
}


ngx_int_t
ngx_http_recs_switch_apply(ngx_http_recs_watch_t *watch,
    ngx_http_recs_watch_file_t *file, char *text, size_t len,
    ngx_uint_t whole)
{
    u_char                   *comment;
    size_t                    pos;
    ngx_str_t                 line;
    ngx_http_recs_watched_t  *state;

    state = &file->state;

    watch->all_off = 0;
    ngx_memzero(watch->slots_off, watch->rmcf->slots.nelts);
    ngx_memzero(watch->models_off, watch->rmcf->models.nelts);
    ngx_memzero(watch->experiments, watch->rmcf->experiments.nelts);

    state->n_lines = 0;
    state->n_unknown = 0;
    pos = 0;

    while (ngx_http_recs_watch_line(text, len, &pos, whole, &line)) {

        comment = memchr(line.data, '#', line.len);

        if (comment != NULL) {
            line.len = comment - line.data;
        }

        while (line.len != 0 && (line.data[line.len - 1] == ' '
                                 || line.data[line.len - 1] == '\t'))
        {
            line.len--;
        }

        if (line.len == 0) {
            continue;
        }

        state->n_lines++;

        if (!ngx_http_recs_switch_rule(watch, line)) {
            state->n_unknown++;
            line.len = ngx_min(line.len, 64);

            ngx_log_error(NGX_LOG_ERR, watch->log, 0,
                          "recs_switch \"%V\": \"%V\" switches nothing off: "
                          "expected \"all\", \"slot NAME\", \"model NAME\" "
                          "or \"experiment NAME\" with a name of the "
                          "configuration",
                          &state->path, &line);
        }
    }

    ngx_log_error(NGX_LOG_NOTICE, watch->log, 0,
                  "recs_switch \"%V\": %ui rules, everything is %s",
                  &state->path, state->n_lines - state->n_unknown,
                  watch->all_off ? "off"
                  : state->n_lines > state->n_unknown
                    ? "on but what they name" : "on");

    ngx_free(text);

    return NGX_OK;
}


ngx_uint_t
ngx_http_recs_switched_off(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_slot_t *slot)
{
    ngx_http_recs_watch_t  *watch;

    watch = rmcf->watch;

    return watch != NULL && watch->slots_off != NULL
           && (watch->all_off || watch->slots_off[slot->index]
               || (slot->model != NULL
                   && watch->models_off[slot->model->index]));
}


ngx_uint_t
ngx_http_recs_switch_experiment(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_experiment_t *x)
{
    ngx_http_recs_watch_t  *watch;

    watch = rmcf->watch;

    if (watch == NULL || watch->experiments == NULL) {
        return 0;
    }

    return watch->all_off ? NGX_HTTP_RECS_SWITCH_OFF
                          : watch->experiments[x->index];
}
