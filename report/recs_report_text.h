/*
 * recs_report_text: numbers, dates and names as a report's page says them.
 */

#ifndef _RECS_REPORT_TEXT_H_INCLUDED_
#define _RECS_REPORT_TEXT_H_INCLUDED_


#include <stdint.h>
#include <stdio.h>


#define RECS_REPORT_NUMBER  48
#define RECS_REPORT_DATE    24


/* For element content and quoted attributes: & < > " ' as references. */
void recs_report_escape(FILE *out, const char *text);

/*
 * Writes markup, with each @ in it replaced by the next of the texts, escaped:
 *
 *     recs_report_put(out, "<td>@</td>", name);
 */
#define recs_report_put(out, ...)  recs_report_markup(out, __VA_ARGS__, NULL)

void recs_report_markup(FILE *out, const char *markup, ...)
    __attribute__((sentinel));

/* text[RECS_REPORT_NUMBER]; what is not finite is "-". */

/* "1,234,567" */
void recs_report_count(char *text, uint64_t n);
/* "1.2k", with a sign */
void recs_report_short_count(char *text, double value);
/* "10.4 %", to about three digits */
void recs_report_percent(char *text, double share);
/* A probability, "97 %", and never all or nothing: "over 99 %". */
void recs_report_chance(char *text, double chance);
/* "+5.2 %", to the digits of step (as .01) or, with 0, to about three. */
void recs_report_signed_percent(char *text, double share, double step);
/* "12.34", to about four digits */
void recs_report_value(char *text, double value);

/* text[RECS_REPORT_DATE], UTC: "24 Nov", "24 Nov 2026", "18:00" */
void recs_report_day(char *text, int64_t time_ms);
void recs_report_date(char *text, int64_t time_ms);
void recs_report_hour(char *text, int64_t time_ms);


#endif /* _RECS_REPORT_TEXT_H_INCLUDED_ */
