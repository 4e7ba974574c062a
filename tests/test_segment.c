/*
 * Segments: their names, looking them up, and hostile ones under a valid seal.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "recs_sealed_file.h"
#include "recs_segment_run.h"


static recs_sealed_file_t  file;


static recs_str_t
str(const char *text)
{
    recs_str_t  s;

    s.data = text;
    s.len = strlen(text);

    return s;
}


static int
setup_size(uint32_t n_segments, uint64_t shard_size)
{
    recs_fixture_params_t  p = { .n_items = 300, .n_users = 70,
                                 .n_factors = 20, .n_segments = n_segments };

    recs_sealed_file_make(&file, &p, shard_size);

    return 0;
}


static int
setup(void **state)
{
    (void) state;

    return setup_size(9, 0);
}


static int
setup_shards(void **state)
{
    (void) state;

    return setup_size(9, 300);
}


static int
setup_long(void **state)
{
    (void) state;

    return setup_size(40, 0);
}


static int
teardown(void **state)
{
    (void) state;

    recs_sealed_file_free(&file);

    return 0;
}


static void
test_names(void **state)
{
    char    text[RECS_SEGMENT_NAME_MAX], value[RECS_CONTEXT_VALUE_MAX + 1];
    size_t  i;

    static const char *const  good[] = {
        "country=de", "a=b", "hour_band=6-9", "a=:", "city=M\xc3\xbcnchen"
    };

    static const char *const  bad[] = {
        "", "=", "country", "country=", "=de", "Country=de", "9=de",
        "country=de=at", "country=de|at", "a=\n", "a=\xff", "a b=c",
        "a23456789012345678901234567890123=x"
    };

    (void) state;

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_true(recs_segment_name_valid(good[i], strlen(good[i])));
    }

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (recs_segment_name_valid(bad[i], strlen(bad[i]))) {
            fail_msg("\"%s\" is a segment's name", bad[i]);
        }
    }

    memset(value, 'x', sizeof(value));
    assert_true(recs_context_value_valid(value, RECS_CONTEXT_VALUE_MAX));
    assert_false(recs_context_value_valid(value, sizeof(value)));

    assert_int_equal(recs_segment_name(text, str("country"), str("de")), 10);
    assert_memory_equal(text, "country=de", 10);
    assert_int_equal(recs_segment_name(text, str("Country"), str("de")), 0);
    assert_int_equal(recs_segment_name(text, str("country"), str("")), 0);
    assert_int_equal(recs_segment_name(text, str("country"), str("d|e")), 0);
}


static void
test_find(void **state)
{
    char                       name[16];
    uint32_t                   i;
    recs_segment_t             segment;
    const recs_bundle_view_t  *view;

    (void) state;

    view = recs_bundle_view(file.bundle);
    assert_int_equal(view->segment_spans.n_rows, 9);

    for (i = 0; i < 9; i++) {
        snprintf(name, sizeof(name), "area=a%03u", i);
        assert_int_equal(recs_segment_find(view, str(name)), i);

        recs_segment_get(view, i, &segment);
        assert_int_equal(segment.n_users, 20 + i);
        assert_int_equal(segment.n_interactions, 20 + i);
        assert_int_equal(segment.name.len, strlen(name));
        assert_memory_equal(segment.name.data, name, segment.name.len);
    }

    assert_int_equal(recs_segment_find(view, str("area=a00")),
                     RECS_SEGMENT_NO);
    assert_int_equal(recs_segment_find(view, str("area=a0000")),
                     RECS_SEGMENT_NO);
    assert_int_equal(recs_segment_find(view, str("area=a009")),
                     RECS_SEGMENT_NO);
    assert_int_equal(recs_segment_find(view, str("")), RECS_SEGMENT_NO);
    assert_int_equal(recs_segment_find(view, str("zone=z")),
                     RECS_SEGMENT_NO);
}


/* What the writer was given, by index; what is read, by number. */
static void
test_items(void **state)
{
    float                      sum, read;
    uint32_t                   i, j, segment_index, n;
    recs_segment_t             segment;
    recs_fixture_t            *fixture;
    recs_fixture_params_t      p = { .n_items = 300, .n_users = 70,
                                     .n_factors = 20, .n_segments = 9 };
    const recs_bundle_view_t  *view;

    (void) state;

    view = recs_bundle_view(file.bundle);
    fixture = recs_fixture_create(&p);
    n = 0;

    for (i = 0; i < 9; i++) {
        recs_segment_get(view, i, &segment);
        n += segment.n_items;

        assert_int_equal(segment.n_items, fixture->segment_offsets[i + 1]
                                          - fixture->segment_offsets[i]);

        for (j = 0; j < segment.n_items; j++) {
            sum = read = 0;
            segment_index = view->item_order[segment.items[j]];
            read = segment.boosts[j];

            for (uint64_t k = fixture->segment_offsets[i];
                 k < fixture->segment_offsets[i + 1];
                 k++)
            {
                if (fixture->segment_items[k] == segment_index) {
                    sum += fixture->segment_boosts[k];
                }
            }

            assert_true(sum == read);
        }
    }

    assert_true(n > 20);
    recs_fixture_destroy(fixture);
}


static void
refused(const void *address, const void *bytes, size_t n, const char *words)
{
    recs_sealed_file_refused(&file, address, bytes, n, 1, words);
}


/* One with three items or more. */
static uint32_t
long_one(recs_segment_t *segment)
{
    uint32_t  i;

    for (i = 1; i < 9; i++) {
        recs_segment_get(recs_bundle_view(file.bundle), i, segment);

        if (segment->n_items >= 3) {
            return i;
        }
    }

    fail_msg("no such segment");

    return 0;
}


static void
test_hostile(void **state)
{
    float                 boost;
    uint32_t              i, number, wrong;
    recs_span_t           span;
    recs_segment_t        s, last;
    const recs_span_t    *spans;
    recs_segment_head_t  *head;

    static const float  boosts[] = { 0.0f, 0.99f, -1.0f, 2e6f, INFINITY, NAN };

    (void) state;

    number = long_one(&s);
    spans = recs_sealed_file_row(&file, RECS_TABLE_SEGMENT_SPANS, number);
    head = (recs_segment_head_t *) s.items - 1;

    for (i = 0; i < sizeof(boosts) / sizeof(boosts[0]); i++) {
        boost = boosts[i];
        refused(&s.boosts[1], &boost, sizeof(float), "a boost is out of");
    }

    wrong = 300;
    refused(&s.items[s.n_items - 1], &wrong, 4, "items of a segment");
    refused(&s.items[1], &s.items[0], 4, "items of a segment");
    wrong = s.items[2];
    refused(&s.items[0], &wrong, 4, "items of a segment");

    for (i = 0; i < 4; i++) {
        wrong = i == 0 ? RECS_SEGMENT_ITEMS_MAX + 1
                       : (i == 1 ? UINT32_MAX : s.n_items + 3 * i);
        refused(&head->n_items, &wrong, 4, "too many items");
    }

    refused(s.name.data, "z", 1, "name of a segment is bad or out of order");
    refused(s.name.data, "A", 1, "name of a segment is bad or out of order");
    refused(s.name.data + 4, "-", 1, "name of a segment is bad");
    refused(s.name.data + 5, "=", 1, "name of a segment is bad");
    refused(s.name.data + 5, "\x01", 1, "name of a segment is bad");

    /* the last one: still in order */
    recs_segment_get(recs_bundle_view(file.bundle), 8, &last);
    refused(last.name.data + 5, "|", 1, "name of a segment is bad");

    span = *spans;
    span.len = 8;
    refused(spans, &span, sizeof(span), "a segment lies outside");
    span.len = UINT32_MAX;
    refused(spans, &span, sizeof(span), "a segment lies outside");
    span = *spans;
    span.shard = 70000;
    refused(spans, &span, sizeof(span), "a segment lies outside");
    span = *spans;
    span.offset += 2;
    refused(spans, &span, sizeof(span), "a segment lies outside");
}


/* A span that has room for more items than a segment may have. */
static void
test_long(void **state)
{
    uint32_t              wrong;
    recs_span_t           span;
    recs_segment_t        s;
    const recs_span_t    *first;

    (void) state;

    first = recs_sealed_file_row(&file, RECS_TABLE_SEGMENT_SPANS, 0);
    recs_segment_get(recs_bundle_view(file.bundle), 0, &s);

    span = *first;
    span.len = (uint32_t) file.bundle->tables[RECS_TABLE_SEGMENTS].sizes[0];
    wrong = RECS_SEGMENT_ITEMS_MAX + 1;
    assert_true(span.offset == 0);
    assert_true(span.len >= sizeof(recs_segment_head_t) + wrong * 8);

    memcpy(file.bytes + recs_sealed_file_offset(file.bundle, first), &span,
           sizeof(span));
    refused((const recs_segment_head_t *) s.items - 1, &wrong, 4,
            "too many items");
}


static void
test_without_popularity(void **state)
{
    recs_error_t  err;

    (void) state;

    recs_sealed_file_rename(&file, "popularity/0", "popularitx/0");
    recs_sealed_file_rename(&file, "popular_items/0", "popular_itemt/0");
    assert_int_equal(recs_sealed_file_try(&file, 0, file.bytes, 1, 1, &err),
                     RECS_CORRUPT);

    if (strstr(err.message, "segment_spans: ") == NULL) {
        fail_msg("%s", err.message);
    }
}


/* Half of the pair of tables, or none. */
static void
test_tables(void **state)
{
    recs_error_t  err;

    (void) state;

    recs_sealed_file_rename(&file, "segments/0", "segmentt/0");
    assert_int_equal(recs_sealed_file_try(&file, 0, file.bytes, 1, 1, &err),
                     RECS_CORRUPT);
    assert_non_null(strstr(err.message, "segment_spans: does not belong"));

    /* Neither: as from before there were segments. */

    recs_sealed_file_rename(&file, "segment_spans/0", "segment_spant/0");

    if (recs_sealed_file_try(&file, 0, file.bytes, 1, 1, &err) != RECS_OK) {
        fail_msg("%s", err.message);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test_setup_teardown(test_find, setup, teardown),
        cmocka_unit_test_setup_teardown(test_items, setup, teardown),
        cmocka_unit_test_setup_teardown(test_hostile, setup, teardown),
        cmocka_unit_test_setup_teardown(test_long, setup_long, teardown),
        cmocka_unit_test_setup_teardown(test_without_popularity, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_tables, setup, teardown),
        { "sharded: test_find", test_find, setup_shards, teardown, NULL },
        { "sharded: test_hostile", test_hostile, setup_shards, teardown, NULL }
    };

    return cmocka_run_group_tests_name("segment", tests, NULL, NULL);
}
