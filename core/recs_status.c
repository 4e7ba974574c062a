#include "recs_status.h"

#include <stdarg.h>
#include <stdio.h>


static const char *const  recs_status_texts[] = {
#define RECS_STATUS_TEXT(name, text)  text,
    RECS_STATUS_MAP(RECS_STATUS_TEXT)
#undef RECS_STATUS_TEXT
};


const char *
recs_strerror(recs_status_t status)
{
    if ((unsigned) status >= RECS_STATUS_COUNT) {
        return "unknown status";
    }

    return recs_status_texts[status];
}


recs_status_t
recs_error(recs_error_t *err, recs_status_t status, const char *fmt, ...)
{
    char     *p;
    va_list   args;

    if (err == NULL) {
        return status;
    }

    err->status = status;

    va_start(args, fmt);
    vsnprintf(err->message, sizeof(err->message), fmt, args);
    va_end(args);

    for (p = err->message; *p; p++) {
        if ((unsigned char) *p < 0x20 || *p == 0x7f) {
            *p = '?';
        }
    }

    return status;
}
