/* recs_entity_list: ids in their order, attributes from a file. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "recs_entity_list.h"
#include "recs_temp.h"


static void
is_str(recs_str_t s, const char *expected)
{
    assert_int_equal(s.len, strlen(expected));
    assert_memory_equal(s.data, expected, s.len);
}


static void
test_list(void **state)
{
    recs_str_t              record;
    recs_error_t            err;
    recs_entity_list_t     *list;
    const recs_entities_t  *view;

    (void) state;

    assert_int_equal(recs_entity_list_read(&list,
                         recs_temp_text("ids", "b\n10\r\n9"),
                         recs_temp_text("a", "id,title,url\n9,Nine,\n"
                                        "x,X,/x\nb,Bee,/b\n"), &err),
                     RECS_OK);
    assert_int_equal(recs_entity_list_unmatched(list), 1);

    view = recs_entity_list_entities(list);
    assert_int_equal(view->n, 3);
    assert_int_equal(view->n_columns, 2);
    assert_string_equal(view->columns[0], "title");
    assert_string_equal(view->columns[1], "url");

    record = view->record(view->data, 0);
    assert_int_equal(recs_record_check(record, 2), RECS_OK);
    is_str(recs_record_id(record), "b");
    is_str(recs_record_attribute(record, 1), "/b");

    record = view->record(view->data, 1);
    is_str(recs_record_id(record), "10");
    assert_null(recs_record_attribute(record, 0).data);

    record = view->record(view->data, 2);
    is_str(recs_record_attribute(record, 0), "Nine");

    recs_entity_list_free(list);

    assert_int_equal(recs_entity_list_read(&list, recs_temp_path("ids"), NULL,
                                           &err), RECS_OK);
    view = recs_entity_list_entities(list);
    assert_int_equal(view->n_columns, 0);
    is_str(recs_record_id(view->record(view->data, 2)), "9");
    recs_entity_list_free(list);
}


static void
test_refused(void **state)
{
    recs_error_t         err;
    recs_entity_list_t  *list;

    (void) state;

    assert_int_equal(recs_entity_list_read(&list,
                         recs_temp_text("ids", "b\nc\nb\n"), NULL, &err),
                     RECS_INVALID);
    assert_non_null(strstr(err.message, "ids:3"));

    assert_int_equal(recs_entity_list_read(&list,
                         recs_temp_text("ids", "b\n\nc\n"), NULL, &err),
                     RECS_INVALID);
    assert_non_null(strstr(err.message, "ids:2"));

    assert_int_equal(recs_entity_list_read(&list,
                         recs_temp_text("ids", "b\nc\n"),
                         recs_temp_text("a", "id,title\nb\n"), &err),
                     RECS_INVALID);
    assert_non_null(strstr(err.message, "a:2"));

    assert_int_equal(recs_entity_list_read(&list, recs_temp_path("ids"),
                                           recs_temp_path("none"), &err),
                     RECS_IO);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
