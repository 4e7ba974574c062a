#include "recs_report_metric.h"

#include <stdio.h>
#include <string.h>


static const char *const  recs_report_metric_kinds[] = {
    "event", "count", "value", "ratio"
};

#define RECS_METRIC_KINDS                                                     \
    (sizeof(recs_report_metric_kinds) / sizeof(recs_report_metric_kinds[0]))


/* An event's name of len bytes into name[RECS_ID_MAX + 1]. */

static int
recs_report_metric_event(char *name, const char *text, size_t len)
{
    if (!recs_id_valid(text, len)) {
        return 0;
    }

    memcpy(name, text, len);
    name[len] = '\0';

    return 1;
}


recs_status_t
recs_report_metric_parse(recs_report_metric_t *metric, const char *text,
    recs_error_t *err)
{
    size_t                 len;
    const char            *p, *slash;
    unsigned               kind;
    recs_report_metric_t   m;

    memset(&m, 0, sizeof(m));

    p = strchr(text, '=');
    if (p == NULL || !recs_name_valid(text, (size_t) (p - text))) {
        goto invalid;
    }

    memcpy(m.name, text, (size_t) (p - text));
    p++;

    if (*p == '-') {
        m.lower = 1;
        p++;
    }

    for (kind = 0; kind < RECS_METRIC_KINDS; kind++) {
        len = strlen(recs_report_metric_kinds[kind]);

        if (strncmp(p, recs_report_metric_kinds[kind], len) == 0
            && p[len] == ':')
        {
            break;
        }
    }

    if (kind == RECS_METRIC_KINDS) {
        goto invalid;
    }

    m.kind = (recs_metric_kind_t) kind;
    p += len + 1;
    len = strlen(p);

    if (m.kind == RECS_METRIC_RATIO) {
        slash = strchr(p, '/');

        if (slash == NULL
            || !recs_report_metric_event(m.per, slash + 1, strlen(slash + 1)))
        {
            goto invalid;
        }

        len = (size_t) (slash - p);
    }

    if (!recs_report_metric_event(m.event, p, len)) {
        goto invalid;
    }

    *metric = m;

    return RECS_OK;

invalid:

    return recs_error(err, RECS_INVALID, "\"%s\" is no metric: NAME=event:"
                      "EVENT, NAME=count:EVENT, NAME=value:EVENT or NAME="
                      "ratio:EVENT/EVENT, with a \"-\" before the kind where "
                      "less is better", text);
}


void
recs_report_metric_text(const recs_report_metric_t *metric, char *text)
{
    snprintf(text, 2 * RECS_ID_MAX + 16, "%s%s:%s%s%s",
             metric->lower ? "-" : "", recs_report_metric_kinds[metric->kind],
             metric->event, metric->kind == RECS_METRIC_RATIO ? "/" : "",
             metric->per);
}
