/*
 * recs_markup_run: a document through recs_markup in chunks of given sizes,
 * for the tests and the fuzzer.
 */

#ifndef _RECS_MARKUP_RUN_H_INCLUDED_
#define _RECS_MARKUP_RUN_H_INCLUDED_


#include "recs_markup_memo.h"


typedef struct {
    char    *text;              /* everything that came out */
    size_t   len;
    char     found[8192];       /* "[name|count|template|content]" of each
                                   element; L, U, M for a fault */
    size_t   n_found;
    size_t   n_elements;
    size_t   n_remembered;      /* chunks that were not scanned */
} recs_markup_run_t;


/* chunk(data) is the size of the next chunk; NULL: all at once. */
void recs_markup_run(recs_markup_run_t *run, const char *html, size_t len,
    size_t max_size, size_t (*chunk)(void *data), void *data);
/* The same with what memo remembers; it may be NULL. */
void recs_markup_run_memo(recs_markup_run_t *run, recs_markup_memo_t *memo,
    const char *html, size_t len, size_t max_size,
    size_t (*chunk)(void *data), void *data);
void recs_markup_run_free(recs_markup_run_t *run);


#endif /* _RECS_MARKUP_RUN_H_INCLUDED_ */
