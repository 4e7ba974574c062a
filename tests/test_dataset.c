/* recs_dataset: what is written is read; a damaged file is refused. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "recs_dataset_format.h"
#include "recs_import_helper.h"
#include "recs_temp.h"


static char    image[65536];
static size_t  image_len;


static recs_str_t
str(const char *text)
{
    recs_str_t  s;

    s.data = text;
    s.len = strlen(text);

    return s;
}


/* Two users, four items, one of them without a user. */

static int
make_image(void **state)
{
    FILE                   *file;
    const char             *input, *items, *path;
    recs_error_t            err;
    recs_import_options_t   options;

    (void) state;

    memset(&options, 0, sizeof(options));
    input = recs_temp_text("in.csv", "user,item,timestamp,value\n"
                           "u,b,20,1\nu,10,30,2\nv,9,5,1\n");
    items = recs_temp_text("items.csv", "id,title,url\n9,Nine,/9\nz,,/z\n");
    path = recs_temp_path("d");

    options.inputs = &input;
    options.n_inputs = 1;
    options.item_files = &items;
    options.n_item_files = 1;
    assert_int_equal(recs_import(&options, path, NULL, &err), RECS_OK);

    file = fopen(path, "rb");
    image_len = fread(image, 1, sizeof(image), file);
    fclose(file);

    return 0;
}


static recs_status_t
open_bytes(const char *bytes, size_t len, recs_error_t *err)
{
    recs_status_t    status;
    recs_dataset_t  *dataset;

    status = recs_dataset_open(&dataset, recs_temp_write("x", bytes, len),
                               err);
    if (status == RECS_OK) {
        recs_dataset_close(dataset);
    }

    return status;
}


/* The checksums made to fit what stands there. */

static void
seal(char *bytes, size_t len)
{
    recs_dataset_header_t  *h;

    h = (recs_dataset_header_t *) bytes;
    h->payload_hash = XXH3_64bits(h + 1, len - sizeof(*h));
    h->header_hash = XXH3_64bits(h, offsetof(recs_dataset_header_t,
                                             header_hash));
}


static void
test_view(void **state)
{
    recs_error_t                err;
    recs_helper_t               h;
    recs_dataset_t             *dataset;
    const recs_dataset_view_t  *v;

    (void) state;

    assert_int_equal(recs_dataset_open(&dataset,
                                       recs_temp_write("x", image, image_len),
                                       &err), RECS_OK);
    v = recs_dataset_view(dataset);

    memset(&h, 0, sizeof(h));
    recs_helper_describe(&h, v);
    assert_string_equal(h.text, "u:10*2@30000,b@20000 v:9@5000");
    assert_string_equal(h.items, "9{title=Nine,url=/9} z{url=/z}");
    assert_int_equal(v->from_ms, 5000);
    assert_int_equal(v->to_ms, 30000);
    assert_int_equal(v->n_items, 4);

    assert_int_equal(recs_dataset_item(dataset, str("9")), 0);
    assert_int_equal(recs_dataset_item(dataset, str("10")), 1);
    assert_int_equal(recs_dataset_item(dataset, str("b")), 2);
    assert_int_equal(recs_dataset_item(dataset, str("z")), 3);
    assert_int_equal(recs_dataset_item(dataset, str("c")), UINT32_MAX);
    assert_int_equal(recs_dataset_user(dataset, str("v")), 1);
    assert_int_equal(recs_dataset_user(dataset, str("")), UINT32_MAX);

    recs_dataset_close(dataset);
}


static void
test_transpose(void **state)
{
    uint32_t        *users;
    uint64_t        *offsets, *positions;
    recs_error_t     err;
    recs_dataset_t  *dataset;

    static const uint64_t  expected_offsets[] = { 0, 1, 2, 3, 3 };
    static const uint32_t  expected_users[] = { 1, 0, 0 };
    static const uint64_t  expected_positions[] = { 2, 0, 1 };

    (void) state;

    assert_int_equal(recs_dataset_open(&dataset,
                                       recs_temp_write("x", image, image_len),
                                       &err), RECS_OK);
    assert_int_equal(recs_dataset_transpose(recs_dataset_view(dataset),
                                            &offsets, &users, &positions,
                                            &err), RECS_OK);
    assert_memory_equal(offsets, expected_offsets, sizeof(expected_offsets));
    assert_memory_equal(users, expected_users, sizeof(expected_users));
    assert_memory_equal(positions, expected_positions,
                        sizeof(expected_positions));
    free(offsets);
    free(users);
    free(positions);

    assert_int_equal(recs_dataset_transpose(recs_dataset_view(dataset),
                                            &offsets, &users, NULL, &err),
                     RECS_OK);
    free(offsets);
    free(users);
    recs_dataset_close(dataset);
}


/* Every byte flipped, every length cut: told, never read wrongly. */

static void
test_damage(void **state)
{
    size_t        i;
    recs_error_t  err;

    (void) state;

    for (i = 0; i < image_len; i++) {
        image[i] ^= 0x10;
        err.status = RECS_OK;

        if (open_bytes(image, image_len, &err) == RECS_OK) {
            fail_msg("byte %zu", i);
        }

        image[i] ^= 0x10;

        assert_int_not_equal(open_bytes(image, i, &err), RECS_OK);
    }

    assert_int_not_equal(open_bytes("", 0, &err), RECS_OK);
    assert_non_null(strstr(err.message, "not a dataset"));

    image[8] ^= 0x10;
    assert_int_equal(open_bytes(image, image_len, &err), RECS_VERSION);
    image[8] ^= 0x10;
}


/* Damage with fitting checksums: the structural checks, each by name. */

static void
test_structure(void **state)
{
    size_t                  i;
    char                    bytes[sizeof(image)], *at;
    recs_error_t            err;
    recs_dataset_header_t  *h;

    static const struct {
        recs_section_id_t   section;
        size_t              offset;
        char                byte;
        const char         *fault;
    } cases[] = {
        { RECS_SECTION_USER_OFFSETS, 0, 1, "offsets of the users" },
        { RECS_SECTION_USER_OFFSETS, 8, 9, "offsets of the users" },
        { RECS_SECTION_USER_OFFSETS, 15, 9, "offsets of the users" },
        { RECS_SECTION_USER_OFFSETS, 16, 2, "offsets of the users" },
        { RECS_SECTION_ITEMS, 0, 4, "order of a user's items" },
        { RECS_SECTION_ITEMS, 4, 1, "order of a user's items" },
        { RECS_SECTION_ITEMS, 4, 0, "order of a user's items" },
        { RECS_SECTION_WEIGHTS, 3, (char) 0xff, "a weight" },
        { RECS_SECTION_ITEM_OFFSETS, 0, 1, "offsets of the records" },
        { RECS_SECTION_ITEM_OFFSETS, 15, 1, "offsets of the records" },
        { RECS_SECTION_ITEM_OFFSETS, 32, 1, "offsets of the records" },
        { RECS_SECTION_ITEM_RECORDS, 0, 0, "a record" },
        { RECS_SECTION_ITEM_RECORDS, 0, 9, "a record" },
        { RECS_SECTION_ITEM_RECORDS, 1, 'x', "order of the ids" },
        { RECS_SECTION_ITEM_RECORDS, 4, 7, "a record" },
        { RECS_SECTION_ITEM_COLUMNS, 0, 1, "name of a column" },
        { RECS_SECTION_ITEM_COLUMNS, 9, 'x', "name of a column" },
        { RECS_SECTION_USER_RECORDS, 1, 'w', "order of the ids" },
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        memcpy(bytes, image, image_len);
        h = (recs_dataset_header_t *) bytes;
        at = bytes + h->sections[cases[i].section].offset + cases[i].offset;
        assert_int_not_equal(*at, cases[i].byte);
        *at = cases[i].byte;
        seal(bytes, image_len);

        print_message("%zu: %s\n", i, cases[i].fault);
        assert_int_equal(open_bytes(bytes, image_len, &err), RECS_CORRUPT);
        assert_non_null(strstr(err.message, cases[i].fault));
    }
}


static void
test_header(void **state)
{
    size_t                  i;
    char                    bytes[sizeof(image)];
    recs_error_t            err;
    recs_dataset_header_t  *h;

    (void) state;

    h = (recs_dataset_header_t *) bytes;

    for (i = 0; i < 11 + RECS_SECTION_COUNT; i++) {
        memcpy(bytes, image, image_len);

        switch (i) {
        case 0: h->byte_order = 0x04030201; break;
        case 1: h->file_size++; break;
        case 2: h->n_users = UINT32_MAX; break;
        case 3: h->n_users++; break;
        case 4: h->n_items--; break;
        case 5: h->n_interactions = UINT64_MAX; break;
        case 6: h->n_interactions--; break;
        case 7: h->n_item_columns = RECS_COLUMNS_MAX + 1; break;
        case 8: h->n_item_columns--; break;
        case 9: h->n_user_columns++; break;
        case 10: h->sections[0].offset = 0; break;
        default: h->sections[i - 11].offset = UINT64_MAX - 63;
        }

        seal(bytes, image_len);
        print_message("%zu\n", i);
        assert_int_equal(open_bytes(bytes, image_len, &err), RECS_CORRUPT);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_view),
        cmocka_unit_test(test_transpose),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_structure),
        cmocka_unit_test(test_header),
    };

    return cmocka_run_group_tests(tests, make_image, NULL);
}
