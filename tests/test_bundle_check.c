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
#include "recs_sealed_case.h"


static recs_error_t  err;


static const void *
row(recs_table_id_t id, uint64_t i)
{
    return recs_sealed_file_row(&recs_sealed, id, i);
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

        recs_refuses(field, &wrong, size, recs_table_name(id));
    }
}


/* Of each table's last shard, which may be its first. */
static void
test_headers(void **state)
{
    const char                 *header;
    recs_table_id_t             id;
    const recs_loaded_table_t  *t;

    (void) state;

#define BREAK(member)                                                         \
    break_field(id, header + offsetof(recs_table_header_t, member),           \
                sizeof(((recs_table_header_t *) 0)->member))

    for (id = 0; id < RECS_TABLE_COUNT; id++) {
        t = &recs_sealed.bundle->tables[id];
        assert_true(t->n_shards > 0);
        header = t->shards[t->n_shards - 1] - sizeof(recs_table_header_t);

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


static void
test_shards_are_many(void **state)
{
    const recs_loaded_table_t  *tables;

    (void) state;

    tables = recs_sealed.bundle->tables;
    assert_true(tables[RECS_TABLE_ITEM_FACTORS].n_shards > 10);
    assert_true(tables[RECS_TABLE_ITEM_RECORDS].n_shards > 3);
    assert_true(tables[RECS_TABLE_ITEM_SPANS].n_shards > 3);
    assert_int_equal(tables[RECS_TABLE_ITEM_NORMS].n_shards, 1);
}


/* A table that is not there under its name is missing. */
static void
test_names(void **state)
{
    char              name[64];
    MDB_val           key, data;
    MDB_cursor       *cursor;
    recs_bundle_t    *bundle;
    recs_table_id_t   id;

    (void) state;

    bundle = recs_sealed.bundle;
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
        recs_refuses((char *) key.mv_data + key.mv_size - 1, "!", 1,
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
    recs_refuses_float(&values[3], NAN, "a factor is not finite at row 17");
    recs_refuses_float(&values[3], INFINITY,
                       "a factor is not finite at row 17");
    recs_refuses_float(&values[20], 1e-30f, "padding is not zero at row 17");
    recs_refuses_float(&values[0], 100.0f, "a norm is wrong");

    values = row(RECS_TABLE_USER_FACTORS, 5);
    recs_refuses_float(&values[19], -INFINITY,
                       "a factor is not finite at row 5");
    recs_refuses_float(&values[31], 1.0f, "padding is not zero at row 5");

    norms = row(RECS_TABLE_ITEM_NORMS, 40);
    recs_refuses_float(norms, NAN, "a norm is wrong or out of order at row 40");
    recs_refuses_float(norms, INFINITY, "a norm is wrong");
    recs_refuses_float(norms, 0.0f, "a norm is wrong");
    recs_refuses_float(norms, 1e9f, "a norm is wrong");

    recs_refuses_float(row(RECS_TABLE_GRAM, 2), NAN, "Gram");
    recs_refuses_float(row(RECS_TABLE_GRAM, 2), -1.0f, "Gram");
}


static void
test_orders(void **state)
{
    uint32_t         swapped[2];
    const uint32_t  *order;

    (void) state;

    order = row(RECS_TABLE_ITEM_ORDER, 0);
    recs_refuses_u32(&order[9], order[10], "item_order is not a permutation");
    recs_refuses_u32(&order[9], 300,
                     "item_order is not a permutation at row 9");
    recs_refuses_u32(&order[9], UINT32_MAX, "item_order is not a permutation");

    order = row(RECS_TABLE_POPULAR_ITEMS, 0);
    recs_refuses_u32(&order[9], order[10],
                     "popular_items is not a permutation");
    recs_refuses_u32(&order[9], 300, "popular_items is not a permutation");

    swapped[0] = order[10];
    swapped[1] = order[9];
    recs_refuses(&order[9], swapped, sizeof(swapped), "out of order");

    recs_refuses_float(row(RECS_TABLE_POPULARITY, 7), NAN, "popularity");
    recs_refuses_float(row(RECS_TABLE_POPULARITY, order[299]), 1e6f,
                       "out of order");
}


static void
break_span(recs_table_id_t spans, uint64_t i)
{
    recs_span_t  span, wrong;

    memcpy(&span, row(spans, i), sizeof(recs_span_t));

    wrong = span;
    wrong.offset = UINT64_MAX - 3;
    recs_refuses(row(spans, i), &wrong, sizeof(wrong), "outside its table");

    wrong.offset = (uint64_t) 1 << 40;
    recs_refuses(row(spans, i), &wrong, sizeof(wrong), "outside its table");

    wrong.offset = span.offset + 2;
    recs_refuses(row(spans, i), &wrong, sizeof(wrong), "outside its table");

    wrong = span;
    wrong.len = UINT32_MAX;
    recs_refuses(row(spans, i), &wrong, sizeof(wrong), "outside its table");

    wrong = span;
    wrong.shard = UINT32_MAX;
    recs_refuses(row(spans, i), &wrong, sizeof(wrong), "outside its table");

    wrong = span;
    wrong.len--;
    recs_refuses(row(spans, i), &wrong, sizeof(wrong), "malformed");

    wrong.len = 0;
    recs_refuses(row(spans, i), &wrong, sizeof(wrong), "malformed");
}


static void
test_runs(void **state)
{
    recs_str_t  record;

    (void) state;

    break_span(RECS_TABLE_ITEM_SPANS, 12);
    break_span(RECS_TABLE_USER_SPANS, 12);

    record = recs_bundle_item_record(recs_sealed.bundle, 12);
    recs_refuses(record.data, "\xff", 1, "a record is malformed at row 12");
    recs_refuses(record.data, "\0", 1, "a record is malformed at row 12");
    recs_refuses(record.data + 1, "\n", 1, "a record is malformed at row 12");
    recs_refuses(record.data + 1, "\xc3", 1, "a record is malformed at row 12");
    recs_refuses(record.data + 1, "?", 1, "an id leads to another row");
}


static void
test_ids(void **state)
{
    MDB_val         key, data;
    recs_str_t      id;
    recs_bundle_t  *bundle;

    (void) state;

    bundle = recs_sealed.bundle;
    id = recs_record_id(recs_bundle_item_record(bundle, 12));
    key.mv_data = (void *) id.data;
    key.mv_size = id.len;

    assert_int_equal(mdb_get(bundle->txn, bundle->items_db, &key, &data), 0);
    recs_refuses_u32(data.mv_data, 13, "an id leads to another row");
    recs_refuses_u32(data.mv_data, 300, "an id leads to another row");

    id = recs_record_id(recs_bundle_user_record(bundle, 3));
    key.mv_data = (void *) id.data;
    key.mv_size = id.len;

    assert_int_equal(mdb_get(bundle->txn, bundle->users_db, &key, &data), 0);
    recs_refuses_u32(data.mv_data, 2, "an id leads to another row");
}


/* Not damaged: for another reader. */
static void
refused_version(const void *address, const void *bytes, size_t n,
    const char *words)
{
    assert_int_equal(recs_sealed_file_refused(&recs_sealed, address, bytes, n,
                                              1, words),
                     RECS_VERSION);
}


static void
test_manifest(void **state)
{
    recs_str_t      name;
    recs_bundle_t  *bundle;

    (void) state;

    bundle = recs_sealed.bundle;
    recs_refuses_entry("n_items", "301", "dimensions disagree");
    recs_refuses_entry("n_items", "299", "dimensions disagree");
    recs_refuses_entry("n_items", "-30", "\"n_items\" is missing or bad");
    recs_refuses_entry("n_items", " 30", "\"n_items\" is missing or bad");
    recs_refuses_entry("n_items", "030", "\"n_items\" is missing or bad");
    recs_refuses_entry("n_items", "3e2", "\"n_items\" is missing or bad");
    recs_refuses_entry("n_items", "30\xff", "bad manifest entry");
    recs_refuses_entry("n_users", "71", "dimensions disagree");
    recs_refuses_entry("n_factors", "44", "dimensions disagree");
    recs_refuses_entry("n_factors", "00", "\"n_factors\" is missing or bad");
    recs_refuses_entry("item_columns", "9", "\"item_column.004\" is missing");
    recs_refuses_entry("item_column.000", "image", "\"item_column.002\"");
    recs_refuses_entry("item_column.000", "ti\nle", "\"item_column.000\"");
    recs_refuses_entry("algorithm", "fix\x01ure", "\"algorithm\" is missing");
    recs_refuses_entry("fold_in.regularization_exponent", "nan", "exponent");
    recs_refuses_entry("fold_in.regularization_exponent", "0x1", "exponent");
    recs_refuses_entry("fold_in.regularization_exponent", "-.5", "exponent");
    recs_refuses_entry("fold_in.regularization_exponent", "9e9", "fold-in");

    recs_refuses_entry("session.window", "257",
                       "\"session.window\" is missing");
    recs_refuses_entry("session.prior", "0.", "\"session.prior\" is missing");
    recs_refuses_entry("session.prior", "-1", "\"session.prior\" is missing");
    recs_refuses_entry("item_hashes.collisions", "1", "table item_hashes");

    recs_refuses_entry("codes", "int9", "\"codes\" is missing or bad");
    recs_refuses_entry("codes", "none", "\"codes\" is missing or bad");
    recs_refuses_entry("codes", bundle->view.codes_kind == RECS_CODES_INT8
                                ? "int4" : "int8",
                       "table item_codes: dimensions");

    name = recs_bundle_manifest(bundle, "reader");
    refused_version(name.data, "5", 1, "needs a reader of version 5 or newer");
    refused_version(name.data, "2", 1, "train it again");

    /* Without its entry the Gram is a table too many. */
    name = recs_bundle_manifest(bundle, "fold_in.unobserved_weight");
    name.data -= strlen("fold_in.unobserved_weight");
    recs_refuses(name.data, "fold_in.unobserved_weighs", 25, "table gram");
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

    n_pages = (recs_sealed.size - RECS_SEAL_SIZE) / 4096;
    random = 42;
    refusals = 0;

    for (i = 0; i < 2000 / RECS_FEWER; i++) {
        page = recs_fixture_random(&random) % n_pages;
        memcpy(&flags, recs_sealed.bytes + page * 4096 + 10, sizeof(flags));

        if (flags == 0x04) {
            continue;
        }

        at = recs_fixture_random(&random);
        at = page * 4096 + (i % 4 ? at % 200 : at % 4096);

        rc = recs_sealed_file_try(&recs_sealed, at,
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
    unsigned     m;
    uint64_t     value;
    const char  *page;

    (void) state;

    for (m = 0; m < 2; m++) {
        page = recs_sealed.bundle->map + m * 4096;

        value = 0;
        recs_refuses(page + 16, &value, 4, "not an LMDB file");
        refused_version(page + 20, &value, 4, "LMDB data version");
        recs_refuses(page + 40, &value, 4, "page size");
        value = 2048;
        recs_refuses(page + 40, &value, 4, "page size");
        value = 65536;
        recs_refuses(page + 40, &value, 4, "page size");
        value = UINT64_MAX;
        recs_refuses(page + 136, &value, 8, "past the payload");
        value = (recs_sealed.size - RECS_SEAL_SIZE) / 4096;
        recs_refuses(page + 136, &value, 8, "past the payload");
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        RECS_SEALED_TEST(test_headers),
        RECS_SEALED_TEST(test_names),
        RECS_SEALED_TEST(test_vectors),
        RECS_SEALED_TEST(test_orders),
        RECS_SEALED_TEST(test_runs),
        RECS_SEALED_TEST(test_ids),
        RECS_SEALED_TEST(test_manifest),
        RECS_SEALED_TEST(test_meta),
        RECS_SEALED_TEST(test_pages),
        RECS_SEALED_TEST_SHARDS(test_shards_are_many),
        RECS_SEALED_TEST_SHARDS(test_headers),
        RECS_SEALED_TEST_SHARDS(test_vectors),
        RECS_SEALED_TEST_SHARDS(test_runs)
    };

    return cmocka_run_group_tests_name("bundle_check", tests, NULL, NULL);
}
