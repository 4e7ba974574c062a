#include "recs_cli_context.h"

#include <stdio.h>
#include <string.h>

#include "recs_cli_text.h"


int
recs_cli_context_check(const recs_args_t *args)
{
    int          pos;
    uint32_t     n;
    const char  *text;

    n = 0;

    for (pos = 0; (text = recs_args_next(args, "context", &pos)) != NULL; ) {

        if (!recs_segment_name_valid(text, strlen(text))) {
            return recs_usage_error(args, "--context wants NAME=VALUE, as in "
                                    "country=de, not \"%s\"", text);
        }

        if (n++ == RECS_CONTEXTS_MAX) {
            return recs_usage_error(args, "--context: at most %d of them",
                                    RECS_CONTEXTS_MAX);
        }
    }

    return RECS_EXIT_OK;
}


uint32_t
recs_cli_context(const recs_args_t *args, const recs_bundle_t *bundle,
    uint32_t segments[RECS_CONTEXTS_MAX])
{
    int                        pos;
    uint32_t                   n, number;
    recs_str_t                 name;
    const recs_bundle_view_t  *view;

    view = recs_bundle_view(bundle);
    n = 0;

    for (pos = 0;
         (name.data = recs_args_next(args, "context", &pos)) != NULL; )
    {
        name.len = strlen(name.data);
        number = recs_segment_find(view, name);

        if (number != RECS_SEGMENT_NO) {
            segments[n++] = number;
            continue;
        }

        fprintf(stderr, "recs recommend: nothing is known of ");
        recs_cli_put_text(stderr, name);
        fprintf(stderr, ": what is popular everywhere counts\n");
    }

    return n;
}


uint32_t
recs_cli_contexts(const recs_args_t *args,
    recs_rank_context_t contexts[RECS_CONTEXTS_MAX])
{
    int          pos;
    uint32_t     n;
    const char  *text;

    n = 0;

    for (pos = 0; (text = recs_args_next(args, "context", &pos)) != NULL; ) {
        contexts[n].name.data = text;
        contexts[n].name.len = strcspn(text, "=");
        contexts[n].value.data = text + contexts[n].name.len + 1;
        contexts[n].value.len = strlen(contexts[n].value.data);
        n++;
    }

    return n;
}
