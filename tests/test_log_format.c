/* recs_log_format: a log_format read backwards. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "recs_log_format.h"


/* Values joined with '|', or "-" where the line does not match. */

static void
check(const char *format, const char *line, const char *expected)
{
    char               text[512], raw[512];
    size_t             len;
    uint32_t           i;
    recs_str_t         s, values[RECS_LOG_VARIABLES_MAX];
    recs_error_t       err;
    recs_log_format_t  f;

    assert_int_equal(recs_log_format_parse(&f, format, &err), RECS_OK);
    s.data = line;
    s.len = strlen(line);
    strcpy(text, "-");

    if (recs_log_format_match(&f, s, values)) {
        for (i = 0, len = 0; i < f.n; i++) {
            s = recs_log_unescape(values[i], raw);
            len += (size_t) sprintf(text + len, "%s%.*s", i ? "|" : "",
                                    (int) s.len, s.data);
        }
    }

    assert_string_equal(text, expected);
}


static void
test_match(void **state)
{
    (void) state;

    check("$a $b", "1 2", "1|2");
    check("$a $b", "1 2 3", "1|2 3");
    check("$a $b", "1", "-");
    check("$a $b", " ", "|");
    check("[$a]", "[x]", "x");
    check("[$a]", "[x] ", "-");
    check("[$a]", "x]", "-");
    check("[$a]", "", "-");
    check("${a}b$c", "1b2", "1|2");
    check("\"$a\" $b", "\"x \\x22y\\x22 \\\\\" 2", "x \"y\" \\|2");
    check("{\"a\":\"$a\",\"b\":$b}", "{\"a\":\"q\\\"\\n\\t\",\"b\":1}",
          "q\"\n\t|1");
    check("$a", "\\x4", "x4");
    check("$a", "\\x4g", "x4g");
    check("$a", "tail\\", "tail\\");
    check(RECS_LOG_COMBINED, "::1 - - [t z] \"GET / HTTP/1.1\" 200 1 \"-\""
          " \"m\"", "::1|-|t z|GET / HTTP/1.1|200|1|-|m");
}


static void
test_refused(void **state)
{
    char                many[RECS_LOG_VARIABLES_MAX * 4 + 8];
    size_t              i;
    recs_error_t        err;
    recs_log_format_t   f;

    static const char *const  formats[] = {
        "", "no variable", "$", "$ x", "$a$b", "${a", "${}", "x $a $"
    };

    (void) state;

    for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        print_message("%s\n", formats[i]);
        assert_int_equal(recs_log_format_parse(&f, formats[i], &err),
                         RECS_INVALID);
    }

    for (i = 0; i <= RECS_LOG_VARIABLES_MAX; i++) {
        memcpy(many + 3 * i, "$a ", 4);
    }

    assert_int_equal(recs_log_format_parse(&f, many, &err), RECS_INVALID);
}


static void
test_find(void **state)
{
    recs_error_t       err;
    recs_log_format_t  f;

    (void) state;

    assert_int_equal(recs_log_format_parse(&f, "$uri ${uri_x}", &err),
                     RECS_OK);
    assert_int_equal(recs_log_format_find(&f, "$uri"), 0);
    assert_int_equal(recs_log_format_find(&f, "uri_x"), 1);
    assert_int_equal(recs_log_format_find(&f, "ur"), -1);

    assert_int_equal(recs_hex_byte("4a"), 0x4a);
    assert_int_equal(recs_hex_byte("Ff"), 0xff);
    assert_int_equal(recs_hex_byte("g0"), -1);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_match),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_find),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
