#include "recs_content_features.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "recs_item_terms.h"


#define RECS_CONTENT_VALUE_MAX  1024      /* bytes of a value that are read */
#define RECS_CONTENT_WORD_MIN   2


typedef struct {
    uint64_t  tokens[RECS_CONTENT_TOKENS_MAX];
    uint32_t  n;
} recs_content_tokens_t;

typedef struct {
    uint64_t  token;
    uint32_t  n_items;
} recs_content_count_t;


static int
recs_content_compare(const void *a, const void *b)
{
    uint64_t  x, y;

    x = *(const uint64_t *) a;
    y = *(const uint64_t *) b;

    return x < y ? -1 : x > y;
}


/* The most frequent first, ties by token. */
static int
recs_content_compare_counts(const void *a, const void *b)
{
    const recs_content_count_t  *x, *y;

    x = a;
    y = b;

    if (x->n_items != y->n_items) {
        return x->n_items > y->n_items ? -1 : 1;
    }

    return recs_content_compare(&x->token, &y->token);
}


static void
recs_content_token(recs_content_tokens_t *t, uint32_t column, int word,
    const char *text, size_t len)
{
    if (len >= RECS_CONTENT_WORD_MIN && t->n < RECS_CONTENT_TOKENS_MAX) {
        t->tokens[t->n++] = XXH3_64bits_withSeed(text, len,
                                                 2 * column + (word ? 1 : 0));
    }
}


/* A word has a hash already; that it is of this column makes it another. */
static void
recs_content_words(recs_content_tokens_t *t, const recs_content_vocabulary_t *v,
    uint32_t column, recs_str_t value, recs_languages_t languages)
{
    recs_term_t  term;

    recs_text_start(v->text, value, languages);

    while (recs_text_next(v->text, &term)) {
        recs_content_token(t, column, 1, (const char *) &term.hash,
                           sizeof(uint64_t));
    }
}


static void
recs_content_parts(recs_content_tokens_t *t, uint32_t column,
    recs_str_t value)
{
    char    text[RECS_CONTENT_VALUE_MAX];
    size_t  i, start;

    for (i = 0; i < value.len; i++) {
        text[i] = value.data[i] >= 'A' && value.data[i] <= 'Z'
                  ? (char) (value.data[i] | 0x20) : value.data[i];
    }

    for (i = 0; i < value.len; i++) {
        start = i;

        while (i < value.len && text[i] != '|') {
            i++;
        }

        recs_content_token(t, column, 0, text + start, i - start);
    }
}


/* The record's distinct tokens, rising. */
static void
recs_content_tokens(const recs_content_vocabulary_t *v, recs_str_t record,
    recs_content_tokens_t *t)
{
    size_t            pos;
    uint32_t          i, n, column;
    recs_str_t        value;
    recs_languages_t  languages;

    t->n = 0;
    pos = 0;
    languages = recs_languages_of(recs_item_language(record, v->language));

    while (recs_record_next(record, &pos, &column, &value)) {
        if (value.len > RECS_CONTENT_VALUE_MAX) {
            value.len = RECS_CONTENT_VALUE_MAX;
        }

        recs_content_parts(t, column, value);
        recs_content_words(t, v, column, value, languages);
    }

    qsort(t->tokens, t->n, sizeof(uint64_t), recs_content_compare);

    for (i = 0, n = 0; i < t->n; i++) {
        if (i == 0 || t->tokens[i] != t->tokens[i - 1]) {
            t->tokens[n++] = t->tokens[i];
        }
    }

    t->n = n;
}


/* Sorts the tokens of n_items items and keeps those that are features. */
static recs_status_t
recs_content_select(recs_content_vocabulary_t *v, uint64_t *all, size_t n_all,
    uint32_t n_items, recs_error_t *err)
{
    size_t                 i, first, n;
    recs_content_count_t  *counts;

    qsort(all, n_all, sizeof(uint64_t), recs_content_compare);

    counts = malloc((n_all / RECS_CONTENT_ITEMS_MIN + 1)
                    * sizeof(recs_content_count_t));
    if (counts == NULL) {
        return recs_error(err, RECS_NOMEM, "out of memory");
    }

    n = 0;

    for (i = 0; i < n_all; /* void */ ) {
        first = i;

        while (i < n_all && all[i] == all[first]) {
            i++;
        }

        if (i - first >= RECS_CONTENT_ITEMS_MIN && i - first <= n_items / 2) {
            counts[n].token = all[first];
            counts[n].n_items = (uint32_t) (i - first);
            n++;
        }
    }

    qsort(counts, n, sizeof(recs_content_count_t),
          recs_content_compare_counts);

    v->n = (uint32_t) (n < RECS_CONTENT_FEATURES_MAX
                       ? n : RECS_CONTENT_FEATURES_MAX);
    v->tokens = malloc((v->n + 1) * sizeof(uint64_t));

    if (v->tokens == NULL) {
        free(counts);
        return recs_error(err, RECS_NOMEM, "out of memory");
    }

    for (i = 0; i < v->n; i++) {
        v->tokens[i] = counts[i].token;
    }

    qsort(v->tokens, v->n, sizeof(uint64_t), recs_content_compare);
    free(counts);

    return RECS_OK;
}


recs_status_t
recs_content_vocabulary_create(recs_content_vocabulary_t *v,
    const recs_entities_t *entities, const uint32_t *items, uint32_t n,
    recs_error_t *err)
{
    size_t                  n_all, size;
    uint32_t                i;
    uint64_t               *all, *larger;
    recs_status_t           status;
    recs_content_tokens_t   t;

    all = NULL;
    n_all = 0;
    size = 0;
    memset(v, 0, sizeof(recs_content_vocabulary_t));
    v->language = recs_item_language_column(entities);

    status = recs_text_create(&v->text, RECS_CONTENT_VALUE_MAX,
                              RECS_LANGUAGES_ALL, err);
    if (status != RECS_OK) {
        return status;
    }

    for (i = 0; i < n; i++) {
        recs_content_tokens(v, entities->record(entities->data, items[i]),
                            &t);

        if (n_all + t.n > size) {
            size = 2 * size + RECS_CONTENT_TOKENS_MAX;
            larger = realloc(all, size * sizeof(uint64_t));

            if (larger == NULL) {
                status = recs_error(err, RECS_NOMEM, "out of memory");
                goto done;
            }

            all = larger;
        }

        if (t.n > 0) {
            memcpy(all + n_all, t.tokens, t.n * sizeof(uint64_t));
            n_all += t.n;
        }
    }

    status = n_all > 0 ? recs_content_select(v, all, n_all, n, err) : RECS_OK;

done:

    free(all);

    return status;
}


void
recs_content_vocabulary_free(recs_content_vocabulary_t *v)
{
    free(v->tokens);
    recs_text_destroy(v->text);
    memset(v, 0, sizeof(recs_content_vocabulary_t));
}


void
recs_content_row(const recs_content_vocabulary_t *v, recs_str_t record,
    recs_content_row_t *row)
{
    uint32_t                i;
    const uint64_t         *found;
    recs_content_tokens_t   t;

    row->n = 0;
    recs_content_tokens(v, record, &t);

    for (i = 0; i < t.n && v->n > 0; i++) {
        found = bsearch(&t.tokens[i], v->tokens, v->n, sizeof(uint64_t),
                        recs_content_compare);

        if (found != NULL) {
            row->features[row->n++] = (uint32_t) (found - v->tokens);
        }
    }

    row->weight = row->n > 0 ? 1.0f / sqrtf((float) row->n) : 0.0f;
}
