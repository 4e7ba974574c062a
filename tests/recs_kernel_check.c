#include "recs_kernel_check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "recs_coded.h"
#include "recs_kernel_set.h"
#include "recs_rng.h"


/*
 * Ten blocks; three where vectors are long, which is what scans cost: their
 * blocks differ from those of short ones in nothing but that.
 */
#define N_ITEMS       300
#define N_ITEMS_LONG  70
#define LONG          200

#define RECTIFIED     512

typedef uint32_t  (*recs_next_pt)(recs_scan_t *scan);


static recs_next_pt
recs_check_next(const recs_kernel_t *kernel, recs_codes_kind_t kind,
    int bonus)
{
    if (bonus) {
        return kind == RECS_CODES_INT8 ? kernel->next_bonus_int8
                                       : kernel->next_bonus_int4;
    }

    return kind == RECS_CODES_INT8 ? kernel->next_int8 : kernel->next_int4;
}


/* One scan by both, to its end: the same items, bit-equal scores. */
static const char *
recs_check_scan(recs_next_pt next, recs_next_pt want, const recs_scan_t *scan)
{
    uint32_t     i, hits;
    recs_scan_t  a, b;

    a = b = *scan;

    do {
        hits = next(&a);

        if (hits != want(&b)) {
            return "other items";
        }

        if (a.block != b.block || a.stopped != b.stopped) {
            return "another end";
        }

        if (hits == 0) {
            continue;
        }

        if (memcmp(&a.slack, &b.slack, sizeof(float)) != 0) {
            return "another slack";
        }

        for (i = 0; i < RECS_BLOCK_ITEMS; i++) {
            if ((hits >> i & 1) != 0
                && memcmp(&a.approximate[i], &b.approximate[i],
                          sizeof(float)) != 0)
            {
                return "another score";
            }
        }

    } while (hits != 0);

    return NULL;
}


/* A sweep by both: the same items are noted, the same sums left. */
static const char *
recs_check_sweep(const recs_kernel_t *kernel, const recs_scan_t *scan,
    uint32_t n_blocks)
{
    size_t         size;
    uint16_t       one[N_ITEMS + RECS_BLOCK_ITEMS],
                   two[N_ITEMS + RECS_BLOCK_ITEMS];
    uint32_t       i, n;
    recs_scan_t    a, b;
    recs_listed_t  listed[RECS_LISTED_MAX], want[RECS_LISTED_MAX];

    a = b = *scan;
    a.bonus = one;
    b.bonus = two;
    size = (size_t) n_blocks * RECS_BLOCK_ITEMS * sizeof(uint16_t);
    memcpy(one, scan->bonus, size);
    memcpy(two, scan->bonus, size);

    while (a.block < a.end) {
        n = kernel->sweep(&a, listed);

        if (n != recs_kernel_portable.sweep(&b, want) || a.block != b.block) {
            return "another sweep";
        }

        for (i = 0; i < n; i++) {
            if (listed[i].item != want[i].item
                || listed[i].bonus != want[i].bonus)
            {
                return "other listed items";
            }
        }

        if (memcmp(one, two, size) != 0) {
            return "other sums left";
        }
    }

    return NULL;
}


/* Thresholds from over all scores to under all, where few and many are hit. */
static const char *
recs_check_thresholds(const recs_kernel_t *kernel, const recs_coded_t *c,
    uint32_t *n_scans)
{
    int          bonus, cosine;
    float        unit;
    uint32_t     i, end;
    const char  *wrong;
    recs_scan_t  scan;

    static const float  thresholds[] = {
        2.0f, 1.0f, 0.9f, 0.5f, 0.3f, 0.2f, 0.1f, 0.05f, 0.01f, 0.0f, -0.1f,
        -1.0f, -2.0f, -INFINITY, INFINITY
    };

    unit = (float) (c->coded.norm * c->blocks[0].norm);

    for (i = 0; i < 15 * 8; i++) {
        bonus = i / 15 % 2;
        cosine = i / 30 % 2;
        end = i / 60 % 2 == 0 ? c->n_blocks : c->n_blocks / 2;

        recs_coded_scan(c, &scan);
        scan.end = end;
        scan.block = i % 2;
        scan.block = scan.block < end ? scan.block : end;
        scan.cosine = cosine && !bonus;
        scan.step = unit / 20000;
        scan.margin = bonus ? unit * 1e-4 : 0.0;
        scan.threshold = thresholds[i % 15]
                         * (scan.cosine || isinf(thresholds[i % 15])
                            ? 1.0f : unit);

        wrong = recs_check_scan(recs_check_next(kernel, c->kind, bonus),
                                recs_check_next(&recs_kernel_portable,
                                                c->kind, bonus),
                                &scan);
        (*n_scans)++;

        if (wrong == NULL && bonus && scan.step > 0.0f
            && !isnan(scan.threshold))
        {
            wrong = recs_check_sweep(kernel, &scan, c->n_blocks);
            (*n_scans)++;
        }

        if (wrong != NULL) {
            return wrong;
        }
    }

    return NULL;
}


/*
 * Codes and query at their limits: all products of one sign and as large as
 * the span allows, or bytes without any order.
 */
static void
recs_check_limits(recs_coded_t *c, unsigned span, uint32_t style,
    recs_rng_t *rng)
{
    int       most, code;
    size_t    i;
    uint32_t  f;

    for (i = 0; i < c->n_blocks * c->block_size; i++) {
        c->codes[i] = style % 3 == 0 ? 0xff : style % 3 == 1 ? 0
                      : (uint8_t) (recs_rng_next(rng) >> 56);
    }

    c->coded.offset = c->coded.high_sum = 0;

    for (f = c->stride; f-- > 0; /* void */ ) {
        most = 127;

        if (c->kind == RECS_CODES_INT8 && span > 0) {
            most = (int) (64 / span);

        } else if (c->kind == RECS_CODES_INT4 && f % 8 >= 4) {
            most = 64 / RECS_CODES_INT4_SPAN;
        }

        code = style / 3 == 0 ? most : style / 3 == 1 ? -most
               : (int) (recs_rng_next(rng) % (2 * most + 1)) - most;
        c->coded.codes[f] = (int8_t) code;

        if (c->kind == RECS_CODES_INT8) {
            c->coded.offset += 128 * code;
            continue;
        }

        c->coded.offset += 15 * 16 * code;

        if (f % 8 >= 4) {
            c->coded.high_sum += code;

        } else {
            c->coded.offset += 15 * c->coded.codes[f + 4];
        }
    }
}


static const char *
recs_check_dot(const recs_kernel_t *kernel, recs_rng_t *rng)
{
    float     a[1024], b[1024], one, two;
    uint32_t  n, i;

    for (n = 16; n <= 1024; n += 16) {
        for (i = 0; i < n; i++) {
            a[i] = (float) (recs_rng_normal(rng) * pow(10, i % 30));
            b[i] = (float) (recs_rng_normal(rng) / pow(10, i % 37));
        }

        one = kernel->dot(a, b, n);
        two = recs_kernel_portable.dot(a, b, n);

        if (memcmp(&one, &two, sizeof(float)) != 0) {
            return "another inner product";
        }
    }

    return NULL;
}


static const char *
recs_check_rectified(const recs_kernel_t *kernel, recs_rng_t *rng)
{
    float     a[RECTIFIED], weights[RECTIFIED], got, want;
    int16_t   b[RECTIFIED];
    uint32_t  i, n;

    for (n = 0; n <= RECTIFIED; n += 16) {
        for (i = 0; i < n; i++) {
            a[i] = (float) ((recs_rng_uniform(rng) - 0.5) * 1e4);
            b[i] = i % 5 == 0 ? INT16_MIN : i % 5 == 1 ? INT16_MAX
                   : (int16_t) (recs_rng_next(rng) % 9999 - 4999);
            weights[i] = (float) (recs_rng_uniform(rng) - 0.5);
        }

        got = kernel->rectified(a, b, weights, n);
        want = recs_kernel_portable.rectified(a, b, weights, n);

        if (memcmp(&got, &want, sizeof(float)) != 0) {
            return "rectified() gives other bits";
        }
    }

    return NULL;
}


static const char *
recs_check_catalogue(const recs_kernel_t *kernel, recs_codes_kind_t kind,
    uint32_t n_factors, uint32_t style, recs_rng_t *rng, uint32_t *n_scans)
{
    uint32_t       limits, n_items;
    const char    *wrong;
    recs_coded_t  *c;

    n_items = n_factors < LONG ? N_ITEMS : N_ITEMS_LONG;
    c = recs_coded(kind, style, n_items - style, n_factors,
                   kernel->query_span, style);
    wrong = recs_check_thresholds(kernel, c, n_scans);

    for (limits = 0; limits < 9 && style == 0 && wrong == NULL; limits++) {
        recs_check_limits(c, kernel->query_span, limits, rng);
        wrong = recs_check_thresholds(kernel, c, n_scans);
    }

    recs_coded_free(c);

    return wrong;
}


const char *
recs_kernel_check(const recs_kernel_t *kernel, char detail[128],
    uint32_t *n_scans)
{
    uint32_t            i, style;
    recs_rng_t          rng;
    const char         *wrong;
    recs_codes_kind_t   kind;

    static const uint32_t  factors[] = {
        1, 16, 20, 40, 64, 100, 128, 240, 256, 600, 1024
    };

    recs_rng_seed(&rng, 3);
    *n_scans = 0;
    snprintf(detail, 128, "dot()");
    wrong = recs_check_dot(kernel, &rng);

    if (wrong == NULL) {
        snprintf(detail, 128, "rectified()");
        wrong = recs_check_rectified(kernel, &rng);
    }

    for (kind = RECS_CODES_INT8; kind <= RECS_CODES_INT4; kind++) {
        for (i = 0; i < sizeof(factors) / sizeof(factors[0]); i++) {
            for (style = 0; style < RECS_CODED_STYLES; style++) {

                if (wrong != NULL) {
                    return wrong;
                }

                snprintf(detail, 128, "%s, %s, %u factors, style %u",
                         kernel->name, recs_codes_name(kind), factors[i],
                         style);
                wrong = recs_check_catalogue(kernel, kind, factors[i], style,
                                             &rng, n_scans);
            }
        }
    }

    return wrong;
}
