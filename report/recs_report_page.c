#include "recs_report_page.h"

#include <stdlib.h>

#include "recs_file.h"
#include "recs_report_text.h"


recs_status_t
recs_report_page(const char *path, const char *heading, int64_t now_ms,
    recs_report_page_fn main, recs_report_page_fn footer, const void *data,
    recs_error_t *err)
{
    int            failed;
    char          *text, date[RECS_REPORT_DATE];
    FILE          *out;
    size_t         len;
    recs_status_t  status;

    text = NULL;

    out = open_memstream(&text, &len);
    if (out == NULL) {
        return recs_error(err, RECS_NOMEM, "%s: out of memory", path);
    }

    recs_report_date(date, now_ms);

    recs_report_put(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
                    "<meta charset=\"utf-8\"/>\n<meta name=\"viewport\" "
                    "content=\"width=device-width, initial-scale=1\"/>\n"
                    "<title>@, @</title>\n<style>\n", heading, date);
    fputs(recs_report_style, out);
    recs_report_put(out, "</style>\n</head>\n<body>\n<header><h1>@</h1>"
                    "<p class=\"soft\">As of @</p></header>\n<main>\n",
                    heading, date);
    main(out, data);
    recs_report_put(out, "</main>\n<footer>\n<h2>How to read this</h2>\n");
    footer(out, data);
    recs_report_put(out, "</footer>\n</body>\n</html>\n");

    failed = ferror(out);
    failed |= fclose(out);

    status = failed ? recs_error(err, RECS_NOMEM, "%s: out of memory", path)
                    : recs_file_put(path, text, len, err);
    free(text);

    return status;
}
