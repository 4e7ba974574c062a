/*
 * The index of attribute values against the records it was made from.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recs_filter_private.h"
#include "recs_fixture.h"
#include "recs_tiny_bundle.h"


#define N_TERMS  3


static recs_error_t  err;


static recs_str_t
str(const char *text)
{
    recs_str_t  s = { text, strlen(text) };

    return s;
}


static recs_bundle_t *
make(uint32_t n_items)
{
    recs_fixture_params_t  p = { .n_items = n_items, .n_users = 3,
                                 .n_factors = 4 };

    return recs_fixture_open(&p);
}


/* Has the item the value, by its record? */
static int
has(const recs_bundle_t *b, uint32_t item, recs_str_t attribute,
    recs_str_t value)
{
    size_t      pos;
    uint32_t    column;
    recs_str_t  text, part;

    column = recs_bundle_item_column(b, attribute);
    text = recs_record_attribute(recs_bundle_item_record(b, item), column);

    for (pos = 0; recs_filter_part_next(text, &pos, &part); ) {
        if (recs_filter_compare(part, value) == 0) {
            return 1;
        }
    }

    return 0;
}


static int
meets(const recs_bundle_t *b, uint32_t item, const recs_filter_term_t *terms,
    uint32_t n_terms)
{
    int       any;
    uint32_t  i, j;

    for (i = 0; i < n_terms; i++) {
        any = 0;

        for (j = 0; j < terms[i].n_values; j++) {
            any |= has(b, item, terms[i].attribute, terms[i].values[j]);
        }

        if (!any) {
            return 0;
        }
    }

    return 1;
}


/* What is left, item by item; returns how many, *list how it is held. */
static uint32_t
check(const recs_bundle_t *b, const recs_filter_term_t *terms,
    uint32_t n_terms, int *list)
{
    int             left;
    uint32_t        item, n, at, n_items;
    recs_filter_t   filter;
    recs_allowed_t  allowed;

    if (recs_filter_resolve(&filter, b, terms, n_terms, &err) != RECS_OK) {
        fail_msg("%s", err.message);
    }

    recs_filter_allowed(b, &filter, &allowed);

    n_items = recs_bundle_view(b)->n_items;
    *list = allowed.items != NULL;

    for (item = 0, n = 0, at = 0; item < n_items; item++) {
        if (allowed.items != NULL) {
            left = at < allowed.n_items && allowed.items[at] == item;
            at += (uint32_t) left;

        } else {
            left = allowed.bits == NULL
                   || recs_bitmap_test(allowed.bits, item);
        }

        assert_int_equal(left, meets(b, item, terms, n_terms));
        n += (uint32_t) left;
    }

    assert_int_equal(at, allowed.n_items);

    if (allowed.items != NULL) {
        assert_true(recs_filter_rare(n, n_items));
    }

    recs_filter_free(&filter);

    return n;
}


static uint32_t
check_text(const recs_bundle_t *b, const char *a, const char *c, int *list)
{
    recs_str_t          values[2] = { str(a), str(c != NULL ? c : "") };
    recs_filter_term_t  term = { str("tags"), values, c != NULL ? 2 : 1 };

    return check(b, &term, 1, list);
}


static void
test_parts(void **state)
{
    size_t      pos;
    char        longest[RECS_FILTER_VALUE_MAX + 4];
    recs_str_t  part;

    (void) state;

    pos = 0;
    assert_true(recs_filter_part_next(str("|a||b c|"), &pos, &part));
    assert_int_equal(part.len, 1);
    assert_memory_equal(part.data, "a", 1);
    assert_true(recs_filter_part_next(str("|a||b c|"), &pos, &part));
    assert_int_equal(part.len, 3);
    assert_false(recs_filter_part_next(str("|a||b c|"), &pos, &part));

    pos = 0;
    assert_false(recs_filter_part_next(str(""), &pos, &part));
    assert_false(recs_filter_part_next(str("||"), &pos, &part));

    memset(longest, 'x', sizeof(longest));
    longest[RECS_FILTER_VALUE_MAX] = '|';
    longest[sizeof(longest) - 1] = '\0';
    pos = 0;
    assert_true(recs_filter_part_next(str(longest), &pos, &part));
    assert_int_equal(part.len, RECS_FILTER_VALUE_MAX);

    longest[RECS_FILTER_VALUE_MAX] = 'x';
    pos = 0;
    assert_false(recs_filter_part_next(str(longest), &pos, &part));
}


/* Titles differ for every item, tags repeat. */
static void
test_attributes(void **state)
{
    uint32_t                  pos;
    recs_bundle_t            *b;
    recs_filter_attribute_t   a;

    (void) state;

    b = make(600);

    pos = 0;
    assert_true(recs_filter_attribute_next(b, &pos, &a));
    assert_int_equal(a.column, 3);
    assert_int_equal(a.n_values, 1 + 2 + 8 + 97);
    assert_false(recs_filter_attribute_next(b, &pos, &a));

    assert_true(recs_filter_attribute(b, str("tags"), &a));
    assert_int_equal(recs_filter_value(b, &a, str("t0x")),
                     RECS_FILTER_VALUE_NO);
    assert_int_equal(recs_filter_value(b, &a, str("t")),
                     RECS_FILTER_VALUE_NO);
    assert_int_not_equal(recs_filter_value(b, &a, str("t0")),
                         RECS_FILTER_VALUE_NO);
    assert_false(recs_filter_attribute(b, str("title"), &a));
    assert_false(recs_filter_attribute(b, str("nothing"), &a));

    recs_bundle_close(b);

    /* Where all is few, even titles are. */
    b = make(60);

    for (pos = 0; recs_filter_attribute_next(b, &pos, &a); ) {
        /* void */
    }

    assert_int_equal(pos, 4);
    recs_bundle_close(b);
}


static void
test_values(void **state)
{
    int                       list;
    uint32_t                  i, n_lists, n_bitmaps;
    recs_str_t                value;
    recs_bundle_t            *b;
    recs_filter_term_t        term;
    recs_filter_attribute_t   a;

    (void) state;

    b = make(1000);
    assert_true(recs_filter_attribute(b, str("tags"), &a));

    term.attribute = str("tags");
    term.values = &value;
    term.n_values = 1;
    n_lists = n_bitmaps = 0;

    for (i = 0; i < 24 + 97 + 2 + 1; i++) {
        char  text[16];

        snprintf(text, sizeof(text),
                 i < 24 ? "t%u" : (i < 121 ? "r%u" : (i < 123 ? "half%u"
                                                              : "every")),
                 i < 24 ? i : (i < 121 ? i - 24 : i - 121));
        value = str(text);

        if (check(b, &term, 1, &list) == 0) {
            assert_int_equal(recs_filter_value(b, &a, value),
                             RECS_FILTER_VALUE_NO);
            continue;
        }

        n_lists += (uint32_t) list;
        n_bitmaps += (uint32_t) !list;
    }

    assert_int_equal(n_lists, 97);
    assert_int_equal(n_bitmaps, 8 + 2 + 1);

    recs_bundle_close(b);
}


static void
test_combinations(void **state)
{
    int             list;
    uint32_t        n;
    recs_str_t      t[3], r[2], h[1];
    recs_bundle_t  *b;

    const recs_filter_term_t  terms[N_TERMS] = {
        { str("tags"), t, 3 }, { str("tags"), h, 1 }, { str("tags"), r, 2 }
    };

    (void) state;

    b = make(3000);

    t[0] = str("t0");
    t[1] = str("t6");
    t[2] = str("unheard of");
    h[0] = str("half0");
    r[0] = str("r0");
    r[1] = str("r5");

    n = check(b, terms, 1, &list);
    assert_int_equal(n, 250);
    assert_false(list);

    assert_int_equal(check(b, terms, 2, &list), 250);
    assert_false(list);

    n = check(b, terms, 3, &list);
    assert_in_range(n, 1, 20);
    assert_true(list);

    /* Of two rare values, and of nothing. */
    assert_in_range(check_text(b, "r1", "r2", &list), 5, 40);
    assert_true(list);

    assert_int_equal(check_text(b, "unheard of", NULL, &list), 0);
    assert_true(list);

    h[0] = str("half1");
    assert_int_equal(check(b, terms, 2, &list), 0);
    assert_true(list);

    assert_int_equal(check(b, terms, 0, &list), 3000);

    recs_bundle_close(b);
}


/* A filter that every item passes is none; repeated parts count once. */
static void
test_everything(void **state)
{
    int              list;
    uint32_t         i;
    recs_str_t       record, value;
    recs_bundle_t   *b;
    recs_fixture_t  *f;
    recs_filter_t    filter;

    recs_record_builder_t  builder = { 0 };
    recs_fixture_params_t  p = { .n_items = 200, .n_users = 1,
                                 .n_factors = 4 };

    const recs_filter_term_t  term = { str("tags"), &value, 1 };

    (void) state;

    f = recs_fixture_create(&p);

    for (i = 0; i < 200; i++) {
        recs_str_t  id = recs_record_id(f->item_records[i]);

        assert_int_equal(recs_record_begin(&builder, id), RECS_OK);
        assert_int_equal(recs_record_add(&builder, 3,
                                         str(i == 7 ? "a|b|a" : "b|a|b|")),
                         RECS_OK);

        record = recs_record_end(&builder);
        free((char *) f->item_records[i].data);
        f->item_records[i].data = memcpy(malloc(record.len), record.data,
                                         record.len);
        f->item_records[i].len = record.len;
    }

    b = recs_tiny_bundle(&f->model);

    value = str("a");
    assert_int_equal(check(b, &term, 1, &list), 200);

    assert_int_equal(recs_filter_resolve(&filter, b, &term, 1, &err), RECS_OK);
    assert_int_equal(filter.value, RECS_FILTER_VALUE_NO);
    assert_null(filter.bits);
    assert_null(filter.items);

    recs_record_free(&builder);
    recs_fixture_destroy(f);
    recs_bundle_close(b);
}


static void
test_refusals(void **state)
{
    recs_str_t           value;
    recs_bundle_t       *b;
    recs_filter_t        filter;
    recs_filter_term_t   terms[2];

    recs_fixture_params_t  p = { .n_items = 300, .n_users = 3,
                                 .n_factors = 4, .no_attributes = 1 };

    (void) state;

    b = make(300);

    value = str("t0");
    terms[0].attribute = str("tags");
    terms[0].values = &value;
    terms[0].n_values = 1;
    terms[1] = terms[0];

    terms[1].attribute = str("colour");
    assert_int_equal(recs_filter_resolve(&filter, b, terms, 2, &err),
                     RECS_NOT_FOUND);
    assert_non_null(strstr(err.message, "no attribute \"colour\""));

    terms[1].attribute = str("title");
    assert_int_equal(recs_filter_resolve(&filter, b, terms, 2, &err),
                     RECS_NOT_FOUND);
    assert_non_null(strstr(err.message, "no index of attribute \"title\""));

    recs_bundle_close(b);

    b = recs_fixture_open(&p);
    assert_int_equal(recs_filter_resolve(&filter, b, terms, 1, &err),
                     RECS_NOT_FOUND);
    recs_bundle_close(b);
}


/* One value too many, however often they repeat, and the column is out. */
static void
test_limit(void **state)
{
    char                      text[16];
    uint32_t                  i, n, over;
    recs_str_t                record;
    recs_bundle_t            *b;
    recs_fixture_t           *f;
    recs_record_builder_t     builder;
    recs_filter_attribute_t   a;

    (void) state;

    n = 2 * (RECS_FILTER_VALUES_MAX + 1);

    for (over = 0; over < 2; over++) {
        recs_fixture_params_t  p = { .n_items = n, .n_users = 1,
                                     .n_factors = 1 };

        memset(&builder, 0, sizeof(recs_record_builder_t));
        f = recs_fixture_create(&p);

        for (i = 0; i < n; i++) {
            recs_str_t  id = recs_record_id(f->item_records[i]);

            snprintf(text, sizeof(text), "%u",
                     i % (RECS_FILTER_VALUES_MAX + over));
            assert_int_equal(recs_record_begin(&builder, id), RECS_OK);
            assert_int_equal(recs_record_add(&builder, 1, str(text)),
                             RECS_OK);

            record = recs_record_end(&builder);
            free((char *) f->item_records[i].data);
            f->item_records[i].data = memcpy(malloc(record.len), record.data,
                                             record.len);
            f->item_records[i].len = record.len;
        }

        b = recs_tiny_bundle(&f->model);
        assert_int_equal(recs_filter_attribute(b, str("url"), &a), !over);

        if (!over) {
            assert_int_equal(a.n_values, RECS_FILTER_VALUES_MAX);
        }

        recs_record_free(&builder);
        recs_fixture_destroy(f);
        recs_bundle_close(b);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_attributes),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_combinations),
        cmocka_unit_test(test_everything),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_limit)
    };

    return cmocka_run_group_tests_name("filter", tests, NULL, NULL);
}
