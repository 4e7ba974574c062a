/*
 * Content: what items say of themselves, whoever met them.
 *
 * A row of A for each item: the weights of its words and, scaled, of its
 * labels (recs_item_terms.h, recs_vocabulary.h), the whole of length 1.  With
 * A ~ U diag(S) V' (recs_svd.h) an item's vector is its row of U diag(S) = A V,
 * a word's its row of V: a question, a row of weights q, is q V, and
 * (q V) (A V)' is what q and the items have in common, as far as rank goes.
 * Vectors that were given (recs_content_vectors.h) stand behind it, so that
 * their products add up by vector_weight; words have none of theirs.  A user's
 * vector is the mean of the items he met, by weight, of length 1.
 */

#include "recs_content_vectors.h"
#include "recs_item_terms.h"
#include "recs_popularity.h"
#include "recs_svd.h"
#include "recs_trained.h"
#include "recs_trainers.h"
#include "recs_vocabulary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>


/* A label of one item alone is nothing that it has in common with another. */
#define RECS_CONTENT_LABEL_ITEMS  2

enum {
    RECS_CONTENT_FACTORS,
    RECS_CONTENT_TERMS,
    RECS_CONTENT_STOP_SHARE,
    RECS_CONTENT_LABEL_WEIGHT,
    RECS_CONTENT_VECTOR_WEIGHT,
    RECS_CONTENT_VECTOR_FACTORS,
    RECS_CONTENT_HALF_LIFE,
    RECS_CONTENT_N_PARAMS
};

static const recs_param_t  recs_content_params[] = {
    { "factors", 128, 1, RECS_FACTORS_MAX, 1,
      "dimensions of the vectors; fewer where the items say less" },
    { "terms", 65536, 1, RECS_TERMS_MAX, 1,
      "words that are known, the most frequent of all" },
    { "stop_share", 0.5, 0.01, 1, 0,
      "a word in more than this share of a language's items says nothing" },
    { "label_weight", 1, 0, 100, 0,
      "of an item's labels beside its words" },
    { "vector_weight", 0.5, 0, 1, 0,
      "share of vectors that were given (--vectors) beside what items say" },
    { "vector_factors", 128, 1, RECS_FACTORS_MAX, 1,
      "dimensions to which those are reduced" },
    RECS_POPULARITY_HALF_LIFE
};


typedef struct {
    const recs_dataset_view_t  *view;
    const double               *values;
    recs_item_terms_t           items;
    recs_vocabulary_t           words;
    recs_vocabulary_t           labels;
    recs_sparse_copy_t          rows;     /* items x words and labels */
    recs_svd_t                  svd;
    recs_content_vectors_t      given;
} recs_content_model_t;


static void
recs_content_model_free(recs_content_model_t *c)
{
    recs_item_terms_free(&c->items);
    recs_vocabulary_free(&c->words);
    recs_vocabulary_free(&c->labels);
    recs_sparse_copy_free(&c->rows);
    recs_svd_free(&c->svd);
    recs_content_vectors_free(&c->given);
}


static recs_status_t
recs_content_read(recs_content_model_t *c, recs_error_t *err)
{
    recs_status_t             status;
    recs_vocabulary_params_t  words, labels;

    status = recs_item_terms_create(&c->items, &c->view->item_entities, err);
    if (status != RECS_OK) {
        return status;
    }

    words.n_items_min = 1;
    words.n_max = (uint32_t) c->values[RECS_CONTENT_TERMS];
    words.stop_share = c->values[RECS_CONTENT_STOP_SHARE];
    words.languages = c->items.item_languages;

    labels = words;
    labels.n_items_min = RECS_CONTENT_LABEL_ITEMS;
    labels.languages = NULL;

    status = recs_vocabulary_create(&c->words, &c->items.words,
                                    c->view->n_items, &words, err);

    return status == RECS_OK
           ? recs_vocabulary_create(&c->labels, &c->items.labels,
                                    c->view->n_items, &labels, err)
           : status;
}


/* Adds what counts in an item's bag; hashes rise, so columns do. */
static void
recs_content_add(recs_content_model_t *c, const recs_bags_t *bags,
    const recs_vocabulary_t *v, uint32_t item, uint32_t first, double weight)
{
    uint64_t  k, at;

    at = c->rows.offsets[item + 1];

    for (k = bags->offsets[item]; k < bags->offsets[item + 1]; k++) {
        if (bags->counts[k] > 0 && weight > 0) {
            c->rows.columns[at] = first + recs_vocabulary_find(v,
                                                           bags->hashes[k]);
            c->rows.values[at++] = (float) (bags->counts[k] * weight);
        }
    }

    c->rows.offsets[item + 1] = at;
}


static void
recs_content_scale(recs_content_model_t *c, uint32_t item)
{
    double    squares;
    uint64_t  k;

    squares = 0;

    for (k = c->rows.offsets[item]; k < c->rows.offsets[item + 1]; k++) {
        squares += (double) c->rows.values[k] * c->rows.values[k];
    }

    for (k = c->rows.offsets[item]; k < c->rows.offsets[item + 1]; k++) {
        c->rows.values[k] = (float) (c->rows.values[k] / sqrt(squares));
    }
}


static recs_status_t
recs_content_rows(recs_content_model_t *c, recs_error_t *err)
{
    size_t    n;
    uint32_t  i, n_items;

    n_items = c->view->n_items;
    n = (size_t) (c->items.words.offsets[n_items]
                  + c->items.labels.offsets[n_items]) + 1;

    c->rows.offsets = calloc((size_t) n_items + 1, sizeof(uint64_t));
    c->rows.columns = malloc(n * sizeof(uint32_t));
    c->rows.values = malloc(n * sizeof(float));

    if (c->rows.offsets == NULL || c->rows.columns == NULL
        || c->rows.values == NULL)
    {
        return recs_error(err, RECS_NOMEM, "no memory for what %u items say",
                          n_items);
    }

    for (i = 0; i < n_items; i++) {
        c->rows.offsets[i + 1] = c->rows.offsets[i];
        recs_content_add(c, &c->items.words, &c->words, i, 0, 1);
        recs_content_add(c, &c->items.labels, &c->labels, i, c->words.n,
                         c->values[RECS_CONTENT_LABEL_WEIGHT]);
        recs_content_scale(c, i);
    }

    c->rows.matrix.n_rows = n_items;
    c->rows.matrix.n_columns = c->words.n + c->labels.n;
    c->rows.matrix.offsets = c->rows.offsets;
    c->rows.matrix.columns = c->rows.columns;
    c->rows.matrix.values = c->rows.values;

    return RECS_OK;
}


static recs_status_t
recs_content_decompose(recs_content_model_t *c,
    const recs_train_options_t *options, recs_threads_t *threads,
    recs_error_t *err)
{
    uint32_t           smaller;
    recs_svd_params_t  params;

    /* Nothing is said: of rank 0. */
    if (c->rows.offsets[c->view->n_items] == 0) {
        return RECS_OK;
    }

    smaller = c->rows.matrix.n_rows < c->rows.matrix.n_columns
              ? c->rows.matrix.n_rows : c->rows.matrix.n_columns;

    params.rank = (uint32_t) c->values[RECS_CONTENT_FACTORS];
    params.rank = params.rank < smaller ? params.rank : smaller;
    params.n_iterations = RECS_SVD_ITERATIONS;
    params.seed = options->seed;

    return recs_svd(&c->svd, &c->rows.matrix, &params, threads, err);
}


static recs_status_t
recs_content_reduce(recs_content_model_t *c, const recs_dataset_t *dataset,
    const recs_train_options_t *options, recs_error_t *err)
{
    recs_status_t    status;
    recs_threads_t  *threads;

    status = recs_threads_create(&threads, options->n_threads, err);
    if (status != RECS_OK) {
        return status;
    }

    status = recs_content_decompose(c, options, threads, err);

    if (status == RECS_OK && options->item_vectors != NULL) {
        status = recs_content_vectors_create(&c->given, dataset,
            options->item_vectors,
            (uint32_t) c->values[RECS_CONTENT_VECTOR_FACTORS], options->seed,
            threads, err);
    }

    recs_threads_destroy(threads);

    if (status != RECS_OK) {
        return status;
    }

    if (c->svd.rank + c->given.n_factors == 0) {
        return recs_error(err, RECS_INVALID, "no item has an attribute with "
                          "words, there is nothing to train on: import with "
                          "--items");
    }

    if (c->svd.rank + c->given.n_factors > RECS_FACTORS_MAX) {
        return recs_error(err, RECS_INVALID, "factors and vector_factors are "
                          "%u together, at most %d are possible",
                          c->svd.rank + c->given.n_factors,
                          RECS_FACTORS_MAX);
    }

    return RECS_OK;
}


/* What an item says, then what was given of it. */
static void
recs_content_item(const recs_content_model_t *c, size_t item, float *vector)
{
    double    said, given;
    uint32_t  f, rank;

    rank = c->svd.rank;
    given = c->given.n_factors > 0 ? c->values[RECS_CONTENT_VECTOR_WEIGHT]
                                   : 0;
    said = sqrt(1 - given);
    given = sqrt(given);

    for (f = 0; f < rank; f++) {
        vector[f] = (float) (said * c->svd.u[item * rank + f]
                             * c->svd.s[f]);
    }

    for (f = 0; f < c->given.n_factors; f++) {
        vector[rank + f] = (float) (given
                           * c->given.rows[item * c->given.n_factors + f]);
    }
}


/* A user's mean of the items that he met, of length 1 (or none). */
static void
recs_content_user(const recs_content_model_t *c, uint32_t user,
    const float *items, uint32_t rank, float *vector)
{
    double        norm;
    uint32_t      f;
    uint64_t      k;
    const float  *item;

    memset(vector, 0, rank * sizeof(float));

    for (k = c->view->user_offsets[user]; k < c->view->user_offsets[user + 1];
         k++)
    {
        item = items + (size_t) c->view->items[k] * rank;

        for (f = 0; f < rank; f++) {
            vector[f] += c->view->weights[k] * item[f];
        }
    }

    norm = 0;

    for (f = 0; f < rank; f++) {
        norm += (double) vector[f] * vector[f];
    }

    for (f = 0; f < rank; f++) {
        vector[f] = norm > 0 ? (float) (vector[f] / sqrt(norm)) : 0;
    }
}


static recs_status_t
recs_content_vectors(recs_content_model_t *c, recs_trained_base_t *base,
    recs_error_t *err)
{
    uint32_t       n_factors;
    size_t         i, n_items, n_users;
    recs_model_t  *model;

    model = &base->trained.model;
    n_factors = c->svd.rank + c->given.n_factors;
    n_items = c->view->n_items;
    n_users = c->view->n_users;

    base->item_factors = malloc(n_items * n_factors * sizeof(float));
    base->user_factors = malloc((n_users * n_factors + 1) * sizeof(float));

    if (base->item_factors == NULL || base->user_factors == NULL) {
        return recs_error(err, RECS_NOMEM, "out of memory");
    }

    for (i = 0; i < n_items; i++) {
        recs_content_item(c, i, base->item_factors + i * n_factors);
    }

    for (i = 0; i < n_users; i++) {
        recs_content_user(c, (uint32_t) i, base->item_factors, n_factors,
                          base->user_factors + i * n_factors);
    }

    model->n_factors = n_factors;
    model->item_factors = base->item_factors;
    model->user_factors = base->user_factors;

    return RECS_OK;
}


/* Words are the first rows of V. */
static recs_status_t
recs_content_terms(recs_content_model_t *c, recs_trained_base_t *base,
    recs_error_t *err)
{
    size_t    n_factors;
    uint32_t  i;

    if (c->words.n == 0) {
        return RECS_OK;
    }

    n_factors = c->svd.rank + c->given.n_factors;
    base->term_factors = calloc(c->words.n * n_factors, sizeof(float));

    if (base->term_factors == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory for %u words",
                          c->words.n);
    }

    for (i = 0; i < c->words.n; i++) {
        memcpy(base->term_factors + i * n_factors,
               c->svd.v + (size_t) i * c->svd.rank,
               c->svd.rank * sizeof(float));
    }

    base->term_hashes = c->words.hashes;
    base->term_weights = c->words.idf;
    c->words.hashes = NULL;
    c->words.idf = NULL;

    base->terms.n = c->words.n;
    base->terms.hashes = base->term_hashes;
    base->terms.weights = base->term_weights;
    base->terms.factors = base->term_factors;
    base->terms.languages = c->items.languages;
    base->trained.model.terms = &base->terms;

    return RECS_OK;
}


static void
recs_content_notes(const recs_content_model_t *c, recs_trained_base_t *base)
{
    double    explained;
    uint32_t  i, n, f;

    explained = 0;

    for (f = 0; f < c->svd.rank; f++) {
        explained += (double) c->svd.s[f] * c->svd.s[f];
    }

    for (i = 0, n = 0; i < c->view->n_items; i++) {
        n += c->rows.offsets[i + 1] > c->rows.offsets[i];
    }

    recs_trained_note(base, "content_items", n);
    recs_trained_note(base, "content_terms", c->words.n);
    recs_trained_note(base, "content_stop_words", c->words.n_stop_words);
    recs_trained_note(base, "content_labels", c->labels.n);

    /* The rows' squares add up to their number. */
    recs_trained_note(base, "content_explained", n > 0 ? explained / n : 0);

    if (c->given.n_factors > 0) {
        recs_trained_note(base, "content_vectors", c->given.n_items);
    }
}


static recs_status_t
recs_content_finish(recs_content_model_t *c,
    const recs_train_options_t *options, recs_trained_t **trained,
    recs_error_t *err)
{
    recs_status_t         status;
    recs_trained_base_t  *base;

    status = recs_trained_create(&base, &recs_content_trainer, c->view,
                                 options->values, options->seed, err);
    if (status != RECS_OK) {
        return status;
    }

    recs_content_notes(c, base);
    status = recs_content_vectors(c, base, err);

    if (status == RECS_OK) {
        status = recs_trained_popularity(base, c->view,
                                         c->values[RECS_CONTENT_HALF_LIFE],
                                         err);
    }

    if (status == RECS_OK) {
        status = recs_content_terms(c, base, err);
    }

    if (status != RECS_OK) {
        recs_trained_destroy(&base->trained);
        return status;
    }

    *trained = &base->trained;

    return RECS_OK;
}


static recs_status_t
recs_content_train(const recs_dataset_t *dataset,
    const recs_train_options_t *options, recs_trained_t **trained,
    recs_error_t *err)
{
    recs_status_t         status;
    recs_content_model_t  c;

    memset(&c, 0, sizeof(recs_content_model_t));
    c.view = recs_dataset_view(dataset);
    c.values = options->values;

    if ((status = recs_trained_check(c.view, err)) == RECS_OK
        && (status = recs_content_read(&c, err)) == RECS_OK
        && (status = recs_content_rows(&c, err)) == RECS_OK
        && (status = recs_content_reduce(&c, dataset, options, err))
           == RECS_OK)
    {
        status = recs_content_finish(&c, options, trained, err);
    }

    recs_content_model_free(&c);

    return status;
}


const recs_trainer_t  recs_content_trainer = {
    "content",
    "what items say of themselves: words, labels; answers questions",
    recs_content_params,
    RECS_CONTENT_N_PARAMS,
    recs_content_train
};
