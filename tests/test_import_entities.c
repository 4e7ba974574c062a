/* recs_import_entities: attributes of items and users. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "recs_import_helper.h"
#include "recs_temp.h"


static recs_helper_t  h;


static int
reset(void **state)
{
    (void) state;

    memset(&h, 0, sizeof(h));

    return 0;
}


static void
test_attributes(void **state)
{
    const char  *items, *users;

    (void) state;

    items = recs_temp_text("items.csv",
                           "title,id,url\nOne,a,/a\n\"T, w\no\",b,\n"
                           "Only here,z,/z\n\xff,c,\n,,\nOne more,a,\n");
    users = recs_temp_text("users.jsonl",
                           "{\"id\":\"u\",\"age\":30,\"tags\":[\"x\",1],"
                           "\"vip\":true,\"none\":null,\"h\":1.5}\n"
                           "{\"id\":\"v\",\"age\":31}\n"
                           "{\"id\":\"w\",\"o\":{}}\n");
    h.options.item_files = &items;
    h.options.n_item_files = 1;
    h.options.user_files = &users;
    h.options.n_user_files = 1;

    recs_helper_text(&h, RECS_FORMAT_CSV, "user,item\nu,a\nu,b\nu,c\n");
    assert_string_equal(h.err.message, "");
    assert_string_equal(h.text, "u:a,b,c");
    assert_string_equal(h.items, "a{title=One more,url=/a} b{title=T, w\no}"
                        " z{title=Only here,url=/z}");
    assert_string_equal(h.users, "u{age=30,tags=x|1,vip=true,h=1.5}");
    assert_string_equal(h.rejects, "6 attribute is not usable text;"
                        " 7 id is not valid; 3 attribute is not usable"
                        " text; ");
    assert_int_equal(h.report.n_items, 4);
    assert_int_equal(h.report.n_items_without_users, 1);
    assert_int_equal(h.report.n_item_rows, 6);
    assert_int_equal(h.report.n_entity_rejects, 3);
    assert_int_equal(h.report.n_unmatched_users, 1);

    items = recs_temp_text("twice.csv", "id,a,a\n1,2,3\n");
    recs_helper_text(&h, RECS_FORMAT_CSV, "user,item\nu,a\n");
    assert_non_null(strstr(h.err.message, "two columns"));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test_setup(test_attributes, reset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
