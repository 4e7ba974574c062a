#include "recs_trainer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>


uint32_t
recs_trainer_param(const recs_trainer_t *trainer, const char *name)
{
    uint32_t  i;

    for (i = 0; i < trainer->n_params; i++) {
        if (strcmp(trainer->params[i].name, name) == 0) {
            break;
        }
    }

    return i;
}


void
recs_trainer_defaults(const recs_trainer_t *trainer, double *values)
{
    uint32_t  i;

    for (i = 0; i < trainer->n_params; i++) {
        values[i] = trainer->params[i].value;
    }
}


static recs_status_t
recs_params_unknown(const char *owner, const recs_param_t *params, uint32_t n,
    const char *name, int len, recs_error_t *err)
{
    int       written;
    char      names[RECS_ERROR_MAX];
    size_t    used;
    uint32_t  i;

    names[0] = '\0';
    used = 0;

    for (i = 0; i < n; i++) {
        written = snprintf(names + used, sizeof(names) - used, "%s%s",
                           i > 0 ? ", " : "", params[i].name);

        if (written < 0 || (size_t) written >= sizeof(names) - used) {
            break;
        }

        used += (size_t) written;
    }

    return recs_error(err, RECS_INVALID, "%s has no parameter \"%.*s\"; it "
                      "has %s", owner, len, name, names);
}


/* The words of a choice: *pos from 0; returns 0 after the last. */
static int
recs_param_word_next(const recs_param_t *param, size_t *pos, recs_str_t *word)
{
    word->data = param->help + *pos;
    word->len = strcspn(word->data, "|:");

    if (*pos > 0 && word->data[-1] == ':') {
        return 0;
    }

    *pos += word->len + 1;

    return 1;
}


static recs_status_t
recs_param_choose(const recs_param_t *param, const char *text, double *value,
    recs_error_t *err)
{
    size_t      pos;
    uint32_t    i;
    recs_str_t  word;

    for (i = 0, pos = 0; recs_param_word_next(param, &pos, &word); i++) {
        if (strlen(text) == word.len
            && memcmp(text, word.data, word.len) == 0)
        {
            *value = i;
            return RECS_OK;
        }
    }

    return recs_error(err, RECS_INVALID, "%s: \"%.64s\" is none of %.*s",
                      param->name, text, (int) strcspn(param->help, ":"),
                      param->help);
}


void
recs_param_text(const recs_param_t *param, double value, char *text,
    size_t size)
{
    size_t      pos;
    uint32_t    i;
    recs_str_t  word;

    if (param->integer != RECS_PARAM_CHOICE) {
        snprintf(text, size, "%.9g", value);
        return;
    }

    for (i = 0, pos = 0;
         recs_param_word_next(param, &pos, &word) && i < value;
         i++)
    {
        /* void */
    }

    snprintf(text, size, "%.*s", (int) word.len, word.data);
}


static recs_status_t
recs_param_value(const recs_param_t *param, const char *text,
    double *value, recs_error_t *err)
{
    char    *end;
    double   x;

    if (param->integer == RECS_PARAM_CHOICE) {
        return recs_param_choose(param, text, value, err);
    }

    x = strtod(text, &end);

    if (end == text || *end != '\0' || !isfinite(x)) {
        return recs_error(err, RECS_INVALID, "%s: \"%.64s\" is not a number",
                          param->name, text);
    }

    if (x < param->min || x > param->max) {
        return recs_error(err, RECS_INVALID,
                          "%s: %.64s is out of bounds, %.9g to %.9g",
                          param->name, text, param->min, param->max);
    }

    if (param->integer && x != floor(x)) {
        return recs_error(err, RECS_INVALID,
                          "%s: %.64s is not a whole number", param->name,
                          text);
    }

    *value = x;

    return RECS_OK;
}


recs_status_t
recs_params_set(const char *owner, const recs_param_t *params, uint32_t n,
    double *values, const char *setting, recs_error_t *err)
{
    size_t       len;
    uint32_t     i;
    const char  *equals, *name;

    equals = strchr(setting, '=');
    if (equals == NULL) {
        return recs_error(err, RECS_INVALID, "\"%.64s\" is not name=value",
                          setting);
    }

    len = (size_t) (equals - setting);

    for (i = 0; i < n; i++) {
        name = params[i].name;

        if (strlen(name) == len && memcmp(name, setting, len) == 0) {
            return recs_param_value(&params[i], equals + 1, &values[i], err);
        }
    }

    return recs_params_unknown(owner, params, n, setting,
                               len < 64 ? (int) len : 64, err);
}


recs_status_t
recs_trainer_set(const recs_trainer_t *trainer, double *values,
    const char *setting, recs_error_t *err)
{
    char  owner[64];

    snprintf(owner, sizeof(owner), "model %s", trainer->name);

    return recs_params_set(owner, trainer->params, trainer->n_params, values,
                           setting, err);
}
