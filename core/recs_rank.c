#include "recs_rank_private.h"

#include <stdlib.h>
#include <string.h>


static const char *const  recs_rank_names[] = {
#define RECS_RANK_TEXT(symbol, name)  name,
    RECS_RANK_MAP(RECS_RANK_TEXT)
#undef RECS_RANK_TEXT
};


const char *
recs_rank_name(recs_rank_t kind)
{
    return recs_rank_names[kind];
}


recs_rank_t
recs_rank_find(recs_str_t name)
{
    recs_rank_t  kind;

    for (kind = 0; kind < RECS_RANK_COUNT; kind++) {
        if (strlen(recs_rank_names[kind]) == name.len
            && memcmp(recs_rank_names[kind], name.data, name.len) == 0)
        {
            break;
        }
    }

    return kind;
}


int
recs_rank_available(const recs_bundle_t *bundle, recs_rank_t kind)
{
    (void) bundle;

    return kind == RECS_RANK_NONE;
}


recs_status_t
recs_rank_check(const recs_bundle_t *bundle, recs_rank_t kind,
    recs_error_t *err)
{
    if (recs_rank_available(bundle, kind)) {
        return RECS_OK;
    }

    return recs_error(err, RECS_NOT_FOUND, "the model has no ranking by %s: "
                      "train it with --rank %s", recs_rank_name(kind),
                      recs_rank_name(kind));
}


static int
recs_rank_any(const recs_bundle_t *bundle)
{
    recs_rank_t  kind;

    for (kind = RECS_RANK_NONE + 1; kind < RECS_RANK_COUNT; kind++) {
        if (recs_rank_available(bundle, kind)) {
            return 1;
        }
    }

    return 0;
}


recs_status_t
recs_rank_scratch_create(recs_rank_scratch_t **scratch,
    const recs_bundle_t *bundle, recs_error_t *err)
{
    recs_rank_scratch_t  *s;

    if (!recs_rank_any(bundle)) {
        *scratch = NULL;
        return RECS_OK;
    }

    s = calloc(1, sizeof(recs_rank_scratch_t));
    if (s == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory to rank");
    }

    *scratch = s;

    return RECS_OK;
}


void
recs_rank_scratch_destroy(recs_rank_scratch_t *scratch)
{
    free(scratch);
}


void
recs_rank(const recs_bundle_t *bundle, recs_rank_scratch_t *scratch,
    recs_rank_t kind, const recs_rank_visitor_t *visitor,
    const uint32_t *items, const float *retrieved, uint32_t n, float *scores)
{
    (void) bundle;
    (void) scratch;
    (void) visitor;
    (void) items;

    switch (kind) {

    default:
        memcpy(scores, retrieved, n * sizeof(float));
        return;
    }
}
