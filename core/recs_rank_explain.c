#include "recs_rank_explain.h"

#include <math.h>
#include <string.h>

#include "recs_rank_private.h"


static void
recs_rank_explain_trees(const recs_bundle_t *bundle,
    recs_rank_scratch_t *scratch, const recs_rank_visitor_t *visitor,
    uint32_t item, float retrieved, recs_contributions_t *to)
{
    float                values[RECS_FEATURE_COUNT];
    double               base, added[RECS_FEATURE_COUNT];
    uint32_t             f;
    const recs_trees_t  *trees;

    trees = &recs_bundle_view(bundle)->trees;

    recs_features_visitor(scratch->features, visitor);
    recs_features_numeric(scratch->features, item, retrieved, values);
    recs_trees_set_keys(trees, scratch->keys, 0, values);
    base = recs_trees_explain(trees, scratch->keys, 0, added);
    added[RECS_FEATURE_RETRIEVED] += (double) trees->retrieved_weight
                                     * (double) retrieved;

    recs_contributions_item(to, RECS_CONTRIBUTION_BASE, RECS_ITEM_NO, base);

    for (f = 0; f < trees->n_features; f++) {
        recs_contributions_feature(to, recs_feature_name(f), values[f], NAN,
                                   added[f]);
    }
}


/* By name where it has one: hashes are told by what they are of. */
static void
recs_rank_explain_logistic(const recs_bundle_t *bundle,
    recs_rank_scratch_t *scratch, const recs_rank_visitor_t *visitor,
    uint32_t item, float retrieved, recs_contributions_t *to)
{
    float                           t, values[RECS_FEATURE_COUNT];
    uint32_t                        f, n, n_item, n_visitor;
    uint64_t                        hashes[RECS_FEATURES_HASHED_MAX];
    const recs_logistic_t          *l;
    const recs_logistic_numeric_t  *numeric;

    l = &recs_bundle_view(bundle)->logistic;

    recs_features_visitor(scratch->features, visitor);
    recs_features_numeric(scratch->features, item, retrieved, values);

    for (f = 0; f < l->n_features; f++) {
        numeric = &l->numeric[f];

        if (isnan(values[f])) {
            recs_contributions_feature(to, recs_feature_name(f), NAN, NAN,
                                       numeric->missing);
            continue;
        }

        t = recs_logistic_standard(numeric, values[f]);
        recs_contributions_feature(to, recs_feature_name(f), values[f],
                                   numeric->weight,
                                   (double) t * numeric->weight);
    }

    n = recs_features_hashed(scratch->features, item, hashes);
    n_item = recs_features_item_hashes(scratch->features, item, hashes);
    n_visitor = recs_features_visitor_hashes(scratch->features,
                                             hashes + n_item);
    n_item += n_visitor;

    recs_contributions_feature(to, "item", NAN, NAN, l->items[item]);
    recs_contributions_feature(to, "visitor", NAN, NAN,
                               recs_logistic_hashed(l,
                                                    hashes + n_item
                                                    - n_visitor, n_visitor));
    recs_contributions_feature(to, "visitor and item", NAN, NAN,
                               recs_logistic_hashed(l, hashes + n_item,
                                                    n - n_item));
}


void
recs_rank_explain(const recs_bundle_t *bundle, recs_rank_scratch_t *scratch,
    recs_rank_t kind, const recs_rank_visitor_t *visitor, uint32_t item,
    float retrieved, float score, recs_contributions_t *to)
{
    recs_str_t  name;

    switch (kind) {

    case RECS_RANK_TREES:
        recs_rank_explain_trees(bundle, scratch, visitor, item, retrieved,
                                to);
        return;

    case RECS_RANK_LOGISTIC:
        recs_rank_explain_logistic(bundle, scratch, visitor, item, retrieved,
                                   to);
        return;

    default:
        name.data = recs_rank_name(kind);
        name.len = strlen(name.data);
        recs_contributions_name(to, RECS_CONTRIBUTION_RANKING, name, score);
        return;
    }
}
