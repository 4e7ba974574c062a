/*
 * recs_text: the words of a text in any language, as terms.
 *
 *     1. UTF-8 is read; what is not UTF-8 becomes U+FFFD, which is no word
 *     2. NFKC_Casefold: full-width, ligatures, case, soft hyphens
 *     3. words by ICU's word iterator (UAX #29; Chinese, Japanese and Thai by
 *        dictionary); punctuation and space are none
 *     4. a word's stem by Snowball, by the language of its script
 *        (recs_language.h)
 *     5. a term: the stem, known by the XXH3-64 of its UTF-8
 *
 * Training reads items with the one language of each script, a question is
 * read with every language that the items are in: its words then come as
 * several terms each, one for each stem that differs.
 *
 * What is beyond a text's first bytes_max bytes is not read; neither are
 * words of more than RECS_TEXT_WORD_MAX bytes.
 */

#ifndef _RECS_TEXT_H_INCLUDED_
#define _RECS_TEXT_H_INCLUDED_


#include "recs_language.h"
#include "recs_status.h"


#define RECS_TEXT_BYTES_MAX  65536        /* what bytes_max may be */
#define RECS_TEXT_WORD_MAX   64


/* Iterators, stemmers and buffers; one per thread or nginx worker. */
typedef struct recs_text_s  recs_text_t;

typedef struct {
    uint64_t    hash;
    uint32_t    word;                     /* whose stem it is, from 0 */
    recs_str_t  stem;                     /* until the next call */
} recs_term_t;


/*
 * Opens what recs_text_next() will need, with the stemmers of languages; all
 * data is loaded.  RECS_NOMEM; RECS_IO where ICU has not its data or Snowball
 * no such stemmer.
 */
recs_status_t recs_text_create(recs_text_t **text, size_t bytes_max,
    recs_languages_t languages, recs_error_t *err);
void recs_text_destroy(recs_text_t *text);

/*
 * Begins with another text, in languages (of those that it was created with);
 * data need not stay.  What ICU cannot read has no words.
 */
void recs_text_start(recs_text_t *text, recs_str_t data,
    recs_languages_t languages);

/* The next term; 0 after the last. */
int recs_text_next(recs_text_t *text, recs_term_t *term);

/* The languages by which words were stemmed, of all texts so far. */
recs_languages_t recs_text_stemmed(const recs_text_t *text);


#endif /* _RECS_TEXT_H_INCLUDED_ */
