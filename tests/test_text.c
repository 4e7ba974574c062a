/*
 * Words of known texts in several languages, and of what is no text.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "recs_text.h"


#define LANGUAGE(symbol)  ((recs_languages_t) 1 << RECS_LANGUAGE_##symbol)


static recs_error_t  err;
static recs_text_t  *text;


static recs_str_t
str(const char *s)
{
    recs_str_t  value;

    value.data = s;
    value.len = strlen(s);

    return value;
}


/* All stems, a space between them; word by word a bar. */
static const char *
stems(recs_str_t data, recs_languages_t languages)
{
    size_t       n;
    uint32_t     word;
    recs_term_t  term;
    static char  line[1024];

    n = 0;
    word = 0;
    line[0] = '\0';
    recs_text_start(text, data, languages);

    while (recs_text_next(text, &term)) {
        assert_true(term.word == word || term.word == word + 1
                    || (n == 0 && term.word == 0));

        n += (size_t) snprintf(line + n, sizeof(line) - n, "%s%.*s",
                               n == 0 ? "" : term.word == word ? " " : "|",
                               (int) term.stem.len, term.stem.data);
        word = term.word;
        assert_true(n < sizeof(line));
    }

    assert_int_equal(recs_text_next(text, &term), 0);

    return line;
}


static const char *
in(const char *s, recs_language_t language)
{
    return stems(str(s), recs_languages_of(language));
}


static void
test_text_english(void **state)
{
    (void) state;

    assert_string_equal(in("How do I reset my passwords?",
                           RECS_LANGUAGE_ENGLISH),
                        "how|do|i|reset|my|password");
    assert_string_equal(in("The customer\xe2\x80\x99s INVOICES, 2024.",
                           RECS_LANGUAGE_ENGLISH),
                        "the|custom|invoic|2024");

    /* English where nobody said which. */
    assert_string_equal(in("connected connections", RECS_LANGUAGE_COUNT),
                        "connect|connect");
}


static void
test_text_german(void **state)
{
    (void) state;

    assert_string_equal(in("Die Rechnungen k\xc3\xb6nnen Sie herunterladen",
                           RECS_LANGUAGE_GERMAN),
                        "die|rechnung|konn|sie|herunterlad");

    /* Sharp s and its capitals. */
    assert_string_equal(in("STRASSE Stra\xc3\x9f" "e", RECS_LANGUAGE_GERMAN),
                        "strass|strass");
}


/* By dictionary: no space says where these words end. */
static void
test_text_chinese(void **state)
{
    (void) state;

    /* How, change, password, and a full-width question mark. */
    assert_string_equal(in("\xe5\xa6\x82\xe4\xbd\x95\xe4\xbf\xae\xe6\x94\xb9"
                           "\xe5\xaf\x86\xe7\xa0\x81\xef\xbc\x9f",
                           RECS_LANGUAGE_COUNT),
                        "\xe5\xa6\x82\xe4\xbd\x95|\xe4\xbf\xae\xe6\x94\xb9|"
                        "\xe5\xaf\x86\xe7\xa0\x81");

    /* I, love, Beijing. */
    assert_string_equal(in("\xe6\x88\x91\xe7\x88\xb1\xe5\x8c\x97\xe4\xba\xac",
                           RECS_LANGUAGE_COUNT),
                        "\xe6\x88\x91|\xe7\x88\xb1|"
                        "\xe5\x8c\x97\xe4\xba\xac");
}


static void
test_text_japanese(void **state)
{
    (void) state;

    /* Password, a particle, change, do. */
    assert_string_equal(in("\xe3\x83\x91\xe3\x82\xb9\xe3\x83\xaf\xe3\x83\xbc"
                           "\xe3\x83\x89\xe3\x82\x92\xe5\xa4\x89\xe6\x9b\xb4"
                           "\xe3\x81\x99\xe3\x82\x8b", RECS_LANGUAGE_COUNT),
                        "\xe3\x83\x91\xe3\x82\xb9\xe3\x83\xaf\xe3\x83\xbc"
                        "\xe3\x83\x89|\xe3\x82\x92|\xe5\xa4\x89\xe6\x9b\xb4|"
                        "\xe3\x81\x99\xe3\x82\x8b");

    /* The same in half-width katakana. */
    assert_string_equal(in("\xef\xbe\x8a\xef\xbe\x9f\xef\xbd\xbd\xef\xbe\x9c"
                           "\xef\xbd\xb0\xef\xbe\x84\xef\xbe\x9e",
                           RECS_LANGUAGE_COUNT),
                        "\xe3\x83\x91\xe3\x82\xb9\xe3\x83\xaf\xe3\x83\xbc"
                        "\xe3\x83\x89");
}


static void
test_text_folds(void **state)
{
    (void) state;

    /* Full-width, a ligature, a soft hyphen. */
    assert_string_equal(in("\xef\xbc\xb7\xef\xbd\x89-\xef\xbc\xa6\xef\xbd\x89 "
                           "o\xef\xac\x83" "ce pass\xc2\xadword",
                           RECS_LANGUAGE_ENGLISH),
                        "wi|fi|offic|password");

    /* Words in another script have that script's first language. */
    assert_string_equal(in("\xd0\xba\xd0\xbd\xd0\xb8\xd0\xb3\xd0\xb8 books",
                           RECS_LANGUAGE_ENGLISH),
                        "\xd0\xba\xd0\xbd\xd0\xb8\xd0\xb3|book");
}


/* A question does not say in which language it is. */
static void
test_text_every_language(void **state)
{
    (void) state;

    /* The same in both, and not. */
    assert_string_equal(stems(str("password kosten"),
                              LANGUAGE(ENGLISH)|LANGUAGE(GERMAN)),
                        "password|kosten kost");
    assert_string_equal(stems(str("running"), 0), "running");
}


static void
test_text_same_stem_same_hash(void **state)
{
    uint64_t     hash;
    recs_term_t  term;

    (void) state;

    recs_text_start(text, str("Rechnung"), LANGUAGE(GERMAN));
    assert_true(recs_text_next(text, &term));
    hash = term.hash;

    recs_text_start(text, str("RECHNUNGEN"), LANGUAGE(GERMAN));
    assert_true(recs_text_next(text, &term));
    assert_true(term.hash == hash);

    recs_text_start(text, str("Recht"), LANGUAGE(GERMAN));
    assert_true(recs_text_next(text, &term));
    assert_true(term.hash != hash);

    assert_true(recs_text_stemmed(text) & LANGUAGE(GERMAN));
}


static void
test_text_hostile(void **state)
{
    char         *data;
    uint32_t      i, n;
    recs_str_t    value;
    recs_term_t   term;
    recs_text_t  *small;

    (void) state;

    assert_string_equal(in("", RECS_LANGUAGE_ENGLISH), "");
    assert_string_equal(in(" .,;\n\t", RECS_LANGUAGE_ENGLISH), "");

    /* Not UTF-8: overlong, a surrogate, beyond Unicode, cut off. */
    assert_string_equal(in("a\xc0\xaf" "b \xed\xa0\x80 \xf5\x80\x80\x80 c\xe5",
                           RECS_LANGUAGE_COUNT), "a|b|c");

    value.data = "a\0b";
    value.len = 3;
    assert_string_equal(stems(value, 0), "a|b");

    /* A word of 64 bytes, and one of 65; more text than is read. */
    data = malloc(2 * RECS_TEXT_BYTES_MAX);
    assert_non_null(data);
    memset(data, 'x', 2 * RECS_TEXT_BYTES_MAX);
    data[64] = ' ';
    value.data = data;
    value.len = 64 + 1 + 65;
    recs_text_start(text, value, 0);
    assert_true(recs_text_next(text, &term));
    assert_int_equal(term.stem.len, 64);
    assert_false(recs_text_next(text, &term));

    for (i = 0; i < 2 * RECS_TEXT_BYTES_MAX; i++) {
        data[i] = i % 2 == 0 ? 'x' : ' ';
    }

    value.len = 2 * RECS_TEXT_BYTES_MAX;
    recs_text_start(text, value, 0);

    for (n = 0; recs_text_next(text, &term); n++) {
        /* void */
    }

    assert_int_equal(n, RECS_TEXT_BYTES_MAX / 2);

    /* U+FDFA is one letter that folds to 18. */
    for (i = 0; i + 3 <= RECS_TEXT_BYTES_MAX; i += 3) {
        memcpy(data + i, "\xef\xb7\xba", 3);
    }

    value.len = i;
    recs_text_start(text, value, RECS_LANGUAGES_ALL);

    for (n = 0; recs_text_next(text, &term); n++) {
        /* void */
    }

    assert_true(n > 0);

    /* Languages that it was not created with. */
    assert_int_equal(recs_text_create(&small, 8, LANGUAGE(GERMAN), &err),
                     RECS_OK);
    recs_text_start(small, str("running houses"), LANGUAGE(ENGLISH));
    assert_true(recs_text_next(small, &term));
    assert_int_equal(term.stem.len, 7);
    assert_false(recs_text_next(small, &term));
    recs_text_destroy(small);
    free(data);
}


static void
test_language_codes(void **state)
{
    char              formatted[RECS_LANGUAGES_TEXT_MAX];
    uint32_t          i;
    recs_languages_t  languages;

    (void) state;

    assert_int_equal(recs_language_find(str("de")), RECS_LANGUAGE_GERMAN);
    assert_int_equal(recs_language_find(str("DE-at")), RECS_LANGUAGE_GERMAN);
    assert_int_equal(recs_language_find(str("pt_BR")),
                     RECS_LANGUAGE_PORTUGUESE);
    assert_int_equal(recs_language_find(str("ja")), RECS_LANGUAGE_COUNT);
    assert_int_equal(recs_language_find(str("d")), RECS_LANGUAGE_COUNT);
    assert_int_equal(recs_language_find(str("den")), RECS_LANGUAGE_COUNT);
    assert_int_equal(recs_language_find(str("")), RECS_LANGUAGE_COUNT);

    recs_languages_format(LANGUAGE(ENGLISH)|LANGUAGE(RUSSIAN), formatted);
    assert_string_equal(formatted, "en,ru");

    recs_languages_format(RECS_LANGUAGES_ALL, formatted);
    assert_true(recs_languages_parse(str(formatted), &languages));
    assert_true(languages == RECS_LANGUAGES_ALL);
    assert_true(recs_languages_parse(str(""), &languages));
    assert_true(languages == 0);

    assert_false(recs_languages_parse(str("en,"), &languages));
    assert_false(recs_languages_parse(str("en;de"), &languages));
    assert_false(recs_languages_parse(str("en,d"), &languages));
    assert_false(recs_languages_parse(str("en,xx"), &languages));

    /* One of each script, its own first. */
    languages = recs_languages_of(RECS_LANGUAGE_SERBIAN);
    assert_true(languages & LANGUAGE(SERBIAN));
    assert_true(languages & LANGUAGE(ENGLISH));
    assert_false(languages & LANGUAGE(RUSSIAN));
    assert_false(languages & LANGUAGE(GERMAN));

    for (i = 0; i < RECS_LANGUAGE_COUNT; i++) {
        assert_int_equal(__builtin_popcount(recs_languages_of(
                             (recs_language_t) i)),
                         __builtin_popcount(recs_languages_of(
                             RECS_LANGUAGE_COUNT)));
    }
}


static int
setup(void **state)
{
    (void) state;

    return recs_text_create(&text, RECS_TEXT_BYTES_MAX, RECS_LANGUAGES_ALL,
                            &err);
}


static int
teardown(void **state)
{
    (void) state;

    recs_text_destroy(text);

    return 0;
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_text_english),
        cmocka_unit_test(test_text_german),
        cmocka_unit_test(test_text_chinese),
        cmocka_unit_test(test_text_japanese),
        cmocka_unit_test(test_text_folds),
        cmocka_unit_test(test_text_every_language),
        cmocka_unit_test(test_text_same_stem_same_hash),
        cmocka_unit_test(test_text_hostile),
        cmocka_unit_test(test_language_codes),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
