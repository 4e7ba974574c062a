/*
 * recs_report_page: the frame of a page for people.
 *
 * One file without scripts, fonts or images from elsewhere, that reads on a
 * phone, on paper, light and dark; what stands in it is the caller's.
 */

#ifndef _RECS_REPORT_PAGE_H_INCLUDED_
#define _RECS_REPORT_PAGE_H_INCLUDED_


#include <stdint.h>
#include <stdio.h>

#include "recs_status.h"


/* The page's <style>. */
extern const char  recs_report_style[];

typedef void (*recs_report_page_fn)(FILE *out, const void *data);

/*
 * Writes path, whole or not at all: a heading, the day of now_ms, and what
 * main and footer put into the elements of these names.
 */
recs_status_t recs_report_page(const char *path, const char *heading,
    int64_t now_ms, recs_report_page_fn main, recs_report_page_fn footer,
    const void *data, recs_error_t *err);


#endif /* _RECS_REPORT_PAGE_H_INCLUDED_ */
