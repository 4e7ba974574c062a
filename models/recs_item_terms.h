/*
 * recs_item_terms: what the attributes of items say, counted.  Private to
 * models/.
 *
 * Every attribute but `url`, `image` and `language`, and every value but an
 * address, is read twice: as text, whose words are terms whatever the
 * attribute (core/recs_text.h), and as labels, the parts between '|' of up to
 * RECS_LABEL_MAX bytes, each a label of its attribute, ASCII letters in lower
 * case.  A value without a letter has labels but no words.
 *
 * An item's `language` ("de", "pt-BR") says how its words are stemmed; where
 * it is missing or unknown, recs_language.h says it by the words' script.
 */

#ifndef _RECS_ITEM_TERMS_H_INCLUDED_
#define _RECS_ITEM_TERMS_H_INCLUDED_


#include "recs_model.h"


#define RECS_LABEL_MAX  128


/* A bag of hashes for each item; zeroed before its first use. */
typedef struct {
    uint64_t  *offsets;                   /* [n_items + 1] */
    uint64_t  *hashes;                    /* rising in an item */
    float     *counts;
    uint64_t   size;                      /* room in both */
} recs_bags_t;

typedef struct {
    uint32_t          n_items;
    recs_bags_t       words;
    recs_bags_t       labels;             /* counts are 1 */
    uint8_t          *item_languages;     /* [n_items] recs_language_t, as the
                                             attribute says */
    recs_languages_t  languages;          /* by which words were stemmed */
} recs_item_terms_t;


/* Zeroed before; freed by recs_item_terms_free().  RECS_NOMEM, RECS_IO. */
recs_status_t recs_item_terms_create(recs_item_terms_t *terms,
    const recs_entities_t *items, recs_error_t *err);
void recs_item_terms_free(recs_item_terms_t *terms);

/* The column `language`, or RECS_COLUMN_NO; what it says of an item. */
uint32_t recs_item_language_column(const recs_entities_t *items);
recs_language_t recs_item_language(recs_str_t record, uint32_t column);


#endif /* _RECS_ITEM_TERMS_H_INCLUDED_ */
