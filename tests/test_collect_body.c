/*
 * What a client may say has happened, and what is refused.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "recs_collect_body.h"


static recs_collect_body_t  body;
static recs_error_t         err;


static int
parse(const char *text)
{
    return recs_collect_body_parse(&body, text, strlen(text), &err);
}


static int
query(const char *text)
{
    return recs_collect_query_parse(&body, text, strlen(text), &err);
}


static void
check(recs_str_t value, const char *expected)
{
    assert_int_equal(value.len, strlen(expected));
    assert_memory_equal(value.data, expected, value.len);
}


static void
test_object(void **state)
{
    (void) state;

    assert_int_equal(parse("{\"event\":\"click\",\"item\":\"\\u00e9 \\\"1\","
                           "\"id\":\"a-1\",\"token\":\"t.t\",\"value\":9.95,"
                           "\"user\":\"42\",\"ts\":1,\"x\":{\"y\":[[1]]}}"),
                     RECS_OK);
    assert_int_equal(body.n_events, 1);
    check(body.events[0].event, "click");
    check(body.events[0].item, "\xc3\xa9 \"1");
    check(body.events[0].id, "a-1");
    check(body.events[0].token, "t.t");
    assert_true(body.events[0].value == 9.95);
    recs_collect_body_free(&body);

    assert_int_equal(parse(" {\"event\":\"view\",\"item\":-1193,"
                           "\"id\":null,\"value\":-2} "), RECS_OK);
    check(body.events[0].item, "-1193");
    assert_int_equal(body.events[0].id.len, 0);
    assert_int_equal(body.events[0].token.len, 0);
    assert_true(body.events[0].value == -2);
    recs_collect_body_free(&body);

    assert_int_equal(parse("{\"event\":\"view\","
                           "\"item\":-9223372036854775808}"), RECS_OK);
    check(body.events[0].item, "-9223372036854775808");
    assert_true(isnan(body.events[0].value));
    recs_collect_body_free(&body);
}


/* n events in an array */
static char *
array(unsigned n)
{
    char      *text, *p;
    unsigned   i;

    text = malloc(n * 32 + 3);
    assert_non_null(text);
    p = text;
    *p++ = '[';

    for (i = 0; i < n; i++) {
        p += sprintf(p, "%s{\"event\":\"v\",\"item\":%u}", i ? "," : "", i);
    }

    strcpy(p, "]");

    return text;
}


static void
test_array(void **state)
{
    char  *text;

    (void) state;

    text = array(64);
    assert_int_equal(parse(text), RECS_OK);
    assert_int_equal(body.n_events, 64);
    check(body.events[63].item, "63");
    recs_collect_body_free(&body);
    free(text);

    text = array(65);
    assert_int_equal(parse(text), RECS_INVALID);
    assert_string_equal(err.message, "65 events: 1 to 64 may stand in a body");
    free(text);
}


#define GOOD  "\"event\":\"v\",\"item\":\"1\""

static const struct {
    const char  *text;
    const char  *message;
} refused[] = {
    { "", "there is nothing in it" },
    { " ", "line: '[' or '{' expected" },
    { "null", "line: '[' or '{' expected" },
    { "[]", "0 events: 1 to 64 may stand in a body" },
    { "[1]", "event 1: it is no object" },
    { "[{" GOOD "},{}]", "event 2: \"event\" must match "
      "[a-z][a-z0-9_]{0,31}" },
    { "{" GOOD "} {}", "line: end of file expected" },
    { "{" GOOD ",}", "line: string or '}' expected" },
    { "{" GOOD ",\"item\":\"2\"}", "line: duplicate object key" },
    { "{" GOOD ",\"x\":{\"a\":1,\"a\":1}}",
      "line: duplicate object key" },
    { "{\"event\":\"Click\",\"item\":\"1\"}",
      "event 1: \"event\" must match [a-z][a-z0-9_]{0,31}" },
    { "{\"event\":\"exposure\",\"item\":\"1\"}",
      "event 1: \"event\" is \"exposure\": nginx itself records those" },
    { "{\"event\":\"v\"}", "event 1: \"item\" must be 1 to 128 bytes of UTF-8 "
      "without control characters" },
    { "{\"event\":\"v\",\"item\":\"\"}", "event 1: \"item\" must be 1 to 128 "
      "bytes of UTF-8 without control characters" },
    { "{\"event\":\"v\",\"item\":\"a\\u0007\"}", "event 1: \"item\" must be 1 "
      "to 128 bytes of UTF-8 without control characters" },
    { "{\"event\":\"v\",\"item\":\"a\\u0000\"}",
      "line: \\u0000 is not allowed without JSON_ALLOW_NUL" },
    { "{\"event\":\"v\",\"item\":\"a\nb\"}",
      "line: unexpected newline" },
    { "{\"event\":\"v\",\"item\":\"a\001b\"}",
      "line: control character 0x1" },
    { "{\"event\":\"v\",\"item\":\"a\xff\"}",
      "line: unable to decode byte 0xff" },
    { "{\"event\":\"v\",\"item\":\"\\ud800\"}",
      "line: invalid Unicode '\\uD800'" },
    { "{\"event\":\"v\",\"item\":1.5}", "event 1: \"event\", \"item\", \"id\" "
      "and \"token\" must be strings" },
    { "{\"event\":\"v\",\"item\":{}}", "event 1: \"event\", \"item\", \"id\" "
      "and \"token\" must be strings" },
    { "{" GOOD ",\"token\":1}", "event 1: \"event\", \"item\", \"id\" and "
      "\"token\" must be strings" },
    { "{" GOOD ",\"id\":\"\\u007f\"}", "event 1: \"id\" must be 1 to 128 bytes "
      "of UTF-8 without control characters" },
    { "{" GOOD ",\"value\":\"1\"}", "event 1: \"value\" must be a number" },
    { "{" GOOD ",\"value\":1e309}",
      "line: real number overflow" },
    { "{" GOOD ",\"value\":NaN}", "line: invalid token" },
    { "{" GOOD ",\"value\":99999999999999999999}",
      "line: too big integer" },
    { "[[[[[[[[[", "more than 8 levels" },
    { "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{",
      "more than 8 levels" }
};


/* Where in the line is jansson's to count. */
static void
check_message(const char *expected)
{
    const char  *message;

    message = err.message;

    if (strncmp(expected, "line: ", 6) == 0) {
        assert_memory_equal(message, "line 1, column ", 15);
        expected += 4;
        message = strchr(message, ':');
        assert_non_null(message);
    }

    assert_string_equal(message, expected);
}


static void
test_refused(void **state)
{
    size_t  i;

    (void) state;

    for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        assert_int_equal(parse(refused[i].text), RECS_INVALID);
        check_message(refused[i].message);
    }

    assert_int_equal(recs_collect_body_parse(&body, "{\0}", 3, &err),
                     RECS_INVALID);
    assert_string_equal(err.message, "there is a NUL");
}


/* Brackets in strings are none. */
static void
test_quoted(void **state)
{
    (void) state;

    assert_int_equal(parse("{" GOOD ",\"x\":\"[[[[[[[[[[\\\"[[[{{{\\\\\"}"),
                     RECS_OK);
    recs_collect_body_free(&body);
}


/* What would cost much, in 64 KiB. */
static void
test_bombs(void **state)
{
    char    *text;
    size_t   i, len;

    (void) state;

    text = malloc(RECS_COLLECT_BODY_MAX + 1);
    assert_non_null(text);

    memset(text, '[', RECS_COLLECT_BODY_MAX);
    assert_int_equal(recs_collect_body_parse(&body, text,
                                             RECS_COLLECT_BODY_MAX, &err),
                     RECS_INVALID);
    assert_string_equal(err.message, "more than 8 levels");

    len = (size_t) sprintf(text, "{" GOOD ",\"x\":[1");

    for (i = len; i + 1 < RECS_COLLECT_BODY_MAX; i += 2) {
        memcpy(text + i, ",1", 2);
    }

    assert_int_equal(recs_collect_body_parse(&body, text, i, &err),
                     RECS_INVALID);
    assert_string_equal(err.message, "more than 2048 values");

    assert_int_equal(recs_collect_body_parse(&body, text,
                                             RECS_COLLECT_BODY_MAX + 1, &err),
                     RECS_INVALID);
    assert_string_equal(err.message, "more than 65536 bytes");

    /* A body of the full size is well when it says little. */

    len = (size_t) sprintf(text, "{" GOOD ",\"x\":\"");
    memset(text + len, 'x', RECS_COLLECT_BODY_MAX - len);
    memcpy(text + RECS_COLLECT_BODY_MAX - 2, "\"}", 2);
    assert_int_equal(recs_collect_body_parse(&body, text,
                                             RECS_COLLECT_BODY_MAX, &err),
                     RECS_OK);
    recs_collect_body_free(&body);

    free(text);
}


static void
test_long(void **state)
{
    char  text[1200], id[600];

    (void) state;

    memset(id, 'x', sizeof(id));

    sprintf(text, "{\"event\":\"v\",\"item\":\"%.128s\"}", id);
    assert_int_equal(parse(text), RECS_OK);
    recs_collect_body_free(&body);

    sprintf(text, "{\"event\":\"v\",\"item\":\"%.129s\"}", id);
    assert_int_equal(parse(text), RECS_INVALID);

    sprintf(text, "{" GOOD ",\"id\":\"%.129s\"}", id);
    assert_int_equal(parse(text), RECS_INVALID);

    sprintf(text, "{" GOOD ",\"token\":\"%.512s\"}", id);
    assert_int_equal(parse(text), RECS_OK);
    recs_collect_body_free(&body);

    sprintf(text, "{" GOOD ",\"token\":\"%.513s\"}", id);
    assert_int_equal(parse(text), RECS_INVALID);
    assert_string_equal(err.message, "event 1: \"token\" is longer than any");
}


static void
test_query(void **state)
{
    size_t  i;
    char    text[RECS_COLLECT_QUERY_MAX + 2];

    static const char  *wrong[][2] = {
        { "", "event 1: \"event\" must match [a-z][a-z0-9_]{0,31}" },
        { "event=v&event=v&item=1", "\"event\" stands twice" },
        { "event=v&item=%", "\"item\" is malformed: %XX expected" },
        { "event=v&item=%2", "\"item\" is malformed: %XX expected" },
        { "event=v&item=%zz", "\"item\" is malformed: %XX expected" },
        { "event=v&item=%00", "event 1: \"item\" must be 1 to 128 bytes of "
          "UTF-8 without control characters" },
        { "event=v&item=a%0d%0ab", "event 1: \"item\" must be 1 to 128 bytes "
          "of UTF-8 without control characters" },
        { "event=v&item=1&value=x", "event 1: \"value\" must be a number" },
        { "event=v&item=1&value=1%202", "event 1: \"value\" must be a number" },
        { "event=v&item", "event 1: \"item\" must be 1 to 128 bytes of UTF-8 "
          "without control characters" }
    };

    (void) state;

    assert_int_equal(query("x&event=click&&item=%c3%A9+1&token=a%2Eb&id=7"
                           "&value=-1.5e1&user=42&t=1&t=2"), RECS_OK);
    assert_int_equal(body.n_events, 1);
    check(body.events[0].event, "click");
    check(body.events[0].item, "\xc3\xa9+1");
    check(body.events[0].token, "a.b");
    check(body.events[0].id, "7");
    assert_true(body.events[0].value == -15);
    recs_collect_body_free(&body);

    assert_int_equal(query("event=v&item=1&token=&id=&value="), RECS_OK);
    assert_int_equal(body.events[0].token.len, 0);
    assert_true(isnan(body.events[0].value));
    recs_collect_body_free(&body);

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(query(wrong[i][0]), RECS_INVALID);
        assert_string_equal(err.message, wrong[i][1]);
    }

    memset(text, '&', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    assert_int_equal(query(text), RECS_INVALID);
    assert_string_equal(err.message, "more than 4096 bytes");
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_object),
        cmocka_unit_test(test_array),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_quoted),
        cmocka_unit_test(test_bombs),
        cmocka_unit_test(test_long),
        cmocka_unit_test(test_query)
    };

    return cmocka_run_group_tests_name("collect_body", tests, NULL, NULL);
}
