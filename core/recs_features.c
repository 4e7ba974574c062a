#include "recs_features.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "recs_digest.h"
#include "recs_filter.h"
#include "recs_search.h"
#include "recs_segment.h"


#define RECS_FEATURES_SLOT_NO  UINT8_MAX

/* A power of two above RECS_FEATURES_LAST * RECS_FEATURES_VALUES. */
#define RECS_FEATURES_TABLE    512


typedef struct {
    uint64_t  hash;
    uint8_t   slot;                     /* which of the attributes */
} recs_feature_value_t;

/* How many of the visitor's last items have a value. */
typedef struct {
    uint64_t  hash;
    uint32_t  n;                        /* 0: free */
} recs_feature_count_t;

struct recs_features_s {
    const recs_bundle_t        *bundle;
    const recs_bundle_view_t   *view;
    uint8_t                     slots[RECS_COLUMNS_MAX];
    uint64_t                    item_seeds[RECS_COLUMNS_MAX];
    uint64_t                    user_seeds[RECS_COLUMNS_MAX];

    /* of the visitor */
    const float                *vector;
    float                       vector_norm;
    float                       history;
    float                       session;
    float                       last_popularity;
    uint32_t                    last[RECS_FEATURES_LAST];
    uint32_t                    n_last;
    recs_feature_count_t        counts[RECS_FEATURES_TABLE];
    uint64_t                    sides[RECS_FEATURES_VISITOR_HASHES];
    uint32_t                    n_sides;
    recs_segment_t              segments[RECS_CONTEXTS_MAX];
    uint32_t                    n_segments;

    /* of the candidate; RECS_ITEM_NO: of none */
    uint32_t                    item;
    recs_feature_value_t        values[RECS_FEATURES_VALUES];
    uint32_t                    n_values;
};


static const char *const  recs_feature_names[] = {
#define RECS_FEATURE_TEXT(symbol, name)  name,
    RECS_FEATURE_MAP(RECS_FEATURE_TEXT)
#undef RECS_FEATURE_TEXT
};


const char *
recs_feature_name(recs_feature_t feature)
{
    return recs_feature_names[feature];
}


static uint64_t
recs_features_hash(uint64_t seed, recs_str_t text)
{
    return recs_features_cross(seed, recs_digest_long(text.data, text.len));
}


/* What a column's values are told apart by from those of others. */
static void
recs_features_seeds(uint64_t *seeds, uint64_t kind,
    recs_str_t (*name)(const recs_bundle_t *, uint32_t),
    const recs_bundle_t *bundle)
{
    uint32_t    i;
    recs_str_t  text;

    for (i = 0; i < RECS_COLUMNS_MAX; i++) {
        text = name(bundle, i);

        if (text.data == NULL) {
            break;
        }

        seeds[i] = recs_features_hash(kind, text);
    }
}


recs_status_t
recs_features_create(recs_features_t **features, const recs_bundle_t *bundle,
    recs_error_t *err)
{
    uint32_t                  pos, slot;
    recs_features_t          *f;
    recs_filter_attribute_t   attribute;

    f = calloc(1, sizeof(recs_features_t));
    if (f == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory to rank");
    }

    f->bundle = bundle;
    f->view = recs_bundle_view(bundle);
    f->item = RECS_ITEM_NO;
    memset(f->slots, RECS_FEATURES_SLOT_NO, sizeof(f->slots));

    for (pos = slot = 0;
         recs_filter_attribute_next(bundle, &pos, &attribute);
         slot++)
    {
        f->slots[attribute.column] = (uint8_t) slot;
    }

    recs_features_seeds(f->item_seeds, 'i', recs_bundle_item_column_name,
                        bundle);
    recs_features_seeds(f->user_seeds, 'u', recs_bundle_user_column_name,
                        bundle);

    *features = f;

    return RECS_OK;
}


void
recs_features_destroy(recs_features_t *features)
{
    free(features);
}


/* The values of an item's attributes, of those that are indexed. */
static uint32_t
recs_features_values(const recs_features_t *f, uint32_t item,
    recs_feature_value_t *values)
{
    size_t      pos, at;
    uint32_t    n, column;
    recs_str_t  record, text, part;

    record = recs_bundle_item_record(f->bundle, item);
    n = 0;
    pos = 0;

    while (recs_record_next(record, &pos, &column, &text)) {
        if (f->slots[column] == RECS_FEATURES_SLOT_NO) {
            continue;
        }

        at = 0;

        while (n < RECS_FEATURES_VALUES
               && recs_filter_part_next(text, &at, &part))
        {
            values[n].hash = recs_features_hash(f->item_seeds[column], part);
            values[n++].slot = f->slots[column];
        }
    }

    return n;
}


/* Where a value is counted, or would be. */
static recs_feature_count_t *
recs_features_count(recs_features_t *f, uint64_t hash)
{
    uint32_t  i;

    for (i = (uint32_t) hash % RECS_FEATURES_TABLE;
         f->counts[i].n > 0 && f->counts[i].hash != hash;
         i = (i + 1) % RECS_FEATURES_TABLE)
    {
        /* void */
    }

    return &f->counts[i];
}


static void
recs_features_add_last(recs_features_t *f, const uint32_t *items, uint32_t n)
{
    uint32_t  i, j;

    for (i = 0; i < n && f->n_last < RECS_FEATURES_LAST; i++) {
        for (j = 0; j < f->n_last && f->last[j] != items[i]; j++) {
            /* void */
        }

        if (j == f->n_last && items[i] < f->view->n_items) {
            f->last[f->n_last++] = items[i];
        }
    }
}


static float
recs_features_popularity(const recs_features_t *f, uint32_t item)
{
    return f->view->popularity != NULL
           ? log1pf(fmaxf(f->view->popularity[item], 0.0f)) : NAN;
}


static void
recs_features_last(recs_features_t *f, const recs_rank_visitor_t *visitor)
{
    uint32_t               i, j, n_seen, n_recent, n;
    const uint32_t        *seen, *recent;
    recs_feature_count_t  *count;
    recs_feature_value_t   values[RECS_FEATURES_VALUES];

    f->n_last = 0;
    n_seen = 0;
    recs_features_add_last(f, visitor->recent, visitor->n_recent);

    if (visitor->user != RECS_USER_NO) {
        seen = recs_bundle_seen(f->bundle, visitor->user, &n_seen);
        recent = recs_bundle_recent(f->bundle, visitor->user, &n_recent);
        recs_features_add_last(f, recent, n_recent);
        recs_features_add_last(f, seen, n_recent > 0 ? 0 : n_seen);
    }

    f->history = log1pf((float) n_seen);
    f->session = log1pf((float) visitor->n_recent);
    f->last_popularity = f->n_last > 0 ? 0.0f : NAN;
    memset(f->counts, 0, sizeof(f->counts));

    for (i = 0; i < f->n_last; i++) {
        f->last_popularity += recs_features_popularity(f, f->last[i])
                              / (float) f->n_last;
        n = recs_features_values(f, f->last[i], values);

        for (j = 0; j < n; j++) {
            count = recs_features_count(f, values[j].hash);
            count->hash = values[j].hash;
            count->n++;
        }
    }
}


static void
recs_features_user_values(recs_features_t *f,
    const recs_rank_visitor_t *visitor)
{
    size_t      pos, at;
    uint32_t    column;
    recs_str_t  record, text, part;

    if (visitor->user == RECS_USER_NO) {
        return;
    }

    record = recs_bundle_user_record(f->bundle, visitor->user);
    pos = 0;

    while (recs_record_next(record, &pos, &column, &text)) {
        at = 0;

        while (f->n_sides < RECS_FEATURES_USER_VALUES
               && recs_filter_part_next(text, &at, &part))
        {
            f->sides[f->n_sides++] =
                recs_features_hash(f->user_seeds[column], part);
        }
    }
}


static void
recs_features_contexts(recs_features_t *f, const recs_rank_visitor_t *visitor)
{
    char        text[RECS_SEGMENT_NAME_MAX];
    uint32_t    i, number;
    recs_str_t  name;

    f->n_segments = 0;
    name.data = text;

    for (i = 0; i < visitor->n_contexts && i < RECS_CONTEXTS_MAX; i++) {
        name.len = recs_segment_name(text, visitor->contexts[i].name,
                                     visitor->contexts[i].value);
        if (name.len == 0) {
            continue;
        }

        f->sides[f->n_sides++] = recs_features_hash('c', name);
        number = recs_segment_find(f->view, name);

        if (number != RECS_SEGMENT_NO) {
            recs_segment_get(f->view, number, &f->segments[f->n_segments++]);
        }
    }
}


void
recs_features_visitor(recs_features_t *f, const recs_rank_visitor_t *visitor)
{
    f->vector = visitor->vector;
    f->vector_norm = f->vector != NULL
                     ? sqrtf(recs_dot(f->vector, f->vector, f->view->stride))
                     : 0.0f;
    f->n_sides = 0;

    recs_features_last(f, visitor);
    recs_features_user_values(f, visitor);
    recs_features_contexts(f, visitor);
}


static void
recs_features_candidate(recs_features_t *f, uint32_t item)
{
    if (f->item != item) {
        f->n_values = recs_features_values(f, item, f->values);
        f->item = item;
    }
}


/* NAN for what has no direction. */
static float
recs_features_cosine(const recs_features_t *f, const float *vector,
    float norm, uint32_t item)
{
    float  cosine;

    cosine = recs_dot(vector, recs_table_row(&f->view->item_factors, item),
                      f->view->stride)
             / norm / f->view->item_norms[item];

    return isfinite(cosine) ? cosine : NAN;
}


static void
recs_features_behaviour(const recs_features_t *f, uint32_t item, float *values)
{
    float     cosine, sum;
    uint32_t  i, n;

    values[RECS_FEATURE_COSINE_LAST] = NAN;
    values[RECS_FEATURE_COSINE_MAX] = NAN;
    values[RECS_FEATURE_COSINE_MEAN] = NAN;

    if (f->view->n_factors == 0) {
        return;
    }

    for (i = n = 0, sum = 0.0f; i < f->n_last; i++) {
        cosine = recs_features_cosine(f, recs_table_row(&f->view->item_factors,
                                                        f->last[i]),
                                      f->view->item_norms[f->last[i]], item);

        if (i == 0) {
            values[RECS_FEATURE_COSINE_LAST] = cosine;
        }

        if (cosine == cosine) {
            values[RECS_FEATURE_COSINE_MAX] =
                fmaxf(values[RECS_FEATURE_COSINE_MAX], cosine);
            sum += cosine;
            n++;
        }
    }

    if (n > 0) {
        values[RECS_FEATURE_COSINE_MEAN] = sum / (float) n;
    }
}


/* Shares of the last items that have a value of the candidate's. */
static void
recs_features_interest(recs_features_t *f, float *values)
{
    float                  share, sum, max, of[RECS_FEATURES_ATTRIBUTES];
    uint32_t               i, slot, n[RECS_FEATURES_ATTRIBUTES];
    recs_feature_count_t  *count;

    memset(of, 0, sizeof(of));
    memset(n, 0, sizeof(n));
    sum = max = 0.0f;

    for (i = 0; i < f->n_values; i++) {
        count = recs_features_count(f, f->values[i].hash);
        share = (float) count->n / (float) f->n_last;
        sum += share;
        max = fmaxf(max, share);
        slot = f->values[i].slot;

        if (slot < RECS_FEATURES_ATTRIBUTES) {
            of[slot] += share;
            n[slot]++;
        }
    }

    values[RECS_FEATURE_AFFINITY] = sum / (float) f->n_values;
    values[RECS_FEATURE_AFFINITY_MAX] = f->n_values > 0 ? max : NAN;

    for (i = 0; i < RECS_FEATURES_ATTRIBUTES; i++) {
        values[RECS_FEATURE_AFFINITY_1 + i] = of[i] / (float) n[i];
    }

    if (f->n_last == 0) {
        for (i = RECS_FEATURE_AFFINITY; i <= RECS_FEATURE_AFFINITY_4; i++) {
            values[i] = NAN;
        }
    }
}


/* The logarithm of the boosts, 0 where no segment lists it. */
static float
recs_features_context(const recs_features_t *f, uint32_t item)
{
    float                  sum;
    uint32_t               i, low, high, middle;
    const recs_segment_t  *segment;

    for (i = 0, sum = 0.0f; i < f->n_segments; i++) {
        segment = &f->segments[i];
        low = 0;
        high = segment->n_items;

        while (low < high) {
            middle = low + (high - low) / 2;

            if (segment->items[middle] < item) {
                low = middle + 1;

            } else {
                high = middle;
            }
        }

        if (low < segment->n_items && segment->items[low] == item) {
            sum += logf(segment->boosts[low]);
        }
    }

    return f->n_segments > 0 ? sum : NAN;
}


void
recs_features_numeric(recs_features_t *f, uint32_t item, float retrieved,
    float *values)
{
    float  dot;

    recs_features_candidate(f, item);

    dot = f->vector != NULL
          ? recs_dot(f->vector, recs_table_row(&f->view->item_factors, item),
                     f->view->stride)
          : NAN;

    values[RECS_FEATURE_RETRIEVED] = retrieved;
    values[RECS_FEATURE_DOT] = dot;
    values[RECS_FEATURE_LISTS] = f->vector != NULL ? retrieved - dot
                                                   : retrieved;
    values[RECS_FEATURE_COSINE] = f->vector != NULL
                                  ? recs_features_cosine(f, f->vector,
                                                         f->vector_norm, item)
                                  : NAN;
    values[RECS_FEATURE_POPULARITY] = recs_features_popularity(f, item);
    values[RECS_FEATURE_NORM] = f->view->n_factors > 0
                                ? f->view->item_norms[item] : NAN;
    values[RECS_FEATURE_HISTORY] = f->history;
    values[RECS_FEATURE_SESSION] = f->session;
    values[RECS_FEATURE_LAST_POPULARITY] = f->last_popularity;
    values[RECS_FEATURE_POPULARITY_GAP] = values[RECS_FEATURE_POPULARITY]
                                          - f->last_popularity;
    recs_features_behaviour(f, item, values);
    recs_features_interest(f, values);
    values[RECS_FEATURE_CONTEXT] = recs_features_context(f, item);
}


uint32_t
recs_features_item_hashes(recs_features_t *f, uint32_t item, uint64_t *hashes)
{
    uint32_t    i;
    recs_str_t  id;

    recs_features_candidate(f, item);

    id = recs_record_id(recs_bundle_item_record(f->bundle, item));
    hashes[0] = recs_features_hash('d', id);

    for (i = 0; i < f->n_values; i++) {
        hashes[1 + i] = f->values[i].hash;
    }

    return 1 + f->n_values;
}


uint32_t
recs_features_visitor_hashes(const recs_features_t *f, uint64_t *hashes)
{
    memcpy(hashes, f->sides, f->n_sides * sizeof(uint64_t));

    return f->n_sides;
}


uint32_t
recs_features_hashed(recs_features_t *f, uint32_t item, uint64_t *hashes)
{
    uint32_t  i, j, n, n_item;

    n_item = recs_features_item_hashes(f, item, hashes);
    n = n_item + recs_features_visitor_hashes(f, hashes + n_item);

    for (i = 0; i < n_item; i++) {
        for (j = 0; j < f->n_sides; j++) {
            hashes[n++] = recs_features_cross(f->sides[j], hashes[i]);
        }
    }

    return n;
}
