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
recs_trainer_unknown(const recs_trainer_t *trainer, const char *name,
    int len, recs_error_t *err)
{
    int       n;
    char      names[RECS_ERROR_MAX];
    size_t    used;
    uint32_t  i;

    names[0] = '\0';
    used = 0;

    for (i = 0; i < trainer->n_params; i++) {
        n = snprintf(names + used, sizeof(names) - used, "%s%s",
                     i > 0 ? ", " : "", trainer->params[i].name);

        if (n < 0 || (size_t) n >= sizeof(names) - used) {
            break;
        }

        used += (size_t) n;
    }

    return recs_error(err, RECS_INVALID, "model %s has no parameter "
                      "\"%.*s\"; it has %s", trainer->name, len, name, names);
}


static recs_status_t
recs_trainer_value(const recs_param_t *param, const char *text,
    double *value, recs_error_t *err)
{
    char    *end;
    double   x;

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
recs_trainer_set(const recs_trainer_t *trainer, double *values,
    const char *setting, recs_error_t *err)
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

    for (i = 0; i < trainer->n_params; i++) {
        name = trainer->params[i].name;

        if (strlen(name) == len && memcmp(name, setting, len) == 0) {
            return recs_trainer_value(&trainer->params[i], equals + 1,
                                      &values[i], err);
        }
    }

    return recs_trainer_unknown(trainer, setting, len < 64 ? (int) len : 64,
                                err);
}
