#include "recs_timestamp.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>


#define RECS_NUMBER_MAX  63

/* Seconds reach it in the year 5138, milliseconds in March 1973. */
#define RECS_TIMESTAMP_SECONDS_MAX  1e11


typedef struct {
    const char  *p;
    const char  *end;
    int          year;
    int          month;                           /* 1..12 */
    int          day;
    int          hour;
    int          minute;
    int          second;
    int          ms;
    int          zone;                            /* minutes east */
} recs_date_t;


static recs_timestamp_result_t recs_timestamp_iso(recs_date_t *d,
    int64_t *time_ms);
static recs_timestamp_result_t recs_timestamp_nginx(recs_date_t *d,
    int64_t *time_ms);
static int recs_date_clock(recs_date_t *d);
static int recs_date_zone(recs_date_t *d);
static int recs_date_digits(recs_date_t *d, int n, int *value);
static int recs_date_byte(recs_date_t *d, char c);
static recs_timestamp_result_t recs_date_finish(const recs_date_t *d,
    int64_t *time_ms);
static int64_t recs_date_days(int year, int month, int day);


recs_timestamp_result_t
recs_timestamp_parse(const char *text, size_t len, int64_t *time_ms)
{
    double       number;
    recs_date_t  d;

    while (len > 0 && text[0] == ' ') {
        text++;
        len--;
    }

    while (len > 0 && text[len - 1] == ' ') {
        len--;
    }

    if (len == 0) {
        *time_ms = 0;
        return RECS_TIMESTAMP_OK;
    }

    if (recs_number_parse(text, len, &number)) {
        return recs_timestamp_number(number, time_ms);
    }

    memset(&d, 0, sizeof(d));
    d.p = text;
    d.end = text + len;

    if (len > 4 && text[4] == '-') {
        return recs_timestamp_iso(&d, time_ms);
    }

    return recs_timestamp_nginx(&d, time_ms);
}


recs_timestamp_result_t
recs_timestamp_number(double number, int64_t *time_ms)
{
    double  ms;

    if (!(number >= 0)) {
        return RECS_TIMESTAMP_RANGE;
    }

    ms = number < RECS_TIMESTAMP_SECONDS_MAX ? number * 1000 : number;

    if (!(ms < (double) RECS_TIMESTAMP_MAX)) {
        return RECS_TIMESTAMP_RANGE;
    }

    *time_ms = (int64_t) (ms + 0.5);

    return RECS_TIMESTAMP_OK;
}


void
recs_timestamp_format(int64_t time_ms, char *text)
{
    int64_t   s, day, era, doe, yoe, doy, month;
    unsigned  year;

    /* Civil from days, as recs_date_days() turned round. */

    s = time_ms / 1000;
    day = s / 86400 + 719468;
    s %= 86400;

    era = day / 146097;
    doe = day % 146097;
    yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    month = (5 * doy + 2) / 153;
    day = doy - (153 * month + 2) / 5 + 1;
    month += month < 10 ? 3 : -9;
    year = (unsigned) (yoe + era * 400 + (month <= 2));

    snprintf(text, 20, "%04u-%02u-%02u %02u:%02u:%02u", year % 10000,
             (unsigned) month % 100, (unsigned) day % 100,
             (unsigned) (s / 3600) % 100, (unsigned) (s / 60 % 60),
             (unsigned) (s % 60));
}


int
recs_number_parse(const char *text, size_t len, double *number)
{
    char         copy[RECS_NUMBER_MAX + 1];
    size_t       i, digits;
    uint64_t     n;

    if (len == 0 || len > RECS_NUMBER_MAX) {
        return 0;
    }

    /* The common case, without strtod(). */

    n = 0;

    for (i = 0; i < len && i < 15 && text[i] >= '0' && text[i] <= '9'; i++) {
        n = n * 10 + (uint64_t) (text[i] - '0');
    }

    if (i == len) {
        *number = (double) n;
        return 1;
    }

    /* strtod() also takes hexadecimal, "inf" and "nan": not here. */

    i = text[0] == '+' || text[0] == '-';
    digits = 0;

    for ( /* void */ ; i < len && text[i] >= '0' && text[i] <= '9'; i++) {
        digits++;
    }

    if (i < len && text[i] == '.') {
        for (i++; i < len && text[i] >= '0' && text[i] <= '9'; i++) {
            digits++;
        }
    }

    if (digits == 0) {
        return 0;
    }

    if (i < len && (text[i] == 'e' || text[i] == 'E')) {
        i++;
        i += i < len && (text[i] == '+' || text[i] == '-');
        digits = i;

        while (i < len && text[i] >= '0' && text[i] <= '9') {
            i++;
        }

        if (i == digits) {
            return 0;
        }
    }

    if (i != len) {
        return 0;
    }

    memcpy(copy, text, len);
    copy[len] = '\0';
    *number = strtod(copy, NULL);

    return 1;
}


static recs_timestamp_result_t
recs_timestamp_iso(recs_date_t *d, int64_t *time_ms)
{
    if (!recs_date_digits(d, 4, &d->year) || !recs_date_byte(d, '-')
        || !recs_date_digits(d, 2, &d->month) || !recs_date_byte(d, '-')
        || !recs_date_digits(d, 2, &d->day))
    {
        return RECS_TIMESTAMP_MALFORMED;
    }

    if (d->p < d->end) {

        if (!recs_date_byte(d, 'T') && !recs_date_byte(d, 't')
            && !recs_date_byte(d, ' '))
        {
            return RECS_TIMESTAMP_MALFORMED;
        }

        if (!recs_date_clock(d) || !recs_date_zone(d)) {
            return RECS_TIMESTAMP_MALFORMED;
        }
    }

    return recs_date_finish(d, time_ms);
}


static recs_timestamp_result_t
recs_timestamp_nginx(recs_date_t *d, int64_t *time_ms)
{
    int  i;

    static const char  months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

    if (!recs_date_digits(d, 2, &d->day) || !recs_date_byte(d, '/')
        || d->end - d->p < 3)
    {
        return RECS_TIMESTAMP_MALFORMED;
    }

    for (i = 0; i < 12; i++) {
        if (memcmp(d->p, months + 3 * i, 3) == 0) {
            d->month = i + 1;
        }
    }

    d->p += 3;

    if (!recs_date_byte(d, '/') || !recs_date_digits(d, 4, &d->year)
        || !recs_date_byte(d, ':') || !recs_date_clock(d)
        || !recs_date_zone(d))
    {
        return RECS_TIMESTAMP_MALFORMED;
    }

    return recs_date_finish(d, time_ms);
}


/* HH:MM[:SS[.fraction]] */

static int
recs_date_clock(recs_date_t *d)
{
    int  scale;

    if (!recs_date_digits(d, 2, &d->hour) || !recs_date_byte(d, ':')
        || !recs_date_digits(d, 2, &d->minute))
    {
        return 0;
    }

    if (!recs_date_byte(d, ':')) {
        return 1;
    }

    if (!recs_date_digits(d, 2, &d->second)) {
        return 0;
    }

    if (!recs_date_byte(d, '.') && !recs_date_byte(d, ',')) {
        return 1;
    }

    if (d->p == d->end || *d->p < '0' || *d->p > '9') {
        return 0;
    }

    for (scale = 100; d->p < d->end && *d->p >= '0' && *d->p <= '9'; d->p++) {
        d->ms += (*d->p - '0') * scale;
        scale /= 10;
    }

    return 1;
}


/* Nothing, Z, +HH, +HHMM or +HH:MM, up to the end. */

static int
recs_date_zone(recs_date_t *d)
{
    int  sign, hours, minutes;

    recs_date_byte(d, ' ');

    if (d->p == d->end) {
        return 1;
    }

    if (recs_date_byte(d, 'Z') || recs_date_byte(d, 'z')) {
        return d->p == d->end;
    }

    sign = 1;

    if (!recs_date_byte(d, '+')) {

        if (!recs_date_byte(d, '-')) {
            return 0;
        }

        sign = -1;
    }

    if (!recs_date_digits(d, 2, &hours)) {
        return 0;
    }

    minutes = 0;

    if (d->p < d->end) {
        recs_date_byte(d, ':');

        if (!recs_date_digits(d, 2, &minutes)) {
            return 0;
        }
    }

    if (d->p != d->end || hours > 23 || minutes > 59) {
        return 0;
    }

    d->zone = sign * (hours * 60 + minutes);

    return 1;
}


static int
recs_date_digits(recs_date_t *d, int n, int *value)
{
    int  i, v;

    if (d->end - d->p < n) {
        return 0;
    }

    v = 0;

    for (i = 0; i < n; i++) {

        if (d->p[i] < '0' || d->p[i] > '9') {
            return 0;
        }

        v = v * 10 + (d->p[i] - '0');
    }

    d->p += n;
    *value = v;

    return 1;
}


static int
recs_date_byte(recs_date_t *d, char c)
{
    if (d->p == d->end || *d->p != c) {
        return 0;
    }

    d->p++;

    return 1;
}


static recs_timestamp_result_t
recs_date_finish(const recs_date_t *d, int64_t *time_ms)
{
    int      leap, days;
    int64_t  ms;

    static const int  month_days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31,
                                       30, 31 };

    if (d->month < 1 || d->month > 12) {
        return RECS_TIMESTAMP_MALFORMED;
    }

    leap = (d->year % 4 == 0 && d->year % 100 != 0) || d->year % 400 == 0;
    days = month_days[d->month - 1] + (d->month == 2 && leap);

    /* A leap second is the first of the next minute, as POSIX has it. */

    if (d->day < 1 || d->day > days || d->hour > 23 || d->minute > 59
        || d->second > 60)
    {
        return RECS_TIMESTAMP_MALFORMED;
    }

    ms = recs_date_days(d->year, d->month, d->day) * 86400
         + d->hour * 3600 + (d->minute - d->zone) * 60 + d->second;
    ms = ms * 1000 + d->ms;

    if (ms < 0 || ms >= RECS_TIMESTAMP_MAX) {
        return RECS_TIMESTAMP_RANGE;
    }

    *time_ms = ms;

    return RECS_TIMESTAMP_OK;
}


/*
 * Days since 1970-01-01 in the proleptic Gregorian calendar: years begin in
 * March, so that the leap day is the last (H. Hinnant, "chrono-compatible
 * low-level date algorithms", days_from_civil).
 */

static int64_t
recs_date_days(int year, int month, int day)
{
    int  era, yoe, doy, doe;

    year -= month <= 2;
    era = (year >= 0 ? year : year - 399) / 400;
    yoe = year - era * 400;
    doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

    return (int64_t) era * 146097 + doe - 719468;
}
