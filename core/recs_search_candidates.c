#include "recs_search_private.h"

#include <math.h>


/* Drops the candidates that the threshold has passed by. */
static void
recs_search_cut(recs_search_t *s)
{
    float              floor;
    uint32_t           i, n;
    recs_candidate_t  *c;

    c = s->scratch->candidates;
    floor = recs_search_floor(s);
    n = 0;

    for (i = 0; i < s->n_candidates; i++) {
        c[n] = c[i];
        n += c[i].upper >= floor;
    }

    s->n_candidates = n;
}


void
recs_search_rescore(recs_search_t *s)
{
    uint32_t           i, n;
    recs_candidate_t  *c;

    recs_search_cut(s);

    c = s->scratch->candidates;
    n = s->n_candidates;

    for (i = 0; i < n && i < RECS_SEARCH_AHEAD; i++) {
        recs_search_fetch(s, c[i].item);
    }

    for (i = 0; i < n; i++) {
        if (i + RECS_SEARCH_AHEAD < n) {
            recs_search_fetch(s, c[i + RECS_SEARCH_AHEAD].item);
        }

        if (c[i].upper >= recs_topk_threshold(s->topk)) {
            recs_search_score(s, c[i].item, c[i].bonus);
        }
    }

    s->n_candidates = 0;
}


/*
 * Where all scores are nearly equal there is no end of candidates: then they
 * are scored at once, and the exact scores raise the threshold.
 */
void
recs_search_make_room(recs_search_t *s)
{
    recs_search_cut(s);

    if (s->n_candidates > RECS_CANDIDATES / 2) {
        recs_search_rescore(s);
        s->scratch->threshold.value = recs_search_floor(s);
    }
}
