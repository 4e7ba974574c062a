/*
 * What a model may not hold is refused by name, with nothing left behind.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "recs_fixture.h"
#include "recs_temp.h"


static recs_error_t  err;


static recs_fixture_t *
small(void)
{
    recs_fixture_params_t  p = { .n_items = 50, .n_users = 10,
                                 .n_factors = 8 };

    return recs_fixture_create(&p);
}


/* Refused with these words, and the folder is as empty as before. */
static void
refused(recs_fixture_t *fixture, const char *words)
{
    recs_status_t  rc;

    rc = recs_model_write(&fixture->model, recs_temp_path("bad.mdb"), &err);
    assert_int_equal(rc, RECS_INVALID);

    if (strstr(err.message, words) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", err.message, words);
    }

    assert_int_equal(recs_temp_count(), 0);
    recs_fixture_destroy(fixture);
}


static void
test_bad_numbers(void **state)
{
    recs_fixture_t  *f;

    (void) state;

    f = small();
    f->item_factors[3 * 8 + 7] = NAN;
    refused(f, "an item factor of row 3 (\"i3\") is not a finite number");

    f = small();
    f->user_factors[9 * 8] = -INFINITY;
    refused(f, "a user factor of row 9 (\"u9\") is not a finite number");

    f = small();
    f->popularity[1] = NAN;
    refused(f, "the popularity of row 1 (\"i1\") is not a finite number");

    f = small();
    f->item_factors[3 * 8] = f->item_factors[3 * 8 + 1] = 3e38f;
    refused(f, "the vector of item row 3 (\"i3\") is too long");

    f = small();
    f->user_factors[2 * 8 + 1] = -2e18f;
    refused(f, "the vector of user row 2 (\"u2\") is too long, 2e+18");

    f = small();
    f->gram[2] = -1.0f;
    refused(f, "Gram");

    f = small();
    f->fold_in.regularization = 0;
    refused(f, "fold-in parameters out of range");

    f = small();
    f->fold_in.unobserved_weight = NAN;
    refused(f, "fold-in parameters out of range");

    f = small();
    f->seen_items[0] = 50;
    refused(f, "has seen item 50, there are 50 items");

    f = small();
    f->seen_offsets[4] = f->seen_offsets[5] + 1;
    refused(f, "end before they begin");
}


static void
test_bad_shapes(void **state)
{
    recs_fixture_t  *f;

    static const char *const  same[] = { "title", "url", "title" };
    static const char *const  bad[] = { "title", "url", "im\nage" };
    static const recs_pair_t  twice[] = { { "n_items", "7" } };
    static const recs_pair_t  broken[] = { { "note", "\xff" } };

    (void) state;

    f = small();
    f->model.n_factors = RECS_FACTORS_MAX + 1;
    refused(f, "1025 factors, at most 1024");

    f = small();
    f->model.item_factors = NULL;
    refused(f, "without item vectors");

    f = small();
    f->model.n_factors = 0;
    refused(f, "fold-in needs vectors");

    f = small();
    f->model.algorithm = NULL;
    refused(f, "the name of its algorithm");

    f = small();
    f->model.items.columns = same;
    refused(f, "two item attributes are named \"title\"");

    f = small();
    f->model.items.columns = bad;
    refused(f, "item attribute 2 is not 1 to 128 bytes");

    f = small();
    f->model.items.n_columns = 2;
    refused(f, "item row 0 has no valid record");

    f = small();
    f->model.notes = twice;
    refused(f, "\"n_items\" stands twice");

    f = small();
    f->model.notes = broken;
    refused(f, "\"note\" is not UTF-8");
}


static void
test_no_items(void **state)
{
    recs_fixture_t         *f;
    recs_fixture_params_t   p = { .n_users = 3, .no_seen = 1 };

    (void) state;

    f = recs_fixture_create(&p);
    refused(f, "at least one item");
}


static void
test_bad_ids(void **state)
{
    char             id[512];
    recs_fixture_t  *f;

    (void) state;

    memset(id, 'x', sizeof(id));

    f = small();
    recs_fixture_set_id(&f->item_records[7], "", 0);
    refused(f, "item row 7 has no valid record");

    f = small();
    recs_fixture_set_id(&f->item_records[7], id, 129);
    refused(f, "item row 7 has no valid record");

    /* Its length does not even fit. */
    f = small();
    recs_fixture_set_id(&f->user_records[2], id, 512);
    refused(f, "user row 2 has no valid record");

    f = small();
    recs_fixture_set_id(&f->item_records[7], "a\0b", 3);
    refused(f, "item row 7 has no valid record");

    f = small();
    recs_fixture_set_id(&f->user_records[2], "\xc3(", 2);
    refused(f, "user row 2 has no valid record");

    f = small();
    recs_fixture_set_id(&f->item_records[7], "i33", 3);
    refused(f, "items: the id \"i33\" stands twice");

    f = small();
    recs_fixture_set_id(&f->user_records[2], "u3", 2);
    f->user_factors[2 * 8] = 1.0f;
    refused(f, "users: the id \"u3\" stands twice");
}


static recs_fixture_t *
segmented(void)
{
    recs_fixture_params_t  p = { .n_items = 50, .n_users = 10,
                                 .n_segments = 3 };

    return recs_fixture_create(&p);
}


static void
test_bad_segments(void **state)
{
    recs_fixture_t  *f;

    (void) state;

    f = segmented();
    f->segment_pointers[1] = "area";
    refused(f, "segment 1 \"area\": its name is not NAME=VALUE");

    f = segmented();
    f->segment_pointers[2] = f->segment_pointers[1];
    refused(f, "segment 2 \"area=a001\": its name is out of order");

    f = segmented();
    f->segment_offsets[1] = f->segment_offsets[2] + 1;
    refused(f, "too many items");

    f = segmented();
    f->segment_items[0] = 50;
    refused(f, "an item is out of range");

    f = segmented();
    f->segment_boosts[0] = 0.5f;
    refused(f, "a boost is out of range");

    f = segmented();
    f->segment_boosts[0] = NAN;
    refused(f, "a boost is out of range");

    f = segmented();
    f->model.popularity = NULL;
    refused(f, "none without popularity");

    f = segmented();
    f->segments.n = 65537;
    refused(f, "65537 segments");
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_bad_numbers),
        cmocka_unit_test(test_bad_shapes),
        cmocka_unit_test(test_no_items),
        cmocka_unit_test(test_bad_ids),
        cmocka_unit_test(test_bad_segments)
    };

    return cmocka_run_group_tests_name("model_check", tests, NULL, NULL);
}
