#include "recs_bundle_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recs_filter.h"


static recs_status_t
recs_table_error(const recs_bundle_t *b, recs_table_id_t id,
    const char *what, recs_error_t *err)
{
    return recs_error(err, RECS_CORRUPT, "\"%s\": table %s: %s", b->name,
                      recs_table_name(id), what);
}


/* The value under "name/shard"; 0 where there is none, -1 where it is bad. */
static int
recs_table_get(const recs_bundle_t *b, recs_table_id_t id, uint32_t shard,
    MDB_val *value)
{
    int      rc;
    char     name[RECS_TABLE_KEY_MAX];
    MDB_val  key;

    snprintf(name, sizeof(name), "%s/%u", recs_table_name(id), shard);

    key.mv_data = name;
    key.mv_size = strlen(name);

    rc = mdb_get(b->txn, b->tables_db, &key, value);

    if (rc == MDB_NOTFOUND) {
        return 0;
    }

    return rc == 0 && recs_bundle_inside(b, value->mv_data, value->mv_size)
           && value->mv_size >= sizeof(recs_table_header_t) ? 1 : -1;
}


static uint32_t
recs_table_row_max(recs_table_id_t id)
{
    return id == RECS_TABLE_ITEM_CODES
           ? RECS_FACTORS_MAX * RECS_BLOCK_ITEMS
           : RECS_FACTORS_MAX * sizeof(float);
}


/* What a header must say whatever the shard. */
static const char *
recs_table_check_header(recs_table_id_t id, const recs_table_header_t *h)
{
    uint64_t  shards;

    if (h->magic != RECS_TABLE_MAGIC) {
        return "bad magic";
    }

    if (h->type != recs_table_type(id)) {
        return "wrong element type";
    }

    if (h->reserved != 0) {
        return "reserved field is not zero";
    }

    if (h->n_shards == 0 || h->n_shards > RECS_SHARDS_MAX
        || (h->n_shards > 1 && !recs_table_sharded(id)))
    {
        return "bad number of shards";
    }

    if (h->n_rows > RECS_TABLE_ROWS_MAX || h->row_size == 0
        || h->row_size % recs_type_size(h->type) != 0
        || h->row_size > recs_table_row_max(id))
    {
        return "bad dimensions";
    }

    if (h->type == RECS_TYPE_BYTES) {
        return h->row_size == 1 ? NULL : "bad dimensions";
    }

    if (h->rows_per_shard == 0
        || (h->n_shards == 1
            && h->rows_per_shard != (h->n_rows > 0 ? h->n_rows : 1)))
    {
        return "bad rows per shard";
    }

    shards = h->n_rows == 0 ? 1 : (h->n_rows - 1) / h->rows_per_shard + 1;

    return shards == h->n_shards ? NULL : "bad rows per shard";
}


/* The bytes of data that shard i of a table must hold. */
static uint64_t
recs_table_shard_size(const recs_table_header_t *h, uint32_t i)
{
    uint64_t  first, rows;

    first = i * h->rows_per_shard;
    rows = h->n_rows - first;

    return (rows < h->rows_per_shard ? rows : h->rows_per_shard)
           * h->row_size;
}


static recs_status_t
recs_table_load_shard(recs_bundle_t *b, recs_table_id_t id,
    const recs_table_header_t *first, uint32_t i, recs_error_t *err)
{
    MDB_val               value;
    recs_table_header_t   h;
    recs_loaded_table_t  *t;

    t = &b->tables[id];

    if (recs_table_get(b, id, i, &value) != 1) {
        return recs_table_error(b, id, "a shard is missing", err);
    }

    memcpy(&h, value.mv_data, sizeof(recs_table_header_t));

    if (h.shard != i || h.magic != first->magic || h.type != first->type
        || h.n_shards != first->n_shards || h.n_rows != first->n_rows
        || h.rows_per_shard != first->rows_per_shard
        || h.row_size != first->row_size || h.reserved != first->reserved)
    {
        return recs_table_error(b, id, "a shard's header differs", err);
    }

    if (h.size > value.mv_size - sizeof(recs_table_header_t)
        || (h.type == RECS_TYPE_BYTES
            ? h.size > h.rows_per_shard
            : h.size != recs_table_shard_size(&h, i)))
    {
        return recs_table_error(b, id, "a shard's size is wrong", err);
    }

    t->shards[i] = (const char *) value.mv_data + sizeof(recs_table_header_t);
    t->sizes[i] = h.size;

    if ((uintptr_t) t->shards[i] % RECS_TABLE_ALIGN != 0) {
        return recs_table_error(b, id, "data is not aligned", err);
    }

    return RECS_OK;
}


/* n_rows of a BYTES table is the sum of its shards, its limit the largest. */
static int
recs_table_sizes_agree(const recs_loaded_table_t *t,
    const recs_table_header_t *h)
{
    uint32_t  i;
    uint64_t  sum, largest;

    if (h->type != RECS_TYPE_BYTES) {
        return 1;
    }

    sum = largest = 0;

    for (i = 0; i < h->n_shards; i++) {
        sum += t->sizes[i];
        largest = t->sizes[i] > largest ? t->sizes[i] : largest;
    }

    return sum == h->n_rows && largest == h->rows_per_shard;
}


static recs_status_t
recs_table_load(recs_bundle_t *b, recs_table_id_t id, recs_error_t *err)
{
    int                   rc;
    MDB_val               value;
    uint32_t              i;
    const char           *wrong;
    recs_status_t         status;
    recs_table_header_t   h;
    recs_loaded_table_t  *t;

    t = &b->tables[id];

    rc = recs_table_get(b, id, 0, &value);
    if (rc != 1) {
        return rc == 0 ? RECS_OK : recs_table_error(b, id, "unreadable", err);
    }

    memcpy(&h, value.mv_data, sizeof(recs_table_header_t));

    wrong = recs_table_check_header(id, &h);
    if (wrong != NULL) {
        return recs_table_error(b, id, wrong, err);
    }

    t->shards = calloc(h.n_shards, sizeof(char *));
    t->sizes = calloc(h.n_shards, sizeof(uint64_t));

    if (t->shards == NULL || t->sizes == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory to open \"%s\"",
                          b->name);
    }

    for (i = 0; i < h.n_shards; i++) {
        status = recs_table_load_shard(b, id, &h, i, err);
        if (status != RECS_OK) {
            return status;
        }
    }

    if (!recs_table_sizes_agree(t, &h)) {
        return recs_table_error(b, id, "its shards' sizes do not add up", err);
    }

    t->n_shards = h.n_shards;
    t->table.shards = t->shards;
    t->table.n_rows = h.n_rows;
    t->table.rows_per_shard = h.rows_per_shard;
    t->table.row_size = h.row_size;

    return RECS_OK;
}


/* That a table is there exactly when it must be, with the right dims. */
static recs_status_t
recs_table_expect(const recs_bundle_t *b, recs_table_id_t id, int wanted,
    uint64_t n_rows, size_t row_size, recs_error_t *err)
{
    const recs_loaded_table_t  *t;

    t = &b->tables[id];

    if (!wanted) {
        return t->n_shards == 0
               ? RECS_OK
               : recs_table_error(b, id, "does not belong here", err);
    }

    if (t->n_shards == 0) {
        return recs_table_error(b, id, "missing", err);
    }

    if (t->table.row_size != row_size || t->table.n_rows != n_rows) {
        return recs_table_error(b, id, "dimensions disagree with the "
                                "manifest", err);
    }

    return RECS_OK;
}


static int
recs_table_present(const recs_bundle_t *b, recs_table_id_t id)
{
    return b->tables[id].n_shards > 0;
}


/* All or none, and as many lists of items as values. */
static recs_status_t
recs_tables_expect_filters(const recs_bundle_t *b, recs_error_t *err)
{
    size_t                     row_size;
    uint64_t                   n_rows;
    unsigned                   i;
    recs_status_t              rc;
    const recs_loaded_table_t *t;

    static const recs_table_id_t  ids[] = {
        RECS_TABLE_FILTER_COLUMNS, RECS_TABLE_FILTER_VALUES,
        RECS_TABLE_FILTER_VALUE_SPANS, RECS_TABLE_FILTER_ITEMS,
        RECS_TABLE_FILTER_ITEM_SPANS
    };

    for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        t = &b->tables[ids[i]];
        n_rows = t->table.n_rows;
        row_size = t->table.row_size;

        if (ids[i] == RECS_TABLE_FILTER_COLUMNS) {
            row_size = sizeof(recs_filter_attribute_t);

        } else if (recs_table_type(ids[i]) == RECS_TYPE_SPAN) {
            n_rows = b->tables[RECS_TABLE_FILTER_VALUE_SPANS].table.n_rows;
            row_size = sizeof(recs_span_t);
        }

        rc = recs_table_expect(b, ids[i],
                               recs_table_present(b,
                                                  RECS_TABLE_FILTER_COLUMNS),
                               n_rows, row_size, err);
        if (rc != RECS_OK) {
            return rc;
        }
    }

    return RECS_OK;
}


/* What is there or not, without a number of rows to be compared. */
static recs_status_t
recs_tables_expect_others(const recs_bundle_t *b, recs_error_t *err)
{
    const recs_bundle_view_t  *v;

    v = &b->view;

    if (!recs_table_present(b, RECS_TABLE_ITEM_RECORDS)) {
        return recs_table_error(b, RECS_TABLE_ITEM_RECORDS, "missing", err);
    }

    if (!recs_table_present(b, RECS_TABLE_USER_RECORDS)) {
        return recs_table_error(b, RECS_TABLE_USER_RECORDS, "missing", err);
    }

    if (recs_table_present(b, RECS_TABLE_NEIGHBORS)
        != (v->neighbor_id_size > 0))
    {
        return recs_table_error(b, RECS_TABLE_NEIGHBORS, "disagrees with the "
                                "manifest", err);
    }

    /* One list more than the history's. */
    if (recs_table_present(b, RECS_TABLE_USER_LISTS)
        && v->neighbor_history == RECS_HISTORY_MAX)
    {
        return recs_table_error(b, RECS_TABLE_USER_LISTS, "disagrees with "
                                "neighbors.history", err);
    }

    if (recs_table_present(b, RECS_TABLE_GOLDEN)
        && b->tables[RECS_TABLE_GOLDEN].table.row_size
           != sizeof(recs_golden_row_t))
    {
        return recs_table_error(b, RECS_TABLE_GOLDEN, "bad dimensions", err);
    }

    return recs_tables_expect_filters(b, err);
}


static recs_status_t
recs_tables_expect(const recs_bundle_t *b, recs_error_t *err)
{
    int                        has_terms;
    size_t                     stride;
    uint64_t                   items, users, terms;
    unsigned                   i;
    const recs_bundle_view_t  *v;

    v = &b->view;
    stride = v->stride * sizeof(float);
    items = v->n_items;
    users = v->n_users;
    has_terms = recs_bundle_manifest(b, "languages").data != NULL;
    terms = b->tables[RECS_TABLE_TERMS].table.n_rows;
    terms = terms > 0 && terms <= RECS_TERMS_MAX ? terms : UINT64_MAX;

    const struct {
        recs_table_id_t   id;
        int               wanted;
        uint64_t          n_rows;
        size_t            row_size;
    } expected[] = {
        { RECS_TABLE_ITEM_FACTORS, v->n_factors > 0, items, stride },
        { RECS_TABLE_ITEM_NORMS, v->n_factors > 0, items, sizeof(float) },
        { RECS_TABLE_ITEM_ORDER, 1, items, sizeof(uint32_t) },
        { RECS_TABLE_ITEM_CODES, v->codes_kind != RECS_CODES_NONE,
          v->n_blocks, recs_codes_block_size(v->codes_kind, v->n_factors) },
        { RECS_TABLE_CODE_BLOCKS, v->codes_kind != RECS_CODES_NONE,
          v->n_blocks, sizeof(recs_code_block_t) },
        { RECS_TABLE_ITEM_SPANS, 1, items, sizeof(recs_span_t) },
        { RECS_TABLE_USER_FACTORS, recs_table_present(b,
                                       RECS_TABLE_USER_FACTORS),
          v->n_factors > 0 ? users : UINT64_MAX, stride },
        { RECS_TABLE_USER_SPANS, 1, users, sizeof(recs_span_t) },
        { RECS_TABLE_SEEN_SPANS, recs_table_present(b, RECS_TABLE_SEEN_ITEMS),
          users, sizeof(recs_span_t) },
        { RECS_TABLE_RECENT_SPANS, recs_table_present(b,
                                       RECS_TABLE_RECENT_ITEMS),
          v->neighbor_id_size > 0 ? users : UINT64_MAX, sizeof(recs_span_t) },
        { RECS_TABLE_NEIGHBOR_SPANS, v->neighbor_id_size > 0, items,
          sizeof(recs_span_t) },
        { RECS_TABLE_OPPOSED_SPANS, recs_table_present(b, RECS_TABLE_OPPOSED),
          v->neighbor_id_size > 0 ? items : UINT64_MAX, sizeof(recs_span_t) },
        { RECS_TABLE_USER_LIST_SPANS, recs_table_present(b,
                                          RECS_TABLE_USER_LISTS),
          v->neighbor_id_size > 0 ? users : UINT64_MAX, sizeof(recs_span_t) },
        { RECS_TABLE_POPULARITY, recs_table_present(b,
                                     RECS_TABLE_POPULAR_ITEMS),
          items, sizeof(float) },
        { RECS_TABLE_POPULAR_ITEMS, recs_table_present(b,
                                        RECS_TABLE_POPULARITY),
          items, sizeof(uint32_t) },
        { RECS_TABLE_ITEM_HASHES, v->item_hashes.n_rows > 0,
          v->item_hashes.n_rows, sizeof(recs_hashed_item_t) },
        { RECS_TABLE_SEGMENT_SPANS, recs_table_present(b,
                                        RECS_TABLE_SEGMENTS),
          recs_table_present(b, RECS_TABLE_POPULARITY)
          ? b->tables[RECS_TABLE_SEGMENT_SPANS].table.n_rows : UINT64_MAX,
          sizeof(recs_span_t) },
        { RECS_TABLE_TERMS, has_terms, terms, sizeof(recs_hashed_term_t) },
        { RECS_TABLE_TERM_WEIGHTS, has_terms, terms, sizeof(float) },
        { RECS_TABLE_TERM_FACTORS, has_terms,
          v->n_factors > 0 ? terms : UINT64_MAX, stride },
        { RECS_TABLE_GRAM, recs_bundle_manifest(b,
                              "fold_in.unobserved_weight").data != NULL,
          v->n_factors > 0 ? v->n_factors : UINT64_MAX, sizeof(float) }
    };

    for (i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        recs_status_t  rc;

        rc = recs_table_expect(b, expected[i].id, expected[i].wanted,
                               expected[i].n_rows, expected[i].row_size, err);
        if (rc != RECS_OK) {
            return rc;
        }
    }

    return recs_tables_expect_others(b, err);
}


static const void *
recs_table_flat(const recs_bundle_t *b, recs_table_id_t id)
{
    return b->tables[id].n_shards > 0 ? b->tables[id].shards[0] : NULL;
}


recs_status_t
recs_bundle_load_tables(recs_bundle_t *b, recs_error_t *err)
{
    recs_status_t        rc;
    recs_table_id_t      id;
    recs_bundle_view_t  *v;

    v = &b->view;
    v->stride = (v->n_factors + 15) / 16 * 16;

    for (id = 0; id < RECS_TABLE_COUNT; id++) {
        rc = recs_table_load(b, id, err);
        if (rc != RECS_OK) {
            return rc;
        }
    }

    rc = recs_tables_expect(b, err);
    if (rc != RECS_OK) {
        return rc;
    }

    v->item_factors = b->tables[RECS_TABLE_ITEM_FACTORS].table;
    v->user_factors = b->tables[RECS_TABLE_USER_FACTORS].table;
    v->item_norms = recs_table_flat(b, RECS_TABLE_ITEM_NORMS);
    v->item_order = recs_table_flat(b, RECS_TABLE_ITEM_ORDER);
    v->codes = b->tables[RECS_TABLE_ITEM_CODES].table;
    v->code_blocks = recs_table_flat(b, RECS_TABLE_CODE_BLOCKS);
    v->popularity = recs_table_flat(b, RECS_TABLE_POPULARITY);
    v->popular_items = recs_table_flat(b, RECS_TABLE_POPULAR_ITEMS);
    v->gram = recs_table_flat(b, RECS_TABLE_GRAM);
    v->neighbor_spans = b->tables[RECS_TABLE_NEIGHBOR_SPANS].table;
    v->neighbor_lists = b->tables[RECS_TABLE_NEIGHBORS].table.shards;
    v->opposed_spans = b->tables[RECS_TABLE_OPPOSED_SPANS].table;
    v->opposed_lists = b->tables[RECS_TABLE_OPPOSED].table.shards;
    v->user_list_spans = b->tables[RECS_TABLE_USER_LIST_SPANS].table;
    v->user_lists = b->tables[RECS_TABLE_USER_LISTS].table.shards;
    v->item_hashes = b->tables[RECS_TABLE_ITEM_HASHES].table;
    v->segment_spans = b->tables[RECS_TABLE_SEGMENT_SPANS].table;
    v->segment_runs = b->tables[RECS_TABLE_SEGMENTS].table.shards;
    v->terms = b->tables[RECS_TABLE_TERMS].table;
    v->term_weights = recs_table_flat(b, RECS_TABLE_TERM_WEIGHTS);
    v->term_factors = b->tables[RECS_TABLE_TERM_FACTORS].table;

    rc = recs_bundle_load_trees(b, err);

    if (rc == RECS_OK) {
        rc = recs_bundle_load_logistic(b, err);
    }

    return rc == RECS_OK ? recs_bundle_load_mlp(b, err) : rc;
}


recs_str_t
recs_bundle_run(const recs_bundle_t *b, recs_table_id_t bytes,
    recs_table_id_t spans, uint64_t i)
{
    recs_str_t          run;
    const recs_span_t  *span;

    span = recs_table_row(&b->tables[spans].table, i);

    run.data = b->tables[bytes].shards[span->shard] + span->offset;
    run.len = span->len;

    return run;
}


int
recs_bundle_table_next(const recs_bundle_t *b, uint32_t *pos,
    recs_bundle_table_t *table)
{
    uint32_t                    i;
    const recs_loaded_table_t  *t;

    while (*pos < RECS_TABLE_COUNT && b->tables[*pos].n_shards == 0) {
        (*pos)++;
    }

    if (*pos == RECS_TABLE_COUNT) {
        return 0;
    }

    t = &b->tables[*pos];

    table->name = recs_table_name((recs_table_id_t) *pos);
    table->n_rows = t->table.n_rows;
    table->row_size = t->table.row_size;
    table->n_shards = t->n_shards;
    table->size = 0;

    for (i = 0; i < t->n_shards; i++) {
        table->size += t->sizes[i];
    }

    (*pos)++;

    return 1;
}
