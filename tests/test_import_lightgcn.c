/* recs_import_lightgcn: a line a user; Gowalla where it is there. */

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
test_lightgcn(void **state)
{
    (void) state;

    recs_helper_text(&h, RECS_FORMAT_LIGHTGCN, "0 10 2\t 3 10\n1\n\n"
                     "10 2 \r\n2 3");
    assert_string_equal(h.text, "0:2,3,10 2:3 10:2");
    assert_int_equal(h.report.n_duplicates, 1);
    assert_int_equal(h.report.n_rows, 6);
}


static void
test_gowalla(void **state)
{
    char                   train[1024], valid[1024];
    const char            *inputs[2];
    recs_dataset_t        *dataset;
    recs_import_report_t   report;

    (void) state;

    if (recs_temp_data("gowalla/train.txt") == NULL) {
        print_message("no gowalla: skipped\n");
        skip();
    }

    strcpy(train, recs_temp_data("gowalla/train.txt"));
    strcpy(valid, recs_temp_data("gowalla/valid.txt"));
    inputs[0] = train;
    inputs[1] = valid;
    h.options.inputs = inputs;
    h.options.n_inputs = 2;

    assert_int_equal(recs_import_memory(&h.options, &dataset, &report,
                                        &h.err), RECS_OK);
    assert_int_equal(report.format, RECS_FORMAT_LIGHTGCN);
    assert_int_equal(report.n_users, 29858);
    assert_int_equal(report.n_items, 40981);
    assert_int_equal(report.n_interactions, 810128);
    recs_dataset_close(dataset);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test_setup(test_lightgcn, reset),
        cmocka_unit_test_setup(test_gowalla, reset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
