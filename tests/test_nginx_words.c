/*
 * nginx's syntax as nginx reads it; files and includes are in
 * t/recs_cli_assign.t.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "recs_nginx_words.h"


static recs_error_t  err;


/* Directives as "line: word|word end", one behind the other. */
static const char *
read_all(const char *config)
{
    char               *p;
    uint32_t            i;
    recs_status_t       status;
    recs_nginx_line_t   line;
    recs_nginx_text_t   text;

    static char  copy[512], out[1024];

    text.name = "f";
    text.p = strcpy(copy, config);
    text.last = copy + strlen(copy);
    text.line = 1;
    p = out;
    *p = '\0';

    while ((status = recs_nginx_words_next(&text, &line, &err)) == RECS_OK) {
        p += sprintf(p, "%u:", line.line);

        for (i = 0; i < line.n; i++) {
            p += sprintf(p, "%s%.*s", i > 0 ? "|" : " ",
                         (int) line.words[i].len, line.words[i].data);
        }

        p += sprintf(p, " %c\n", line.end);
    }

    return status == RECS_NOT_FOUND ? out : err.message;
}


static void
test_words(void **state)
{
    unsigned  i;

    static const char *const  cases[][2] = {
        { "", "" },
        { " # a; b {\n", "" },
        { "a;b  c\t;\r\nd{}", "1: a ;\n1: b|c ;\n2: d {\n2: }\n" },
        { "a# b#c;", "1: a#|b#c ;\n" },
        { "a #x\n b;", "1: a|b ;\n" },
        { "a \"b;{}#'\" 'c\"';", "1: a|b;{}#'|c\" ;\n" },
        { "a \"\" '';", "1: a|| ;\n" },
        { "a b\"c;", "1: a|b\"c ;\n" },
        { "a \"b\\\"c\\\\\" \\t\\q\\;d;", "1: a|b\"c\\|\t\\q\\;d ;\n" },
        { "a ${b}c{", "1: a|${b}c {\n" },
        { "a \\${", "1: a|\\$ {\n" },
        { "a }b;", "f:1: unexpected \"}\"" },
        { "a b}c;", "1: a|b}c ;\n" },
        { "if ($a = \"b\") {", "1: if|($a|=|b|) {\n" },
        { "a \"b\nc\" d\ne; f;", "1: a|b\nc|d|e ;\n3: f ;\n" },
        { ";", "f:1: unexpected \";\"" },
        { "\n{", "f:2: unexpected \"{\"" },
        { "a", "f:1: unexpected end of file" },
        { "a ", "f:1: unexpected end of file" },
        { "a \"b", "f:1: unexpected end of file" },
        { "a \"b\\", "f:1: unexpected end of file" },
        { "a \"b\"c;", "f:1: unexpected character behind a quote" }
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_string_equal(read_all(cases[i][0]), cases[i][1]);
    }
}


/* As many words as there are; the first are kept. */
static void
test_many_words(void **state)
{
    char               config[3 * RECS_NGINX_WORDS_MAX + 2];
    recs_nginx_line_t  line;
    recs_nginx_text_t  text;

    (void) state;

    memset(config, ' ', sizeof(config));

    for (text.p = config; text.p < config + sizeof(config) - 1; text.p += 2) {
        *text.p = 'a';
    }

    config[sizeof(config) - 1] = ';';
    text.name = "f";
    text.p = config;
    text.last = config + sizeof(config);
    text.line = 1;

    assert_int_equal(recs_nginx_words_next(&text, &line, &err), RECS_OK);
    assert_int_equal(line.n, 3 * RECS_NGINX_WORDS_MAX / 2 + 1);
    assert_ptr_equal(line.words[RECS_NGINX_WORDS_MAX - 1].data,
                     config + 2 * (RECS_NGINX_WORDS_MAX - 1));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_many_words)
    };

    return cmocka_run_group_tests_name("nginx_words", tests, NULL, NULL);
}
