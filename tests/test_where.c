/*
 * Predicates against an evaluator of their meaning, item by item, that knows
 * neither text nor index.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recs_decimal_compare.h"
#include "recs_fixture.h"
#include "recs_shop.h"
#include "recs_where.h"


#define N_ITEMS  700
#define N_TREES  400


static recs_error_t    err;
static recs_bundle_t  *shop;
static uint64_t        state = 17;


/* An expression that is grown at random, as text and as what it leaves. */
typedef struct {
    char       text[RECS_WHERE_TEXT_MAX];
    size_t     len;
    int64_t    now;
} tree_t;


static recs_str_t
str(const char *text)
{
    recs_str_t  s = { text, strlen(text) };

    return s;
}


static uint32_t
draw(uint32_t n)
{
    return (uint32_t) (recs_fixture_random(&state) % n);
}


static void __attribute__((format(printf, 2, 3)))
put(tree_t *t, const char *fmt, ...)
{
    va_list  args;

    va_start(args, fmt);
    t->len += (size_t) vsnprintf(t->text + t->len, sizeof(t->text) - t->len,
                                 fmt, args);
    va_end(args);
    assert_true(t->len < sizeof(t->text));
}


/* N of item "iN". */
static uint32_t
index_of(uint32_t item)
{
    return recs_bundle_view(shop)->item_order[item];
}


static double
price(uint32_t i)
{
    static const double  fractions[] = { 0, 0.25, 0.5, 0.5, 0.75 };

    return i % 97 + fractions[i % 5];
}


/* The first and the last hour it expires, from RECS_SHOP_NOW; 0: none. */
static int
expires(uint32_t i, int64_t *first, int64_t *last)
{
    int      known;
    int64_t  hour;

    hour = i % 13 == 0 ? 1000000 : (int64_t) (i % 11) - 5;
    known = i % 13 == 0 || i % 17 != 0;

    *first = hour;
    *last = hour;

    if (i % 19 == 0) {
        hour = (int64_t) (i % 11) - 5 + 3;
        *first = known && *first < hour ? *first : hour;
        *last = known && *last > hour ? *last : hour;
    }

    return known || i % 19 == 0;
}


static void
leaf(tree_t *t, uint8_t *left)
{
    uint32_t       i, item, kind, n, m;
    int64_t        hour, last;

    static const char *const  countries[] = { "de", "fr", "it" };

    kind = draw(10);
    n = draw(100);
    m = draw(4);

    switch (kind) {
    case 0: put(t, "price < %u.%02u", n, 25 * m); break;
    case 1: put(t, "price>=%u.%u0", n, m == 2 ? 5 : 0); break;
    case 2: put(t, "price = %u.50", n); break;
    case 3: put(t, "stock > %u", m); break;
    case 4: put(t, "category has shoes"); break;
    case 5: put(t, "category != 'bags'"); break;
    case 6: put(t, "country in (\"%s\", c%u)", countries[n % 3], n); break;
    case 7: put(t, "expires > now - %uh", m); break;
    case 8: put(t, "expires <= now"); break;
    default: put(t, "note = \"note %u\"", n);
    }

    for (item = 0; item < N_ITEMS; item++) {
        i = index_of(item);

        switch (kind) {
        case 0: left[item] = price(i) < n + 0.25 * m; break;
        case 1: left[item] = price(i) >= n + (m == 2 ? 0.5 : 0); break;
        case 2: left[item] = price(i) == n + 0.5; break;
        case 3: left[item] = i % 7 != 0 && (int) (i % 5) - 1 > (int) m; break;
        case 4: left[item] = i % 4 == 0 || i % 4 == 3; break;
        case 5: left[item] = i % 4 == 0 || i % 4 == 2; break;
        case 6: left[item] = i % 3 == n % 3 || i % 89 == n; break;
        case 7:
            left[item] = expires(i, &hour, &last)
                         && RECS_SHOP_NOW + last * 3600
                            > t->now - (int64_t) m * 3600;
            break;
        case 8:
            left[item] = expires(i, &hour, &last)
                         && RECS_SHOP_NOW + hour * 3600 <= t->now;
            break;
        default: left[item] = i == n;
        }
    }
}


static void
grow(tree_t *t, unsigned depth, uint8_t *left)
{
    int       both;
    uint8_t   right[N_ITEMS];
    uint32_t  item;

    if (depth == 0 || draw(4) == 0) {
        leaf(t, left);
        return;
    }

    if (draw(4) == 0) {
        put(t, "not (");
        grow(t, depth - 1, left);
        put(t, ")");

        for (item = 0; item < N_ITEMS; item++) {
            left[item] = !left[item];
        }

        return;
    }

    both = draw(2) == 0;

    put(t, "(");
    grow(t, depth - 1, left);
    put(t, both ? ") and (" : ") or (");
    grow(t, depth - 1, right);
    put(t, ")");

    for (item = 0; item < N_ITEMS; item++) {
        left[item] = both ? left[item] & right[item]
                          : left[item] | right[item];
    }
}


static recs_where_t *
parse(const char *text)
{
    recs_where_t  *w;

    w = NULL;

    if (recs_where_parse(&w, str(text), &err) != RECS_OK
        || recs_where_bind(w, shop, NULL, &err) != RECS_OK)
    {
        fail_msg("%s: %s", text, err.message);
    }

    return w;
}


static void
check(const recs_filter_t *filter, const uint8_t *left, const char *text)
{
    int             is;
    uint32_t        item, at;
    recs_allowed_t  allowed;

    recs_filter_allowed(shop, filter, &allowed);

    for (item = 0, at = 0; item < N_ITEMS; item++) {
        if (allowed.items != NULL) {
            is = at < allowed.n_items && allowed.items[at] == item;
            at += (uint32_t) is;

        } else {
            is = allowed.bits == NULL || recs_bitmap_test(allowed.bits, item);
        }

        if (is != left[item]) {
            fail_msg("%s: item i%u", text, index_of(item));
        }
    }
}


static void
test_trees(void **unused)
{
    int            i;
    tree_t         t;
    uint8_t        left[N_ITEMS];
    recs_where_t  *w;

    (void) unused;

    for (i = 0; i < N_TREES; i++) {
        t.len = 0;
        t.now = RECS_SHOP_NOW + (int64_t) draw(8) * 1800 - 7200;
        grow(&t, 4, left);

        w = parse(t.text);
        check(recs_where_filter(w, shop, NULL, t.now), left, t.text);
        recs_where_destroy(w);
    }
}


/* Precedence, and what a missing attribute is. */
static void
test_meaning(void **unused)
{
    size_t           i;
    int64_t          hour, last;
    uint32_t         item, n;
    uint8_t          left[N_ITEMS];
    recs_where_t    *w;

    static const char *const  texts[] = {
        "price < 10 or price < 20 and stock > 0",
        "not stock = 0",
        "stock != 0",
        "not category has hats and stock exists",
        "price exists",
        "expires >= 2025-11-24T18:00:00Z",
        "note = \"note 5\" or note = 'note 6'",
        "category = shoes and category = bags"
    };

    (void) unused;

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        for (item = 0; item < N_ITEMS; item++) {
            n = index_of(item);

            left[item] = i == 0 ? price(n) < 10 || (price(n) < 20 && n % 7 != 0
                                                    && n % 5 > 1)
                       : i == 1 ? n % 7 == 0 || n % 5 != 1
                       : i == 2 ? n % 7 != 0 && n % 5 != 1
                       : i == 3 ? n % 4 != 2 && n % 7 != 0
                       : i == 4 ? 1
                       : i == 5 ? expires(n, &hour, &last) && last >= 2
                       : i == 6 ? n == 5 || n == 6
                       : n % 4 == 3;
        }

        w = parse(texts[i]);
        check(recs_where_filter(w, shop, NULL, 0), left, texts[i]);
        recs_where_destroy(w);
    }
}


static void
test_variables(void **unused)
{
    int            i;
    uint32_t       item, n, k, c;
    uint8_t        left[N_ITEMS];
    recs_str_t     values[2];
    recs_where_t  *w;
    char           number[8], longest[RECS_FILTER_VALUE_MAX + 1];

    const char  *text = "country in ($a, $b) and not category = $b "
                        "and price < 50 and expires > now";

    static const char *const  names[] = { "de", "fr", "it", "bags" };

    (void) unused;

    w = parse(text);
    assert_int_equal(recs_where_n_variables(w), 2);
    assert_int_equal(recs_where_variable(w, 1).len, 1);
    assert_memory_equal(recs_where_variable(w, 1).data, "b", 1);

    for (i = 0; i < 40; i++) {
        int64_t  hour, last, hours;

        k = draw(3);
        c = draw(89);
        hours = draw(3);
        snprintf(number, sizeof(number), "c%u", c);
        values[0] = str(number);
        values[1] = str(names[i % 5 == 0 ? 3 : k]);

        for (item = 0; item < N_ITEMS; item++) {
            n = index_of(item);
            left[item] = (n % 89 == c || (i % 5 != 0 && n % 3 == k))
                         && !(i % 5 == 0 && (n % 4 == 1 || n % 4 == 3))
                         && price(n) < 50 && expires(n, &hour, &last)
                         && last > hours;
        }

        check(recs_where_filter(w, shop, values,
                                RECS_SHOP_NOW + hours * 3600), left, text);
    }

    /* Nothing is nobody's, and so is what is too long. */

    memset(longest, 'x', sizeof(longest));
    memset(left, 0, sizeof(left));
    memset(values, 0, sizeof(values));
    check(recs_where_filter(w, shop, values, RECS_SHOP_NOW), left, text);

    values[0].data = longest;
    values[0].len = sizeof(longest);
    check(recs_where_filter(w, shop, values, RECS_SHOP_NOW), left, text);

    recs_where_destroy(w);
}


static void
test_filter(void **unused)
{
    uint32_t             item, n;
    uint8_t              left[N_ITEMS];
    recs_str_t           value;
    recs_where_t        *w;
    recs_filter_t        filter;
    recs_filter_term_t   term = { str("category"), &value, 1 };

    (void) unused;

    value = str("bags");
    assert_int_equal(recs_filter_resolve(&filter, shop, &term, 1, &err),
                     RECS_OK);
    assert_int_equal(recs_where_parse(&w, str("country has $c or price < 3"),
                                      &err), RECS_OK);
    assert_int_equal(recs_where_bind(w, shop, &filter, &err), RECS_OK);

    for (item = 0; item < N_ITEMS; item++) {
        n = index_of(item);
        left[item] = (n % 4 == 1 || n % 4 == 3) && (n % 3 == 2
                                                    || price(n) < 3);
    }

    value = str("it");
    check(recs_where_filter(w, shop, &value, 0), left, "with a filter");

    recs_where_destroy(w);
    recs_filter_free(&filter);
}


static void
test_refusals(void **unused)
{
    size_t         i;
    char           deep[3 * RECS_WHERE_DEPTH_MAX + 64];
    recs_where_t  *w;
    recs_status_t  rc;

    static const char *const  cases[][2] = {
        { "", "an attribute's name is missing at the end, byte 1" },
        { "price", "exists is missing at the end, byte 6" },
        { "price <", "a time" },
        { "price < cheap", "at byte 9" },
        { "price < $p", "the variable at byte 9 must stand after" },
        { "price ! 3", "'!' means nothing here, at byte 7" },
        { "price = 3 stock = 4", "\"and\" or \"or\" is missing at byte 11" },
        { "price = 3 and", "an attribute's name is missing at the end" },
        { "price = 3 and and", "name is missing at byte 15" },
        { "(price = 3", "')' is missing at the end, byte 11" },
        { "price = 3)", "missing at byte 10" },
        { "price in 3", "'(' is missing at byte 10" },
        { "price in ()", "a value is missing at byte 11" },
        { "price in (3 4)", "',' or ')' is missing at byte 13" },
        { "note = 'x", "a quote is not closed, at byte 8" },
        { "note = 'a|b'", "value at byte 8" },
        { "note = \"\"", "value at byte 8" },
        { "note = $", "a variable without a name, at byte 8" },
        { "expires = now", "now, at byte 11, goes with" },
        { "expires > now - 3", "what is added to now, at byte 11" },
        { "expires > now - 3y", "what is added to now" },
        { "expires > now + 36501d", "at most 36500 days" },
        { "colour = red", "no attribute \"colour\", at byte 1" },
        { "price < 3 and colour has red", "\"colour\", at byte 15" },
        { "category < 3", "no item has a number in attribute \"category\"" },
        { "category = 3", "no item has a number" },
        { "note > now", "no item has a time in attribute \"note\"" },
        { "note = $x", "no index of attribute \"note\", at byte 1" },
        { "note = \xff", "not UTF-8" },
        { NULL, "within one another, at byte 33" }
    };

    (void) unused;

    memset(deep, '(', sizeof(deep));
    deep[sizeof(deep) - 1] = '\0';

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        w = NULL;
        rc = recs_where_parse(&w, str(cases[i][0] != NULL ? cases[i][0]
                                                          : deep), &err);
        if (rc == RECS_OK) {
            rc = recs_where_bind(w, shop, NULL, &err);
        }

        recs_where_destroy(w);

        if (rc == RECS_OK || strstr(err.message, cases[i][1]) == NULL) {
            fail_msg("%s: %s", cases[i][0], rc == RECS_OK ? "accepted"
                                                          : err.message);
        }
    }
}


static void
test_limits(void **unused)
{
    int            i;
    size_t         len;
    char           text[RECS_WHERE_TEXT_MAX + 64];
    recs_where_t  *w;

    (void) unused;

    /* 129 comparisons, 128 "and": one over. */
    for (i = 0, len = 0; i < 129; i++) {
        len += (size_t) snprintf(text + len, sizeof(text) - len, "%sp=1",
                                 i > 0 ? " and " : "");
        assert_int_equal(recs_where_parse(&w, str(text), &err),
                         i < 128 ? RECS_OK : RECS_INVALID);

        if (i < 128) {
            recs_where_destroy(w);
        }
    }

    assert_non_null(strstr(err.message, "over 256 comparisons"));

    memset(text, ' ', sizeof(text));
    memcpy(text, "p=1", 3);
    text[RECS_WHERE_TEXT_MAX] = '\0';
    assert_int_equal(recs_where_parse(&w, str(text), &err), RECS_OK);
    recs_where_destroy(w);

    text[RECS_WHERE_TEXT_MAX] = ' ';
    text[RECS_WHERE_TEXT_MAX + 1] = '\0';
    assert_int_equal(recs_where_parse(&w, str(text), &err), RECS_INVALID);
}


static void
test_decimals(void **unused)
{
    size_t                 i, j;
    int                    order;
    recs_decimal_number_t  a, b;

    static const char *const  rising[] = {
        "-12345678901234567890123", "-10.01", "-10", "-9.99", "-.5", "0",
        "0.1", "0.3", "00.30000000000000000001", "2", "10", "99",
        "12345678901234567890123"
    };
    static const char *const  wrong[] = {
        "", "+", "-", ".", "1.", "1e3", "0x1", "1 ", " 1", "1.2.3", "--1",
        "inf"
    };

    (void) unused;

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_false(recs_decimal_read(str(wrong[i]), &a));
    }

    for (i = 0; i < sizeof(rising) / sizeof(rising[0]); i++) {
        for (j = 0; j < sizeof(rising) / sizeof(rising[0]); j++) {

            assert_true(recs_decimal_read(str(rising[i]), &a));
            assert_true(recs_decimal_read(str(rising[j]), &b));

            order = recs_decimal_compare(&a, &b);
            assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
        }
    }

    assert_true(recs_decimal_read(str("-0.00"), &a));
    assert_true(recs_decimal_read(str("+000"), &b));
    assert_int_equal(recs_decimal_compare(&a, &b), 0);

    assert_true(recs_decimal_read(str("0.10"), &a));
    assert_true(recs_decimal_read(str("+.1"), &b));
    assert_int_equal(recs_decimal_compare(&a, &b), 0);
}


static int
open_shop(void **unused)
{
    (void) unused;

    shop = recs_shop(N_ITEMS);

    return 0;
}


static int
close_shop(void **unused)
{
    (void) unused;

    recs_bundle_close(shop);

    return 0;
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_trees),
        cmocka_unit_test(test_meaning),
        cmocka_unit_test(test_variables),
        cmocka_unit_test(test_filter),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_decimals)
    };

    return cmocka_run_group_tests_name("where", tests, open_shop, close_shop);
}
