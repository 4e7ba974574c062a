#include "recs_contributions.h"

#include <math.h>
#include <string.h>

#include "recs_bundle.h"


/* What rounding leaves between a score and its parts is not worth telling. */
#define RECS_CONTRIBUTIONS_ROUNDING           1e-5
#define RECS_CONTRIBUTIONS_ROUNDING_RELATIVE  1e-6


static const char *const  recs_contribution_names[] = {
#define RECS_CONTRIBUTION_TEXT(symbol, name)  name,
    RECS_CONTRIBUTION_MAP(RECS_CONTRIBUTION_TEXT)
#undef RECS_CONTRIBUTION_TEXT
};


const char *
recs_contribution_name(recs_contribution_kind_t kind)
{
    return recs_contribution_names[kind];
}


void
recs_contributions_begin(recs_contributions_t *c, float score)
{
    c->score = score;
    c->n_others = 0;
    c->n = 0;
}


/* The largest stay, in order. */
static void
recs_contributions_add(recs_contributions_t *c,
    const recs_contribution_t *added)
{
    double                size;
    uint32_t              i;
    recs_contribution_t  *p;

    p = c->parts;
    size = fabs(added->score);

    if (size == 0) {
        return;
    }

    if (c->n == RECS_CONTRIBUTIONS_NAMED) {
        c->n_others++;

        if (!(size > fabs(p[RECS_CONTRIBUTIONS_NAMED - 1].score))) {
            return;
        }

        c->n--;
    }

    for (i = c->n++; i > 0 && fabs(p[i - 1].score) < size; i--) {
        p[i] = p[i - 1];
    }

    p[i] = *added;
}


void
recs_contributions_item(recs_contributions_t *c,
    recs_contribution_kind_t kind, uint32_t item, double score)
{
    recs_contribution_t  added;

    added = (recs_contribution_t) { .kind = kind, .item = item,
                                    .score = score };
    recs_contributions_add(c, &added);
}


void
recs_contributions_name(recs_contributions_t *c,
    recs_contribution_kind_t kind, recs_str_t name, double score)
{
    recs_contribution_t  added;

    added = (recs_contribution_t) { .kind = kind, .item = RECS_ITEM_NO,
                                    .name = name, .score = score };
    recs_contributions_add(c, &added);
}


void
recs_contributions_feature(recs_contributions_t *c, const char *name,
    double value, double weight, double score)
{
    recs_contribution_t  added;

    added = (recs_contribution_t) { .kind = RECS_CONTRIBUTION_FEATURE,
                                    .item = RECS_ITEM_NO,
                                    .name = { name, strlen(name) },
                                    .value = value, .weight = weight,
                                    .score = score };
    recs_contributions_add(c, &added);
}


static int
recs_contributions_rounding(double rest, double score)
{
    return fabs(rest) <= RECS_CONTRIBUTIONS_ROUNDING
                         + RECS_CONTRIBUTIONS_ROUNDING_RELATIVE
                           * fabs(score);
}


void
recs_contributions_end(recs_contributions_t *c, double profile)
{
    double    rest;
    uint32_t  i;

    if (!recs_contributions_rounding(profile, c->score)) {
        c->parts[c->n++] =
            (recs_contribution_t) { .kind = RECS_CONTRIBUTION_PROFILE,
                                    .item = RECS_ITEM_NO, .score = profile };
    }

    rest = c->score;

    for (i = 0; i < c->n; i++) {
        rest -= c->parts[i].score;
    }

    if (c->n_others > 0 || !recs_contributions_rounding(rest, c->score)) {
        c->parts[c->n++] =
            (recs_contribution_t) { .kind = RECS_CONTRIBUTION_OTHERS,
                                    .item = RECS_ITEM_NO,
                                    .count = c->n_others, .score = rest };
    }
}
