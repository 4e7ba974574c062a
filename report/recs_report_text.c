#include "recs_report_text.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "recs_timestamp.h"


/* U+2212: as wide as a plus.  U+00A0: no line ends there. */
#define RECS_REPORT_MINUS    "\xe2\x88\x92"
#define RECS_REPORT_PERCENT  "\xc2\xa0%"


static const char *recs_report_sign(double value);
static int recs_report_places(double value, int digits);
static const char *recs_report_month(const char *timestamp);


void
recs_report_escape(FILE *out, const char *text)
{
    for ( /* void */ ; *text != '\0'; text++) {
        switch (*text) {

        case '&':
            fputs("&amp;", out);
            break;

        case '<':
            fputs("&lt;", out);
            break;

        case '>':
            fputs("&gt;", out);
            break;

        case '"':
            fputs("&quot;", out);
            break;

        case '\'':
            fputs("&#39;", out);
            break;

        default:
            fputc(*text, out);
        }
    }
}


void
recs_report_markup(FILE *out, const char *markup, ...)
{
    va_list      args;
    const char  *text;

    va_start(args, markup);

    for ( /* void */ ; *markup != '\0'; markup++) {
        if (*markup != '@') {
            fputc(*markup, out);
            continue;
        }

        text = va_arg(args, const char *);

        if (text == NULL) {
            break;
        }

        recs_report_escape(out, text);
    }

    va_end(args);
}


void
recs_report_count(char *text, uint64_t n)
{
    char    digits[RECS_REPORT_NUMBER];
    size_t  i, len;

    len = (size_t) snprintf(digits, sizeof(digits), "%" PRIu64, n);

    for (i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0) {
            *text++ = ',';
        }

        *text++ = digits[i];
    }

    *text = '\0';
}


void
recs_report_short_count(char *text, double value)
{
    double    size;
    unsigned  i;

    static const char *const  units[] = { "", "k", "M", "G", "T" };

    size = fabs(value);

    for (i = 0; size >= 1000 && i < 4; i++) {
        size /= 1000;
    }

    snprintf(text, RECS_REPORT_NUMBER, "%s%.3g%s", recs_report_sign(value),
             size, units[i]);
}


void
recs_report_percent(char *text, double share)
{
    if (!isfinite(share)) {
        strcpy(text, "-");
        return;
    }

    snprintf(text, RECS_REPORT_NUMBER, "%.*f%s",
             recs_report_places(100 * share, 3), 100 * share,
             RECS_REPORT_PERCENT);
}


void
recs_report_chance(char *text, double chance)
{
    if (chance > .99) {
        snprintf(text, RECS_REPORT_NUMBER, "over 99%s", RECS_REPORT_PERCENT);

    } else if (chance < .01) {
        snprintf(text, RECS_REPORT_NUMBER, "under 1%s", RECS_REPORT_PERCENT);

    } else {
        snprintf(text, RECS_REPORT_NUMBER, "%.0f%s", 100 * chance,
                 RECS_REPORT_PERCENT);
    }
}


void
recs_report_signed_percent(char *text, double share, double step)
{
    int  places;

    if (!isfinite(share)) {
        strcpy(text, "-");
        return;
    }

    places = step > 0 ? recs_report_places(100 * step, 1)
             : fabs(share) >= 1 ? 0 : fabs(share) >= .01 ? 1 : 2;

    snprintf(text, RECS_REPORT_NUMBER, "%s%.*f%s",
             recs_report_sign(share), places, fabs(100 * share),
             RECS_REPORT_PERCENT);
}


void
recs_report_value(char *text, double value)
{
    if (!isfinite(value)) {
        strcpy(text, "-");
        return;
    }

    snprintf(text, RECS_REPORT_NUMBER, "%s%.*f",
             value < 0 ? RECS_REPORT_MINUS : "",
             recs_report_places(value, 4), fabs(value));
}


void
recs_report_day(char *text, int64_t time_ms)
{
    char  timestamp[20];

    recs_timestamp_format(time_ms, timestamp);
    snprintf(text, RECS_REPORT_DATE, "%d %s", atoi(timestamp + 8),
             recs_report_month(timestamp));
}


void
recs_report_date(char *text, int64_t time_ms)
{
    char  timestamp[20];

    recs_timestamp_format(time_ms, timestamp);
    snprintf(text, RECS_REPORT_DATE, "%d %s %.4s", atoi(timestamp + 8),
             recs_report_month(timestamp), timestamp);
}


void
recs_report_hour(char *text, int64_t time_ms)
{
    char  timestamp[20];

    recs_timestamp_format(time_ms, timestamp);
    snprintf(text, RECS_REPORT_DATE, "%.5s", timestamp + 11);
}


static const char *
recs_report_sign(double value)
{
    return value > 0 ? "+" : value < 0 ? RECS_REPORT_MINUS : "";
}


/* Decimal places that show so many significant digits; at most six. */

static int
recs_report_places(double value, int digits)
{
    int  places;

    value = fabs(value);

    if (value < 1e-12) {
        return digits > 1;
    }

    places = digits - 1 - (int) floor(log10(value) + 1e-9);

    return places < 0 ? 0 : places > 6 ? 6 : places;
}


static const char *
recs_report_month(const char *timestamp)
{
    int  month;

    static const char *const  months[] = {
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct",
        "Nov", "Dec"
    };

    month = atoi(timestamp + 5);

    return months[month >= 1 && month <= 12 ? month - 1 : 0];
}
