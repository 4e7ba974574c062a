#include "recs_rank_contexts.h"

#include <string.h>


uint32_t
recs_rank_contexts(const recs_dataset_view_t *view, uint32_t user,
    recs_rank_context_t contexts[RECS_CONTEXTS_MAX])
{
    uint32_t                n, segment;
    const char             *name, *equals;
    const uint32_t         *row;
    const recs_contexts_t  *c;

    c = &view->contexts;

    if (c->numbers == NULL) {
        return 0;
    }

    row = c->rows + (size_t) c->numbers[view->user_offsets[user]]
                    * RECS_CONTEXTS_MAX;

    for (n = 0; n < RECS_CONTEXTS_MAX && row[n] != RECS_CONTEXT_END; n++) {
        segment = row[n];
        name = c->segments[segment];
        equals = strchr(name, '=');

        contexts[n].name.data = name;
        contexts[n].name.len = (size_t) (equals - name);
        contexts[n].value.data = equals + 1;
        contexts[n].value.len = strlen(equals + 1);
    }

    return n;
}
