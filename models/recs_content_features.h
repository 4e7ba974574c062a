/*
 * recs_content_features: what an item's attributes say, as numbers.  Private
 * to models/.
 *
 * An attribute's value is cut at '|' into parts, ASCII letters in lower case,
 * and read as words (core/recs_text.h, stemmed as recs_item_terms.h says);
 * each part and each word is a token of its column.  A
 * token is a feature where at least RECS_CONTENT_ITEMS_MIN of the items that
 * the vocabulary is made from have it, and at most half of them; of more
 * than RECS_CONTENT_FEATURES_MAX the most frequent ones.
 */

#ifndef _RECS_CONTENT_FEATURES_H_INCLUDED_
#define _RECS_CONTENT_FEATURES_H_INCLUDED_


#include "recs_model.h"
#include "recs_text.h"


#define RECS_CONTENT_ITEMS_MIN     3
#define RECS_CONTENT_FEATURES_MAX  2048
#define RECS_CONTENT_TOKENS_MAX    256    /* of an item; the rest is unread */


/* Zeroed before its first use; of one thread, since reading texts is. */
typedef struct {
    recs_text_t  *text;
    uint32_t      language;               /* column, or RECS_COLUMN_NO */
    uint64_t  *tokens;                    /* [n], rising */
    uint32_t   n;
} recs_content_vocabulary_t;

/* A token's weight is 1 / sqrt(the number of features the item has). */
typedef struct {
    uint32_t   n;
    uint32_t   features[RECS_CONTENT_TOKENS_MAX];         /* rising */
    float      weight;
} recs_content_row_t;


/* From the records of the n given items.  n 0, or none: 0 features. */
recs_status_t recs_content_vocabulary_create(recs_content_vocabulary_t *v,
    const recs_entities_t *entities, const uint32_t *items, uint32_t n,
    recs_error_t *err);
void recs_content_vocabulary_free(recs_content_vocabulary_t *v);

/* The features that the record has; row->n may be 0. */
void recs_content_row(const recs_content_vocabulary_t *v, recs_str_t record,
    recs_content_row_t *row);


#endif /* _RECS_CONTENT_FEATURES_H_INCLUDED_ */
