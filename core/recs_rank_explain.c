#include "recs_rank_explain.h"

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

    recs_contributions_item(to, RECS_CONTRIBUTION_BASE, RECS_ITEM_NO, base);

    for (f = 0; f < trees->n_features; f++) {
        recs_contributions_feature(to, recs_feature_name(f), values[f],
                                   added[f]);
    }
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

    default:
        name.data = recs_rank_name(kind);
        name.len = strlen(name.data);
        recs_contributions_name(to, RECS_CONTRIBUTION_RANKING, name, score);
        return;
    }
}
