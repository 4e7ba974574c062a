#include "recs_vocabulary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>


#define RECS_BM25_K1  1.2
#define RECS_BM25_B   0.75


typedef struct {
    uint64_t  hash;
    uint32_t  n_items;
} recs_vocabulary_row_t;

typedef struct {
    recs_bags_t                     *bags;
    uint32_t                         n_items;
    const recs_vocabulary_params_t  *params;
    recs_vocabulary_row_t           *rows;    /* [n] rising hashes */
    uint32_t                         n;
    uint32_t                        *places;  /* [counts] in rows */
} recs_vocabulary_state_t;


static int
recs_vocabulary_by_hash(const void *a, const void *b)
{
    uint64_t  x, y;

    x = *(const uint64_t *) a;
    y = *(const uint64_t *) b;

    return x < y ? -1 : x > y;
}


/* The most frequent first, ties by hash. */
static int
recs_vocabulary_by_items(const void *a, const void *b)
{
    const recs_vocabulary_row_t  *x, *y;

    x = a;
    y = b;

    if (x->n_items != y->n_items) {
        return x->n_items > y->n_items ? -1 : 1;
    }

    return x->hash < y->hash ? -1 : x->hash > y->hash;
}


/* All hashes there are, and where each of the bags' stands among them. */
static recs_status_t
recs_vocabulary_collect(recs_vocabulary_state_t *s)
{
    uint64_t                i, n, total, *sorted;
    recs_vocabulary_row_t  *found;

    total = s->bags->offsets[s->n_items];

    sorted = malloc((total + 1) * sizeof(uint64_t));
    s->places = malloc((total + 1) * sizeof(uint32_t));

    if (sorted == NULL || s->places == NULL || total > UINT32_MAX) {
        free(sorted);
        return RECS_NOMEM;
    }

    if (total > 0) {
        memcpy(sorted, s->bags->hashes, total * sizeof(uint64_t));
        qsort(sorted, total, sizeof(uint64_t), recs_vocabulary_by_hash);
    }

    for (i = 0, n = 0; i < total; i++) {
        if (i == 0 || sorted[i] != sorted[i - 1]) {
            sorted[n++] = sorted[i];
        }
    }

    s->n = (uint32_t) n;
    s->rows = calloc(n + 1, sizeof(recs_vocabulary_row_t));

    if (s->rows == NULL) {
        free(sorted);
        return RECS_NOMEM;
    }

    for (i = 0; i < n; i++) {
        s->rows[i].hash = sorted[i];
    }

    free(sorted);

    for (i = 0; i < total; i++) {
        found = bsearch(&s->bags->hashes[i], s->rows, s->n,
                        sizeof(recs_vocabulary_row_t),
                        recs_vocabulary_by_hash);
        s->places[i] = (uint32_t) (found - s->rows);
    }

    return RECS_OK;
}


/* Counts each language's items in turn, and takes its stop words away. */
static recs_status_t
recs_vocabulary_stop(recs_vocabulary_state_t *s, uint32_t *n_stop_words)
{
    uint32_t       item, language, in, *n_items;
    uint64_t       k;
    const uint8_t  *languages;

    languages = s->params->languages;

    n_items = malloc(((size_t) s->n + 1) * sizeof(uint32_t));
    if (n_items == NULL) {
        return RECS_NOMEM;
    }

    for (language = 0; language <= RECS_LANGUAGE_COUNT; language++) {
        memset(n_items, 0, s->n * sizeof(uint32_t));
        in = 0;

        for (item = 0; item < s->n_items; item++) {
            if (languages[item] != language) {
                continue;
            }

            in += s->bags->offsets[item + 1] > s->bags->offsets[item];

            for (k = s->bags->offsets[item]; k < s->bags->offsets[item + 1];
                 k++)
            {
                n_items[s->places[k]]++;
            }
        }

        if (in < RECS_STOP_ITEMS) {
            continue;
        }

        for (k = 0; k < s->n; k++) {
            *n_stop_words += n_items[k] > s->params->stop_share * in;
        }

        for (item = 0; item < s->n_items; item++) {
            if (languages[item] != language) {
                continue;
            }

            for (k = s->bags->offsets[item]; k < s->bags->offsets[item + 1];
                 k++)
            {
                if (n_items[s->places[k]] > s->params->stop_share * in) {
                    s->bags->counts[k] = 0;
                }
            }
        }
    }

    free(n_items);

    return RECS_OK;
}


/* Those that count, most frequent of all, in the order of their hashes. */
static recs_status_t
recs_vocabulary_choose(recs_vocabulary_state_t *s, recs_vocabulary_t *v)
{
    uint32_t                i, n;
    uint64_t                k;
    recs_vocabulary_row_t  *chosen;

    for (k = 0; k < s->bags->offsets[s->n_items]; k++) {
        s->rows[s->places[k]].n_items += s->bags->counts[k] > 0;
    }

    chosen = malloc(((size_t) s->n + 1) * sizeof(recs_vocabulary_row_t));
    if (chosen == NULL) {
        return RECS_NOMEM;
    }

    for (i = 0, n = 0; i < s->n; i++) {
        if (s->rows[i].n_items >= s->params->n_items_min
            && s->rows[i].n_items > 0)
        {
            chosen[n++] = s->rows[i];
        }
    }

    if (n > s->params->n_max) {
        qsort(chosen, n, sizeof(recs_vocabulary_row_t),
              recs_vocabulary_by_items);
        n = s->params->n_max;
        qsort(chosen, n, sizeof(recs_vocabulary_row_t),
              recs_vocabulary_by_hash);
    }

    v->n = n;
    v->hashes = malloc(((size_t) n + 1) * sizeof(uint64_t));
    v->idf = malloc(((size_t) n + 1) * sizeof(float));

    if (v->hashes == NULL || v->idf == NULL) {
        free(chosen);
        return RECS_NOMEM;
    }

    /* The items it has, until all are known. */
    for (i = 0; i < n; i++) {
        v->hashes[i] = chosen[i].hash;
        v->idf[i] = (float) chosen[i].n_items;
    }

    free(chosen);

    return RECS_OK;
}


/* Counts of what does not count become 0; *mean of the items that are left. */
static uint32_t
recs_vocabulary_lengths(recs_vocabulary_state_t *s,
    const recs_vocabulary_t *v, double *mean)
{
    double    length, total;
    uint32_t  item, n;
    uint64_t  k;

    total = 0;
    n = 0;

    for (item = 0; item < s->n_items; item++) {
        length = 0;

        for (k = s->bags->offsets[item]; k < s->bags->offsets[item + 1]; k++) {
            s->places[k] = recs_vocabulary_find(v, s->bags->hashes[k]);

            if (s->places[k] == v->n) {
                s->bags->counts[k] = 0;
            }

            length += s->bags->counts[k];
        }

        total += length;
        n += length > 0;
    }

    *mean = n > 0 ? total / n : 1;

    return n;
}


static void
recs_vocabulary_weigh(recs_vocabulary_state_t *s, const recs_vocabulary_t *v,
    double mean)
{
    float     *counts;
    double     length, squares, tf;
    uint32_t   item;
    uint64_t   k, first, end;

    counts = s->bags->counts;

    for (item = 0; item < s->n_items; item++) {
        first = s->bags->offsets[item];
        end = s->bags->offsets[item + 1];
        length = 0;
        squares = 0;

        for (k = first; k < end; k++) {
            length += counts[k];
        }

        for (k = first; k < end; k++) {
            if (counts[k] == 0) {
                continue;
            }

            tf = counts[k];
            counts[k] = (float) (v->idf[s->places[k]] * tf * (RECS_BM25_K1 + 1)
                                 / (tf + RECS_BM25_K1
                                         * (1 - RECS_BM25_B
                                            + RECS_BM25_B * length / mean)));
            squares += (double) counts[k] * counts[k];
        }

        for (k = first; k < end && squares > 0; k++) {
            counts[k] = (float) (counts[k] / sqrt(squares));
        }
    }
}


recs_status_t
recs_vocabulary_create(recs_vocabulary_t *v, recs_bags_t *bags,
    uint32_t n_items, const recs_vocabulary_params_t *params,
    recs_error_t *err)
{
    double                   mean;
    uint32_t                 i, n;
    recs_status_t            status;
    recs_vocabulary_state_t  s;

    memset(&s, 0, sizeof(recs_vocabulary_state_t));
    s.bags = bags;
    s.n_items = n_items;
    s.params = params;

    status = recs_vocabulary_collect(&s);

    if (status == RECS_OK && params->languages != NULL
        && params->stop_share < 1)
    {
        status = recs_vocabulary_stop(&s, &v->n_stop_words);
    }

    if (status == RECS_OK) {
        status = recs_vocabulary_choose(&s, v);
    }

    if (status == RECS_OK) {
        n = recs_vocabulary_lengths(&s, v, &mean);

        for (i = 0; i < v->n; i++) {
            v->idf[i] = (float) log(1 + (n - (double) v->idf[i] + 0.5)
                                        / ((double) v->idf[i] + 0.5));
        }

        recs_vocabulary_weigh(&s, v, mean);
    }

    free(s.rows);
    free(s.places);

    if (status != RECS_OK) {
        recs_vocabulary_free(v);
        return recs_error(err, status, "no memory for a vocabulary");
    }

    return RECS_OK;
}


void
recs_vocabulary_free(recs_vocabulary_t *v)
{
    free(v->hashes);
    free(v->idf);
    memset(v, 0, sizeof(recs_vocabulary_t));
}


uint32_t
recs_vocabulary_find(const recs_vocabulary_t *v, uint64_t hash)
{
    const uint64_t  *found;

    found = v->n > 0 ? bsearch(&hash, v->hashes, v->n, sizeof(uint64_t),
                               recs_vocabulary_by_hash) : NULL;

    return found != NULL ? (uint32_t) (found - v->hashes) : v->n;
}
