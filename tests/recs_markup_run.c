#include "recs_markup_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>


static void *
recs_markup_run_alloc(void *data, void *old, size_t old_size, size_t size)
{
    (void) data;
    (void) old_size;

    return realloc(old, size);
}


static void
recs_markup_run_token(recs_markup_run_t *run, const recs_markup_token_t *t)
{
    static const char *const  faults[] = { "", "L", "U", "M" };

    memcpy(run->text + run->len, t->data, t->len);
    run->len += t->len;

    if (t->kind == RECS_MARKUP_ELEMENT) {
        run->n_elements++;
        run->n_found += (size_t) snprintf(run->found + run->n_found,
            sizeof(run->found) - run->n_found, "[%.*s|%.*s|%.*s|%.*s]",
            (int) t->name.len, t->name.len ? t->name.data : "",
            (int) t->count.len, t->count.len ? t->count.data : "",
            (int) (t->template_end - t->template_at),
            t->data + t->template_at,
            (int) (t->end_tag_at - t->start_tag_len),
            t->data + t->start_tag_len);

    } else if (t->kind == RECS_MARKUP_HELD) {
        run->n_found += (size_t) snprintf(run->found + run->n_found,
            sizeof(run->found) - run->n_found, "%s", faults[t->fault]);
    }

    /* What was found is of interest, not pages of it. */

    if (run->n_found > sizeof(run->found) / 2) {
        run->n_found = sizeof(run->found) / 2;
    }
}


static void
recs_markup_run_chunk(recs_markup_run_t *run, recs_markup_memo_t *memo,
    recs_markup_t *m, const char *chunk, size_t len)
{
    uint32_t                        i;
    const char                     *p;
    recs_markup_token_t             t;
    recs_markup_memo_record_t       record;
    const recs_markup_memo_page_t  *page;

    page = memo != NULL ? recs_markup_memo_find(memo, m, chunk, len, 0)
                        : NULL;

    if (page != NULL) {
        recs_markup_memo_resume(page, m);
        run->n_remembered++;

        for (i = 0; i < page->n_tokens; i++) {
            t = recs_markup_memo_token(page, i, chunk);
            recs_markup_run_token(run, &t);
        }

        return;
    }

    recs_markup_memo_begin(&record, m, chunk, len);
    p = chunk;

    for ( ;; ) {
        recs_markup_next(m, &p, chunk + len, &t);

        if (t.kind == RECS_MARKUP_MORE) {
            break;
        }

        recs_markup_memo_add(&record, p, &t);
        recs_markup_run_token(run, &t);
    }

    if (memo != NULL) {
        recs_markup_memo_keep(memo, &record, m);
    }
}


void
recs_markup_run_memo(recs_markup_run_t *run, recs_markup_memo_t *memo,
    const char *html, size_t len, size_t max_size,
    size_t (*chunk)(void *data), void *data)
{
    char                 *copy;
    size_t                n;
    recs_markup_t         m;
    recs_markup_token_t   t;

    run->text = malloc(len + 1);
    run->len = 0;
    run->n_found = 0;
    run->found[0] = '\0';
    run->n_elements = 0;
    run->n_remembered = 0;

    recs_markup_init(&m, max_size, recs_markup_run_alloc, NULL);

    while (len > 0) {
        n = chunk != NULL ? chunk(data) : len;
        n = n > len ? len : n;

        /* A chunk of its own, so that reading beside it is seen. */

        copy = malloc(n);
        memcpy(copy, html, n);
        recs_markup_run_chunk(run, memo, &m, copy, n);
        free(copy);

        html += n;
        len -= n;
    }

    for (recs_markup_end(&m, &t);
         t.kind != RECS_MARKUP_MORE;
         recs_markup_end(&m, &t))
    {
        recs_markup_run_token(run, &t);
    }

    free(m.buffer);
}


void
recs_markup_run(recs_markup_run_t *run, const char *html, size_t len,
    size_t max_size, size_t (*chunk)(void *data), void *data)
{
    recs_markup_run_memo(run, NULL, html, len, max_size, chunk, data);
}


void
recs_markup_run_free(recs_markup_run_t *run)
{
    free(run->text);
}
