/* recs_input and recs_source: lines from plain, gzip and zstd streams. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "recs_input.h"
#include "recs_temp.h"


#define N_LINES  20000


static char    text[1 << 20];
static size_t  text_len;


static void
fill_text(void)
{
    int  i;

    text_len = 0;

    for (i = 1; i <= N_LINES; i++) {
        text_len += (size_t) sprintf(text + text_len, "line %d\n", i);
    }
}


static size_t
gzip(const char *data, size_t len, char *out, size_t size)
{
    z_stream  z;

    memset(&z, 0, sizeof(z));
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8,
                                  Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (Bytef *) data;
    z.avail_in = (uInt) len;
    z.next_out = (Bytef *) out;
    z.avail_out = (uInt) size;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    deflateEnd(&z);

    return size - z.avail_out;
}


/* Reads all lines; returns how many stood as fill_text() wrote them. */

static int
read_lines(const char *path, recs_error_t *err)
{
    int            n, too_long;
    char           expected[32];
    recs_str_t     line;
    recs_input_t   in;
    recs_status_t  status;

    status = recs_input_open(&in, path, err);
    if (status != RECS_OK) {
        return -1;
    }

    for (n = 0; /* void */ ; n++) {
        status = recs_input_line(&in, &line, &too_long, err);
        if (status != RECS_OK) {
            break;
        }

        snprintf(expected, sizeof(expected), "line %d", n + 1);
        assert_int_equal(line.len, strlen(expected));
        assert_memory_equal(line.data, expected, line.len);
        assert_int_equal(in.line, n + 1);
        assert_false(too_long);
    }

    recs_input_close(&in);

    return status == RECS_NOT_FOUND ? n : -1;
}


static void
test_plain(void **state)
{
    recs_error_t  err;

    (void) state;

    assert_int_equal(read_lines(recs_temp_write("a", text, text_len), &err),
                     N_LINES);
    assert_int_equal(read_lines(recs_temp_write("a", text, text_len - 1),
                                &err), N_LINES);
    assert_int_equal(read_lines(recs_temp_text("a", "line 1\r\nline 2\r\n"),
                                &err), 2);
    assert_int_equal(read_lines(recs_temp_text("a", "\xef\xbb\xbfline 1"),
                                &err), 1);
    assert_int_equal(read_lines(recs_temp_text("a", ""), &err), 0);
}


/* Two members, cut anywhere, damaged. */

static void
test_gzip(void **state)
{
    char          *packed;
    size_t         len, cut;
    recs_error_t   err;

    (void) state;

    packed = malloc(1 << 20);
    len = gzip(text, 100000, packed, 1 << 19);
    len += gzip(text + 100000, text_len - 100000, packed + len, 1 << 19);

    assert_int_equal(read_lines(recs_temp_write("a", packed, len), &err),
                     N_LINES);

    for (cut = 3; cut < len; cut += 997) {
        if (read_lines(recs_temp_write("a", packed, len - cut), &err) != -1) {
            fail_msg("cut by %zu", cut);
        }

        assert_int_equal(err.status, RECS_INVALID);
    }

    packed[len / 2] ^= 0x40;
    assert_int_equal(read_lines(recs_temp_write("a", packed, len), &err), -1);
    assert_non_null(strstr(err.message, "gzip"));

    free(packed);
}


static void
test_zstd(void **state)
{
    char          *packed;
    size_t         len, first, cut;
    recs_error_t   err;

    (void) state;

    packed = malloc(1 << 20);
    len = first = ZSTD_compress(packed, 1 << 19, text, 100000, 3);
    len += ZSTD_compress(packed + len, 1 << 19, text + 100000,
                         text_len - 100000, 3);

    assert_int_equal(read_lines(recs_temp_write("a", packed, len), &err),
                     N_LINES);

    for (cut = 1; cut < len / 2; cut += 997) {
        assert_int_equal(read_lines(recs_temp_write("a", packed, len - cut),
                                    &err), -1);
        assert_int_equal(err.status, RECS_INVALID);
    }

    packed[first] = 0;
    assert_int_equal(read_lines(recs_temp_write("a", packed, len), &err), -1);
    assert_non_null(strstr(err.message, "zstd"));

    free(packed);
}


static void
test_refused(void **state)
{
    recs_error_t  err;

    (void) state;

    assert_int_equal(read_lines(recs_temp_path("none"), &err), -1);
    assert_int_equal(err.status, RECS_IO);
    assert_non_null(strstr(err.message, "No such file"));

    assert_int_equal(read_lines("/tmp", &err), -1);
    assert_non_null(strstr(err.message, "folder"));

    assert_int_equal(read_lines(recs_temp_write("a", "\xff\xfe" "a\0", 4),
                                &err), -1);
    assert_non_null(strstr(err.message, "UTF-16"));
}


static void
test_too_long(void **state)
{
    int            too_long;
    char          *data;
    size_t         len;
    recs_str_t     line;
    recs_input_t   in;
    recs_error_t   err;

    (void) state;

    len = 2 * RECS_ROW_MAX;
    data = malloc(len + 16);
    memcpy(data, "a\n", 2);
    memset(data + 2, 'x', len);
    memcpy(data + 2 + len, "\nb\n", 3);

    assert_int_equal(recs_input_open(&in, recs_temp_write("a", data, len + 5),
                                     &err), RECS_OK);

    assert_int_equal(recs_input_line(&in, &line, &too_long, &err), RECS_OK);
    assert_false(too_long);
    assert_int_equal(recs_input_line(&in, &line, &too_long, &err), RECS_OK);
    assert_true(too_long);
    assert_int_equal(in.line, 2);
    assert_int_equal(recs_input_line(&in, &line, &too_long, &err), RECS_OK);
    assert_false(too_long);
    assert_int_equal(line.len, 1);
    assert_int_equal(in.line, 3);
    assert_int_equal(recs_input_line(&in, &line, &too_long, &err),
                     RECS_NOT_FOUND);

    /* The window does not grow with the row. */
    assert_true(in.size <= 2 * RECS_ROW_MAX);

    recs_input_close(&in);
    free(data);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_plain),
        cmocka_unit_test(test_gzip),
        cmocka_unit_test(test_zstd),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_too_long),
    };

    fill_text();

    return cmocka_run_group_tests(tests, NULL, NULL);
}
