/*
 * Slot elements are found in HTML cut anywhere, and every byte comes out.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "recs_fewer.h"
#include "recs_markup_run.h"


typedef struct {
    const char  *html;
    const char  *found;
} test_case_t;


static size_t
first_then_rest(void *data)
{
    size_t  n, *first = data;

    n = *first;
    *first = SIZE_MAX;

    return n;
}


static size_t
constant(void *data)
{
    return *(size_t *) data;
}


static void
check(const char *html, size_t max_size, const char *found,
    size_t (*chunk)(void *data), void *data)
{
    size_t             len;
    recs_markup_run_t  run;

    len = strlen(html);
    recs_markup_run(&run, html, len, max_size, chunk, data);

    assert_int_equal(run.len, len);
    assert_memory_equal(run.text, html, len);
    assert_string_equal(run.found, found);

    recs_markup_run_free(&run);
}


/* Whole, in constant chunks, and cut in two at every byte. */
static void
check_all(const test_case_t *c, size_t max_size)
{
    size_t  n, first;

    check(c->html, max_size, c->found, NULL, NULL);

    for (n = 1; n <= 7; n++) {
        check(c->html, max_size, c->found, constant, &n);
    }

    for (n = 1; n < strlen(c->html); n++) {
        first = n;
        check(c->html, max_size, c->found, first_then_rest, &first);
    }
}


#define A  "<recs-slot name=\"a\">"
#define Z  "</recs-slot>"


static const test_case_t  cases[] = {

    /* elements */

    { A Z, "[a|||]" },
    { "x" A "y" Z "z", "[a|||y]" },
    { "<recs-slot name='a' count=4>y" Z, "[a|4||y]" },
    { "<RECS-Slot\nNAME = a\tCount='4' >y</RECS-SLOT >", "[a|4||y]" },
    { "<recs-slot>y" Z, "[|||y]" },
    { "<recs-slot/name=a>y" Z, "[a|||y]" },
    { "<recs-slot name=a name=b>y" Z, "[a|||y]" },
    { "<recs-slot data-name=b title='name=\"c\"' name=a>y" Z, "[a|||y]" },
    { "<recs-slot title='>' name=\"a\">y" Z, "[a|||y]" },
    { A "<b title=\"" Z "\">y</b>" Z,
      "[a|||<b title=\"" Z "\">y</b>]" },
    { A "1" Z A "2" Z, "[a|||1][a|||2]" },
    { "<" A "1" Z, "[a|||1]" },
    { "<<<<" A "1" Z "<", "[a|||1]" },
    { "<recs" A "1" Z, "" },                  /* a tag named recs<recs-slot */
    { "<r " A "1" Z, "" },                    /* in the tag's attributes */

    /* templates */

    { A "<template>t</template>y" Z,
      "[a||t|<template>t</template>y]" },
    { A "y<TEMPLATE id=\"x\"><i>{{t}}</i></Template >" Z,
      "[a||<i>{{t}}</i>|y<TEMPLATE id=\"x\"><i>{{t}}</i></Template >]" },
    { A "<template>1</template><template>2</template>" Z,
      "[a||1|<template>1</template><template>2</template>]" },
    { A "<template>1<template>2</template>3</template>" Z,
      "[a||1<template>2</template>3|"
      "<template>1<template>2</template>3</template>]" },
    { A "<template>" Z "</template>y" Z,
      "[a||" Z "|<template>" Z "</template>y]" },
    { A "<template>" A "</template>y" Z,
      "[a||" A "|<template>" A "</template>y]" },
    { A "<template></template>y" Z,
      "[a|||<template></template>y]" },

    /* not elements */

    { "<recs-slots>" Z, "" },
    { "<recs-slo>" Z, "" },
    { "< recs-slot name=a>" Z, "" },
    { "</recs-slot>" A "1" Z, "[a|||1]" },
    { "<!--" A Z "-->" A "1" Z, "[a|||1]" },
    { "<!-->" A "1" Z "-->", "[a|||1]" },
    { "<!--->" A "1" Z "-->", "[a|||1]" },
    { "<!-- -- > --!x --!>" A "1" Z, "[a|||1]" },
    { "<!- >" A "1" Z, "[a|||1]" },
    { "<!doctype html><?x " A "><p>" A "1" Z, "[a|||1]" },
    { "<script>" A Z "</script>" A "1" Z, "[a|||1]" },
    { "<script>'</scripts>' </ script> " A Z "</script>" A "1" Z,
      "[a|||1]" },
    { "<STYLE x='>'>" A Z "</style\n>" A "1" Z, "[a|||1]" },
    { "<textarea>" A Z "</textarea><title>" A Z "</title>" A "1" Z,
      "[a|||1]" },
    { "<script><" "/script<</script>" A "1" Z, "[a|||1]" },
    { "<template>" A Z "</template>" A "1" Z, "[a|||1]" },
    { "<template><template></template>" A Z "</template>" A "1" Z,
      "[a|||1]" },
    { "</template>" A "1" Z, "[a|||1]" },
    { "<p title='" A "'>" A "1" Z, "[a|||1]" },
    { "<p title=\"<recs-slot name='a'>\">" A "1" Z, "[a|||1]" },
    { "<p a b=1 c = '>' " A ">" A "1" Z, "[a|||1]" },
    { "<p =\">" A "1" Z "\">", "[a|||1]" },
    { "<p / =\">" A "1" Z "\">", "[a|||1]" },
    { "<p x\"='>" A "'>" A "1" Z, "[a|||1]" },
    { "<p a=\"\"=\">" A "1" Z "\">", "[a|||1]" },
    { "<p a= b=\">" A "1" Z "\">", "[a|||1]" },
    { "<p a=b=\">" A "1" Z "\">", "[a|||1]" },
    { "<p=\">" A "1" Z "\">", "[a|||1]" },
    { "<p a='1'b='>" A "'>" A "1" Z, "[a|||1]" },

    /* inside of one */

    { A "<!--" Z "-->y" Z, "[a|||<!--" Z "-->y]" },
    { A "<script>\"" Z "\"</script>y" Z,
      "[a|||<script>\"" Z "\"</script>y]" },

    /* broken */

    { A "y", "U" },
    { A "y</recs-slot", "U" },
    { "<recs-slot name=\"a", "U" },
    { "<recs-slot", "" },
    { "x<rec", "" },
    { A "1" A "2" Z "3" Z, "U[a|||2]" },
    { A A A "2" Z, "UU[a|||2]" },
    { A "<script>1" Z, "U" },
    { A "<template>1" Z, "U" },
};


static void
test_cases(void **state)
{
    size_t  i;

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        check_all(&cases[i], 1024);
    }
}


/*
 * The same three times, in chunks of n bytes: at the third time most are
 * remembered.
 */
static size_t
check_memo(recs_markup_memo_t *memo, const char *html, size_t len,
    const char *found, size_t n)
{
    int                i;
    size_t             n_remembered;
    recs_markup_run_t  run;

    n_remembered = 0;

    for (i = 0; i < 3; i++) {
        recs_markup_run_memo(&run, memo, html, len, 256, constant, &n);

        assert_int_equal(run.len, len);
        assert_memory_equal(run.text, html, len);
        assert_string_equal(run.found, found);

        n_remembered = run.n_remembered;
        recs_markup_run_free(&run);
    }

    return n_remembered;
}


/*
 * Random markup, whole, from memory and byte by byte: in single bytes nothing
 * can be passed over in one go.
 */
static void
test_random(void **state)
{
    char                       html[1024];
    size_t                     len, one, n_remembered;
    int                        i;
    uint64_t                   random;
    const char                *piece;
    recs_markup_run_t          run;
    static recs_markup_memo_t  memo;

    static const char *const  pieces[] = {
        "<a", "<p ", "</b>", "<", ">", "/", "=", "\"", "'", " ", "x", "\n",
        " b=\"c\"", " d='e'", " f=g", "=\"", "='", "<a href=\"/x?a=b\">", A,
        "<recs-slot ", Z, "<!--", "-->", "-", "!", "<script>", "</script>",
        "<template>", "</template>", "<title>", "</title", "<section>", "<t",
        "some text that is longer than sixteen bytes"
    };

    (void) state;

    random = 1;
    one = 1;
    n_remembered = 0;

    for (i = 0; i < 20000 / RECS_FEWER; i++) {
        len = 0;

        do {
            random = random * 6364136223846793005u + 1442695040888963407u;
            piece = pieces[(random >> 33) % (sizeof(pieces)
                                             / sizeof(pieces[0]))];
            memcpy(html + len, piece, strlen(piece) + 1);
            len += strlen(piece);

        } while (len < sizeof(html) - 64 && (random >> 40) % 40 != 0);

        recs_markup_run(&run, html, len, 256, constant, &one);
        check(html, 256, run.found, NULL, NULL);
        n_remembered += check_memo(&memo, html, len, run.found, len);
        n_remembered += check_memo(&memo, html, len, run.found, 100);
        recs_markup_run_free(&run);
    }

    assert_true(n_remembered > 20000 / RECS_FEWER);
    recs_markup_memo_clear(&memo);
}


/* Another text of the same samples, another limit, another state. */
static void
test_memo(void **state)
{
    char                       html[4096];
    recs_markup_run_t          run;
    static recs_markup_memo_t  memo;

    (void) state;

    memset(html, ' ', sizeof(html));
    memcpy(html + 1000, A "1" Z, sizeof(A "1" Z) - 1);

    assert_int_equal(check_memo(&memo, html, sizeof(html), "[a|||1]",
                                sizeof(html)), 1);

    html[1000 + sizeof(A) - 1] = '2';
    (void) check_memo(&memo, html, sizeof(html), "[a|||2]", sizeof(html));
    assert_int_equal(check_memo(&memo, html, sizeof(html), "[a|||2]",
                                sizeof(html)), 1);

    recs_markup_run_memo(&run, &memo, html, sizeof(html), 16, NULL, NULL);
    assert_int_equal(run.n_elements, 0);
    assert_int_equal(run.n_remembered, 0);
    recs_markup_run_free(&run);

    recs_markup_memo_clear(&memo);
}


static void
test_limit(void **state)
{
    size_t       i, n;
    test_case_t  c;

    static const char  html[] = "x" A "12345" Z "y" A "1" Z;

    (void) state;

    n = strlen(A "12345" Z);

    c.html = html;
    c.found = "[a|||12345][a|||1]";
    check_all(&c, n);

    c.found = "L[a|||1]";
    check_all(&c, n - 1);
    check_all(&c, strlen(A "1" Z));

    c.found = "LL";
    check_all(&c, strlen(A));
    check_all(&c, 12);

    /* Not even the tag's name fits: text, whatever the limit. */

    for (i = 0; i < 10; i++) {
        c.found = "";
        check_all(&c, i);
    }
}


/* A large page in one piece: elements are found, nothing is lost. */
static void
test_large(void **state)
{
    char               *html;
    size_t              i, len, chunk;
    recs_markup_run_t   run;

    (void) state;

    html = test_malloc(1 << 20);
    len = 0;

    for (i = 0; i < 100; i++) {
        len += (size_t) sprintf(html + len, "<p class='%zu'>%0*d</p>" A
                                "%0*d" Z, i, (int) (i * 37), 1,
                                (int) (i * 23), 2);
    }

    for (chunk = 1; chunk < 20000; chunk = chunk * 3 + 1) {
        recs_markup_run(&run, html, len, 4096, constant, &chunk);

        assert_int_equal(run.n_elements, 100);
        assert_int_equal(run.len, len);
        assert_memory_equal(run.text, html, len);

        recs_markup_run_free(&run);
    }

    test_free(html);
}


static void *
no_memory(void *data, void *old, size_t old_size, size_t size)
{
    (void) data;
    (void) old;
    (void) old_size;
    (void) size;

    return NULL;
}


static void
test_no_memory(void **state)
{
    char                  out[64];
    size_t                len;
    const char           *p;
    recs_markup_t         m;
    recs_markup_token_t   t;

    static const char  html[] = "x" A "y" Z "z";

    (void) state;

    recs_markup_init(&m, 1024, no_memory, NULL);
    p = html;
    len = 0;

    do {
        recs_markup_next(&m, &p, html + sizeof(html) - 1, &t);
        memcpy(out + len, t.data, t.len);
        len += t.len;
        assert_int_not_equal(t.kind, RECS_MARKUP_ELEMENT);
    } while (t.kind != RECS_MARKUP_MORE);

    recs_markup_end(&m, &t);
    assert_int_equal(t.kind, RECS_MARKUP_MORE);
    assert_int_equal(len, sizeof(html) - 1);
    assert_memory_equal(out, html, len);
}


static void
test_off(void **state)
{
    const char           *p;
    recs_markup_t         m;
    recs_markup_token_t   t;

    static const char  html[] = "x" A "y" Z "z";

    (void) state;

    recs_markup_init(&m, 1024, no_memory, NULL);
    recs_markup_off(&m);
    p = html;

    recs_markup_next(&m, &p, html + sizeof(html) - 1, &t);
    assert_int_equal(t.kind, RECS_MARKUP_PASS);
    assert_int_equal(t.len, sizeof(html) - 1);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_memo),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_large),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_off),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
