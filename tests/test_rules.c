/*
 * The file of editors' rules: what is read, what is refused and why.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "recs_rules.h"


static recs_error_t  err;


static recs_str_t
str(const char *text)
{
    recs_str_t  s;

    s.data = text;
    s.len = strlen(text);

    return s;
}


static void
assert_str(recs_str_t s, const char *text)
{
    assert_int_equal(s.len, strlen(text));
    assert_memory_equal(s.data, text, s.len);
}


static void
assert_rule(const recs_rule_t *rule, recs_rule_kind_t kind, uint32_t line,
    const char *slot, const char *item, const char *where)
{
    assert_int_equal(rule->kind, kind);
    assert_int_equal(rule->line, line);
    assert_str(rule->slot, slot);
    assert_str(rule->item, item);
    assert_str(rule->where, where);
}


static void
test_read(void **state)
{
    recs_rules_t        rules;
    const recs_rule_t  *r;

    (void) state;

    assert_int_equal(recs_rules_parse(&rules, str(
        "# the front page\n"
        "\n"
        "pin home 1 i318\r\n"
        "  pin\thome 12 'an id' from 2026-11-24 until "
            "2026-11-25T12:00:00Z  where stock > 0 and brand = \"a b\"  \n"
        "boost * +0.3 where kind = shoes\n"
        "boost home -10 i1 until 1764000000 from 1763000000\n"
        "block * 'where' where price < 3\n"
        "block for_you #7"), &err), RECS_OK);

    assert_int_equal(rules.n, 6);
    r = rules.rules;

    assert_rule(&r[0], RECS_RULE_PIN, 3, "home", "i318", "");
    assert_int_equal(r[0].rank, 1);
    assert_true(r[0].from_ms == 0 && r[0].until_ms == RECS_RULES_EVER);

    assert_rule(&r[1], RECS_RULE_PIN, 4, "home", "an id",
                "stock > 0 and brand = \"a b\"");
    assert_int_equal(r[1].rank, 12);
    assert_true(r[1].from_ms == 1795478400000);
    assert_true(r[1].until_ms == 1795608000000);

    assert_rule(&r[2], RECS_RULE_BOOST, 5, "*", "", "kind = shoes");
    assert_true(r[2].delta == 0.3f);

    assert_rule(&r[3], RECS_RULE_BOOST, 6, "home", "i1", "");
    assert_true(r[3].delta == -10.0f);
    assert_true(r[3].from_ms == 1763000000000);
    assert_true(r[3].until_ms == 1764000000000);

    assert_rule(&r[4], RECS_RULE_BLOCK, 7, "*", "where", "price < 3");
    assert_rule(&r[5], RECS_RULE_BLOCK, 8, "for_you", "#7", "");

    assert_true(recs_rule_concerns(&r[0], str("home")));
    assert_false(recs_rule_concerns(&r[0], str("hom")));
    assert_false(recs_rule_concerns(&r[0], str("homes")));
    assert_true(recs_rule_concerns(&r[2], str("hom")));

    recs_rules_free(&rules);
    assert_int_equal(rules.n, 0);
}


static void
test_nothing(void **state)
{
    size_t        i;
    recs_rules_t  rules;

    static const char *const  texts[] = { "", "\n", "# pin", " \t\r\n#\n",
                                          "\xef\xbb\xbf# pin" };

    (void) state;

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_int_equal(recs_rules_parse(&rules, str(texts[i]), &err),
                         RECS_OK);
        assert_int_equal(rules.n, 0);
        recs_rules_free(&rules);
    }
}


static const struct {
    const char  *text;
    const char  *why;
} refused[] = {
    { "pins home 1 i1", "line 1: \"pins\" is not pin, boost or block" },
    { "# x\n\npin", "line 3: a slot's name or * is missing at the end" },
    { "pin Home 1 i1", "\"Home\" is not a slot's name or *" },
    { "pin home", "a rank, 1 to 1000 is missing at the end" },
    { "pin home 0 i1", "\"0\" is not a rank" },
    { "pin home 1001 i1", "\"1001\" is not a rank" },
    { "pin home 1x i1", "\"1x\" is not a rank" },
    { "pin home +1 i1", "\"+1\" is not a rank" },
    { "pin home 4294967297 i1", "is not a rank" },
    { "pin home 1", "an item is missing at the end" },
    { "pin home 1 where stock > 0", "\"where\" is not an item" },
    { "pin home 1 ''", "a quote is not closed, or nothing is in it" },
    { "pin home 1 'i1", "a quote is not closed" },
    { "pin home 1 \x01", "is not an item's id" },
    { "pin home 1 i1 i2", "\"i2\" is not from, until or where, each once" },
    { "pin home 1 i1 from", "a time as in 2026-11-24 or "
      "2026-11-24T20:00:00Z is missing at the end" },
    { "pin home 1 i1 from now", "\"now\" is not a time" },
    { "pin home 1 i1 from 0", "\"0\" is not a time" },
    { "pin home 1 i1 from 2026-11-24 from 2026-11-25", "each once" },
    { "pin home 1 i1 from 2026-11-24 until 2026-11-24",
      "it ends before it begins" },
    { "pin home 1 i1 'from' 2026-11-24", "\"from\" is not from, until or" },
    { "boost home 0 i1", "\"0\" is not what to add" },
    { "boost home 1e-99 i1", "\"1e-99\" is not what to add" },
    { "boost home 10.1 i1", "is not what to add, -10 to 10 but not 0" },
    { "boost home nan i1", "is not what to add" },
    { "boost home i1", "\"i1\" is not what to add" },
    { "boost home 0.3", "an item's id or where is missing" },
    { "block home", "an item's id or where is missing" },
    { "block home until 2026-11-24", "an item's id or where is missing" },
    { "block home where", "line 1: where: " },
    { "block home where price <", "where: a number" },
    { "block home where kind = $kind", "where: variables are not for rules" },
    { "block home where price < 3 until 2026-11-24", "where: " }
};


static void
test_refused(void **state)
{
    size_t        i;
    recs_rules_t  rules;

    (void) state;

    for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        err.message[0] = '\0';
        assert_int_equal(recs_rules_parse(&rules, str(refused[i].text), &err),
                         RECS_INVALID);

        if (strstr(err.message, refused[i].why) == NULL) {
            fail_msg("%s: %s", refused[i].text, err.message);
        }
    }
}


/* n times the line, which is cut behind the last byte. */
static recs_status_t
many(const char *line, size_t n)
{
    char           *text;
    size_t          i, len;
    recs_str_t      s;
    recs_rules_t    rules;
    recs_status_t   rc;

    len = strlen(line);
    text = malloc(n * len);
    assert_non_null(text);

    for (i = 0; i < n; i++) {
        memcpy(text + i * len, line, len);
    }

    s.data = text;
    s.len = n * len;
    rc = recs_rules_parse(&rules, s, &err);

    if (rc == RECS_OK) {
        recs_rules_free(&rules);
    }

    free(text);

    return rc;
}


static void
test_limits(void **state)
{
    (void) state;

    assert_int_equal(many("block * i1\n", RECS_RULES_MAX), RECS_OK);
    assert_int_equal(many("block * i1\n", RECS_RULES_MAX + 1), RECS_INVALID);
    assert_string_equal(err.message, "line 4097: more than 4096 rules");

    assert_int_equal(many("block * where a = 1\n", RECS_RULES_WHERE_MAX),
                     RECS_OK);
    assert_int_equal(many("block * where a = 1\n", RECS_RULES_WHERE_MAX + 1),
                     RECS_INVALID);
    assert_non_null(strstr(err.message, "more than 64 rules with a where"));

    assert_int_equal(many("\n", RECS_RULES_TEXT_MAX), RECS_OK);
    assert_int_equal(many("\n", RECS_RULES_TEXT_MAX + 1), RECS_INVALID);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_limits)
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);

    return cmocka_run_group_tests(tests, NULL, NULL);
}
