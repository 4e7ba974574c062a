/*
 * What a valid seal does not prove.  Every field of every table's header,
 * every kind of content and LMDB's own pages are broken in turn and sealed
 * again.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recs_fewer.h"
#include "recs_sealed_file.h"


static recs_bundle_t       *bundle;
static recs_sealed_file_t   file;
static recs_error_t         err;


static const recs_fixture_params_t  params = {
    .n_items = 300, .n_users = 70, .n_factors = 20, .n_neighbors = 40,
    .n_segments = 30,
    .times = 1
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

    recs_sealed_file_make(&file, &params, 1500);
    bundle = file.bundle;

    return 0;
}


static int
teardown(void **state)
{
    (void) state;

    recs_sealed_file_free(&file);

    return 0;
}


static recs_status_t
refused(const void *address, const void *bytes, size_t n, const char *words)
{
    return recs_sealed_file_refused(&file, address, bytes, n, 1, words);
}


static void
refused_float(const void *address, float value, const char *words)
{
    refused(address, &value, sizeof(float), words);
}


static void
refused_u32(const void *address, uint32_t value, const char *words)
{
    refused(address, &value, sizeof(uint32_t), words);
}


static const void *
row(recs_table_id_t id, uint64_t i)
{
    return recs_sealed_file_row(&file, id, i);
}


static void
break_field(recs_table_id_t id, const char *field, size_t size)
{
    unsigned  i;
    uint64_t  value, wrong;

    static const int64_t  steps[] = { 1, -1, 4, -4, 64, 1 << 20 };

    value = 0;
    memcpy(&value, field, size);

    for (i = 0; i < 8; i++) {
        wrong = i < 6 ? value + (uint64_t) steps[i]
                      : (i == 6 ? 0 : UINT64_MAX);

        if (size == 4 ? (uint32_t) wrong == (uint32_t) value
                      : wrong == value)
        {
            continue;
        }

        assert_int_equal(refused(field, &wrong, size, recs_table_name(id)),
                         RECS_CORRUPT);
    }
}


static void
test_headers(void **state)
{
    uint32_t             s;
    const char          *header;
    recs_table_id_t      id;

    (void) state;

#define BREAK(member)                                                         \
    break_field(id, header + offsetof(recs_table_header_t, member),           \
                sizeof(((recs_table_header_t *) 0)->member))

    for (id = 0; id < RECS_TABLE_COUNT; id++) {
        assert_true(bundle->tables[id].n_shards > 0);

        for (s = 0; s < bundle->tables[id].n_shards && s < 2; s++) {
            header = bundle->tables[id].shards[s]
                     - sizeof(recs_table_header_t);

            BREAK(magic);
            BREAK(type);
            BREAK(shard);
            BREAK(n_shards);
            BREAK(n_rows);
            BREAK(rows_per_shard);
            BREAK(row_size);
            BREAK(reserved);
            BREAK(size);
        }
    }
}


static void
test_shards_are_many(void **state)
{
    (void) state;

    assert_true(bundle->tables[RECS_TABLE_ITEM_FACTORS].n_shards > 10);
    assert_true(bundle->tables[RECS_TABLE_ITEM_RECORDS].n_shards > 3);
    assert_true(bundle->tables[RECS_TABLE_ITEM_SPANS].n_shards > 3);
    assert_int_equal(bundle->tables[RECS_TABLE_ITEM_NORMS].n_shards, 1);
}


/* A table that is not there under its name is missing. */
static void
test_names(void **state)
{
    char              name[64];
    MDB_val           key, data;
    MDB_cursor       *cursor;
    recs_table_id_t   id;

    (void) state;

    assert_int_equal(mdb_cursor_open(bundle->txn, bundle->tables_db, &cursor),
                     0);

    for (id = 0; id < RECS_TABLE_COUNT; id++) {
        key.mv_data = name;
        key.mv_size = (size_t) snprintf(name, sizeof(name), "%s/0",
                                        recs_table_name(id));

        assert_int_equal(mdb_cursor_get(cursor, &key, &data, MDB_SET_KEY), 0);

        /*
         * Only the last byte, so that the keys stay in their order.  User
         * vectors may be missing; the golden answers then miss them.
         */
        refused((char *) key.mv_data + key.mv_size - 1, "!", 1,
                id == RECS_TABLE_GOLDEN || id == RECS_TABLE_USER_FACTORS
                ? "golden" : "table");
    }

    mdb_cursor_close(cursor);
}


static void
test_vectors(void **state)
{
    const char   *norms;
    const float  *values;

    (void) state;

    values = row(RECS_TABLE_ITEM_FACTORS, 17);
    refused_float(&values[3], NAN, "a factor is not finite at row 17");
    refused_float(&values[3], INFINITY, "a factor is not finite at row 17");
    refused_float(&values[20], 1e-30f, "padding is not zero at row 17");
    refused_float(&values[0], 100.0f, "a norm is wrong");

    values = row(RECS_TABLE_USER_FACTORS, 5);
    refused_float(&values[19], -INFINITY, "a factor is not finite at row 5");
    refused_float(&values[31], 1.0f, "padding is not zero at row 5");

    norms = row(RECS_TABLE_ITEM_NORMS, 40);
    refused_float(norms, NAN, "a norm is wrong or out of order at row 40");
    refused_float(norms, INFINITY, "a norm is wrong");
    refused_float(norms, 0.0f, "a norm is wrong");
    refused_float(norms, 1e9f, "a norm is wrong");

    refused_float(row(RECS_TABLE_GRAM, 2), NAN, "Gram");
    refused_float(row(RECS_TABLE_GRAM, 2), -1.0f, "Gram");
}


static void
test_orders(void **state)
{
    uint32_t         swapped[2];
    const uint32_t  *order;

    (void) state;

    order = row(RECS_TABLE_ITEM_ORDER, 0);
    refused_u32(&order[9], order[10], "item_order is not a permutation");
    refused_u32(&order[9], 300, "item_order is not a permutation at row 9");
    refused_u32(&order[9], UINT32_MAX, "item_order is not a permutation");

    order = row(RECS_TABLE_POPULAR_ITEMS, 0);
    refused_u32(&order[9], order[10], "popular_items is not a permutation");
    refused_u32(&order[9], 300, "popular_items is not a permutation");

    swapped[0] = order[10];
    swapped[1] = order[9];
    refused(&order[9], swapped, sizeof(swapped), "out of order");

    refused_float(row(RECS_TABLE_POPULARITY, 7), NAN, "popularity");
    refused_float(row(RECS_TABLE_POPULARITY, order[299]), 1e6f,
                  "out of order");
}


static void
break_span(recs_table_id_t spans, uint64_t i)
{
    recs_span_t  span, wrong;

    memcpy(&span, row(spans, i), sizeof(recs_span_t));

    wrong = span;
    wrong.offset = UINT64_MAX - 3;
    refused(row(spans, i), &wrong, sizeof(wrong), "outside its table");

    wrong.offset = (uint64_t) 1 << 40;
    refused(row(spans, i), &wrong, sizeof(wrong), "outside its table");

    wrong.offset = span.offset + 2;
    refused(row(spans, i), &wrong, sizeof(wrong), "outside its table");

    wrong = span;
    wrong.len = UINT32_MAX;
    refused(row(spans, i), &wrong, sizeof(wrong), "outside its table");

    wrong = span;
    wrong.shard = UINT32_MAX;
    refused(row(spans, i), &wrong, sizeof(wrong), "outside its table");

    wrong = span;
    wrong.len--;
    refused(row(spans, i), &wrong, sizeof(wrong), "malformed");

    wrong.len = 0;
    refused(row(spans, i), &wrong, sizeof(wrong), "malformed");
}


static void
test_runs(void **state)
{
    recs_str_t  record;

    (void) state;

    break_span(RECS_TABLE_ITEM_SPANS, 12);
    break_span(RECS_TABLE_USER_SPANS, 12);

    record = recs_bundle_item_record(bundle, 12);
    refused(record.data, "\xff", 1, "a record is malformed at row 12");
    refused(record.data, "\0", 1, "a record is malformed at row 12");
    refused(record.data + 1, "\n", 1, "a record is malformed at row 12");
    refused(record.data + 1, "\xc3", 1, "a record is malformed at row 12");
    refused(record.data + 1, "?", 1, "an id leads to another row");
}


static void
test_ids(void **state)
{
    MDB_val     key, data;
    recs_str_t  id;

    (void) state;

    id = recs_record_id(recs_bundle_item_record(bundle, 12));
    key.mv_data = (void *) id.data;
    key.mv_size = id.len;

    assert_int_equal(mdb_get(bundle->txn, bundle->items_db, &key, &data), 0);
    refused_u32(data.mv_data, 13, "an id leads to another row");
    refused_u32(data.mv_data, 300, "an id leads to another row");

    id = recs_record_id(recs_bundle_user_record(bundle, 3));
    key.mv_data = (void *) id.data;
    key.mv_size = id.len;

    assert_int_equal(mdb_get(bundle->txn, bundle->users_db, &key, &data), 0);
    refused_u32(data.mv_data, 2, "an id leads to another row");
}


static recs_status_t
break_manifest(const char *name, const char *value, const char *words)
{
    recs_str_t  old;

    old = recs_bundle_manifest(bundle, name);
    assert_int_equal(old.len, strlen(value));

    return refused(old.data, value, old.len, words);
}


static void
test_manifest(void **state)
{
    recs_str_t  name;

    (void) state;

    break_manifest("n_items", "301", "dimensions disagree");
    break_manifest("n_items", "299", "dimensions disagree");
    break_manifest("n_items", "-30", "\"n_items\" is missing or bad");
    break_manifest("n_items", " 30", "\"n_items\" is missing or bad");
    break_manifest("n_items", "030", "\"n_items\" is missing or bad");
    break_manifest("n_items", "3e2", "\"n_items\" is missing or bad");
    break_manifest("n_items", "30\xff", "bad manifest entry");
    break_manifest("n_users", "71", "dimensions disagree");
    break_manifest("n_factors", "44", "dimensions disagree");
    break_manifest("n_factors", "00", "\"n_factors\" is missing or bad");
    break_manifest("item_columns", "9", "\"item_column.004\" is missing");
    break_manifest("item_column.000", "image", "\"item_column.002\"");
    break_manifest("item_column.000", "ti\nle", "\"item_column.000\"");
    break_manifest("algorithm", "fix\x01ure", "\"algorithm\" is missing");
    break_manifest("fold_in.regularization_exponent", "nan", "exponent");
    break_manifest("fold_in.regularization_exponent", "0x1", "exponent");
    break_manifest("fold_in.regularization_exponent", "-.5", "exponent");
    break_manifest("fold_in.regularization_exponent", "9e9", "fold-in");

    break_manifest("session.window", "257", "\"session.window\" is missing");
    break_manifest("session.prior", "0.", "\"session.prior\" is missing");
    break_manifest("session.prior", "-1", "\"session.prior\" is missing");
    break_manifest("item_hashes.collisions", "1", "table item_hashes");

    break_manifest("codes", "int9", "\"codes\" is missing or bad");
    break_manifest("codes", "none", "\"codes\" is missing or bad");
    break_manifest("codes", bundle->view.codes_kind == RECS_CODES_INT8
                            ? "int4" : "int8",
                   "table item_codes: dimensions");

    assert_int_equal(break_manifest("reader", "4",
                                    "needs a reader of version 4 or newer"),
                     RECS_VERSION);
    assert_int_equal(break_manifest("reader", "2", "train it again"),
                     RECS_VERSION);

    /* Without its entry the Gram is a table too many. */
    name = recs_bundle_manifest(bundle, "fold_in.unobserved_weight");
    name.data -= strlen("fold_in.unobserved_weight");
    refused(name.data, "fold_in.unobserved_weighs", 25, "table gram");
}


/*
 * LMDB's pages: one byte after the other of every page that is not a table's
 * becomes something else.  Whatever comes of it, nothing is read or written
 * outside the map, and nothing aborts.
 */
static void
test_pages(void **state)
{
    unsigned       i, refusals;
    uint16_t       flags;
    uint64_t       at, page, n_pages, random;
    recs_status_t  rc;

    static const unsigned char  values[] = { 0x00, 0xff, 0x7f, 0x80, 0x01 };

    (void) state;

    n_pages = (file.size - RECS_SEAL_SIZE) / 4096;
    random = 42;
    refusals = 0;

    for (i = 0; i < 4000 / RECS_FEWER; i++) {
        page = recs_fixture_random(&random) % n_pages;
        memcpy(&flags, file.bytes + page * 4096 + 10, sizeof(flags));

        if (flags == 0x04) {
            continue;
        }

        at = recs_fixture_random(&random);
        at = page * 4096 + (i % 4 ? at % 200 : at % 4096);

        rc = recs_sealed_file_try(&file, at,
                                  &values[recs_fixture_random(&random) % 5],
                                  1, 1, &err);
        refusals += rc != RECS_OK;
    }

    assert_true(refusals > 100 / RECS_FEWER);
}


/* A meta page: LMDB divides by its page size and trusts its last page. */
static void
test_meta(void **state)
{
    unsigned  m;
    uint64_t  value, at;

    (void) state;

    for (m = 0; m < 2; m++) {
        at = m * 4096;

        value = 0;
        refused(bundle->map + at + 16, &value, 4, "not an LMDB file");
        refused(bundle->map + at + 20, &value, 4, "LMDB data version");
        refused(bundle->map + at + 40, &value, 4, "page size");
        value = 2048;
        refused(bundle->map + at + 40, &value, 4, "page size");
        value = 65536;
        refused(bundle->map + at + 40, &value, 4, "page size");
        value = UINT64_MAX;
        refused(bundle->map + at + 136, &value, 8, "past the payload");
        value = (file.size - RECS_SEAL_SIZE) / 4096;
        refused(bundle->map + at + 136, &value, 8, "past the payload");
    }
}


int
main(void)
{
#define TEST(f)  cmocka_unit_test_setup_teardown(f, setup, teardown)
#define TEST_SHARDS(f)                                                        \
    { "sharded: " #f, f, setup_shards, teardown, NULL }

    const struct CMUnitTest  tests[] = {
        TEST(test_headers),
        TEST(test_names),
        TEST(test_vectors),
        TEST(test_orders),
        TEST(test_runs),
        TEST(test_ids),
        TEST(test_manifest),
        TEST(test_meta),
        TEST(test_pages),
        TEST_SHARDS(test_shards_are_many),
        TEST_SHARDS(test_headers),
        TEST_SHARDS(test_vectors),
        TEST_SHARDS(test_runs)
    };

    return cmocka_run_group_tests_name("bundle_check", tests, NULL, NULL);
}
