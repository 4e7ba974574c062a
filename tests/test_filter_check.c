/*
 * An index of attribute values that a valid seal covers and that is wrong.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "recs_filter.h"
#include "recs_sealed_case.h"


#define N_ITEMS  300


static const recs_fixture_params_t  params = {
    .n_items = N_ITEMS, .n_users = 5, .n_factors = 4
};


static int
setup(void **state)
{
    (void) state;

    recs_sealed_file_make(&recs_sealed, &params, 0);

    return 0;
}


static int
setup_shards(void **state)
{
    const recs_loaded_table_t  *tables;

    (void) state;

    recs_sealed_file_make(&recs_sealed, &params, 500);

    tables = recs_sealed.bundle->tables;
    assert_true(tables[RECS_TABLE_FILTER_ITEMS].n_shards > 2);
    assert_true(tables[RECS_TABLE_FILTER_VALUES].n_shards > 1);

    return 0;
}


static const void *
row(recs_table_id_t id, uint64_t i)
{
    return recs_sealed_file_row(&recs_sealed, id, i);
}


/* Length and offset of the span of a value's items, one after the other. */
static void
refused_span(uint64_t value, uint64_t offset, uint32_t len,
    const char *words)
{
    recs_span_t  span;

    memcpy(&span, row(RECS_TABLE_FILTER_ITEM_SPANS, value), sizeof(span));
    span.offset = offset;
    recs_refuses(row(RECS_TABLE_FILTER_ITEM_SPANS, value), &span, sizeof(span),
                 words);

    memcpy(&span, row(RECS_TABLE_FILTER_ITEM_SPANS, value), sizeof(span));
    span.len = len;
    recs_refuses(row(RECS_TABLE_FILTER_ITEM_SPANS, value), &span, sizeof(span),
                 words);
}


static void
test_columns(void **state)
{
    uint32_t         n;
    const uint32_t  *column;

    (void) state;

    column = row(RECS_TABLE_FILTER_COLUMNS, 0);
    n = column[2];

    recs_refuses_u32(&column[0], 4, "a bad filter attribute at row 0");
    recs_refuses_u32(&column[0], UINT32_MAX, "a bad filter attribute at row 0");
    recs_refuses_u32(&column[1], 1, "a bad filter attribute at row 0");
    recs_refuses_u32(&column[2], 0, "a bad filter attribute at row 0");
    recs_refuses_u32(&column[2], UINT32_MAX, "a bad filter attribute at row 0");
    recs_refuses_u32(&column[2], 65537, "a bad filter attribute at row 0");
    recs_refuses_u32(&column[2], n + 1, "filter values without an attribute");
    recs_refuses_u32(&column[2], n - 1, "filter values without an attribute");
}


static void
test_values(void **state)
{
    recs_str_t          value;
    recs_span_t         span;
    const recs_span_t  *good;

    (void) state;

    good = row(RECS_TABLE_FILTER_VALUE_SPANS, 5);

    span = *good;
    span.len = 0;
    recs_refuses(good, &span, sizeof(span), "a bad filter value at row 5");

    span.len = 256;
    recs_refuses(good, &span, sizeof(span), "a bad filter value at row 5");

    span.len = UINT32_MAX;
    recs_refuses(good, &span, sizeof(span), "a run lies outside its table");

    span = *good;
    span.shard = 1000;
    recs_refuses(good, &span, sizeof(span), "a run lies outside its table");

    value = recs_bundle_run(recs_sealed.bundle, RECS_TABLE_FILTER_VALUES,
                            RECS_TABLE_FILTER_VALUE_SPANS, 5);
    recs_refuses(value.data, "|", 1, "a bad filter value at row 5");
    recs_refuses(value.data + 1, "|", 1, "a bad filter value at row 5");
    recs_refuses(value.data, "\xff", 1, "a bad filter value at row 5");
    recs_refuses(value.data, "~", 1, "a filter value is out of order at row 6");
    recs_refuses(value.data, " ", 1, "a filter value is out of order at row 5");

    /* The same value twice. */
    recs_refuses(good, row(RECS_TABLE_FILTER_VALUE_SPANS, 4), sizeof(span),
                 "a filter value is out of order at row 5");
}


static void
test_lists(void **state)
{
    char             words[64];
    uint32_t         i, n;
    recs_str_t       run;
    const uint32_t  *items;

    (void) state;

    for (i = 0; ; i++) {
        run = recs_bundle_run(recs_sealed.bundle, RECS_TABLE_FILTER_ITEMS,
                              RECS_TABLE_FILTER_ITEM_SPANS, i);

        if (run.len >= 2 * sizeof(uint32_t)
            && run.len < recs_bitmap_words(N_ITEMS) * 8)
        {
            break;
        }
    }

    snprintf(words, sizeof(words),
             "a filter value's items are malformed at row %u", i);

    items = (const uint32_t *) (const void *) run.data;
    n = (uint32_t) (run.len / sizeof(uint32_t));

    recs_refuses_u32(&items[0], items[1], words);
    recs_refuses_u32(&items[0], UINT32_MAX, words);
    recs_refuses_u32(&items[n - 1], N_ITEMS, words);
    recs_refuses_u32(&items[n - 1], UINT32_MAX, words);

    refused_span(i, UINT64_MAX - 7, UINT32_MAX,
                 "a run lies outside its table");
    refused_span(i, 2, (uint32_t) 1 << 20, "a run lies outside its table");

    n = 0;
    recs_refuses((const char *) row(RECS_TABLE_FILTER_ITEM_SPANS, i)
                 + offsetof(recs_span_t, len), &n, sizeof(n), words);

    n = (uint32_t) run.len - 1;
    recs_refuses((const char *) row(RECS_TABLE_FILTER_ITEM_SPANS, i)
                 + offsetof(recs_span_t, len), &n, sizeof(n), words);
}


static void
test_bitmaps(void **state)
{
    char         words[64];
    uint32_t     i;
    recs_str_t   run;
    recs_span_t  span;

    (void) state;

    i = 0;

    do {
        run = recs_bundle_run(recs_sealed.bundle, RECS_TABLE_FILTER_ITEMS,
                              RECS_TABLE_FILTER_ITEM_SPANS, i++);
    } while (run.len != recs_bitmap_words(N_ITEMS) * 8);

    i--;
    snprintf(words, sizeof(words),
             "a filter value's items are malformed at row %u", i);

    /* Bits behind the last item, 299, which is bit 43 of the last word. */
    recs_refuses(run.data + run.len - 1, "\x80", 1, words);
    recs_refuses(run.data + run.len - 3, "\x10", 1, words);

    memcpy(&span, row(RECS_TABLE_FILTER_ITEM_SPANS, i), sizeof(span));

    span.len -= 4;
    recs_refuses(row(RECS_TABLE_FILTER_ITEM_SPANS, i), &span, sizeof(span),
                 words);

    span.len += 4;
    span.offset = span.offset >= 4 ? span.offset - 4 : span.offset + 4;
    recs_refuses(row(RECS_TABLE_FILTER_ITEM_SPANS, i), &span, sizeof(span),
                 words);
}


int
main(void)
{
#define TEST(f)  cmocka_unit_test_setup_teardown(f, setup, recs_sealed_teardown)
#define TEST_SHARDS(f)                                                        \
    { "sharded: " #f, f, setup_shards, recs_sealed_teardown, NULL }

    const struct CMUnitTest  tests[] = {
        TEST(test_columns),
        TEST(test_values),
        TEST(test_lists),
        TEST(test_bitmaps),
        TEST_SHARDS(test_columns),
        TEST_SHARDS(test_values),
        TEST_SHARDS(test_lists),
        TEST_SHARDS(test_bitmaps)
    };

    return cmocka_run_group_tests_name("filter_check", tests, NULL, NULL);
}
