#include "recs_explain_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "recs_popular.h"
#include "recs_rank_explain.h"


static const char *const  recs_move_names[] = {
#define RECS_MOVE_TEXT(symbol, name)  name,
    RECS_MOVE_MAP(RECS_MOVE_TEXT)
#undef RECS_MOVE_TEXT
};


const char *
recs_move_name(recs_move_kind_t kind)
{
    return recs_move_names[kind];
}


recs_status_t
recs_explain_create(recs_explain_t **explain, const recs_bundle_t *bundle,
    recs_error_t *err)
{
    recs_explain_t            *e;
    const recs_bundle_view_t  *view;

    view = recs_bundle_view(bundle);

    e = calloc(1, sizeof(recs_explain_t));

    if (e != NULL) {
        e->bundle = bundle;
        e->view = view;
        e->trained = recs_attribution_create(view);
        e->session = recs_attribution_create(view);
    }

    if (e == NULL || e->trained == NULL || e->session == NULL) {
        recs_explain_destroy(e);
        return recs_error(err, RECS_NOMEM, "no memory to explain scores");
    }

    *explain = e;

    return RECS_OK;
}


void
recs_explain_destroy(recs_explain_t *explain)
{
    if (explain == NULL) {
        return;
    }

    recs_attribution_destroy(explain->trained);
    recs_attribution_destroy(explain->session);
    free(explain);
}


/* The weights of the session's items in the mean or the equation. */
static void
recs_explain_session_weights(recs_explain_t *e)
{
    float     sum;
    uint32_t  i;

    e->n_session = e->profile.n_session < RECS_FOLD_IN_ITEMS_MAX
                   ? e->profile.n_session : RECS_FOLD_IN_ITEMS_MAX;

    sum = recs_session_weights(e->query->recency, e->n_session, e->weights);

    for (i = 0; !e->profile.parts.folded_in && i < e->n_session; i++) {
        e->weights[i] /= sum;
    }
}


/* Beside a question what is known of the visitor is scaled. */
static void
recs_explain_question(recs_explain_t *e, recs_scratch_t *scratch)
{
    double  of_profile;

    (void) recs_question_vector(scratch->question, e->query->question,
                                scratch->question_vector);

    e->question = scratch->question_vector;
    e->of_question = recs_question_share(e->view, e->query->question_weight,
                                         e->profile.vector, &of_profile);
    e->of_trained *= of_profile;
    e->of_session *= of_profile;
    e->profile.n_history = 0;
    e->profile.user_list.n = 0;
}


/* What the rung went by. */
static void
recs_explain_profile(recs_explain_t *e, recs_scratch_t *scratch,
    recs_source_t rung)
{
    recs_reason_t    reason;
    recs_profile_t  *p;

    p = &e->profile;
    p->vector = NULL;
    p->trained = NULL;
    p->n_history = 0;
    p->user_list.n = 0;
    p->parts = (recs_session_parts_t) { .of_session = 0 };
    e->question = NULL;
    reason = RECS_REASON_NO_USER;

    if (rung != RECS_SOURCE_SESSION) {
        reason = recs_profile_personal(p, e->bundle, scratch, e->query);
    }

    if (rung != RECS_SOURCE_PERSONAL && reason != RECS_REASON_NONE) {
        (void) recs_profile_session(p, e->bundle, scratch, e->query);
    }

    e->of_trained = p->parts.of_trained;
    e->of_session = p->parts.of_session;

    if (rung == RECS_SOURCE_QUERY) {
        recs_explain_question(e, scratch);
    }
}


/* ... and the equations that it solved. */
static void
recs_explain_rung(recs_explain_t *e, recs_scratch_t *scratch,
    recs_source_t rung)
{
    uint32_t         n_seen;
    const uint32_t  *seen;
    recs_profile_t  *p;

    p = &e->profile;
    e->rung = rung;
    e->n_trained = 0;
    e->n_session = 0;

    recs_explain_profile(e, scratch, rung);

    if (e->of_trained != 0) {
        seen = recs_bundle_seen(e->bundle, p->user, &n_seen);

        if (recs_attribution_begin(e->trained, seen, NULL, n_seen)) {
            e->seen = seen;
            e->n_trained = n_seen;
        }
    }

    if (e->of_session != 0) {
        recs_explain_session_weights(e);

        if (p->parts.folded_in
            && !recs_attribution_begin(e->session, p->session, e->weights,
                                       e->n_session))
        {
            e->n_session = 0;
        }
    }
}


static void
recs_explain_begin(recs_contributions_t *to, float score, float boost)
{
    recs_contributions_begin(to, score);
    recs_contributions_item(to, RECS_CONTRIBUTION_BOOST, RECS_ITEM_NO, boost);
}


static float
recs_explain_product(const recs_explain_t *e, const float *vector,
    uint32_t item)
{
    return recs_dot(vector, recs_table_row(&e->view->item_factors, item),
                    e->view->stride);
}


/* Of the trained vector by its items; what remains is learned otherwise. */
static double
recs_explain_trained(recs_explain_t *e, uint32_t item,
    recs_contributions_t *to)
{
    double    profile, score;
    uint32_t  i;

    if (e->of_trained == 0) {
        return 0;
    }

    profile = e->of_trained
              * recs_explain_product(e, e->profile.trained, item);

    if (e->n_trained > 0) {
        recs_attribution_terms(e->trained, item, e->terms);
    }

    for (i = 0; i < e->n_trained; i++) {
        score = e->of_trained * e->terms[i];
        profile -= score;
        recs_contributions_item(to, RECS_CONTRIBUTION_HISTORY, e->seen[i],
                                score);
    }

    return profile;
}


static void
recs_explain_session(recs_explain_t *e, uint32_t item,
    recs_contributions_t *to)
{
    uint32_t         i;
    const float     *row;
    recs_profile_t  *p;

    p = &e->profile;

    if (e->n_session > 0 && p->parts.folded_in) {
        recs_attribution_terms(e->session, item, e->terms);
    }

    for (i = 0; i < e->n_session; i++) {
        if (!p->parts.folded_in) {
            row = recs_table_row(&e->view->item_factors, p->session[i]);
            e->terms[i] = e->weights[i] * recs_explain_product(e, row, item);
        }

        recs_contributions_item(to, RECS_CONTRIBUTION_SESSION, p->session[i],
                                e->of_session * e->terms[i]);
    }
}


/* The item's weights in the lists of the profile. */
static void
recs_explain_weights(recs_explain_t *e, uint32_t item)
{
    uint32_t          i;
    recs_profile_t   *p;
    recs_neighbors_t  list;

    p = &e->profile;

    for (i = 0; i < p->n_history; i++) {
        recs_bundle_neighbors(e->view, p->history[i], &list);
        e->lists[i] = recs_bundle_list_weight(e->view, &list, item);
        e->opposed[i] = 0;

        if (e->view->opposed_spans.n_rows > 0) {
            recs_bundle_opposed(e->view, p->history[i], &list);
            e->opposed[i] = recs_bundle_list_weight(e->view, &list, item);
        }
    }

    e->own = p->user_list.n > 0
             ? recs_bundle_list_weight(e->view, &p->user_list, item) : 0;
}


/* A score, as the search adds it. */
static float
recs_explain_sum(const recs_explain_t *e, float dot, uint32_t sum,
    uint32_t opposed)
{
    float  score;

    score = dot + e->view->neighbor_step * (float) sum;

    return e->view->opposed_spans.n_rows > 0
           ? score - e->view->neighbor_step * (float) opposed : score;
}


/* What the item's lists and vector come to. */
static float
recs_explain_retrieved(recs_explain_t *e, uint32_t item, float *dot)
{
    uint32_t         i, sum, opposed;
    recs_profile_t  *p;

    p = &e->profile;
    *dot = p->vector != NULL ? recs_explain_product(e, p->vector, item) : 0;
    recs_explain_weights(e, item);
    sum = e->own;
    opposed = 0;

    for (i = 0; i < p->n_history; i++) {
        sum += e->lists[i];
        opposed += e->opposed[i];
    }

    return p->n_history > 0 || e->own > 0
           ? recs_explain_sum(e, *dot, sum, opposed) : *dot;
}


/*
 * Out of time, the first of the lists alone were added, and not the user's
 * own: how many.
 */
static uint32_t
recs_explain_lists(const recs_explain_t *e, float dot,
    const recs_answer_item_t *item)
{
    uint32_t  i, sum, opposed;

    sum = 0;
    opposed = 0;

    for (i = 0; i < e->profile.n_history; i++) {
        if (recs_explain_sum(e, dot, sum, opposed) + item->boost
            == item->score)
        {
            break;
        }

        sum += e->lists[i];
        opposed += e->opposed[i];
    }

    return i;
}


/* A score by the question, the vector and the first n lists. */
static void
recs_explain_found(recs_explain_t *e, uint32_t item, uint32_t n,
    recs_contributions_t *to)
{
    double    profile;
    uint32_t  i;

    if (e->question != NULL) {
        recs_contributions_item(to, RECS_CONTRIBUTION_QUERY, RECS_ITEM_NO,
                                e->of_question
                                * recs_explain_product(e, e->question, item));
    }

    profile = recs_explain_trained(e, item, to);
    recs_explain_session(e, item, to);

    for (i = 0; i < n; i++) {
        recs_contributions_item(to, RECS_CONTRIBUTION_NEIGHBORS,
                                e->profile.history[i],
                                (double) e->view->neighbor_step
                                * ((double) e->lists[i] - e->opposed[i]));
    }

    if (n == e->profile.n_history) {
        recs_contributions_item(to, RECS_CONTRIBUTION_NEIGHBORS, RECS_ITEM_NO,
                                (double) e->view->neighbor_step * e->own);
    }

    recs_contributions_end(to, profile);
}


static void
recs_explain_ranking(recs_explain_t *e, const recs_answer_item_t *item,
    float retrieved, recs_contributions_t *to)
{
    recs_rank_visitor_t  visitor;

    recs_profile_visitor(&e->profile, e->query, &visitor);
    recs_explain_begin(to, item->score, item->boost);
    recs_rank_explain(e->bundle, e->ranker, e->query->rank, &visitor,
                      item->item, retrieved, item->score - item->boost, to);
    recs_contributions_end(to, 0);
}


static void
recs_explain_personal(recs_explain_t *e, const recs_answer_t *answer,
    const recs_answer_item_t *item, recs_explanation_t *to)
{
    float     dot, retrieved;
    uint32_t  n;

    n = e->profile.n_history;
    retrieved = recs_explain_retrieved(e, item->item, &dot);

    if (recs_reorders(e->bundle, e->query, item->source)) {
        recs_explain_ranking(e, item, retrieved, &to->score);
        recs_explain_begin(&to->retrieval, retrieved, 0);
        recs_explain_found(e, item->item, n, &to->retrieval);
        return;
    }

    if (answer->degraded) {
        n = recs_explain_lists(e, dot, item);
    }

    recs_explain_begin(&to->score, item->score, item->boost);
    recs_explain_found(e, item->item, n, &to->score);
}


/* A cosine or, without vectors, the item's list. */
static void
recs_explain_similar(recs_explain_t *e, const recs_answer_item_t *item,
    recs_contributions_t *to)
{
    uint32_t                  from;
    recs_contribution_kind_t  kind;

    from = recs_bundle_item(e->bundle, e->query->item);
    kind = e->view->n_factors > 0 ? RECS_CONTRIBUTION_SIMILAR
                                  : RECS_CONTRIBUTION_NEIGHBORS;

    recs_explain_begin(to, item->score, item->boost);
    recs_contributions_item(to, kind, from, item->score - item->boost);
    recs_contributions_end(to, 0);
}


static double
recs_explain_lift(const recs_segment_t *s, uint32_t item)
{
    uint32_t  low, high, middle;

    low = 0;
    high = s->n_items;

    while (low < high) {
        middle = low + (high - low) / 2;

        if (s->items[middle] < item) {
            low = middle + 1;

        } else {
            high = middle;
        }
    }

    return low < s->n_items && s->items[low] == item ? s->boosts[low] : 1;
}


/* Each segment has what it adds to those before it. */
static void
recs_explain_popular(recs_explain_t *e, const recs_answer_item_t *item,
    recs_contributions_t *to)
{
    double          lift, score;
    uint32_t        i, n, numbers[RECS_CONTEXTS_MAX];
    recs_segment_t  segment;

    score = e->view->popularity[item->item];

    recs_explain_begin(to, item->score, item->boost);
    recs_contributions_item(to, RECS_CONTRIBUTION_POPULARITY, RECS_ITEM_NO,
                            score);

    n = recs_popular_segments(e->view, e->query, numbers);

    for (i = 0; i < n; i++) {
        recs_segment_get(e->view, numbers[i], &segment);
        lift = recs_explain_lift(&segment, item->item);

        recs_contributions_name(to, RECS_CONTRIBUTION_SEGMENT, segment.name,
                                score * (lift - 1));
        score *= lift;
    }

    recs_contributions_end(to, 0);
}


int
recs_explain(recs_explain_t *e, recs_scratch_t *scratch,
    const recs_query_t *query, const recs_answer_t *answer,
    recs_explanation_t *explanations, recs_kept_out_t *kept_out)
{
    uint32_t                   i;
    recs_explanation_t        *to;
    const recs_answer_item_t  *item;

    if (query->no_consent) {
        return 0;
    }

    e->query = query;
    e->ranker = recs_reorder_rank(scratch->reorder);
    e->rung = RECS_SOURCE_FALLBACK;

    recs_profile_begin(&e->profile, e->bundle, scratch, query);

    for (i = 0; i < answer->n; i++) {
        item = &answer->items[i];
        to = &explanations[i];
        to->retrieval.n = 0;

        switch (item->source) {

        case RECS_SOURCE_QUERY:
        case RECS_SOURCE_PERSONAL:
        case RECS_SOURCE_SESSION:
            if (e->rung != item->source) {
                recs_explain_rung(e, scratch, item->source);
            }

            recs_explain_personal(e, answer, item, to);
            break;

        case RECS_SOURCE_SIMILAR:
            recs_explain_similar(e, item, &to->score);
            break;

        case RECS_SOURCE_POPULAR:
            recs_explain_popular(e, item, &to->score);
            break;

        default:
            recs_explain_begin(&to->score, item->score, 0);
            break;
        }

        recs_explain_rules(e, answer, i, to);
    }

    recs_explain_kept_out(e, scratch, kept_out);

    return 1;
}
