#include "recs_sealed_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>


recs_sealed_file_t  recs_sealed;


static int
recs_sealed_setup_size(uint64_t shard_size)
{
    recs_fixture_params_t  params = {
        .n_items = 300, .n_users = 70, .n_factors = 20, .n_neighbors = 40,
        .further = 1,
        .n_segments = 30, .n_trees = 5, .n_logistic = 9, .n_hidden = 32,
        .n_terms = 50, .times = 1
    };

    recs_sealed_file_make(&recs_sealed, &params, shard_size);

    return 0;
}


int
recs_sealed_setup(void **state)
{
    (void) state;

    return recs_sealed_setup_size(0);
}


int
recs_sealed_setup_shards(void **state)
{
    (void) state;

    return recs_sealed_setup_size(1500);
}


int
recs_sealed_teardown(void **state)
{
    (void) state;

    recs_sealed_file_free(&recs_sealed);

    return 0;
}


void
recs_refuses(const void *address, const void *bytes, size_t n,
    const char *words)
{
    assert_int_equal(recs_sealed_file_refused(&recs_sealed, address, bytes, n,
                                              1, words),
                     RECS_CORRUPT);
}


void
recs_refuses_u32(const void *address, uint32_t value,
    const char *words)
{
    recs_refuses(address, &value, sizeof(uint32_t), words);
}


void
recs_refuses_float(const void *address, float value,
    const char *words)
{
    recs_refuses(address, &value, sizeof(float), words);
}


void
recs_refuses_entry(const char *name, const char *value,
    const char *words)
{
    recs_str_t  old;

    old = recs_bundle_manifest(recs_sealed.bundle, name);
    assert_int_equal(old.len, strlen(value));
    recs_refuses(old.data, value, old.len, words);
}


void
recs_refuses_shape(const void *data, uint64_t n_rows, uint32_t row_size,
    const char *words)
{
    recs_table_header_t  header;

    memcpy(&header, (const char *) data - sizeof(header), sizeof(header));

    header.n_rows = n_rows;
    header.rows_per_shard = n_rows;
    header.row_size = row_size;
    header.size = n_rows * row_size;

    recs_refuses((const char *) data - sizeof(header), &header,
                 sizeof(header), words);
}
