#include "recs_assign.h"

#include <string.h>


/* The steps in which arms are drawn: the resolution of the hash. */
#define RECS_ASSIGN_STEPS  10000


static const char *const  recs_assign_reasons[] = {
#define RECS_ASSIGN_TEXT(name, text)  text,
    RECS_ASSIGN_MAP(RECS_ASSIGN_TEXT)
#undef RECS_ASSIGN_TEXT
};


const char *
recs_assign_reason(recs_assign_reason_t reason)
{
    return recs_assign_reasons[reason];
}


static uint32_t
recs_assign_unit(const recs_assign_t *in)
{
    uint32_t  i;

    for (i = 0; i < in->n_units; i++) {
        if (recs_id_valid(in->units[i].data, in->units[i].len)) {
            break;
        }
    }

    return i;
}


/* Is the unit let in by what is asked before it has a variant? */
static int
recs_assign_let_in(const recs_experiment_t *x, const recs_assign_t *in,
    recs_str_t unit, recs_assign_reason_t *reason)
{
    uint32_t  n;

    if (x->holdout_name.len > 0
        && recs_bucket_namespace(x->holdout_name, unit) < x->holdout)
    {
        *reason = RECS_ASSIGN_HOLDOUT;
        return 0;
    }

    if (x->namespace_name.len > 0) {
        n = recs_bucket_namespace(x->namespace_name, unit);

        if (n < x->namespace_lo || n >= x->namespace_hi) {
            *reason = RECS_ASSIGN_NAMESPACE;
            return 0;
        }
    }

    if (!in->when) {
        *reason = RECS_ASSIGN_WHEN;
        return 0;
    }

    return 1;
}


/* The first of the chain from the unit on that has this hash, or n_units. */
static uint32_t
recs_assign_whose(const recs_assign_t *in, uint32_t unit, uint32_t hash)
{
    for ( /* void */ ; unit < in->n_units; unit++) {
        if (in->units[unit].len > 0
            && recs_sticky_unit(in->units[unit]) == hash)
        {
            break;
        }
    }

    return unit;
}


/*
 * What is kept for the unit or for one behind it.  Whoever has a bucket older
 * than the minimum is out, whatever else he has.
 */
static recs_assign_reason_t
recs_assign_sticky(const recs_experiment_t *x, const recs_assign_t *in,
    uint32_t unit, int32_t *variant)
{
    uint32_t                    i, whose, best;
    const recs_sticky_entry_t  *e;

    best = in->n_units;

    for (i = 0; i < in->sticky->n; i++) {
        e = &in->sticky->entries[i];

        if (e->experiment != x->name_hash) {
            continue;
        }

        whose = recs_assign_whose(in, unit, e->unit);

        if (whose == in->n_units) {
            continue;
        }

        if (e->version < x->min_version) {
            return RECS_ASSIGN_VERSION;
        }

        if (e->version == x->bucket_version && e->variant < x->n_variants
            && whose < best)
        {
            best = whose;
            *variant = e->variant;
        }
    }

    return RECS_ASSIGN_STICKY;
}


/*
 * Probabilities are cut to the steps of the hash, so that the propensity that
 * is told is the one that is drawn with.
 */
static int32_t
recs_assign_draw(const recs_experiment_t *x, const recs_assign_t *in,
    recs_str_t unit, double *propensity)
{
    char        seed[RECS_ID_MAX];
    double      sum;
    size_t      len;
    uint32_t    i, n, step, last;
    recs_str_t  str;

    len = in->epoch.len;

    if (len > sizeof(seed) - 1 - x->name.len) {
        len = sizeof(seed) - 1 - x->name.len;
    }

    memcpy(seed, x->name.data, x->name.len);
    seed[x->name.len] = '/';

    if (len > 0) {
        memcpy(seed + x->name.len + 1, in->epoch.data, len);
    }

    str.data = seed;
    str.len = x->name.len + 1 + len;

    n = (uint32_t) (recs_bucket_hash(RECS_HASH_GROWTHBOOK2, str, unit)
                    * RECS_ASSIGN_STEPS + 0.5);
    sum = 0;
    last = 0;

    for (i = 0; i < x->n_variants; i++) {
        sum += in->arms[i];
        step = i + 1 == x->n_variants
               ? RECS_ASSIGN_STEPS
               : (uint32_t) (sum * RECS_ASSIGN_STEPS + 0.5);

        if (n < step) {
            *propensity = (double) (step - last) / RECS_ASSIGN_STEPS;
            return (int32_t) i;
        }

        last = step;
    }

    return RECS_VARIANT_NONE;
}


/* By the hash: who is in, and what he gets. */
static void
recs_assign_hash(const recs_experiment_t *x, const recs_assign_t *in,
    recs_str_t unit, recs_assignment_t *a)
{
    double  hash;

    hash = recs_bucket_hash(x->hash, x->salt, unit);
    a->variant = recs_bucket_choose(hash, x->ranges, x->n_variants);

    if (a->variant == RECS_VARIANT_NONE) {
        a->reason = RECS_ASSIGN_COVERAGE;
        return;
    }

    if (in->arms != NULL) {
        a->variant = recs_assign_draw(x, in, unit, &a->propensity);
        a->reason = RECS_ASSIGN_ARMS;
        return;
    }

    a->propensity = x->weights[a->variant];
    a->reason = RECS_ASSIGN_HASH;
}


/* What is to be kept, and whether it is kept already. */
static void
recs_assign_entry(const recs_experiment_t *x, const recs_assign_t *in,
    recs_str_t unit, recs_assignment_t *a)
{
    const recs_sticky_entry_t  *kept;

    a->entry.experiment = x->name_hash;
    a->entry.unit = recs_sticky_unit(unit);
    a->entry.version = x->bucket_version;
    a->entry.variant = (uint8_t) a->variant;
    a->entry.era = 0;

    if (x->sticky) {
        kept = recs_sticky_find(in->sticky, a->entry.experiment,
                                a->entry.unit, a->entry.version);
        a->changed = kept == NULL || kept->variant != a->entry.variant;
    }
}


void
recs_assign(const recs_experiment_t *x, const recs_assign_t *in,
    recs_assignment_t *a)
{
    recs_str_t  unit;

    memset(a, 0, sizeof(recs_assignment_t));
    a->variant = RECS_VARIANT_NONE;
    a->unit = recs_assign_unit(in);

    if (in->forced != RECS_VARIANT_NONE) {
        a->reason = RECS_ASSIGN_FORCED;

        if (in->forced >= 0 && (uint32_t) in->forced < x->n_variants) {
            a->variant = in->forced;
            a->propensity = 1;
            a->forced = 1;
        }

        return;
    }

    if (a->unit == in->n_units) {
        a->reason = RECS_ASSIGN_NO_UNIT;
        return;
    }

    unit = in->units[a->unit];

    if (!recs_assign_let_in(x, in, unit, &a->reason)) {
        return;
    }

    if (x->sticky && in->sticky != NULL) {
        a->reason = recs_assign_sticky(x, in, a->unit, &a->variant);

        if (a->reason == RECS_ASSIGN_VERSION) {
            a->variant = RECS_VARIANT_NONE;
            return;
        }
    }

    if (a->variant != RECS_VARIANT_NONE) {
        a->sticky = 1;

        /* That of the epoch that he was drawn in is not known. */
        a->propensity = in->arms != NULL ? 0 : x->weights[a->variant];

    } else {
        recs_assign_hash(x, in, unit, a);
    }

    if (a->variant != RECS_VARIANT_NONE) {
        recs_assign_entry(x, in, unit, a);
    }
}
