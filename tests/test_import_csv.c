/* recs_import_csv: columns under any name, malformed rows. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
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
test_csv(void **state)
{
    (void) state;

    recs_helper_text(&h, RECS_FORMAT_CSV,
                     "rating,userId,extra,movie_id,Timestamp\r\n"
                     "3,10,x,a,2000-07-30T18:45:03Z\r\n"
                     "2.5,9,\"line\nbreak\",\"b,c\",964982703\r\n"
                     ",9,,a,\r\n");
    assert_string_equal(h.err.message, "");
    assert_string_equal(h.text, "9:a,b,c*2.5@964982703000"
                        " 10:a*3@964982703000");
    assert_int_equal(h.report.n_rows, 3);
    assert_int_equal(h.report.n_kept, 3);
    assert_int_equal(h.report.n_users, 2);
    assert_int_equal(h.report.n_items, 2);
    assert_int_equal(h.report.from_ms, 964982703000);
    assert_true(h.report.density == 0.75);
    assert_int_equal(h.report.format, RECS_FORMAT_CSV);

    h.options.user_column = "who";
    h.options.item_column = "user";
    recs_helper_text(&h, RECS_FORMAT_CSV, "user,who\n1,2\n");
    assert_string_equal(h.text, "2:1");
}


static void
test_csv_columns(void **state)
{
    (void) state;

    recs_helper_text(&h, RECS_FORMAT_CSV, "a,b\n1,2\n");
    assert_int_equal(h.status, RECS_INVALID);
    assert_non_null(strstr(h.err.message, "no column for the user among"
                           " \"a,b\""));

    h.options.value_column = "x";
    recs_helper_text(&h, RECS_FORMAT_CSV, "user,item,value\n1,2,3\n");
    assert_non_null(strstr(h.err.message, "no column \"x\""));

    recs_helper_text(&h, RECS_FORMAT_CSV, "");
    assert_non_null(strstr(h.err.message, "no header row"));

    recs_helper_text(&h, RECS_FORMAT_CSV, "\"user,item\n");
    assert_non_null(strstr(h.err.message, "no header row"));
}


/* Every malformed row is told by line and reason; the rest is kept. */

static void
test_csv_rejects(void **state)
{
    char    *text;
    size_t   i, len;

    (void) state;

    text = malloc(65536);
    len = (size_t) sprintf(text,
        "user,item,timestamp,value\n"
        "1,a,1,1\n"
        "1,b,1\n"                      /* 3: fields */
        ",a,1,1\n"                     /* 4: user */
        "1,,1,1\n"                     /* 5: item */
        "1,a,soon,1\n"                 /* 6: time */
        "1,a,-5,1\n"                   /* 7: range */
        "1,a,99999999999999,1\n"       /* 8: range */
        "1,a,1,NaN\n"                  /* 9: value, and so on to 14 */
        "1,a,1,inf\n"
        "1,a,1,1e999\n"
        "1,a,1,1e39\n"
        "1,a,1,0\n"
        "1,a,1,-1\n"
        "1\"2,a,1,1\n"                 /* 15: syntax */
        "\xc3\x28,a,1,1\n"             /* 16: user */
        "1,\x07,1,1\n"                 /* 17: item */
        "1,\"x\ny\",1,1\n"             /* 18: item */
        "1,");

    for (i = 0; i < 512; i++) {
        text[len++] = 'x';             /* 20: item of 512 bytes */
    }

    strcpy(text + len, ",1,1\n2,b,1,1");

    recs_helper_text(&h, RECS_FORMAT_CSV, text);
    assert_string_equal(h.err.message, "");
    assert_string_equal(h.text, "1:a@1000 2:b@1000");
    assert_string_equal(h.rejects,
        "3 wrong number of fields; 4 user is not a valid id;"
        " 5 item is not a valid id; 6 timestamp not understood;"
        " 7 timestamp out of range; 8 timestamp out of range;"
        " 9 value is not a number above 0; 10 value is not a number above 0;"
        " 11 value is not a number above 0; 12 value is not a number above 0;"
        " 13 value is not a number above 0; 14 value is not a number above 0;"
        " 15 malformed row; 16 user is not a valid id;"
        " 17 item is not a valid id; 18 item is not a valid id;"
        " 20 item is not a valid id; ");
    assert_int_equal(h.report.n_rejected, 17);
    assert_int_equal(h.report.n_kept, 2);
    assert_int_equal(h.report.n_rows, 19);
    assert_int_equal(h.report.n_reason[RECS_REJECT_VALUE], 6);

    h.options.strict = 1;
    recs_helper_text(&h, RECS_FORMAT_CSV, text);
    assert_int_equal(h.status, RECS_INVALID);
    assert_non_null(strstr(h.err.message, "input:3: wrong number of fields"));
    free(text);

    h.options.strict = 0;
    h.options.format = RECS_FORMAT_CSV;
    recs_helper_import(&h, recs_temp_write("nul", "user,item\n1\0,a\n2,b\n",
                                           19));
    assert_string_equal(h.rejects, "2 user is not a valid id; ");
    assert_string_equal(h.text, "2:b");
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test_setup(test_csv, reset),
        cmocka_unit_test_setup(test_csv_columns, reset),
        cmocka_unit_test_setup(test_csv_rejects, reset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
