#include "recs_cli_filter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recs_cli_text.h"


int
recs_cli_filter_check(const recs_args_t *args)
{
    int          pos;
    size_t       at;
    recs_str_t   values, value;
    const char  *text;

    for (pos = 0; (text = recs_args_next(args, "filter", &pos)) != NULL; ) {
        at = 0;
        values.data = text + strcspn(text, "=");
        values.data += *values.data == '=';
        values.len = strlen(values.data);

        if (values.data == text + 1
            || !recs_filter_part_next(values, &at, &value))
        {
            return recs_usage_error(args, "--filter wants ATTRIBUTE=VALUE, "
                                    "not \"%s\"", text);
        }
    }

    return RECS_EXIT_OK;
}


static void
recs_cli_filter_tell(const recs_bundle_t *bundle,
    const recs_filter_term_t *term)
{
    uint32_t                  i;
    recs_filter_attribute_t   attribute;

    if (!recs_filter_attribute(bundle, term->attribute, &attribute)) {
        return;
    }

    for (i = 0; i < term->n_values; i++) {
        if (recs_filter_value(bundle, &attribute, term->values[i])
            == RECS_FILTER_VALUE_NO)
        {
            fprintf(stderr, "recs recommend: no item has ");
            recs_cli_put_text(stderr, term->attribute);
            fprintf(stderr, " \"");
            recs_cli_put_text(stderr, term->values[i]);
            fprintf(stderr, "\"\n");
        }
    }
}


recs_status_t
recs_cli_filter(const recs_args_t *args, const recs_bundle_t *bundle,
    recs_filter_t *filter, recs_error_t *err)
{
    int                  pos;
    size_t               at, n_values;
    uint32_t             n_terms;
    const char          *text;
    recs_str_t           list, *values;
    recs_status_t        rc;
    recs_filter_term_t  *terms, *term;

    n_terms = 0;
    n_values = 0;

    for (pos = 0; (text = recs_args_next(args, "filter", &pos)) != NULL; ) {
        n_terms++;
        n_values += strlen(text);
    }

    terms = malloc(((size_t) n_terms + 1) * sizeof(recs_filter_term_t));
    values = malloc((n_values + 1) * sizeof(recs_str_t));

    if (terms == NULL || values == NULL) {
        rc = recs_error(err, RECS_NOMEM, "no memory for --filter");
        goto done;
    }

    term = terms;
    n_values = 0;

    for (pos = 0; (text = recs_args_next(args, "filter", &pos)) != NULL;
         term++)
    {
        term->attribute.data = text;
        term->attribute.len = strcspn(text, "=");
        term->values = &values[n_values];
        term->n_values = 0;

        list.data = text + term->attribute.len + 1;
        list.len = strlen(list.data);

        for (at = 0; recs_filter_part_next(list, &at, &values[n_values]); ) {
            n_values++;
            term->n_values++;
        }

        recs_cli_filter_tell(bundle, term);
    }

    rc = recs_filter_resolve(filter, bundle, terms, n_terms, err);

done:

    free(terms);
    free(values);

    return rc;
}
