/*
 * bench_rank: what a ranking model costs a request; prints one line of JSON
 * for each kind.
 *
 *     bench_rank [BUNDLE]
 *
 * The models are random ones of the size that the row names, and so are the
 * 500 candidates: speed depends on neither.  Of a bundle's own rankings, each
 * is timed as a slot pays for it, features included: what users in turn are
 * found 500 candidates of, without the search.
 */

#include "recs_rank_logistic.h"
#include "recs_rank_mlp.h"
#include "recs_rank_trees.h"
#include "recs_recommend.h"
#include "recs_rng.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench_stats.h"


#define BENCH_ROUNDS      2000
#define BENCH_CANDIDATES  500

#define BENCH_TREES       100
#define BENCH_DEPTH       6
#define BENCH_FEATURES    20

#define BENCH_BITS        18

/* A catalogue that no cache holds, and a session. */
#define BENCH_HIDDEN      128
#define BENCH_ITEMS       200000
#define BENCH_SESSION     20


/* Room for the lanes behind the last. */
static float  scores[BENCH_CANDIDATES + 16];


static void
bench_tell(const char *what, double *us)
{
    printf("{\"rank\":\"%s\",\"candidates\":%d,\"median_us\":%.2f,"
           "\"p99_us\":%.2f}\n", what, BENCH_CANDIDATES,
           bench_quantile(us, BENCH_ROUNDS, 0.5),
           bench_quantile(us, BENCH_ROUNDS, 0.99));
}


/* Numeric features, one in eight of them missing, and what is of the item. */
static void
bench_logistic(recs_rng_t *rng, double *us)
{
    float                    *features, *items;
    double                    started;
    uint32_t                  i, j, f, *candidates;
    static float              lanes[BENCH_FEATURES][RECS_LOGISTIC_LANES];
    recs_logistic_t           logistic = { BENCH_FEATURES, BENCH_BITS, NULL,
                                           NULL, NULL };
    recs_logistic_numeric_t  *numeric;

    numeric = bench_alloc(BENCH_FEATURES * sizeof(recs_logistic_numeric_t));
    items = bench_alloc(BENCH_ITEMS * sizeof(float));
    features = bench_alloc(BENCH_CANDIDATES * BENCH_FEATURES * sizeof(float));
    candidates = bench_alloc(BENCH_CANDIDATES * sizeof(uint32_t));

    for (i = 0; i < BENCH_FEATURES; i++) {
        numeric[i].mean = (float) recs_rng_normal(rng);
        numeric[i].scale = (float) recs_rng_uniform(rng);
        numeric[i].weight = (float) recs_rng_normal(rng);
        numeric[i].missing = (float) recs_rng_normal(rng);
    }

    for (i = 0; i < BENCH_ITEMS; i++) {
        items[i] = (float) recs_rng_normal(rng);
    }

    logistic.numeric = numeric;

    for (i = 0; i < BENCH_ROUNDS; i++) {
        for (j = 0; j < BENCH_CANDIDATES * BENCH_FEATURES; j++) {
            features[j] = recs_rng_next(rng) % 8 == 0
                          ? NAN : (float) recs_rng_normal(rng);
        }

        for (j = 0; j < BENCH_CANDIDATES; j++) {
            candidates[j] = (uint32_t) (recs_rng_next(rng) % BENCH_ITEMS);
        }

        started = (double) bench_now_ns();

        for (j = 0; j < BENCH_CANDIDATES; j++) {
            for (f = 0; f < BENCH_FEATURES; f++) {
                lanes[f][j % RECS_LOGISTIC_LANES] =
                    features[j * BENCH_FEATURES + f];
            }

            if (j % RECS_LOGISTIC_LANES == RECS_LOGISTIC_LANES - 1
                || j == BENCH_CANDIDATES - 1)
            {
                recs_logistic_lanes(&logistic, lanes[0], scores
                                    + j / RECS_LOGISTIC_LANES
                                      * RECS_LOGISTIC_LANES);
            }
        }

        for (j = 0; j < BENCH_CANDIDATES; j++) {
            scores[j] += items[candidates[j]];
        }

        us[i] = ((double) bench_now_ns() - started) / 1e3;
    }

    bench_tell("logistic", us);

    free(numeric);
    free(items);
    free(features);
    free(candidates);
}


/* Turning features into keys is part of the time. */
static void
bench_trees(recs_rng_t *rng, double *us)
{
    float              *features, *leaves;
    double              started;
    uint32_t            i, j, n_leaves, *keys;
    recs_trees_t        trees = { BENCH_TREES, BENCH_DEPTH, BENCH_FEATURES,
                                  NULL, NULL, NULL, 0 };
    recs_tree_node_t   *nodes;

    n_leaves = trees.n_trees << trees.depth;
    nodes = bench_alloc(n_leaves * sizeof(recs_tree_node_t));
    leaves = bench_alloc(n_leaves * sizeof(float));
    keys = bench_alloc(recs_trees_keys_size(&trees, BENCH_CANDIDATES)
                       * sizeof(uint32_t));
    features = bench_alloc(BENCH_CANDIDATES * BENCH_FEATURES * sizeof(float));

    for (i = 0; i < n_leaves; i++) {
        leaves[i] = (float) recs_rng_normal(rng);
        nodes[i].feature = recs_rng_next(rng) % BENCH_FEATURES;
        nodes[i].missing_right = recs_rng_next(rng) % 2;
        nodes[i].threshold = recs_tree_key((float) recs_rng_normal(rng));
    }

    trees.nodes = nodes;
    trees.leaves = leaves;

    for (i = 0; i < BENCH_ROUNDS; i++) {
        for (j = 0; j < BENCH_CANDIDATES * BENCH_FEATURES; j++) {
            features[j] = (float) recs_rng_normal(rng);
        }

        started = (double) bench_now_ns();

        for (j = 0; j < BENCH_CANDIDATES; j++) {
            recs_trees_set_keys(&trees, keys, j,
                                features + j * BENCH_FEATURES);
        }

        recs_trees_score(&trees, keys, BENCH_CANDIDATES, scores);
        us[i] = ((double) bench_now_ns() - started) / 1e3;
    }

    bench_tell("trees", us);

    free(nodes);
    free(leaves);
    free(keys);
    free(features);
}


static recs_table_t
bench_rows(recs_rng_t *rng, const char **shard)
{
    char          *rows;
    size_t         i, size;
    recs_table_t   table;

    size = (size_t) BENCH_ITEMS * BENCH_HIDDEN * sizeof(int16_t);
    rows = bench_alloc(size);

    for (i = 0; i < size; i++) {
        rows[i] = (char) recs_rng_next(rng);
    }

    *shard = rows;

    table.shards = shard;
    table.row_size = BENCH_HIDDEN * sizeof(int16_t);
    table.rows_per_shard = table.n_rows = BENCH_ITEMS;

    return table;
}


/* Adding up what the session's items stand for is part of the time. */
static void
bench_mlp(recs_rng_t *rng, double *us)
{
    float                 past[BENCH_HIDDEN], weights[BENCH_HIDDEN];
    float                 retrieved[BENCH_CANDIDATES];
    double                started;
    uint32_t              i, j, items[BENCH_CANDIDATES];
    uint32_t              session[BENCH_SESSION];
    const char           *candidates, *pasts;
    recs_bundle_view_t    view = { .n_items = BENCH_ITEMS };
    recs_rank_visitor_t   visitor = { .user = RECS_USER_NO };

    for (i = 0; i < BENCH_HIDDEN; i++) {
        weights[i] = (float) recs_rng_normal(rng);
    }

    view.mlp.n_hidden = BENCH_HIDDEN;
    view.mlp.weights = weights;
    view.mlp.retrieved_weight = 1;
    view.mlp_candidates = bench_rows(rng, &candidates);
    view.mlp_pasts = bench_rows(rng, &pasts);
    visitor.recent = session;
    visitor.n_recent = BENCH_SESSION;

    for (i = 0; i < BENCH_ROUNDS; i++) {
        for (j = 0; j < BENCH_CANDIDATES; j++) {
            items[j] = (uint32_t) (recs_rng_next(rng) % BENCH_ITEMS);
            retrieved[j] = (float) recs_rng_normal(rng);
        }

        for (j = 0; j < BENCH_SESSION; j++) {
            session[j] = (uint32_t) (recs_rng_next(rng) % BENCH_ITEMS);
        }

        started = (double) bench_now_ns();
        recs_mlp_past(&view, &visitor, past);
        recs_mlp_score(&view, past, items, retrieved, BENCH_CANDIDATES,
                       scores);
        us[i] = ((double) bench_now_ns() - started) / 1e3;
    }

    bench_tell("mlp", us);

    free((void *) candidates);
    free((void *) pasts);
}


/* Finds a user's candidates; whose visitor lies in the scratch. */
static uint32_t
bench_find(const recs_bundle_t *bundle, recs_scratch_t *scratch,
    uint32_t user, uint32_t *items, float *retrieved,
    recs_rank_visitor_t *visitor)
{
    uint32_t                    i;
    recs_query_t                query;
    recs_answer_t               answer;
    static recs_answer_item_t   found[BENCH_CANDIDATES];

    memset(&query, 0, sizeof(recs_query_t));
    query.strategy = RECS_SOURCE_PERSONAL;
    query.user = recs_record_id(recs_bundle_user_record(bundle, user));
    query.count = BENCH_CANDIDATES;
    query.exclude_seen = 1;
    answer.items = found;

    recs_recommend(bundle, scratch, &query, &answer);

    for (i = 0; i < answer.n; i++) {
        items[i] = found[i].item;
        retrieved[i] = found[i].score;
    }

    return recs_recommend_visitor(bundle, scratch, &query, visitor)
           ? answer.n : 0;
}


static void
bench_bundle(const recs_bundle_t *bundle, recs_rank_t kind, double *us)
{
    char                   what[32];
    float                  retrieved[BENCH_CANDIDATES];
    double                 started;
    uint32_t               i, n, n_users, items[BENCH_CANDIDATES];
    recs_error_t           err;
    recs_scratch_t        *scratch;
    recs_rank_scratch_t   *rank;
    recs_rank_visitor_t    visitor;

    n_users = recs_bundle_view(bundle)->n_users;

    if (n_users == 0
        || recs_scratch_create(&scratch, bundle, &err) != RECS_OK
        || recs_rank_scratch_create(&rank, bundle, &err) != RECS_OK)
    {
        bench_die("no users, or no memory");
    }

    for (i = 0; i < BENCH_ROUNDS; i++) {
        n = bench_find(bundle, scratch, i * 7919 % n_users, items, retrieved,
                       &visitor);

        if (n < BENCH_CANDIDATES) {
            bench_die("user %u has %u candidates", i * 7919 % n_users, n);
        }

        started = (double) bench_now_ns();
        recs_rank(bundle, rank, kind, &visitor, items, retrieved, n, scores);
        us[i] = ((double) bench_now_ns() - started) / 1e3;
    }

    snprintf(what, sizeof(what), "%s of the bundle", recs_rank_name(kind));
    bench_tell(what, us);

    recs_scratch_destroy(scratch);
    recs_rank_scratch_destroy(rank);
}


int
main(int argc, char **argv)
{
    double          *us;
    recs_rng_t       rng;
    recs_rank_t      kind;
    recs_error_t     err;
    recs_bundle_t   *bundle;

    us = bench_alloc(BENCH_ROUNDS * sizeof(double));
    recs_rng_seed(&rng, 1);

    bench_mlp(&rng, us);
    bench_logistic(&rng, us);
    bench_trees(&rng, us);

    if (argc > 1) {
        if (recs_bundle_open(&bundle, argv[1], 0, &err) != RECS_OK) {
            bench_die("%s", err.message);
        }

        for (kind = RECS_RANK_NONE + 1; kind < RECS_RANK_COUNT; kind++) {
            if (recs_rank_available(bundle, kind)) {
                bench_bundle(bundle, kind, us);
            }
        }

        recs_bundle_close(bundle);
    }

    free(us);

    return 0;
}
