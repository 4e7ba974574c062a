#include "recs_profile.h"


/* The last items of the session, each once, as far as they count. */
static uint32_t
recs_profile_recent(const recs_bundle_view_t *view, const recs_query_t *query,
    uint32_t *session)
{
    uint32_t  i, j, n;

    n = 0;

    for (i = 0; i < query->n_recent && n < view->session_window; i++) {
        if (query->recent[i] >= view->n_items) {
            continue;
        }

        for (j = 0; j < n && session[j] != query->recent[i]; j++) {
            /* void */
        }

        if (j == n) {
            session[n++] = query->recent[i];
        }
    }

    return n;
}


void
recs_profile_begin(recs_profile_t *p, const recs_bundle_t *bundle,
    recs_scratch_t *scratch, const recs_query_t *query)
{
    *p = (recs_profile_t) { .session = scratch->session,
                            .history = scratch->history };

    p->user = query->user.len > 0 ? recs_bundle_user(bundle, query->user)
                                  : RECS_USER_NO;
    p->n_session = recs_profile_recent(recs_bundle_view(bundle), query,
                                       scratch->session);
}


/* Adds items that the history has not yet. */
static void
recs_profile_add(recs_profile_t *p, const recs_bundle_view_t *view,
    uint32_t *history, const uint32_t *items, uint32_t n_items)
{
    uint32_t  i, j, n_before;

    n_before = p->n_history;

    for (i = 0; i < n_items && p->n_history < view->neighbor_history; i++) {
        if (items[i] >= view->n_items) {
            continue;
        }

        for (j = 0; j < n_before && history[j] != items[i]; j++) {
            /* void */
        }

        if (j == n_before) {
            history[p->n_history++] = items[i];
        }
    }
}


/* The session's vector, beside the trained one where there is one. */
static void
recs_profile_vector(recs_profile_t *p, const recs_bundle_view_t *view,
    recs_scratch_t *scratch, const recs_query_t *query)
{
    recs_session_vector_t  session;

    if (p->n_session == 0 || view->n_factors == 0) {
        p->vector = p->trained;
        p->parts = (recs_session_parts_t) { .of_trained = p->trained != NULL };
        return;
    }

    session.items = p->session;
    session.n = p->n_session;
    session.half_life = query->recency;
    session.trained = p->trained;

    recs_session_vector(scratch->fold_in, &session, scratch->vector,
                        &p->parts);

    p->vector = scratch->vector;
}


static int
recs_profile_zero(const float *vector, uint32_t n)
{
    uint32_t  i;

    for (i = 0; i < n; i++) {
        if (vector[i] != 0.0f) {
            return 0;
        }
    }

    return 1;
}


recs_reason_t
recs_profile_personal(recs_profile_t *p, const recs_bundle_t *bundle,
    recs_scratch_t *scratch, const recs_query_t *query)
{
    uint32_t                   n_recent;
    const float               *vector;
    const uint32_t            *recent;
    const recs_bundle_view_t  *view;

    view = recs_bundle_view(bundle);

    if (query->no_consent) {
        return RECS_REASON_NO_CONSENT;
    }

    if (query->user.len == 0) {
        return RECS_REASON_NO_USER;
    }

    if (p->user == RECS_USER_NO) {
        return RECS_REASON_UNKNOWN_USER;
    }

    if (view->user_factors.n_rows == 0 && view->neighbor_id_size == 0) {
        return RECS_REASON_NO_VECTORS;
    }

    p->trained = NULL;
    p->n_history = 0;
    p->user_list.n = 0;

    if (view->user_factors.n_rows > 0) {
        vector = recs_table_row(&view->user_factors, p->user);

        if (!recs_profile_zero(vector, view->n_factors)) {
            p->trained = vector;
        }
    }

    n_recent = 0;

    if (view->neighbor_id_size != 0) {
        recent = recs_bundle_recent(bundle, p->user, &n_recent);
        recs_profile_add(p, view, scratch->history, p->session,
                         p->n_session);
        recs_profile_add(p, view, scratch->history, recent, n_recent);
    }

    if (view->user_list_spans.n_rows > 0) {
        recs_bundle_user_list(view, p->user, &p->user_list);
    }

    if (p->trained == NULL && n_recent == 0 && p->user_list.n == 0) {
        return RECS_REASON_UNKNOWN_USER;
    }

    recs_profile_vector(p, view, scratch, query);

    return RECS_REASON_NONE;
}


recs_reason_t
recs_profile_session(recs_profile_t *p, const recs_bundle_t *bundle,
    recs_scratch_t *scratch, const recs_query_t *query)
{
    const recs_bundle_view_t  *view;

    view = recs_bundle_view(bundle);

    if (query->no_consent) {
        return RECS_REASON_NO_CONSENT;
    }

    if (view->n_factors == 0 && view->neighbor_id_size == 0) {
        return RECS_REASON_NO_VECTORS;
    }

    if (p->n_session == 0) {
        return RECS_REASON_NO_ITEM;
    }

    p->trained = NULL;
    p->n_history = 0;
    p->user_list.n = 0;

    if (view->neighbor_id_size != 0) {
        recs_profile_add(p, view, scratch->history, p->session,
                         p->n_session);
    }

    recs_profile_vector(p, view, scratch, query);

    return RECS_REASON_NONE;
}


void
recs_profile_visitor(const recs_profile_t *p, const recs_query_t *query,
    recs_rank_visitor_t *visitor)
{
    visitor->user = p->user;
    visitor->vector = p->vector;
    visitor->recent = p->session;
    visitor->n_recent = p->n_session;
    visitor->contexts = query->contexts;
    visitor->n_contexts = query->n_contexts;
}
