/*
 * What a variant has in the place of a slot: another slot, or the same with
 * another model, strategy or count.
 */

#include "ngx_http_recs_experiment.h"


/* slot=FROM:TO or slot=TO */
static char *
ngx_http_recs_replacement_slot(ngx_conf_t *cf, ngx_http_recs_change_t *change,
    ngx_str_t *value)
{
    u_char                 *colon;
    ngx_http_recs_place_t  *place;

    place = ngx_array_push(&change->places);
    if (place == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_str_null(&place->from);
    place->to = *value;

    colon = ngx_strlchr(value->data, value->data + value->len, ':');

    if (colon != NULL) {
        place->from.data = value->data;
        place->from.len = colon - value->data;
        place->to.data = colon + 1;
        place->to.len -= place->from.len + 1;
    }

    if ((colon != NULL
         && !recs_name_valid((char *) place->from.data, place->from.len))
        || !recs_name_valid((char *) place->to.data, place->to.len))
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid parameter \"slot=%V\", it must be "
                           "\"slot=FROM:TO\" or \"slot=TO\", names of slots",
                           value);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_recs_replacement_parameter(ngx_conf_t *cf,
    ngx_http_recs_change_t *change, ngx_str_t *word)
{
    u_char     *equals;
    ngx_int_t   rc;
    ngx_str_t   name, value;

    equals = ngx_strlchr(word->data, word->data + word->len, '=');

    if (equals == NULL) {
        equals = word->data + word->len;
    }

    name.data = word->data;
    name.len = equals - word->data;
    value.data = ngx_min(equals + 1, word->data + word->len);
    value.len = word->data + word->len - value.data;

    if (name.len == 4 && ngx_memcmp(name.data, "slot", 4) == 0) {
        return ngx_http_recs_replacement_slot(cf, change, &value);
    }

    rc = ngx_http_recs_slot_change(cf, &change->values, &name, &value);

    if (rc == NGX_DECLINED) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid parameter \"%V\" in \"variant\", it must "
                           "be \"slot=\", \"model=\", \"strategy=\" or "
                           "\"count=\"", word);
    }

    if (rc != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    change->changed = 1;

    return NGX_CONF_OK;
}


char *
ngx_http_recs_replacement_add(ngx_conf_t *cf, ngx_http_recs_experiment_t *x,
    ngx_str_t *words, ngx_uint_t n)
{
    ngx_uint_t               i;
    ngx_http_recs_change_t  *change;

    change = ngx_array_push(&x->changes);
    if (change == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(change, sizeof(ngx_http_recs_change_t));
    change->values.strategy = RECS_SOURCE_COUNT;

    if (ngx_array_init(&change->places, cf->pool, 1,
                       sizeof(ngx_http_recs_place_t))
        != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    for (i = 0; i < n; i++) {
        if (ngx_http_recs_replacement_parameter(cf, change, &words[i])
            != NGX_CONF_OK)
        {
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


ngx_uint_t
ngx_http_recs_replacement_wants_slot(ngx_http_recs_experiment_t *x)
{
    ngx_uint_t               i, j;
    ngx_http_recs_place_t   *places;
    ngx_http_recs_change_t  *changes;

    changes = x->changes.elts;

    for (i = 0; i < x->changes.nelts; i++) {

        if (changes[i].changed) {
            return 1;
        }

        places = changes[i].places.elts;

        for (j = 0; j < changes[i].places.nelts; j++) {
            if (places[j].from.len == 0) {
                return 1;
            }
        }
    }

    return 0;
}


static ngx_http_recs_slot_t *
ngx_http_recs_replacement_find(ngx_conf_t *cf, ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_experiment_t *x, ngx_str_t *name)
{
    ngx_http_recs_slot_t  *slot;

    slot = ngx_http_recs_slot_find(rmcf, name->data, name->len);

    if (slot == NULL) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "unknown recs_slot \"%V\" in recs_experiment \"%V\" in "
                      "%V:%ui", name, &x->name, &x->file, x->line);
    }

    return slot;
}


/* The experiment's of this slot, made on first use: each is its own. */
static ngx_http_recs_replacement_t *
ngx_http_recs_replacement_of(ngx_conf_t *cf, ngx_http_recs_experiment_t *x,
    ngx_http_recs_slot_t *slot)
{
    ngx_uint_t                    i;
    ngx_http_recs_replacement_t  *replacement;

    if (slot->replacements == NULL) {
        slot->replacements = ngx_array_create(cf->pool, 1,
                                        sizeof(ngx_http_recs_replacement_t));
        if (slot->replacements == NULL) {
            return NULL;
        }
    }

    replacement = slot->replacements->elts;

    for (i = 0; i < slot->replacements->nelts; i++) {
        if (replacement[i].experiment == x) {
            return &replacement[i];
        }
    }

    replacement = ngx_array_push(slot->replacements);
    if (replacement == NULL) {
        return NULL;
    }

    replacement->experiment = x;
    replacement->to = ngx_palloc(cf->pool, x->changes.nelts
                                           * sizeof(ngx_http_recs_slot_t *));
    if (replacement->to == NULL) {
        return NULL;
    }

    for (i = 0; i < x->changes.nelts; i++) {
        replacement->to[i] = slot;
    }

    return replacement;
}


/* The page shows the one in the markup of the other. */
static ngx_int_t
ngx_http_recs_replacement_check(ngx_conf_t *cf, ngx_http_recs_experiment_t *x,
    ngx_http_recs_slot_t *from, ngx_http_recs_slot_t *to,
    ngx_http_recs_slot_t *before)
{
    const char  *wrong;

    if (from == to) {
        wrong = "is replaced by itself";

    } else if (before != from) {
        wrong = "is replaced twice in one variant";

    } else if (from->template != NULL && to->template == NULL) {
        wrong = "has a template, but what replaces it has none";

    } else {
        return NGX_OK;
    }

    ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                  "recs_slot \"%V\" %s (\"%V\") in recs_experiment \"%V\" in "
                  "%V:%ui", &from->name, wrong, &to->name, &x->name, &x->file,
                  x->line);

    return NGX_ERROR;
}


static ngx_int_t
ngx_http_recs_replacement_place(ngx_conf_t *cf,
    ngx_http_recs_main_conf_t *rmcf, ngx_http_recs_experiment_t *x,
    ngx_uint_t variant, ngx_http_recs_place_t *place)
{
    ngx_http_recs_slot_t         *from, *to;
    ngx_http_recs_replacement_t  *replacement;

    from = ngx_http_recs_replacement_find(cf, rmcf, x,
                                          place->from.len != 0
                                          ? &place->from : &x->slot_name);
    if (from == NULL) {
        return NGX_ERROR;
    }

    to = ngx_http_recs_replacement_find(cf, rmcf, x, &place->to);
    if (to == NULL) {
        return NGX_ERROR;
    }

    replacement = ngx_http_recs_replacement_of(cf, x, from);

    if (replacement == NULL
        || ngx_http_recs_replacement_check(cf, x, from, to,
                                           replacement->to[variant])
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    replacement->to[variant] = to;

    return NGX_OK;
}


/* What answers for the experiment's slot in this variant, changed. */
static ngx_int_t
ngx_http_recs_replacement_change(ngx_conf_t *cf,
    ngx_http_recs_main_conf_t *rmcf, ngx_http_recs_replacement_t *replacement,
    ngx_uint_t variant, ngx_http_recs_slot_t *values)
{
    ngx_http_recs_slot_t        *slot;
    ngx_http_recs_experiment_t  *x;

    x = replacement->experiment;

    slot = ngx_palloc(cf->pool, sizeof(ngx_http_recs_slot_t));
    if (slot == NULL) {
        return NGX_ERROR;
    }

    *slot = *replacement->to[variant];
    slot->replacements = NULL;
    slot->file = x->file;
    slot->line = x->line;

    if (values->model_name.len != 0) {
        slot->model_name = values->model_name;
    }

    if (values->strategy != RECS_SOURCE_COUNT) {
        slot->strategy = values->strategy;
    }

    if (values->count != 0) {
        slot->count = values->count;
    }

    replacement->to[variant] = slot;

    return ngx_http_recs_slot_settle(cf, rmcf, slot);
}


ngx_int_t
ngx_http_recs_replacement_init(ngx_conf_t *cf,
    ngx_http_recs_main_conf_t *rmcf, ngx_http_recs_experiment_t *x)
{
    ngx_uint_t                    i, j;
    ngx_http_recs_slot_t         *slot;
    ngx_http_recs_place_t        *places;
    ngx_http_recs_change_t       *changes;
    ngx_http_recs_replacement_t  *replacement;

    changes = x->changes.elts;

    for (i = 0; i < x->changes.nelts; i++) {
        places = changes[i].places.elts;

        for (j = 0; j < changes[i].places.nelts; j++) {
            if (ngx_http_recs_replacement_place(cf, rmcf, x, i, &places[j])
                != NGX_OK)
            {
                return NGX_ERROR;
            }
        }
    }

    if (x->slot_name.len == 0) {
        return NGX_OK;
    }

    slot = ngx_http_recs_replacement_find(cf, rmcf, x, &x->slot_name);
    if (slot == NULL) {
        return NGX_ERROR;
    }

    replacement = ngx_http_recs_replacement_of(cf, x, slot);
    if (replacement == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < x->changes.nelts; i++) {
        if (changes[i].changed
            && ngx_http_recs_replacement_change(cf, rmcf, replacement, i,
                                                &changes[i].values)
               != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}
