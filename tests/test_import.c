/* recs_import: cleaning, telling formats apart, what is written. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

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
test_cleaning(void **state)
{
    (void) state;

    h.options.max_activity = 3;
    recs_helper_text(&h, RECS_FORMAT_CSV,
                     "user,item,timestamp,value\n"
                     "bot,a,1,1\nbot,a,2,1\nbot,b,3,1\nbot,b,4,1\n"
                     "u,a,1,1\nu,a,1,1\nu,a,2,2\nu,b,1,1\n");
    assert_string_equal(h.text, "u:a*3@2000,b@1000");
    assert_int_equal(h.report.n_bots, 1);
    assert_int_equal(h.report.n_bot_interactions, 4);
    assert_int_equal(h.report.n_duplicates, 1);
    assert_int_equal(h.report.n_repeats, 1);
    assert_int_equal(h.report.max_user_interactions, 4);

    /* d falls, with it u3, with it c: only then is it a fixed point. */
    h.options.max_activity = 0;
    h.options.min_user = 2;
    h.options.min_item = 2;
    recs_helper_text(&h, RECS_FORMAT_LIGHTGCN,
                     "1 10 11\n2 10 11 12\n3 12 13\n");
    assert_string_equal(h.text, "1:10,11 2:10,11");
    assert_int_equal(h.report.n_rare_users, 1);
    assert_int_equal(h.report.n_rare_items, 2);
    assert_int_equal(h.report.n_rare_interactions, 3);

    h.options.min_user = 5;
    recs_helper_text(&h, RECS_FORMAT_LIGHTGCN, "1 10 11\n");
    assert_int_equal(h.status, RECS_INVALID);
    assert_non_null(strstr(h.err.message, "no interaction is left"));
}


static void
test_sniff(void **state)
{
    size_t  i;

    static const struct {
        const char     *text;
        recs_format_t   format;
    } cases[] = {
        { "user,item\n1,2\n", RECS_FORMAT_CSV },
        { "\xef\xbb\xbf\n\nuser,item\n1,2\n", RECS_FORMAT_CSV },
        { "\n1 2 3\n", RECS_FORMAT_LIGHTGCN },
        { "7\n1 2 3\n", RECS_FORMAT_LIGHTGCN },
        { "{\"user\":1,\"item\":2}\n", RECS_FORMAT_JSONL },
        { "{\"user\":1,\"item\":2,\"event\":\"x\"}\n", RECS_FORMAT_JSONL },
        { "{\"user\":1,\"item\":2,\"event\":\"x\",\"ts\":1}\n",
          RECS_FORMAT_EVENTS },
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        recs_helper_text(&h, RECS_FORMAT_SNIFF, cases[i].text);
        assert_string_equal(h.err.message, "");
        assert_int_equal(h.report.format, cases[i].format);
    }

    recs_helper_text(&h, RECS_FORMAT_SNIFF, "what is this\n");
    assert_int_equal(h.status, RECS_INVALID);
    assert_non_null(strstr(h.err.message, "--format"));

    recs_helper_text(&h, RECS_FORMAT_SNIFF, "");
    assert_non_null(strstr(h.err.message, "empty"));

    recs_helper_text(&h, RECS_FORMAT_JSONL, "");
    assert_non_null(strstr(h.err.message, "the input is empty"));
}


/* Outputs: the same bytes twice, whole or not at all. */

static void
test_output(void **state)
{
    int                     files;
    FILE                   *file;
    char                    a[8192], b[8192];
    size_t                  n_a, n_b;
    const char             *input, *path;
    struct stat             st;
    recs_import_report_t    report;

    (void) state;

    input = recs_temp_text("in.csv", "user,item\nu,a\nv,b\nu,b\n");
    h.options.inputs = &input;
    h.options.n_inputs = 1;
    path = recs_temp_path("out");

    assert_int_equal(recs_import(&h.options, path, &report, &h.err), RECS_OK);
    file = fopen(path, "rb");
    n_a = fread(a, 1, sizeof(a), file);
    fclose(file);
    assert_int_equal(recs_import(&h.options, path, &report, &h.err), RECS_OK);
    file = fopen(path, "rb");
    n_b = fread(b, 1, sizeof(b), file);
    fclose(file);
    assert_int_equal(n_a, n_b);
    assert_memory_equal(a, b, n_a);

    files = recs_temp_count();

    assert_int_equal(recs_import(&h.options, "/dev/full", &report, &h.err),
                     RECS_IO);
    assert_non_null(strstr(h.err.message, "No space left"));
    assert_int_equal(stat("/dev/full", &st), 0);
    assert_true(S_ISCHR(st.st_mode));

    assert_int_equal(recs_import(&h.options, "/tmp", &report, &h.err),
                     RECS_IO);
    assert_non_null(strstr(h.err.message, "folder"));
    assert_int_equal(recs_import(&h.options, recs_temp_path("no/such"),
                                 &report, &h.err), RECS_IO);

    assert_int_equal(recs_import(&h.options, recs_temp_path("in.csv"),
                                 &report, &h.err), RECS_REFUSED);
    assert_non_null(strstr(h.err.message, "is an input"));

    input = recs_temp_text("in.csv", "user,item\n");
    assert_int_equal(recs_import(&h.options, recs_temp_path("new"), &report,
                                 &h.err), RECS_INVALID);
    assert_int_equal(recs_temp_count(), files);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test_setup(test_cleaning, reset),
        cmocka_unit_test_setup(test_sniff, reset),
        cmocka_unit_test_setup(test_output, reset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
