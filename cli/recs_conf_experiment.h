/*
 * recs_conf_experiment: an experiment out of an nginx configuration, as nginx
 * itself would have it.
 */

#ifndef _RECS_CONF_EXPERIMENT_H_INCLUDED_
#define _RECS_CONF_EXPERIMENT_H_INCLUDED_


#include "recs_experiment.h"
#include "recs_nginx_conf.h"


typedef struct {
    recs_experiment_t   x;
    recs_str_t          bandit;              /* len 0: none */
    int                 when;                /* it has filters, which only a
                                                request can answer */
    recs_nginx_conf_t  *conf;                /* the words lie here */
} recs_conf_experiment_t;


/*
 * Reads the `recs_experiment NAME { ... }` of the configuration at path.
 *
 * RECS_NOT_FOUND  it has none of that name
 * RECS_INVALID    nginx would refuse it; err names file and line
 */
recs_status_t recs_conf_experiment_read(recs_conf_experiment_t *experiment,
    const char *path, recs_str_t name, recs_error_t *err);
void recs_conf_experiment_free(recs_conf_experiment_t *experiment);


#endif /* _RECS_CONF_EXPERIMENT_H_INCLUDED_ */
