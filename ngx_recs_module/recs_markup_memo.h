/*
 * recs_markup_memo: what recs_markup has found in a chunk, remembered by the
 * chunk's every byte.
 *
 * All visitors share a page: its bytes are the same ones again and again, and
 * comparing them with a copy takes a tenth of the time that scanning takes.
 * A chunk is kept when it comes for the second time, as long as its place is
 * not in use: pages that never come again cost a look at 64 of their bytes.
 *
 *     page = recs_markup_memo_find(memo, &m, text, len, 0);
 *     if (page != NULL) {
 *         recs_markup_memo_resume(page, &m);      as if it had been scanned
 *         ... page->tokens, moved to text by recs_markup_memo_token() ...
 *     }
 *
 *     recs_markup_memo_begin(&record, &m, text, len);
 *     ... recs_markup_next(&m, &p, end, &token);
 *         recs_markup_memo_add(&record, p, &token); ...
 *     recs_markup_memo_keep(memo, &record, &m);
 */

#ifndef _RECS_MARKUP_MEMO_H_INCLUDED_
#define _RECS_MARKUP_MEMO_H_INCLUDED_


#include <stdint.h>

#include "recs_markup.h"


#define RECS_MARKUP_MEMO_PAGES   32
#define RECS_MARKUP_MEMO_TEXT    65536          /* bytes of a chunk, at most */
#define RECS_MARKUP_MEMO_TOKENS  48


/* Between two chunks; nothing may be held back. */
typedef struct {
    recs_html_t  html;
    unsigned     depth;
    unsigned     stale;
    size_t       max_size;
} recs_markup_memo_state_t;

typedef struct {
    uint64_t                   hash;            /* of samples; 0: empty */
    char                      *text;            /* owned */
    size_t                     len;
    uint64_t                   serial;          /* 0: none */
    unsigned                   used:1;          /* since the last conflict */
    recs_markup_memo_state_t   before;
    recs_markup_memo_state_t   after;
    uint32_t                   n_tokens;
    recs_markup_token_t       *tokens;          /* owned; into text */
} recs_markup_memo_page_t;

/* All zero: empty. */
typedef struct {
    recs_markup_memo_page_t  pages[RECS_MARKUP_MEMO_PAGES];
    uint64_t                 seen[RECS_MARKUP_MEMO_PAGES];  /* hashes, once */
} recs_markup_memo_t;

typedef struct {
    const char                *text;
    size_t                     len;
    int                        whole;           /* so far */
    recs_markup_memo_state_t   before;
    uint32_t                   n_tokens;
    recs_markup_token_t        tokens[RECS_MARKUP_MEMO_TOKENS];
} recs_markup_memo_record_t;


/*
 * The chunk's page, valid until the next keep(); NULL: scan it.  serial is a
 * number that no other bytes were ever given: what was found by it once needs
 * no comparing.  0: there is none.
 */
const recs_markup_memo_page_t *recs_markup_memo_find(
    recs_markup_memo_t *memo, const recs_markup_t *m, const char *text,
    size_t len, uint64_t serial);

/* Puts m behind the chunk. */
void recs_markup_memo_resume(const recs_markup_memo_page_t *page,
    recs_markup_t *m);

/* Token i with its bytes in text; name and count stay the page's. */
recs_markup_token_t recs_markup_memo_token(
    const recs_markup_memo_page_t *page, uint32_t i, const char *text);

void recs_markup_memo_begin(recs_markup_memo_record_t *record,
    const recs_markup_t *m, const char *text, size_t len);

/* p: behind the token, in the chunk. */
void recs_markup_memo_add(recs_markup_memo_record_t *record, const char *p,
    const recs_markup_token_t *token);

/* Keeps the chunk or not; where there is no memory, not. */
void recs_markup_memo_keep(recs_markup_memo_t *memo,
    const recs_markup_memo_record_t *record, const recs_markup_t *m);

void recs_markup_memo_clear(recs_markup_memo_t *memo);


#endif /* _RECS_MARKUP_MEMO_H_INCLUDED_ */
