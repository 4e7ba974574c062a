/*
 * bandit FILE: the probabilities that an experiment draws with
 * (core/recs_arms.h).  Until there is a file, or arms that other workers have
 * read before, its weights are.
 */

#include "ngx_http_recs_guard.h"
#include "ngx_http_recs_watch_private.h"


ngx_int_t
ngx_http_recs_bandit_apply(ngx_http_recs_watch_t *watch,
    ngx_http_recs_watch_file_t *file, char *text, size_t len,
    ngx_uint_t whole)
{
    double                       probabilities[RECS_ARMS_MAX];
    recs_str_t                   str;
    recs_arms_t                  arms;
    ngx_http_recs_live_t        *live;
    ngx_http_recs_experiment_t  *x;

    x = file->experiment;
    live = &x->live;

    str.data = text;
    str.len = len;

    while (!whole && str.len != 0 && text[str.len - 1] != '\n') {
        str.len--;
    }

    if (recs_arms_read(&arms, str, &file->wrong) != RECS_OK
        || recs_arms_match(&arms, x->core.name, x->core.variants,
                           x->core.n_variants, probabilities, &file->wrong)
           != RECS_OK)
    {
        ngx_free(text);
        return NGX_DECLINED;
    }

    live->n_arms = arms.n;
    ngx_memzero(live->arms, sizeof(live->arms));
    ngx_memcpy(live->arms, probabilities, arms.n * sizeof(double));
    live->epoch_len = arms.epoch.len;
    ngx_memzero(live->epoch, sizeof(live->epoch));
    ngx_memcpy(live->epoch, arms.epoch.data, arms.epoch.len);

    file->state.n_lines = arms.n;

    ngx_log_error(NGX_LOG_NOTICE, watch->log, 0,
                  "bandit \"%V\": recs_experiment \"%V\" draws from %ui arms "
                  "of epoch \"%*s\"", &file->state.path, &x->name,
                  live->n_arms, live->epoch_len, live->epoch);

    ngx_free(text);

    ngx_http_recs_guard_enter(watch->rmcf, x, watch->log);

    return NGX_OK;
}
