#include "recs_trees.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <xgboost/c_api.h>


/* What XGBoost's documentation advises for forests. */
#define RECS_FOREST_SHARE  "0.8"

#define RECS_TREES_TEXT_MAX  32


static recs_status_t
recs_trees_error(recs_error_t *err)
{
    return recs_error(err, RECS_NOMEM, "XGBoost cannot fit trees: %s",
                      XGBGetLastError());
}


static double
recs_trees_mean(const float *labels, uint64_t n)
{
    double    sum;
    uint64_t  i;

    for (i = 0, sum = 0; i < n; i++) {
        sum += (double) labels[i];
    }

    return sum / (double) n;
}


static recs_status_t
recs_trees_check_examples(const float *features, uint64_t n,
    uint32_t n_features, double mean, recs_error_t *err)
{
    uint64_t  i;

    if (!(mean > 0) || !(mean < 1)) {
        return recs_error(err, RECS_INVALID, "%" PRIu64 " examples, but not "
                          "of both kinds: trees need taken and not taken",
                          n);
    }

    for (i = 0; i < n * n_features; i++) {
        if (isinf(features[i])) {
            return recs_error(err, RECS_INVALID, "feature %" PRIu64 " of "
                              "example %" PRIu64 " is infinite",
                              i % n_features, i / n_features);
        }
    }

    return RECS_OK;
}


static recs_status_t
recs_trees_set_options(BoosterHandle booster, const recs_trees_params_t *p,
    int grouped, double mean, recs_error_t *err)
{
    int         rc;
    char        text[RECS_TREES_TEXT_MAX];
    const char *share;

    share = p->kind == RECS_TREES_FOREST ? RECS_FOREST_SHARE : "1";

    rc = XGBoosterSetParam(booster, "objective", grouped ? "rank:pairwise"
                                                         : "binary:logistic")
         | XGBoosterSetParam(booster, "tree_method", "hist")
         | XGBoosterSetParam(booster, "verbosity", "0")
         | XGBoosterSetParam(booster, "subsample", share)
         | XGBoosterSetParam(booster, "colsample_bynode", share);

    snprintf(text, sizeof(text), "%" PRIu32, p->n_threads);
    rc |= XGBoosterSetParam(booster, "nthread", text);

    /* its seed is a signed number */
    snprintf(text, sizeof(text), "%" PRIu64, p->seed & INT32_MAX);
    rc |= XGBoosterSetParam(booster, "seed", text);

    snprintf(text, sizeof(text), "%" PRIu32, p->depth);
    rc |= XGBoosterSetParam(booster, "max_depth", text);

    /* with groups the margins stand in its place; of 0.5 nothing is added */
    snprintf(text, sizeof(text), "%.9g", grouped ? 0.5 : mean);
    rc |= XGBoosterSetParam(booster, "base_score", text);

    snprintf(text, sizeof(text), "%.9g",
             p->kind == RECS_TREES_BOOSTING ? p->learning_rate : 1.0);
    rc |= XGBoosterSetParam(booster, "learning_rate", text);

    snprintf(text, sizeof(text), "%" PRIu32,
             p->kind == RECS_TREES_FOREST ? p->n_trees : 1);
    rc |= XGBoosterSetParam(booster, "num_parallel_tree", text);

    return rc == 0 ? RECS_OK : recs_trees_error(err);
}


static recs_status_t
recs_trees_boost(BoosterHandle booster, DMatrixHandle matrix,
    const recs_trees_params_t *p, recs_error_t *err)
{
    uint32_t  i, rounds;

    rounds = p->kind == RECS_TREES_BOOSTING ? p->n_trees : 1;

    for (i = 0; i < rounds; i++) {
        if (XGBoosterUpdateOneIter(booster, (int) i, matrix) != 0) {
            return recs_trees_error(err);
        }
    }

    return RECS_OK;
}


static recs_status_t
recs_trees_fit(recs_trees_t *trees, DMatrixHandle matrix,
    const recs_trees_params_t *p, int grouped, double mean, recs_error_t *err)
{
    bst_ulong       len;
    const char     *json;
    recs_status_t   rc;
    BoosterHandle   booster;

    if (XGBoosterCreate(&matrix, 1, &booster) != 0) {
        return recs_trees_error(err);
    }

    rc = recs_trees_set_options(booster, p, grouped, mean, err);

    if (rc == RECS_OK) {
        rc = recs_trees_boost(booster, matrix, p, err);
    }

    if (rc == RECS_OK) {
        rc = XGBoosterSaveModelToBuffer(booster, "{\"format\": \"json\"}",
                                        &len, &json) == 0
             ? recs_trees_parse(trees, json, len, err)
             : recs_trees_error(err);
    }

    XGBoosterFree(booster);

    return rc;
}


/* Labels, and groups with their margins. */
static recs_status_t
recs_trees_label(DMatrixHandle matrix, const float *labels, uint64_t n,
    const recs_trees_groups_t *groups, recs_error_t *err)
{
    int        rc;
    uint32_t   i;
    unsigned  *sizes;

    rc = XGDMatrixSetFloatInfo(matrix, "label", labels, n);

    if (groups != NULL) {
        sizes = malloc(groups->n * sizeof(unsigned));
        if (sizes == NULL) {
            return recs_error(err, RECS_NOMEM, "no memory to fit trees");
        }

        for (i = 0; i < groups->n; i++) {
            sizes[i] = (unsigned) (groups->offsets[i + 1]
                                   - groups->offsets[i]);
        }

        rc |= XGDMatrixSetUIntInfo(matrix, "group", sizes, groups->n)
              | XGDMatrixSetFloatInfo(matrix, "base_margin", groups->margins,
                                      n);
        free(sizes);
    }

    return rc == 0 ? RECS_OK : recs_trees_error(err);
}


recs_status_t
recs_trees_train(recs_trees_t *trees, const float *features,
    const float *labels, uint64_t n, uint32_t n_features,
    const recs_trees_groups_t *groups, const recs_trees_params_t *params,
    recs_error_t *err)
{
    double         mean;
    recs_status_t  rc;
    DMatrixHandle  matrix;

    mean = recs_trees_mean(labels, n);

    rc = recs_trees_check_examples(features, n, n_features, mean, err);
    if (rc != RECS_OK) {
        return rc;
    }

    if (XGDMatrixCreateFromMat(features, n, n_features, NAN, &matrix) != 0) {
        return recs_trees_error(err);
    }

    rc = recs_trees_label(matrix, labels, n, groups, err);

    if (rc == RECS_OK) {
        rc = recs_trees_fit(trees, matrix, params, groups != NULL, mean, err);
    }

    XGDMatrixFree(matrix);

    return rc;
}
