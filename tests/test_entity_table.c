/* recs_entity_table: ids in their order, attributes from a file. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "recs_entity_table.h"
#include "recs_temp.h"


static recs_str_t
str(const char *text)
{
    recs_str_t  s;

    s.data = text;
    s.len = strlen(text);

    return s;
}


static void
is_str(recs_str_t s, const char *expected)
{
    assert_int_equal(s.len, strlen(expected));
    assert_memory_equal(s.data, expected, s.len);
}


static void
test_table(void **state)
{
    uint64_t              n_unmatched;
    recs_str_t            ids[3] = { str("b"), str("10"), str("9") };
    recs_str_t            record;
    recs_error_t          err;
    recs_entities_t       view;
    recs_entity_table_t  *table;

    (void) state;

    assert_int_equal(recs_entity_table_create(&table, ids, 3,
                         recs_temp_text("a", "id,title,url\n9,Nine,\n"
                                        "x,X,/x\nb,Bee,/b\n"),
                         &n_unmatched, &err), RECS_OK);
    assert_int_equal(n_unmatched, 1);

    view = recs_entity_table_view(table);
    assert_int_equal(view.n, 3);
    assert_int_equal(view.n_columns, 2);
    assert_string_equal(view.columns[0], "title");
    assert_string_equal(view.columns[1], "url");

    record = view.record(view.data, 0);
    assert_int_equal(recs_record_check(record, 2), RECS_OK);
    is_str(recs_record_id(record), "b");
    is_str(recs_record_attribute(record, 1), "/b");

    record = view.record(view.data, 1);
    is_str(recs_record_id(record), "10");
    assert_null(recs_record_attribute(record, 0).data);

    record = view.record(view.data, 2);
    is_str(recs_record_attribute(record, 0), "Nine");

    recs_entity_table_destroy(table);

    assert_int_equal(recs_entity_table_create(&table, ids, 3, NULL, NULL,
                                              &err), RECS_OK);
    view = recs_entity_table_view(table);
    assert_int_equal(view.n_columns, 0);
    is_str(recs_record_id(view.record(view.data, 2)), "9");
    recs_entity_table_destroy(table);
}


static void
test_refused(void **state)
{
    recs_str_t            ids[3] = { str("b"), str("c"), str("b") };
    recs_error_t          err;
    recs_entity_table_t  *table;

    (void) state;

    assert_int_equal(recs_entity_table_create(&table, ids, 3, NULL, NULL,
                                              &err), RECS_INVALID);
    assert_non_null(strstr(err.message, "\"b\" stands twice, as number 1 and"
                           " 3"));

    ids[2] = str("");
    assert_int_equal(recs_entity_table_create(&table, ids, 3, NULL, NULL,
                                              &err), RECS_INVALID);
    assert_non_null(strstr(err.message, "id 3 is not valid"));

    assert_int_equal(recs_entity_table_create(&table, ids, 2,
                         recs_temp_text("a", "id,title\nb\n"), NULL, &err),
                     RECS_INVALID);
    assert_non_null(strstr(err.message, "a:2: wrong number of fields"));

    assert_int_equal(recs_entity_table_create(&table, ids, 2,
                                              recs_temp_path("none"), NULL,
                                              &err), RECS_IO);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
