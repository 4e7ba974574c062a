#include "recs_rank_private.h"
#include "recs_rank_mlp.h"

#include <stdlib.h>
#include <string.h>


static const char *const  recs_rank_names[] = {
#define RECS_RANK_TEXT(symbol, name)  name,
    RECS_RANK_MAP(RECS_RANK_TEXT)
#undef RECS_RANK_TEXT
};


const char *
recs_rank_name(recs_rank_t kind)
{
    return recs_rank_names[kind];
}


recs_rank_t
recs_rank_find(recs_str_t name)
{
    recs_rank_t  kind;

    for (kind = 0; kind < RECS_RANK_COUNT; kind++) {
        if (strlen(recs_rank_names[kind]) == name.len
            && memcmp(recs_rank_names[kind], name.data, name.len) == 0)
        {
            break;
        }
    }

    return kind;
}


/*
 * What asks for more features than there are comes from a newer version: it is
 * passed over.
 */
int
recs_rank_available(const recs_bundle_t *bundle, recs_rank_t kind)
{
    const recs_bundle_view_t  *v;

    v = recs_bundle_view(bundle);

    switch (kind) {

    case RECS_RANK_NONE:
        return 1;

    case RECS_RANK_LOGISTIC:
        return v->logistic.n_features > 0
               && v->logistic.n_features <= RECS_FEATURE_COUNT;

    case RECS_RANK_MLP:
        return v->mlp.n_hidden > 0;

    case RECS_RANK_TREES:
        return v->trees.n_trees > 0
               && v->trees.n_features <= RECS_FEATURE_COUNT;

    default:
        return 0;
    }
}


recs_status_t
recs_rank_check(const recs_bundle_t *bundle, recs_rank_t kind,
    recs_error_t *err)
{
    if (recs_rank_available(bundle, kind)) {
        return RECS_OK;
    }

    return recs_error(err, RECS_NOT_FOUND, "the model has no ranking by %s: "
                      "train it with --rank %s", recs_rank_name(kind),
                      recs_rank_name(kind));
}


static int
recs_rank_any(const recs_bundle_t *bundle)
{
    recs_rank_t  kind;

    for (kind = RECS_RANK_NONE + 1; kind < RECS_RANK_COUNT; kind++) {
        if (recs_rank_available(bundle, kind)) {
            return 1;
        }
    }

    return 0;
}


recs_status_t
recs_rank_scratch_create(recs_rank_scratch_t **scratch,
    const recs_bundle_t *bundle, recs_error_t *err)
{
    recs_status_t         rc;
    recs_rank_scratch_t  *s;

    if (!recs_rank_any(bundle)) {
        *scratch = NULL;
        return RECS_OK;
    }

    s = calloc(1, sizeof(recs_rank_scratch_t));
    if (s == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory to rank");
    }

    rc = recs_features_create(&s->features, bundle, err);

    if (rc == RECS_OK && recs_rank_available(bundle, RECS_RANK_TREES)) {
        s->keys = malloc(recs_trees_keys_size(&recs_bundle_view(bundle)->trees,
                                              RECS_CANDIDATES_MAX)
                         * sizeof(uint32_t));

        if (s->keys == NULL) {
            rc = recs_error(err, RECS_NOMEM, "no memory to rank");
        }
    }

    if (rc != RECS_OK) {
        recs_rank_scratch_destroy(s);
        return rc;
    }

    *scratch = s;

    return RECS_OK;
}


void
recs_rank_scratch_destroy(recs_rank_scratch_t *scratch)
{
    if (scratch != NULL) {
        recs_features_destroy(scratch->features);
        free(scratch->keys);
        free(scratch);
    }
}


/* Lanes that are not used keep what was in them. */
static void
recs_rank_by_logistic(const recs_bundle_t *bundle,
    recs_rank_scratch_t *scratch, const recs_rank_visitor_t *visitor,
    const uint32_t *items, const float *retrieved, uint32_t n, float *scores)
{
    float                     values[RECS_FEATURE_COUNT];
    float                     sums[RECS_LOGISTIC_LANES];
    uint32_t                  i, j, f;
    recs_logistic_visitor_t   asked;
    const recs_logistic_t    *logistic;

    logistic = &recs_bundle_view(bundle)->logistic;
    recs_features_visitor(scratch->features, visitor);
    recs_logistic_visitor(logistic, scratch->features, &asked);

    for (i = 0; i < n; i += RECS_LOGISTIC_LANES) {
        for (j = i; j < n && j < i + RECS_LOGISTIC_LANES; j++) {
            recs_features_numeric(scratch->features, items[j], retrieved[j],
                                  values);

            for (f = 0; f < RECS_FEATURE_COUNT; f++) {
                scratch->lanes[f][j - i] = values[f];
            }

            scores[j] = logistic->items[items[j]] + asked.score
                        + recs_logistic_crosses(logistic, scratch->features,
                                                &asked, items[j]);
        }

        recs_logistic_lanes(logistic, scratch->lanes[0], sums);

        for (j = i; j < n && j < i + RECS_LOGISTIC_LANES; j++) {
            scores[j] += sums[j - i];
        }
    }
}


static void
recs_rank_by_trees(const recs_bundle_t *bundle, recs_rank_scratch_t *scratch,
    const recs_rank_visitor_t *visitor, const uint32_t *items,
    const float *retrieved, uint32_t n, float *scores)
{
    float                values[RECS_FEATURE_COUNT];
    uint32_t             i;
    const recs_trees_t  *trees;

    trees = &recs_bundle_view(bundle)->trees;
    recs_features_visitor(scratch->features, visitor);

    for (i = 0; i < n; i++) {
        recs_features_numeric(scratch->features, items[i], retrieved[i],
                              values);
        recs_trees_set_keys(trees, scratch->keys, i, values);
    }

    recs_trees_score(trees, scratch->keys, n, scores);

    for (i = 0; i < n; i++) {
        scores[i] += trees->retrieved_weight * retrieved[i];
    }
}


/* A retrieval score may be as large as a product of two norms. */
static void
recs_rank_keep_finite(float *scores, uint32_t n)
{
    uint32_t  i;

    for (i = 0; i < n; i++) {
        scores[i] = scores[i] < RECS_RANK_SCORE_MAX ? scores[i]
                                                    : RECS_RANK_SCORE_MAX;
        scores[i] = scores[i] > -RECS_RANK_SCORE_MAX ? scores[i]
                                                     : -RECS_RANK_SCORE_MAX;
    }
}


void
recs_rank(const recs_bundle_t *bundle, recs_rank_scratch_t *scratch,
    recs_rank_t kind, const recs_rank_visitor_t *visitor,
    const uint32_t *items, const float *retrieved, uint32_t n, float *scores)
{
    const recs_bundle_view_t  *view;

    view = recs_bundle_view(bundle);

    switch (kind) {

    case RECS_RANK_LOGISTIC:
        recs_rank_by_logistic(bundle, scratch, visitor, items, retrieved, n,
                              scores);
        break;

    case RECS_RANK_MLP:
        recs_mlp_past(view, visitor, scratch->past);
        recs_mlp_score(view, scratch->past, items, retrieved, n, scores);
        break;

    case RECS_RANK_TREES:
        recs_rank_by_trees(bundle, scratch, visitor, items, retrieved, n,
                           scores);
        break;

    default:
        memcpy(scores, retrieved, n * sizeof(float));
        return;
    }

    recs_rank_keep_finite(scores, n);
}
