/*
 * recs_rules: pins, boosts and blocks of slots (core/recs_rules_slot.h).  A new
 * file is parsed at once and bound to the models some rules at a time between
 * requests; then all of it takes the place of the old one.
 */

#include "ngx_http_recs_watch_private.h"
#include "recs_rules_slot.h"


/* Looking an item up takes half a microsecond or so, a predicate much more. */
#define NGX_HTTP_RECS_RULES_STEP  1000
#define NGX_HTTP_RECS_RULES_MS    1


/* A file's rules, in terms of the models of this worker. */
struct ngx_http_recs_rules_s {
    recs_rules_t             rules;
    recs_rules_bound_t     **bound;          /* [models.nelts]; NULL: it is
                                                another's, or not attached */
    recs_rules_slot_t      **slots;          /* [slots.nelts][models.nelts];
                                                NULL: no rules */
    ngx_uint_t               n_models;
    ngx_uint_t               n_slots;
    ngx_uint_t               n_unknown;      /* name nothing that there is */
    time_t                   settled;
    uint32_t                 next;           /* rule to be bound */
};


/* The one whose mapping serves it. */
static ngx_http_recs_model_t *
ngx_http_recs_rules_model(ngx_http_recs_model_t *model)
{
    return model->shared != NULL ? model->shared : model;
}


static void
ngx_http_recs_rules_free(ngx_http_recs_rules_t *rules)
{
    ngx_uint_t  i;

    if (rules == NULL) {
        return;
    }

    for (i = 0; rules->slots && i < rules->n_slots * rules->n_models; i++) {
        recs_rules_slot_destroy(rules->slots[i]);
    }

    for (i = 0; rules->bound && i < rules->n_models; i++) {
        recs_rules_bound_destroy(rules->bound[i]);
    }

    recs_rules_free(&rules->rules);

    ngx_free(rules->slots);
    ngx_free(rules->bound);
    ngx_free(rules);
}


/* Room for what is going to be bound.  NULL: no memory. */
static ngx_http_recs_rules_t *
ngx_http_recs_rules_create(ngx_http_recs_watch_t *watch)
{
    ngx_http_recs_rules_t      *rules;
    ngx_http_recs_main_conf_t  *rmcf;

    rmcf = watch->rmcf;

    rules = ngx_calloc(sizeof(ngx_http_recs_rules_t), watch->log);
    if (rules == NULL) {
        return NULL;
    }

    rules->n_models = rmcf->models.nelts;
    rules->n_slots = rmcf->slots.nelts;

    rules->bound = ngx_calloc((rules->n_models + 1)
                              * sizeof(recs_rules_bound_t *), watch->log);
    rules->slots = ngx_calloc((rules->n_slots * rules->n_models + 1)
                              * sizeof(recs_rules_slot_t *), watch->log);

    if (rules->bound == NULL || rules->slots == NULL) {
        ngx_http_recs_rules_free(rules);
        return NULL;
    }

    return rules;
}


static ngx_int_t
ngx_http_recs_rules_begin(ngx_http_recs_watch_t *watch,
    ngx_http_recs_rules_t *rules)
{
    ngx_uint_t               i;
    ngx_http_recs_model_t  **models;

    models = watch->rmcf->models.elts;

    for (i = 0; i < rules->n_models; i++) {
        if (models[i]->bundle != NULL && models[i]->shared == NULL
            && recs_rules_bound_create(&rules->bound[i], &rules->rules,
                                       models[i]->bundle, NULL)
               != RECS_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/*
 * Must this model have the attributes of a rule of that slot?  A rule of all
 * slots may be for some of the models.
 */
static ngx_uint_t
ngx_http_recs_rules_must(ngx_http_recs_slot_t *slot,
    ngx_http_recs_model_t *model)
{
    return slot != NULL && ngx_http_recs_rules_model(slot->model) == model;
}


/* Binds rule i to all models.  NGX_DECLINED: the file is wrong. */
static ngx_int_t
ngx_http_recs_rules_bind(ngx_http_recs_watch_t *watch,
    ngx_http_recs_rules_t *rules, uint32_t i)
{
    ngx_uint_t               m, all, known, fits, failed;
    const recs_rule_t       *rule;
    ngx_http_recs_slot_t    *slot;
    ngx_http_recs_model_t  **models;

    models = watch->rmcf->models.elts;
    rule = &rules->rules.rules[i];
    all = rule->slot.data[0] == '*';
    slot = all ? NULL
               : ngx_http_recs_slot_find(watch->rmcf,
                                         (u_char *) rule->slot.data,
                                         rule->slot.len);
    known = 0;
    fits = 0;
    failed = 0;

    if (slot == NULL && !all) {
        rules->n_unknown++;
        return NGX_OK;
    }

    for (m = 0; m < rules->n_models; m++) {

        if (rules->bound[m] == NULL) {
            continue;
        }

        switch (recs_rules_bind(rules->bound[m], i,
                                &watch->rules.wrong))
        {
        case RECS_OK:
            fits = 1;
            known |= recs_rules_known(rules->bound[m], i);
            break;

        case RECS_NOMEM:
            return NGX_ERROR;

        default:
            failed = 1;

            if (ngx_http_recs_rules_must(slot, models[m])) {
                return NGX_DECLINED;
            }
        }
    }

    if (failed && !fits) {
        return NGX_DECLINED;
    }

    rules->n_unknown += !known;

    return NGX_OK;
}


/* Of the slots that can be answered by the model. */
static ngx_int_t
ngx_http_recs_rules_slots(ngx_http_recs_watch_t *watch,
    ngx_http_recs_rules_t *rules)
{
    ngx_uint_t                s, m;
    recs_str_t                name;
    ngx_http_recs_slot_t    **slots;
    ngx_http_recs_model_t   **models;

    slots = watch->rmcf->slots.elts;
    models = watch->rmcf->models.elts;

    for (s = 0; s < rules->n_slots; s++) {
        name.data = (char *) slots[s]->name.data;
        name.len = slots[s]->name.len;

        for (m = 0; m < rules->n_models; m++) {
            if (rules->bound[m] != NULL
                && (slots[s]->replacements != NULL
                    || ngx_http_recs_rules_must(slots[s], models[m]))
                && recs_rules_slot_create(&rules->slots[s * rules->n_models
                                                        + m],
                                          rules->bound[m], name, NULL)
                   != RECS_OK)
            {
                return NGX_ERROR;
            }
        }
    }

    return NGX_OK;
}


void
ngx_http_recs_rules_settle(ngx_http_recs_watch_t *watch)
{
    time_t                   now;
    ngx_uint_t               i, m;
    ngx_http_recs_rules_t   *rules;
    ngx_http_recs_model_t  **models;

    rules = watch->rules_in_force;

    if (rules == NULL) {
        return;
    }

    models = watch->rmcf->models.elts;
    now = ngx_time();

    for (m = 0; m < rules->n_models; m++) {
        if (rules->bound[m] != NULL) {
            recs_rules_bound_settle(rules->bound[m], now);
        }
    }

    for (i = 0; i < rules->n_slots * rules->n_models; i++) {
        if (rules->slots[i] != NULL) {
            recs_rules_slot_settle(rules->slots[i],
                                   models[i % rules->n_models]->blocked, now);
        }
    }

    rules->settled = now;
}


void
ngx_http_recs_rules_tick(ngx_http_recs_watch_t *watch)
{
    ngx_uint_t              m;
    ngx_http_recs_rules_t  *rules;

    rules = watch->rules_in_force;

    if (rules == NULL || rules->settled == ngx_time()) {
        return;
    }

    for (m = 0; m < rules->n_models; m++) {
        if (rules->bound[m] != NULL && recs_rules_timed(rules->bound[m])) {
            ngx_http_recs_rules_settle(watch);
            return;
        }
    }
}


static void
ngx_http_recs_rules_drop(ngx_http_recs_watch_t *watch)
{
    ngx_http_recs_rules_free(watch->rules_coming);
    watch->rules_coming = NULL;
}


static ngx_int_t
ngx_http_recs_rules_swap(ngx_http_recs_watch_t *watch)
{
    ngx_http_recs_rules_t    *rules;
    ngx_http_recs_watched_t  *state;

    rules = watch->rules_coming;

    if (ngx_http_recs_rules_slots(watch, rules) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_http_recs_rules_free(watch->rules_in_force);
    watch->rules_in_force = rules;
    watch->rules_coming = NULL;

    ngx_http_recs_rules_settle(watch);
    ngx_http_recs_rules_keep(watch, rules->rules.text, rules->rules.len);

    state = &watch->rules.state;
    state->n_lines = rules->rules.n;
    state->n_unknown = rules->n_unknown;

    ngx_log_error(NGX_LOG_NOTICE, watch->log, 0,
                  "recs_rules \"%V\": %ui rules are in force, %ui of them "
                  "name a slot or an item that there is not",
                  &state->path, state->n_lines, state->n_unknown);

    return NGX_OK;
}


/*
 * Binds some of what is left.  NGX_AGAIN: not all; NGX_ERROR, NGX_DECLINED: as
 * the handler of the file says.
 */
static ngx_int_t
ngx_http_recs_rules_step(ngx_http_recs_watch_t *watch, ngx_uint_t n)
{
    ngx_int_t               rc;
    ngx_uint_t              cost;
    const recs_rule_t      *rule;
    ngx_http_recs_rules_t  *rules;

    rules = watch->rules_coming;

    while (rules->next < rules->rules.n) {

        if (n == 0) {
            return NGX_AGAIN;
        }

        rule = &rules->rules.rules[rules->next];

        rc = ngx_http_recs_rules_bind(watch, rules, rules->next++);
        if (rc != NGX_OK) {
            return rc;
        }

        cost = rule->where.len != 0 ? NGX_HTTP_RECS_RULES_STEP : 1;
        n -= ngx_min(n, cost);
    }

    return ngx_http_recs_rules_swap(watch);
}


static void
ngx_http_recs_rules_timer(ngx_event_t *ev)
{
    ngx_int_t               rc;
    ngx_http_recs_watch_t  *watch;

    watch = ev->data;

    rc = ngx_http_recs_rules_step(watch, NGX_HTTP_RECS_RULES_STEP);

    if (rc == NGX_AGAIN) {
        ngx_add_timer(ev, NGX_HTTP_RECS_RULES_MS);
        return;
    }

    ngx_http_recs_rules_drop(watch);
    ngx_http_recs_watch_end(watch, &watch->rules, rc);
}


/*
 * Parses a text, whose rules are then to be bound.  NGX_ERROR, NGX_DECLINED: as
 * the handler of the file says.
 */
static ngx_int_t
ngx_http_recs_rules_parse(ngx_http_recs_watch_t *watch, char *text, size_t len)
{
    recs_str_t      str;
    recs_status_t   status;

    str.data = text;
    str.len = len;

    watch->rules_coming = ngx_http_recs_rules_create(watch);

    if (watch->rules_coming == NULL) {
        return NGX_ERROR;
    }

    status = recs_rules_parse(&watch->rules_coming->rules, str,
                              &watch->rules.wrong);

    if (status == RECS_OK
        && ngx_http_recs_rules_begin(watch, watch->rules_coming) == NGX_OK)
    {
        return NGX_OK;
    }

    ngx_http_recs_rules_drop(watch);

    return status == RECS_OK || status == RECS_NOMEM ? NGX_ERROR
                                                     : NGX_DECLINED;
}


ngx_int_t
ngx_http_recs_rules_apply(ngx_http_recs_watch_t *watch,
    ngx_http_recs_watch_file_t *file, char *text, size_t len,
    ngx_uint_t whole)
{
    ngx_int_t     rc;
    ngx_uint_t    first;
    ngx_event_t  *ev;

    ev = &watch->rules_event;

    if (ev->timer_set) {
        ngx_del_timer(ev);
    }

    ngx_http_recs_rules_drop(watch);

    while (!whole && len != 0 && text[len - 1] != '\n') {
        len--;
    }

    rc = ngx_http_recs_rules_parse(watch, text, len);
    ngx_free(text);

    if (rc != NGX_OK) {
        return rc;
    }

    ev->data = watch;
    ev->handler = ngx_http_recs_rules_timer;
    ev->log = watch->log;
    ev->cancelable = 1;

    /* A worker that has just started serves nothing before it knows. */
    first = watch->event.handler == NULL;

    rc = ngx_http_recs_rules_step(watch, first ? NGX_MAX_UINT32_VALUE
                                               : NGX_HTTP_RECS_RULES_STEP);

    if (rc == NGX_AGAIN) {
        ngx_add_timer(ev, NGX_HTTP_RECS_RULES_MS);
        return NGX_AGAIN;
    }

    ngx_http_recs_rules_drop(watch);

    return rc;
}


void
ngx_http_recs_rules_resume(ngx_http_recs_watch_t *watch)
{
    char       *text;
    size_t      len;
    ngx_int_t   rc;

    if (watch->rules.state.path.len == 0 || watch->rules_in_force != NULL) {
        return;
    }

    text = ngx_http_recs_rules_kept(watch, &len);
    if (text == NULL) {
        return;
    }

    rc = len != 0 ? ngx_http_recs_rules_parse(watch, text, len)
                  : NGX_DECLINED;

    if (rc == NGX_OK) {
        (void) ngx_http_recs_rules_step(watch, NGX_MAX_UINT32_VALUE);
        ngx_http_recs_rules_drop(watch);
    }

    ngx_free(text);
}


const recs_rules_force_t *
ngx_http_recs_rules(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_slot_t *slot, ngx_http_recs_model_t *model)
{
    recs_rules_slot_t      *found;
    ngx_http_recs_rules_t  *rules;

    if (rmcf->watch == NULL || rmcf->watch->rules_in_force == NULL) {
        return NULL;
    }

    rules = rmcf->watch->rules_in_force;
    found = rules->slots[slot->index * rules->n_models
                         + ngx_http_recs_rules_model(model)->index];

    return found != NULL ? recs_rules_force(found) : NULL;
}
