/*
 * recs_report_html: a report as one page for people who decide by it.
 *
 * One file without scripts, fonts or images from elsewhere: verdicts first, in
 * plain words, then figures and plots (recs_svg.h).  It reads on a phone, on
 * paper, light and dark.  All text from logs is escaped; elements are closed as
 * XML wants it.
 */

#ifndef _RECS_REPORT_HTML_H_INCLUDED_
#define _RECS_REPORT_HTML_H_INCLUDED_


#include "recs_report.h"


/*
 * Writes path, whole or not at all.  The report is as it was at
 * report->options.scan.now_ms.
 */
recs_status_t recs_report_html(const recs_report_t *report, const char *path,
    recs_error_t *err);


#endif /* _RECS_REPORT_HTML_H_INCLUDED_ */
