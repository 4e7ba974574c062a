#include "recs_markup_memo.h"

#include <stdlib.h>
#include <string.h>


#define RECS_MARKUP_MEMO_SAMPLES  8


/* Of eight words, spread evenly; len is at least that of one. */
static uint64_t
recs_markup_memo_hash(const char *text, size_t len)
{
    int       i;
    size_t    step;
    uint64_t  word, hash;

    step = (len - sizeof(word)) / (RECS_MARKUP_MEMO_SAMPLES - 1);
    hash = len;

    for (i = 0; i < RECS_MARKUP_MEMO_SAMPLES; i++) {
        memcpy(&word, text + (size_t) i * step, sizeof(word));
        hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
        hash ^= hash >> 32;
    }

    return hash | 1;
}


static void
recs_markup_memo_state(recs_markup_memo_state_t *state,
    const recs_markup_t *m)
{
    memset(state, 0, sizeof(recs_markup_memo_state_t));
    memcpy(&state->html, &m->html, sizeof(recs_html_t));
    state->depth = m->depth;
    state->stale = m->stale;
    state->max_size = m->max_size;
}


/* Is nothing held back, so that the state is all there is? */
static int
recs_markup_memo_between(const recs_markup_t *m)
{
    return !m->off && !m->capturing && m->prefix_len == 0 && m->skip == 0
           && m->buffer_len == m->drop;
}


static int
recs_markup_memo_possible(const recs_markup_t *m, size_t len)
{
    return len >= sizeof(uint64_t) && len <= RECS_MARKUP_MEMO_TEXT
           && recs_markup_memo_between(m);
}


const recs_markup_memo_page_t *
recs_markup_memo_find(recs_markup_memo_t *memo, const recs_markup_t *m,
    const char *text, size_t len, uint64_t serial)
{
    uint64_t                   hash;
    recs_markup_memo_page_t   *page;
    recs_markup_memo_state_t   before;

    if (!recs_markup_memo_possible(m, len)) {
        return NULL;
    }

    hash = recs_markup_memo_hash(text, len);
    page = &memo->pages[(hash >> 32) % RECS_MARKUP_MEMO_PAGES];

    if (page->hash != hash || page->len != len) {
        return NULL;
    }

    recs_markup_memo_state(&before, m);

    if (memcmp(&before, &page->before, sizeof(before)) != 0) {
        return NULL;
    }

    if (serial == 0 || serial != page->serial) {
        if (memcmp(text, page->text, len) != 0) {
            return NULL;
        }

        page->serial = serial;
    }

    page->used = 1;

    return page;
}


void
recs_markup_memo_resume(const recs_markup_memo_page_t *page,
    recs_markup_t *m)
{
    m->html = page->after.html;
    m->depth = page->after.depth;
    m->stale = page->after.stale & 1;
}


recs_markup_token_t
recs_markup_memo_token(const recs_markup_memo_page_t *page, uint32_t i,
    const char *text)
{
    recs_markup_token_t  token;

    token = page->tokens[i];
    token.data = text + (token.data - page->text);

    return token;
}


void
recs_markup_memo_begin(recs_markup_memo_record_t *record,
    const recs_markup_t *m, const char *text, size_t len)
{
    record->text = text;
    record->len = len;
    record->n_tokens = 0;
    record->whole = recs_markup_memo_possible(m, len);

    if (record->whole) {
        recs_markup_memo_state(&record->before, m);
    }
}


/* From the scanner's memory to the same bytes in the chunk. */
static recs_str_t
recs_markup_memo_moved(recs_str_t s, const char *from, const char *to)
{
    if (s.len > 0) {
        s.data = to + (s.data - from);
    }

    return s;
}


void
recs_markup_memo_add(recs_markup_memo_record_t *record, const char *p,
    const recs_markup_token_t *token)
{
    recs_markup_token_t  *t, *last;

    last = record->n_tokens > 0 ? &record->tokens[record->n_tokens - 1]
                                : NULL;

    if (token->kind == RECS_MARKUP_PASS && last != NULL
        && last->kind == RECS_MARKUP_PASS)
    {
        last->len += token->len;
        return;
    }

    if (!record->whole || token->kind == RECS_MARKUP_HELD
        || record->n_tokens == RECS_MARKUP_MEMO_TOKENS
        || token->len > (size_t) (p - record->text))
    {
        record->whole = 0;
        return;
    }

    t = &record->tokens[record->n_tokens++];

    if (token->kind == RECS_MARKUP_ELEMENT) {
        *t = *token;
        t->data = p - token->len;
        t->name = recs_markup_memo_moved(token->name, token->data, t->data);
        t->count = recs_markup_memo_moved(token->count, token->data, t->data);
        return;
    }

    /* Of bytes that pass nothing else is set. */

    memset(t, 0, sizeof(recs_markup_token_t));
    t->kind = token->kind;
    t->data = p - token->len;
    t->len = token->len;
}


static void
recs_markup_memo_forget(recs_markup_memo_page_t *page)
{
    free(page->text);
    free(page->tokens);
    memset(page, 0, sizeof(recs_markup_memo_page_t));
}


static void
recs_markup_memo_store(recs_markup_memo_page_t *page, uint64_t hash,
    const recs_markup_memo_record_t *record, const recs_markup_t *m)
{
    uint32_t              i;
    recs_markup_token_t  *t;

    recs_markup_memo_forget(page);

    page->text = malloc(record->len);
    page->tokens = malloc((record->n_tokens + 1)
                          * sizeof(recs_markup_token_t));

    if (page->text == NULL || page->tokens == NULL) {
        recs_markup_memo_forget(page);
        return;
    }

    memcpy(page->text, record->text, record->len);

    for (i = 0; i < record->n_tokens; i++) {
        t = &page->tokens[i];

        *t = record->tokens[i];
        t->name = recs_markup_memo_moved(t->name, record->text, page->text);
        t->count = recs_markup_memo_moved(t->count, record->text, page->text);
        t->data = page->text + (t->data - record->text);
    }

    page->hash = hash;
    page->len = record->len;
    page->n_tokens = record->n_tokens;
    page->before = record->before;
    recs_markup_memo_state(&page->after, m);
}


void
recs_markup_memo_keep(recs_markup_memo_t *memo,
    const recs_markup_memo_record_t *record, const recs_markup_t *m)
{
    size_t                    i;
    uint64_t                  hash;
    recs_markup_memo_page_t  *page;

    if (!record->whole || !recs_markup_memo_between(m)) {
        return;
    }

    hash = recs_markup_memo_hash(record->text, record->len);
    i = (hash >> 32) % RECS_MARKUP_MEMO_PAGES;
    page = &memo->pages[i];

    if (memo->seen[i] != hash) {
        memo->seen[i] = hash;
        return;
    }

    /* What was of use lately stays, for once. */

    if (page->used) {
        page->used = 0;
        return;
    }

    recs_markup_memo_store(page, hash, record, m);
}


void
recs_markup_memo_clear(recs_markup_memo_t *memo)
{
    int  i;

    for (i = 0; i < RECS_MARKUP_MEMO_PAGES; i++) {
        recs_markup_memo_forget(&memo->pages[i]);
    }

    memset(memo, 0, sizeof(recs_markup_memo_t));
}
