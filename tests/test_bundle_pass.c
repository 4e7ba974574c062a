/*
 * A bundle of many chunks: what is damaged or wrong is found wherever it is,
 * rows that lie across two chunks among it, and the damage is named first.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "recs_sealed_file.h"
#include "recs_temp.h"


#define CHUNK    (256 * 1024)
#define FACTORS  100


static recs_bundle_t       *bundle;
static recs_sealed_file_t   file;
static recs_error_t         err;


static int
setup(void **state)
{
    recs_fixture_params_t  p = { .n_items = 3000, .n_users = 1000,
                                 .n_factors = FACTORS };

    (void) state;

    recs_sealed_file_make(&file, &p, 0);
    bundle = file.bundle;

    return 0;
}


static int
teardown(void **state)
{
    (void) state;

    recs_sealed_file_free(&file);

    return 0;
}


static void
refused(uint64_t at, const void *bytes, size_t n, int seal, const char *words)
{
    recs_status_t  rc;

    rc = recs_sealed_file_refused(&file, bundle->map + at, bytes, n, seal,
                                  words);
    assert_int_equal(rc, RECS_CORRUPT);
}


/* A flipped bit in every chunk, LMDB's own pages among them. */
static void
test_damage(void **state)
{
    char      byte;
    uint64_t  at, payload;

    (void) state;

    payload = file.size - RECS_SEAL_SIZE;
    assert_true(payload > 6 * CHUNK);

    for (at = 0; at < payload; at += CHUNK / 2 - 8) {
        byte = (char) (file.bytes[at] ^ 0x10);
        refused(at, &byte, 1, 0, "do not hash");
    }

    byte = (char) (file.bytes[payload - 1] ^ 1);
    refused(payload - 1, &byte, 1, 0, "do not hash");
}


/* Every row that has a part in the file on both sides of a chunk's end. */
static void
test_rows(void **state)
{
    char                 words[64];
    float                nan;
    unsigned             n, k;
    uint64_t             row, start, size;
    const recs_table_t  *t;

    (void) state;

    nan = NAN;
    n = 0;

    for (k = 0; k < 2; k++) {
        t = k == 0 ? &bundle->view.item_factors : &bundle->view.user_factors;
        size = t->row_size;

        for (row = 0; row < t->n_rows; row++) {
            start = recs_sealed_file_offset(bundle, recs_table_row(t, row));

            if (row > 0 && row + 1 < t->n_rows
                && start / CHUNK == (start + 2 * size) / CHUNK
                && start / CHUNK == (start - size) / CHUNK)
            {
                continue;
            }

            snprintf(words, sizeof(words), "not finite at row %u",
                     (unsigned) row);

            refused(start, &nan, sizeof(nan), 1, words);
            refused(start + (FACTORS - 1) * sizeof(float), &nan, sizeof(nan),
                    1, words);
            n++;
        }
    }

    assert_true(n > 12);
}


/* One wrong row is named although the rest was looked at by two threads. */
static void
test_known(void **state)
{
    int            fd;
    float          nan;
    uint64_t       at;
    recs_bundle_t *b;

    (void) state;

    nan = NAN;
    at = recs_sealed_file_offset(bundle,
                                 recs_table_row(&bundle->view.user_factors,
                                                777));
    memcpy(file.bytes + at, &nan, sizeof(nan));

    fd = open(recs_temp_write("known.mdb", file.bytes, file.size), O_RDONLY);
    assert_int_equal(recs_bundle_open_fd(&b, fd, "known",
                                         RECS_BUNDLE_SEAL_KNOWN, &err),
                     RECS_CORRUPT);
    assert_non_null(strstr(err.message, "not finite at row 777"));

    close(fd);
    unlink(recs_temp_path("known.mdb"));
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_damage, setup, teardown),
        cmocka_unit_test_setup_teardown(test_rows, setup, teardown),
        cmocka_unit_test_setup_teardown(test_known, setup, teardown)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
