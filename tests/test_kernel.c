/*
 * The portable kernel against what recs_kernel.h says, item by item; then all
 * others that this processor runs against it.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "recs_coded.h"
#include "recs_kernel_check.h"
#include "recs_kernel_set.h"


#define N_ITEMS  200


/* All approximate scores and slacks, for want of a threshold. */

static void
approximate_all(const recs_coded_t *c, const recs_scan_t *scan, int bonus,
    float *scores, float *slacks)
{
    uint32_t     hits, i;
    recs_scan_t  all;

    all = *scan;
    all.cosine = 0;
    all.threshold = -INFINITY;

    while (all.block < all.end) {
        if (bonus) {
            hits = c->kind == RECS_CODES_INT8
                   ? recs_kernel_portable.next_bonus_int8(&all)
                   : recs_kernel_portable.next_bonus_int4(&all);

        } else {
            hits = c->kind == RECS_CODES_INT8
                   ? recs_kernel_portable.next_int8(&all)
                   : recs_kernel_portable.next_int4(&all);
        }

        assert_int_equal(hits, 0xffffffff);

        for (i = 0; i < RECS_BLOCK_ITEMS; i++) {
            scores[(all.block - 1) * RECS_BLOCK_ITEMS + i]
                = all.approximate[i];
            slacks[(all.block - 1) * RECS_BLOCK_ITEMS + i] = all.slack;
        }
    }

    assert_false(all.stopped);
}


/* The approximate score from the codes, one by one. */

static double
decode(const recs_coded_t *c, uint32_t item)
{
    int32_t         sum;
    uint32_t        f, i;
    const int8_t   *q;
    const uint8_t  *codes;

    q = c->coded.codes;
    codes = c->codes + item / 32 * c->block_size;
    i = item % 32;
    sum = 0;

    for (f = 0; f < c->stride; f++) {
        if (c->kind == RECS_CODES_INT8) {
            sum += q[f] * (codes[(f / 4 * 32 + i) * 4 + f % 4] - 128);

        } else {
            sum += (f % 8 < 4 ? 16 * q[f] + q[f + 4] : 16 * q[f])
                   * (2 * (codes[(f / 8 * 32 + i) * 4 + f % 4]
                           >> (f % 8 / 4 * 4) & 15) - 15);
        }
    }

    return (double) c->blocks[item / 32].scale * c->coded.scale * sum;
}


static void
check_scores(const recs_coded_t *c)
{
    float        scores[N_ITEMS + 31], slacks[N_ITEMS + 31];
    double       want, bonus;
    uint32_t     i;
    recs_scan_t  scan;

    recs_coded_scan(c, &scan);
    approximate_all(c, &scan, 0, scores, slacks);

    for (i = 0; i < c->n_items; i++) {
        want = decode(c, i);
        assert_true(fabs(scores[i] - want) <= fabs(want) * 0x1p-22 + 1e-37);
    }

    scan.step = 0.37f;
    scan.margin = 1.0;
    approximate_all(c, &scan, 1, scores, slacks);

    for (i = 0; i < c->n_items; i++) {
        want = decode(c, i);
        bonus = 0.37f * (float) c->bonus[i];
        assert_true(fabs(scores[i] - want - bonus)
                    <= (fabs(want) + bonus) * 0x1p-21 + 1e-37);
        assert_true(slacks[i] >= 1.0f);
    }
}


/*
 * Hits are the items whose upper bound reaches the threshold; to a rounding,
 * and never one too few.
 */

static void
check_hits(const recs_coded_t *c, float threshold, int bonus, int cosine)
{
    float        scores[N_ITEMS + 31], slacks[N_ITEMS + 31];
    double       upper, bound, rounding, unit;
    uint32_t     i, b, hits;
    recs_scan_t  scan;

    recs_coded_scan(c, &scan);
    scan.threshold = threshold;
    scan.cosine = cosine;
    scan.step = (float) (c->coded.norm * c->blocks[0].norm / 30000);
    scan.margin = 1e-5 * c->coded.norm * c->blocks[0].norm;
    approximate_all(c, &scan, bonus, scores, slacks);

    for (b = 0, hits = 0, i = 0; i < c->n_items; i++) {
        while (!scan.stopped && scan.block <= i / 32) {
            hits = bonus ? (c->kind == RECS_CODES_INT8
                            ? recs_kernel_portable.next_bonus_int8(&scan)
                            : recs_kernel_portable.next_bonus_int4(&scan))
                         : (c->kind == RECS_CODES_INT8
                            ? recs_kernel_portable.next_int8(&scan)
                            : recs_kernel_portable.next_int4(&scan));
            b = hits != 0 ? scan.block - 1 : c->n_blocks;
        }

        unit = c->coded.norm * c->blocks[i / 32].norm;
        bound = threshold;

        if (cosine) {
            bound *= c->coded.norm * (threshold > 0
                                      ? c->blocks[i / 32].norm_min
                                      : c->blocks[i / 32].norm);
        }

        upper = (double) scores[i] + slacks[i];
        rounding = 1e-4 * fabs(bound) + 1e-5 * unit + 2e-6 * fabs(upper)
                   + c->coded.scale * c->blocks[i / 32].scale + 1e-36;

        if (scan.stopped && i / 32 >= scan.block) {
            /* Without its bonus no item here reaches it. */
            assert_false(cosine);
            assert_true(unit < threshold);

        } else if (b == i / 32 && (hits >> i % 32 & 1) != 0) {
            assert_true(upper >= bound - rounding);

        } else {
            assert_true(upper < bound + 1e-7 * fabs(bound));
        }
    }
}


/*
 * A sweep notes the items whose bonus makes up for their block's norm, at
 * most some more of a block soon after, and leaves no sum behind.
 */

static void
check_sweep(const recs_coded_t *c, float threshold)
{
    double         lack, lack_before;
    uint8_t        hit[N_ITEMS + 31];
    uint16_t       bonus[N_ITEMS + 31];
    uint32_t       i, j, n, before;
    recs_scan_t    scan;
    recs_listed_t  listed[RECS_LISTED_MAX];

    recs_coded_scan(c, &scan);
    scan.threshold = threshold;
    scan.step = (float) (c->coded.norm * c->blocks[0].norm / 30000);
    memcpy(bonus, c->bonus, c->n_blocks * 32 * sizeof(uint16_t));
    memset(hit, 0, sizeof(hit));
    scan.bonus = bonus;

    while (scan.block < scan.end) {
        n = recs_kernel_portable.sweep(&scan, listed);

        for (j = 0; j < n; j++) {
            i = listed[j].item;
            assert_true(i < c->n_blocks * 32);
            assert_int_equal(hit[i], 0);
            assert_int_equal(listed[j].bonus, c->bonus[i]);
            hit[i] = 1;
        }
    }

    for (i = 0; i < c->n_items; i++) {
        assert_int_equal(bonus[i], 0);
        before = i / 32 < 7 ? 0 : i / 32 - 7;
        lack = threshold - c->coded.norm * c->blocks[i / 32].norm;
        lack_before = threshold - c->coded.norm * c->blocks[before].norm;

        if (c->bonus[i] * (double) scan.step >= lack && c->bonus[i] > 0) {
            assert_int_equal(hit[i], 1);
        }

        if (c->bonus[i] == 0
            || (c->bonus[i] + 1.1) * (double) scan.step
               < lack_before - 1e-5 * fabs(threshold))
        {
            assert_int_equal(hit[i], 0);
        }
    }
}


/* At the very upper bound of an item, which then is one of the hits. */

static void
check_edges(const recs_coded_t *c)
{
    float        scores[N_ITEMS + 31], slacks[N_ITEMS + 31];
    double       edge;
    uint32_t     i, bonus, hits;
    recs_scan_t  scan;

    for (bonus = 0; bonus < 2; bonus++) {
        recs_coded_scan(c, &scan);
        scan.step = (float) (c->coded.norm * c->blocks[0].norm / 30000);
        approximate_all(c, &scan, bonus, scores, slacks);

        for (i = 0; i < c->n_items; i++) {
            edge = (double) scores[i] + slacks[i];
            edge -= (fabs(scores[i]) + slacks[i]) * 2.5e-7 + 0x1p-126;
            scan.threshold = (float) edge;
            scan.block = i / 32;
            scan.end = i / 32 + 1;

            hits = bonus ? (c->kind == RECS_CODES_INT8
                            ? recs_kernel_portable.next_bonus_int8(&scan)
                            : recs_kernel_portable.next_bonus_int4(&scan))
                         : (c->kind == RECS_CODES_INT8
                            ? recs_kernel_portable.next_int8(&scan)
                            : recs_kernel_portable.next_int4(&scan));
            assert_true(scan.stopped || (hits >> i % 32 & 1) != 0);
        }
    }
}


static void
check_sweep_edges(const recs_coded_t *c)
{
    uint16_t       bonus[N_ITEMS + 31];
    uint32_t       i, n, found;
    recs_scan_t    scan;
    recs_listed_t  listed[RECS_LISTED_MAX];

    recs_coded_scan(c, &scan);
    scan.step = (float) (c->coded.norm * c->blocks[0].norm / 30000);
    scan.bonus = bonus;

    for (i = 0; i < c->n_items; i++) {
        if (c->bonus[i] == 0) {
            continue;
        }

        memcpy(bonus, c->bonus, c->n_blocks * 32 * sizeof(uint16_t));
        scan.threshold = (float) ((c->coded.norm * c->blocks[i / 32].norm
                                   + (double) scan.step * c->bonus[i])
                                  * (1 - 1e-7));
        scan.block = i / 32;
        scan.end = i / 32 + 1;
        found = 0;

        for (n = recs_kernel_portable.sweep(&scan, listed); n > 0; n--) {
            found += listed[n - 1].item == i;
        }

        assert_int_equal(found, 1);
    }
}


static void
check_catalogue(recs_codes_kind_t kind, uint32_t style, uint32_t d)
{
    float          unit;
    unsigned       i, seed;
    recs_coded_t  *c;

    static const float  thresholds[] = {
        1.5f, 0.7f, 0.3f, 0.1f, 0.02f, 0.0f, -0.02f, -0.5f
    };

    for (seed = 0; seed < 3; seed++) {
        c = recs_coded(kind, style, N_ITEMS - seed * 7, d, 0, seed);
        check_scores(c);
        check_edges(c);

        unit = (float) (c->coded.norm * c->blocks[0].norm);

        if (unit > 1e-25f) {
            check_sweep_edges(c);
        }

        for (i = 0; i < 8; i++) {
            check_hits(c, thresholds[i] * unit, 0, 0);
            check_hits(c, thresholds[i] * unit, 1, 0);
            check_hits(c, thresholds[i], 0, 1);

            /* Denormal products have no step in floats. */
            if (unit > 1e-25f) {
                check_sweep(c, thresholds[i] * unit);
            }
        }

        recs_coded_free(c);
    }
}


static void
test_portable_is_what_it_says(void **state)
{
    uint32_t  style;

    (void) state;

    for (style = 0; style < RECS_CODED_STYLES; style++) {
        check_catalogue(RECS_CODES_INT8, style, 24);
        check_catalogue(RECS_CODES_INT4, style, 24);
        check_catalogue(RECS_CODES_INT8, style, 1);
        check_catalogue(RECS_CODES_INT4, style, 1);
        check_catalogue(RECS_CODES_INT8, style, 160);
        check_catalogue(RECS_CODES_INT4, style, 160);
    }
}


static void
test_all_are_as_portable(void **state)
{
    char                         detail[128];
    uint32_t                     n_scans;
    const char                  *wrong;
    const recs_kernel_t *const  *k;

    (void) state;

    for (k = recs_kernel_all(); *k != NULL; k++) {
        if (*k == &recs_kernel_portable) {
            continue;
        }

        if (!(*k)->usable()) {
            print_message("not on this processor: %s\n", (*k)->name);
            continue;
        }

        wrong = recs_kernel_check(*k, detail, &n_scans);

        if (wrong != NULL) {
            fail_msg("%s: %s", detail, wrong);
        }

        print_message("as portable: %s, %u scans\n", (*k)->name, n_scans);
    }
}


/*
 * The source of the kernels that few processors run, on any (recs_simde.h);
 * absent where the build found no SIMDe.
 */

extern const recs_kernel_t  recs_kernel_avx512_simde __attribute__((weak));
extern const recs_kernel_t  recs_kernel_avxvnni_simde __attribute__((weak));


static void
test_simde_is_as_portable(void **state)
{
    char                  detail[128];
    unsigned              i;
    uint32_t              n_scans;
    const char           *wrong;
    const recs_kernel_t  *kernels[2];

    (void) state;

    kernels[0] = &recs_kernel_avx512_simde;
    kernels[1] = &recs_kernel_avxvnni_simde;

    for (i = 0; i < 2; i++) {
        if (kernels[i] == NULL) {
            print_message("skipped: needs x86-64 and libsimde-dev\n");
            skip();
        }

        wrong = recs_kernel_check(kernels[i], detail, &n_scans);

        if (wrong != NULL) {
            fail_msg("%s: %s", detail, wrong);
        }

        print_message("as portable: %s by SIMDe, %u scans\n",
                      kernels[i]->name, n_scans);
    }
}


static void
test_use(void **state)
{
    recs_error_t                 err;
    const recs_kernel_t         *best;
    const recs_kernel_t *const  *k;

    (void) state;

    best = recs_kernel();
    assert_true(best->usable());

    for (k = recs_kernel_all(); *k != NULL; k++) {
        if ((*k)->usable()) {
            assert_int_equal(recs_kernel_use((*k)->name, &err), RECS_OK);
            assert_ptr_equal(recs_kernel(), *k);

        } else {
            assert_int_equal(recs_kernel_use((*k)->name, &err), RECS_INVALID);
            assert_non_null(strstr(err.message, "cannot run"));
        }
    }

    assert_ptr_equal(recs_kernel(), &recs_kernel_portable);
    assert_int_equal(recs_kernel_use("avx1024", &err), RECS_INVALID);
    assert_non_null(strstr(err.message, "no kernel \"avx1024\""));
    assert_ptr_equal(recs_kernel(), &recs_kernel_portable);
    assert_int_equal(recs_kernel_use(best->name, &err), RECS_OK);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_portable_is_what_it_says),
        cmocka_unit_test(test_all_are_as_portable),
        cmocka_unit_test(test_simde_is_as_portable),
        cmocka_unit_test(test_use)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
