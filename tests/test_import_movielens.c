/* recs_import_movielens: both generations of the folder, and the real one. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>
#include <unistd.h>

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
test_movielens(void **state)
{
    char  folder[512];

    (void) state;

    strcpy(folder, recs_temp_path("x"));
    *strrchr(folder, '/') = '\0';

    recs_temp_text("ratings.csv", "userId,movieId,rating,timestamp\n"
                   "1,1,4.0,964982703\n1,2,2.5,964982704\n2,1,5,964982705\n");
    recs_temp_text("movies.csv", "movieId,title,genres\n"
                   "1,Toy Story (1995),Adventure|Comedy\n"
                   "2,\"Postman, The (Postino) \",(no genres listed)\n"
                   "3,Never Seen (2001),Drama\n");
    recs_temp_text("tags.csv", "userId,movieId,tag,timestamp\n"
                   "1,1,Pixar,1\n2,1,fun,1\n3,1,pixar,1\n3,9,lost,1\n"
                   "3,1,a|b,1\n");

    h.options.min_rating = 3;
    h.options.format = RECS_FORMAT_MOVIELENS;
    recs_helper_import(&h, folder);
    assert_string_equal(h.err.message, "");
    assert_string_equal(h.text, "1:1@964982703000 2:1@964982705000");
    assert_string_equal(h.items, "1{title=Toy Story,year=1995,"
                        "genres=Adventure|Comedy,tags=pixar|a b|fun}");
    assert_int_equal(h.report.n_reason[RECS_REJECT_LOW_RATING], 1);
    assert_int_equal(h.report.n_unmatched_items, 2);

    h.options.min_rating = 0;
    h.options.unrated = 1;
    h.options.format = RECS_FORMAT_SNIFF;
    recs_helper_import(&h, folder);
    assert_int_equal(h.report.n_items, 3);
    assert_int_equal(h.report.n_items_without_users, 1);
    assert_non_null(strstr(h.items, "2{title=Postman, The (Postino)} 3{"));

    /* ml-1m's form, titles in Latin-1 */
    unlink(recs_temp_path("ratings.csv"));
    unlink(recs_temp_path("movies.csv"));
    unlink(recs_temp_path("tags.csv"));
    recs_temp_text("ratings.dat", "1::1::5::978300760\n1::2::3\n"
                   "1::2::3::4::5\n");
    recs_temp_text("movies.dat", "1::Mis\xe9rables, Les (1995)::Drama\n");
    recs_helper_import(&h, folder);
    assert_string_equal(h.text, "1:1@978300760000");
    assert_string_equal(h.items, "1{title=Mis\xc3\xa9rables, Les,year=1995,"
                        "genres=Drama}");
    assert_string_equal(h.rejects, "2 wrong number of fields;"
                        " 3 wrong number of fields; ");
    unlink(recs_temp_path("ratings.dat"));
    unlink(recs_temp_path("movies.dat"));

    h.options.format = RECS_FORMAT_MOVIELENS;
    recs_helper_import(&h, folder);
    assert_int_equal(h.status, RECS_IO);
    assert_non_null(strstr(h.err.message, "no movielens folder"));
}


static void
test_ml_latest_small(void **state)
{
    const char            *path;
    recs_dataset_t        *dataset;
    recs_import_report_t   report;

    (void) state;

    path = recs_temp_data("ml-latest-small");
    if (path == NULL) {
        print_message("no ml-latest-small: skipped\n");
        skip();
    }

    assert_int_equal(recs_import_test(path, &dataset, &report, &h.err),
                     RECS_OK);
    assert_int_equal(report.n_rows, 100836);
    assert_int_equal(report.n_interactions, 100836);
    assert_int_equal(report.n_users, 610);
    assert_int_equal(report.n_items, 9724);
    assert_int_equal(report.n_item_rows, 9742);
    assert_int_equal(report.n_unmatched_items, 18);
    recs_dataset_close(dataset);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test_setup(test_movielens, reset),
        cmocka_unit_test_setup(test_ml_latest_small, reset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
