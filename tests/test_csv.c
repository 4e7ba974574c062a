/* recs_csv: RFC 4180, and what a bad row costs. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recs_csv.h"
#include "recs_temp.h"


/* Rows as "<line>:[field][field]", "<line>!fault", "<line>>" (too long). */

static char *
read_all(const void *data, size_t len)
{
    char               *out;
    FILE               *stream;
    size_t              size;
    uint32_t            i;
    recs_csv_t          csv;
    recs_input_t        in;
    recs_error_t        err;
    recs_csv_result_t   result;

    stream = open_memstream(&out, &size);
    assert_int_equal(recs_input_open(&in, recs_temp_write("t.csv", data, len),
                                     &err), RECS_OK);
    recs_csv_init(&csv, &in);

    for ( ;; ) {
        assert_int_equal(recs_csv_read(&csv, &result, &err), RECS_OK);

        if (result == RECS_CSV_END) {
            break;
        }

        fprintf(stream, "%d", (int) csv.line);

        if (result == RECS_CSV_MALFORMED) {
            fprintf(stream, "!%s\n", csv.fault);
            continue;
        }

        fprintf(stream, "%c", result == RECS_CSV_ROW ? ':' : '>');

        for (i = 0; i < csv.n_fields; i++) {
            fprintf(stream, "[%.*s]", (int) csv.fields[i].len,
                    csv.fields[i].data);
        }

        fprintf(stream, "\n");
    }

    recs_csv_free(&csv);
    recs_input_close(&in);
    fclose(stream);

    return out;
}


static void
check(const char *text, const char *expected)
{
    char  *out;

    out = read_all(text, strlen(text));
    assert_string_equal(out, expected);
    free(out);
}


static void
test_plain(void **state)
{
    (void) state;

    check("", "");
    check("\n\r\n\n", "");
    check("a,b\n1,2\n", "1:[a][b]\n2:[1][2]\n");
    check("a,b\r\n1,2\r\n", "1:[a][b]\n2:[1][2]\n");
    check("a,b\n1,2", "1:[a][b]\n2:[1][2]\n");
    check("a,,\n\n,\n", "1:[a][][]\n3:[][]\n");
    check("a\rb,c\n", "1:[a\rb][c]\n");
    check("a\r", "1:[a\r]\n");
    check(" a , b \n", "1:[ a ][ b ]\n");
    check("\xef\xbb\xbf" "a,b\n", "1:[a][b]\n");
}


static void
test_quoted(void **state)
{
    (void) state;

    check("\"a\",\"b,c\"\n", "1:[a][b,c]\n");
    check("\"a\"\"b\",\"\"\n", "1:[a\"b][]\n");
    check("\"a\nb\r\nc\",d\ne\n", "1:[a\nb\r\nc][d]\n4:[e]\n");
    check("\"a\"", "1:[a]\n");
    check("\"\"\"\"\r\n", "1:[\"]\n");
}


static void
test_malformed(void **state)
{
    (void) state;

    check("a\"b,c\nd\n", "1!a quote in an unquoted field\n2:[d]\n");
    check("\"a\"b,c\nd\n", "1!text behind a closing quote\n2:[d]\n");
    check("\"a\" ,c\nd\n", "1!text behind a closing quote\n2:[d]\n");
    check("x\n\"a\nb\nc\n", "1:[x]\n2!a quote that is not closed\n3:[b]\n"
          "4:[c]\n");
    check("\"a\n\"b\nc\n", "1!text behind a closing quote\n"
          "2!a quote that is not closed\n3:[c]\n");
    check("\"", "1!a quote that is not closed\n");
}


/* A row across every boundary of the window, and one that is too long. */

static void
test_long(void **state)
{
    char        *data, *out, *p;
    size_t       len, i;

    (void) state;

    len = 3 * 1024 * 1024;
    data = malloc(RECS_ROW_MAX + len);

    for (i = 0; i < len / 64; i++) {
        memset(data + 64 * i, 'x', 63);
        memcpy(data + 64 * i, "\"a\"\"b\",", 7);
        data[64 * i + 63] = '\n';
    }

    out = read_all(data, len);

    for (i = 0, p = out; i < len / 64; i++, p = strchr(p, '\n') + 1) {
        assert_int_equal(strtoul(p, &p, 10), i + 1);
        assert_memory_equal(p, ":[a\"b][xxx", 10);
    }

    assert_int_equal(*p, '\0');
    free(out);

    memset(data, 'x', RECS_ROW_MAX + len);
    memcpy(data + RECS_ROW_MAX + len - 5, "\na,b\n", 5);
    out = read_all(data, RECS_ROW_MAX + len);
    assert_string_equal(out, "1>\n2:[a][b]\n");
    free(out);

    memset(data, ',', 2000);
    memcpy(data + 2000, "\na\n", 3);
    out = read_all(data, 2003);
    assert_string_equal(out, "1>\n2:[a]\n");
    free(out);

    free(data);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_plain),
        cmocka_unit_test(test_quoted),
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_long),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
