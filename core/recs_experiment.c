#include "recs_experiment_private.h"

#include "recs_sticky.h"


recs_status_t
recs_experiment_init(recs_experiment_t *x, recs_str_t name, recs_error_t *err)
{
    if (!recs_name_valid(name.data, name.len)) {
        return recs_error(err, RECS_INVALID, "invalid experiment name "
                          "\"%.*s\", it must match [a-z][a-z0-9_]{0,31}",
                          RECS_WORD(name));
    }

    memset(x, 0, sizeof(recs_experiment_t));
    x->name = name;
    x->salt = name;
    x->coverage = 1;

    return RECS_OK;
}


/* Where the n-th variant would start in the terms of the product it is from. */
static double
recs_experiment_start(const recs_experiment_t *x, uint32_t n)
{
    uint32_t  i, weight, sum;
    uint64_t  cut;

    sum = 0;
    cut = 0;

    for (i = 0; i < n; i++) {
        weight = (uint32_t) (x->weights[i] * RECS_EXPERIMENT_ONE + 0.5);
        sum += weight;
        cut += (uint64_t) weight * 0xffffffff / RECS_EXPERIMENT_ONE;
    }

    return x->hash == RECS_HASH_SPLIT_CLIENTS
           ? (double) cut / 4294967296.0
           : (double) sum / RECS_EXPERIMENT_ONE;
}


/*
 * GrowthBook adds weights up as doubles, nginx as parts of 2^32 - 1,
 * Optimizely as hundredths of a percent.
 */
static void
recs_experiment_ranges(recs_experiment_t *x)
{
    double                start, end;
    uint32_t              i, last;
    recs_bucket_range_t  *ranges;

    ranges = x->ranges;
    last = 0;

    recs_bucket_ranges(ranges, x->n_variants, x->coverage, x->weights,
                       x->n_variants);

    for (i = 0; i < x->n_variants; i++) {

        if (x->weights[i] > 0) {
            last = i;
        }

        if (x->hash == RECS_HASH_GROWTHBOOK2
            || x->hash == RECS_HASH_GROWTHBOOK1)
        {
            continue;
        }

        start = recs_experiment_start(x, i);
        end = recs_experiment_start(x, i + 1);
        ranges[i].lo = start;
        ranges[i].hi = x->coverage < 1 ? start + x->coverage * (end - start)
                                       : end;
    }

    /* What rounding has left between the last of them and 1. */

    if (x->coverage >= 1 && ranges[last].hi < 1) {
        ranges[last].hi = 1;
    }
}


recs_status_t
recs_experiment_settle(recs_experiment_t *x, recs_error_t *err)
{
    uint32_t  i, sum;

    if (x->n_variants < 2) {
        return recs_error(err, RECS_INVALID, "experiment \"%.*s\" has %s, it "
                          "takes two variants at least", RECS_WORD(x->name),
                          x->n_variants == 0 ? "none" : "one");
    }

    sum = 0;

    for (i = 0; i < x->n_variants; i++) {
        sum += (uint32_t) (x->weights[i] * RECS_EXPERIMENT_ONE + 0.5);
    }

    if (sum != RECS_EXPERIMENT_ONE) {
        return recs_error(err, RECS_INVALID, "the weights of experiment "
                          "\"%.*s\" sum to %u.%02u, not to 100",
                          RECS_WORD(x->name), sum / 100, sum % 100);
    }

    if (x->min_version > x->bucket_version) {
        return recs_error(err, RECS_INVALID, "sticky of experiment \"%.*s\" "
                          "has min=%u over version=%u", RECS_WORD(x->name),
                          x->min_version, x->bucket_version);
    }

    x->name_hash = recs_sticky_experiment(x->name);

    recs_experiment_ranges(x);

    return RECS_OK;
}


recs_status_t
recs_experiment_agree(const recs_experiment_t *a, const recs_experiment_t *b,
    recs_error_t *err)
{
    if (recs_words_equal(a->name, b->name)) {
        return recs_error(err, RECS_INVALID, "duplicate experiment \"%.*s\"",
                          RECS_WORD(a->name));
    }

    if (a->name_hash == b->name_hash) {
        return recs_error(err, RECS_INVALID, "the names of experiments "
                          "\"%.*s\" and \"%.*s\" have one hash, rename one",
                          RECS_WORD(a->name), RECS_WORD(b->name));
    }

    if (a->namespace_name.len > 0
        && recs_words_equal(a->namespace_name, b->namespace_name)
        && a->namespace_lo < b->namespace_hi
        && b->namespace_lo < a->namespace_hi)
    {
        return recs_error(err, RECS_INVALID, "experiments \"%.*s\" and "
                          "\"%.*s\" overlap in namespace \"%.*s\"",
                          RECS_WORD(a->name), RECS_WORD(b->name),
                          RECS_WORD(a->namespace_name));
    }

    if (a->holdout_name.len > 0
        && recs_words_equal(a->holdout_name, b->holdout_name)
        && a->holdout != b->holdout)
    {
        return recs_error(err, RECS_INVALID, "holdout \"%.*s\" of experiments "
                          "\"%.*s\" and \"%.*s\" has two percentages",
                          RECS_WORD(a->holdout_name), RECS_WORD(a->name),
                          RECS_WORD(b->name));
    }

    return RECS_OK;
}


int32_t
recs_experiment_variant(const recs_experiment_t *x, recs_str_t name)
{
    uint32_t  i;

    for (i = 0; i < x->n_variants; i++) {
        if (recs_words_equal(x->variants[i], name)) {
            return (int32_t) i;
        }
    }

    return -1;
}
