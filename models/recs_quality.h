/*
 * recs_quality: the figures of one list of recommendations.
 *
 * With n the user's test items, hit(r) 1 where the item at place r is one of
 * them, hits their number among the first k, and d the discount 1/log2(r + 1):
 *
 *     recall      hits / n
 *     ndcg        sum of hit(r) d(r) / the same sum of min(k, n) hits first
 *     precision   hits / k,  f1 the harmonic mean with recall
 *     recall_min  hits / min(k, n)                  (Rendle et al. 2021)
 *     hit_rate    1 where hits > 0
 *     map         sum of hit(r) hits(r) / r, over min(k, n): average precision
 *                 (Manning, Raghavan and Schuetze 2008, 8.4) cut at k
 *     mrr         1 / r of the first hit, else 0    (Voorhees 1999)
 *     novelty     mean over the list of -log2(max(u(i), 1) / U): of U users
 *                 with a history u(i) have met item i (mean self-information,
 *                 Zhou et al. 2010)
 *     diversity   mean over the pairs of 1 - cos(v_i, v_j) of the model's item
 *                 factors (Ziegler et al. 2005); a list of less than two items
 *                 has 0, an item without a vector is like no other.  Models
 *                 can be compared by it only over the same factors
 *     popularity  mean over the list of u(i) / U (Yin et al. 2012)
 *
 * recall and ndcg are those of LightGCN-PyTorch's utils.py.  What cannot be
 * told is NAN: novelty and popularity where the bundle has no histories,
 * diversity where it has no vectors.
 */

#ifndef _RECS_QUALITY_H_INCLUDED_
#define _RECS_QUALITY_H_INCLUDED_


#include "recs_bundle.h"
#include "recs_recommend.h"


#define RECS_QUALITY_MAP(XX)                                                  \
    XX(RECALL,     "recall")                                                  \
    XX(NDCG,       "ndcg")                                                    \
    XX(PRECISION,  "precision")                                               \
    XX(F1,         "f1")                                                      \
    XX(RECALL_MIN, "recall_min")                                              \
    XX(HIT_RATE,   "hit_rate")                                                \
    XX(MAP,        "map")                                                     \
    XX(MRR,        "mrr")                                                     \
    XX(NOVELTY,    "novelty")                                                 \
    XX(DIVERSITY,  "diversity")                                               \
    XX(POPULARITY, "popularity")

typedef enum {
#define RECS_QUALITY_ENUM(name, text)  RECS_QUALITY_##name,
    RECS_QUALITY_MAP(RECS_QUALITY_ENUM)
#undef RECS_QUALITY_ENUM
    RECS_QUALITY_COUNT
} recs_quality_t;

const char *recs_quality_name(recs_quality_t quality);


/* What is known of the catalogue, the same for all lists. */
typedef struct {
    const recs_bundle_view_t  *view;
    uint32_t                  *item_users;  /* [n_items] who have met it */
    uint32_t                   n_users;     /* with a history */
} recs_quality_catalogue_t;

typedef struct {
    const recs_answer_item_t  *items;       /* [n], best first */
    uint32_t                   n;
    const uint32_t            *wanted;      /* test items of the catalogue,
                                               rising */
    uint32_t                   n_wanted;
    uint32_t                   n_test;      /* and all of them, above 0 */
} recs_quality_list_t;


/* Counts the histories in bundle, which must outlive the catalogue. */
recs_status_t recs_quality_catalogue(recs_quality_catalogue_t *catalogue,
    const recs_bundle_t *bundle, recs_error_t *err);
void recs_quality_catalogue_free(recs_quality_catalogue_t *catalogue);

/* values[RECS_QUALITY_COUNT] of the list's first k; sum is [n_factors]. */
void recs_quality(const recs_quality_catalogue_t *catalogue,
    const recs_quality_list_t *list, uint32_t k, double *sum,
    double *values);

/* Mean u(i) / U of items, NAN where there are none or no histories. */
double recs_quality_popularity(const recs_quality_catalogue_t *catalogue,
    const uint32_t *items, uint32_t n);

/* Whether item is among items[n], rising. */
int recs_quality_among(const uint32_t *items, uint32_t n, uint32_t item);

/*
 * Of how often each item was shown, the share of the catalogue that was, and
 * how unevenly: Gini's coefficient, with x rising, sum of (2 j - n - 1) x(j) /
 * (n sum of x), 0 where all are shown alike.  Sorts shown[n]; NAN where
 * nothing is shown.
 */
void recs_quality_shown(uint32_t *shown, uint32_t n, double *coverage,
    double *gini);


#endif /* _RECS_QUALITY_H_INCLUDED_ */
