/*
 * recs_svg: plots for a page, as SVG elements in its HTML.
 *
 * A plot is a frame of RECS_SVG_WIDTH x height units that scales with the
 * page; text is set so as to be read at half of a desktop's width and on a
 * phone.  Colours are classes of the page's style sheet (recs_report_style.c),
 * so that plots follow light, dark and print.  Points that are not finite
 * leave gaps.
 */

#ifndef _RECS_SVG_H_INCLUDED_
#define _RECS_SVG_H_INCLUDED_


#include <stdint.h>
#include <stdio.h>


#define RECS_SVG_WIDTH  400


typedef enum {
    RECS_SVG_COUNT,                    /* 1.2k */
    RECS_SVG_PERCENT                   /* .05 is +5 % */
} recs_svg_unit_t;

typedef struct {
    double           time_ms;
    double           value;
    double           lo;
    double           hi;
} recs_svg_point_t;

typedef struct {
    FILE            *out;              /* the caller's */
    const char      *id;               /* unique in the page, [a-z0-9-] */
    double           height;
    double           left, right;      /* edges of the data's frame */
    double           top, bottom;
    double           x_min, x_max;     /* the data's own units */
    double           y_min, y_max;
} recs_svg_t;


/*
 * Opens an <svg> with the title, which screen readers tell and which is
 * escaped here; sets the frame, but not the data's range.
 */
void recs_svg_begin(recs_svg_t *svg, FILE *out, const char *id,
    double height, const char *title);
void recs_svg_end(recs_svg_t *svg);

/*
 * The range of the points: x all of them, y so that zero and the last points'
 * intervals are well seen.  The first intervals of an experiment are often a
 * hundred times as wide as the last, and may be cut off.
 */
void recs_svg_range(recs_svg_t *svg, const recs_svg_point_t *points,
    uint32_t n);

/* Lines and labels across the frame, at round values. */
void recs_svg_y_axis(const recs_svg_t *svg, recs_svg_unit_t unit);
/* Dates below it, or hours where all is within two days; UTC. */
void recs_svg_time_axis(const recs_svg_t *svg);
/* A value scale below it, for rows. */
void recs_svg_x_axis(const recs_svg_t *svg, recs_svg_unit_t unit);

/* lo to hi as an area, value as a line with a dot at its end. */
void recs_svg_band(const recs_svg_t *svg, const recs_svg_point_t *points,
    uint32_t n);

/* "No difference": across at y = 0, or down at x = 0. */
void recs_svg_zero_across(const recs_svg_t *svg);
void recs_svg_zero_down(const recs_svg_t *svg);

/*
 * An interval along x at height y (in the frame's units) with a dot at its
 * value; class is of its colour.  Ends beyond the range are cut off.
 */
void recs_svg_whisker(const recs_svg_t *svg, double y, double value,
    double lo, double hi, const char *class);


#endif /* _RECS_SVG_H_INCLUDED_ */
