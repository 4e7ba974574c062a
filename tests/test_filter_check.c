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
#include "recs_sealed_file.h"


#define N_ITEMS  300


static recs_bundle_t       *bundle;
static recs_sealed_file_t   file;


static const recs_fixture_params_t  params = {
    .n_items = N_ITEMS, .n_users = 5, .n_factors = 4
};


static int
setup(void **state)
{
    (void) state;

    recs_sealed_file_make(&file, &params, 0);
    bundle = file.bundle;

    return 0;
}


static int
setup_shards(void **state)
{
    (void) state;

    recs_sealed_file_make(&file, &params, 500);
    bundle = file.bundle;

    assert_true(bundle->tables[RECS_TABLE_FILTER_ITEMS].n_shards > 2);
    assert_true(bundle->tables[RECS_TABLE_FILTER_VALUES].n_shards > 1);

    return 0;
}


static int
teardown(void **state)
{
    (void) state;

    recs_sealed_file_free(&file);

    return 0;
}


static const void *
row(recs_table_id_t id, uint64_t i)
{
    return recs_sealed_file_row(&file, id, i);
}


static void
refused(const void *address, const void *bytes, size_t n, const char *words)
{
    assert_int_equal(recs_sealed_file_refused(&file, address, bytes, n, 1,
                                              words),
                     RECS_CORRUPT);
}


static void
refused_u32(const void *address, uint32_t value, const char *words)
{
    refused(address, &value, sizeof(uint32_t), words);
}


/* Length and offset of the span of a value's items, one after the other. */
static void
refused_span(uint64_t value, uint64_t offset, uint32_t len,
    const char *words)
{
    recs_span_t  span;

    memcpy(&span, row(RECS_TABLE_FILTER_ITEM_SPANS, value), sizeof(span));
    span.offset = offset;
    refused(row(RECS_TABLE_FILTER_ITEM_SPANS, value), &span, sizeof(span),
            words);

    memcpy(&span, row(RECS_TABLE_FILTER_ITEM_SPANS, value), sizeof(span));
    span.len = len;
    refused(row(RECS_TABLE_FILTER_ITEM_SPANS, value), &span, sizeof(span),
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

    refused_u32(&column[0], 4, "a bad filter attribute at row 0");
    refused_u32(&column[0], UINT32_MAX, "a bad filter attribute at row 0");
    refused_u32(&column[1], 1, "a bad filter attribute at row 0");
    refused_u32(&column[2], 0, "a bad filter attribute at row 0");
    refused_u32(&column[2], UINT32_MAX, "a bad filter attribute at row 0");
    refused_u32(&column[2], 65537, "a bad filter attribute at row 0");
    refused_u32(&column[2], n + 1, "filter values without an attribute");
    refused_u32(&column[2], n - 1, "filter values without an attribute");
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
    refused(good, &span, sizeof(span), "a bad filter value at row 5");

    span.len = 256;
    refused(good, &span, sizeof(span), "a bad filter value at row 5");

    span.len = UINT32_MAX;
    refused(good, &span, sizeof(span), "a run lies outside its table");

    span = *good;
    span.shard = 1000;
    refused(good, &span, sizeof(span), "a run lies outside its table");

    value = recs_bundle_run(bundle, RECS_TABLE_FILTER_VALUES,
                            RECS_TABLE_FILTER_VALUE_SPANS, 5);
    refused(value.data, "|", 1, "a bad filter value at row 5");
    refused(value.data + 1, "|", 1, "a bad filter value at row 5");
    refused(value.data, "\xff", 1, "a bad filter value at row 5");
    refused(value.data, "~", 1, "a filter value is out of order at row 6");
    refused(value.data, " ", 1, "a filter value is out of order at row 5");

    /* The same value twice. */
    refused(good, row(RECS_TABLE_FILTER_VALUE_SPANS, 4), sizeof(span),
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
        run = recs_bundle_run(bundle, RECS_TABLE_FILTER_ITEMS,
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

    refused_u32(&items[0], items[1], words);
    refused_u32(&items[0], UINT32_MAX, words);
    refused_u32(&items[n - 1], N_ITEMS, words);
    refused_u32(&items[n - 1], UINT32_MAX, words);

    refused_span(i, UINT64_MAX - 7, UINT32_MAX,
                 "a run lies outside its table");
    refused_span(i, 2, (uint32_t) 1 << 20, "a run lies outside its table");

    n = 0;
    refused((const char *) row(RECS_TABLE_FILTER_ITEM_SPANS, i)
            + offsetof(recs_span_t, len), &n, sizeof(n), words);

    n = (uint32_t) run.len - 1;
    refused((const char *) row(RECS_TABLE_FILTER_ITEM_SPANS, i)
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
        run = recs_bundle_run(bundle, RECS_TABLE_FILTER_ITEMS,
                              RECS_TABLE_FILTER_ITEM_SPANS, i++);
    } while (run.len != recs_bitmap_words(N_ITEMS) * 8);

    i--;
    snprintf(words, sizeof(words),
             "a filter value's items are malformed at row %u", i);

    /* Bits behind the last item, 299, which is bit 43 of the last word. */
    refused(run.data + run.len - 1, "\x80", 1, words);
    refused(run.data + run.len - 3, "\x10", 1, words);

    memcpy(&span, row(RECS_TABLE_FILTER_ITEM_SPANS, i), sizeof(span));

    span.len -= 4;
    refused(row(RECS_TABLE_FILTER_ITEM_SPANS, i), &span, sizeof(span), words);

    span.len += 4;
    span.offset = span.offset >= 4 ? span.offset - 4 : span.offset + 4;
    refused(row(RECS_TABLE_FILTER_ITEM_SPANS, i), &span, sizeof(span), words);
}


int
main(void)
{
#define TEST(f)  cmocka_unit_test_setup_teardown(f, setup, teardown)
#define TEST_SHARDS(f)                                                        \
    { "sharded: " #f, f, setup_shards, teardown, NULL }

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
