/* recs_split against splits made by hand, and on MovieLens. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recs_import.h"
#include "recs_split.h"
#include "recs_temp.h"


/* Users a, b, c; times in seconds; c is late. */
static const char  csv[] =
    "user,item,timestamp\n"
    "a,10,5\na,9,5\na,1,9\na,2,1\na,3,2\na,4,3\n"     /* 2 3 4 9 10 1 */
    "b,1,4\n"
    "c,1,20\nc,2,30\n";


static recs_dataset_t *
import(const char *path)
{
    recs_error_t     err;
    recs_dataset_t  *dataset;

    if (recs_import_test(path, &dataset, NULL, &err) != RECS_OK) {
        fail_msg("%s", err.message);
    }

    return dataset;
}


/* "a:9,10 c:2": who has what in a part. */

static void
describe(const recs_dataset_t *part, char *text)
{
    uint32_t                    u;
    uint64_t                    k;
    recs_str_t                  id;
    const recs_entities_t      *e;
    const recs_dataset_view_t  *v;

    v = recs_dataset_view(part);
    *text = '\0';

    for (u = 0; u < v->n_users; u++) {
        e = &v->user_entities;
        id = recs_record_id(e->record(e->data, u));
        text += sprintf(text, "%s%.*s:", u ? " " : "", (int) id.len, id.data);

        for (k = v->user_offsets[u]; k < v->user_offsets[u + 1]; k++) {
            e = &v->item_entities;
            id = recs_record_id(e->record(e->data, v->items[k]));
            text += sprintf(text, "%s%.*s",
                            k > v->user_offsets[u] ? "," : "", (int) id.len,
                            id.data);
        }
    }
}


static void
check(const char *rule, const char *train, const char *test,
    uint32_t n_test_users, uint32_t n_dropped_users)
{
    char                  text[256];
    recs_split_t          split;
    recs_error_t          err;
    recs_dataset_t       *whole;
    recs_split_params_t   params;

    whole = import(recs_temp_text("s.csv", csv));

    assert_int_equal(recs_split_parse(&params, rule, &err), RECS_OK);
    assert_int_equal(recs_split(recs_dataset_view(whole), &params, &split,
                                &err), RECS_OK);

    describe(split.train, text);
    assert_string_equal(text, train);
    describe(split.test, text);
    assert_string_equal(text, test);
    assert_int_equal(split.n_test_users, n_test_users);
    assert_int_equal(split.n_dropped_users, n_dropped_users);

    recs_split_free(&split);
    recs_dataset_close(whole);
}


static void
test_last(void **state)
{
    (void) state;

    /* ceil(.2 * 6) = 2: times 5 and 9, of the two at 5 the greater item */
    check("last=0.2", "a:2,3,4,9 b: c:1", "a:1,10 b:1 c:2", 3, 0);
    check("last", "a:2,3,4,9 b: c:1", "a:1,10 b:1 c:2", 3, 0);

    /* exactly half: .5 * 6 = 3 */
    check("last=0.5", "a:2,3,4 b: c:1", "a:1,9,10 b:1 c:2", 3, 0);
}


static void
test_time(void **state)
{
    (void) state;

    /*
     * In order: a2 a3 a4 b1 a9 a10 a1 c1 c2; floor(.6 * 9) = 5.
     * c is unknown in training and dropped.
     */
    check("time=0.6", "a:2,3,4,9 b:1 c:", "a:1,10 b: c:", 1, 1);
    check("time=0.95", "a:1,2,3,4,9,10 b:1 c:1", "a: b: c:2", 1, 0);
}


static void
test_random(void **state)
{
    int                   i;
    char                  first[256], text[256];
    recs_split_t          split;
    recs_error_t          err;
    recs_dataset_t       *whole;
    recs_split_params_t   params;

    (void) state;

    whole = import(recs_temp_text("s.csv", csv));
    assert_int_equal(recs_split_parse(&params, "random=0.3", &err), RECS_OK);

    for (i = 0; i < 4; i++) {
        params.seed = i / 2;
        assert_int_equal(recs_split(recs_dataset_view(whole), &params, &split,
                                    &err), RECS_OK);

        /* ceil(.3 * 9) */
        assert_int_equal(recs_dataset_view(split.test)->n_interactions, 3);
        assert_int_equal(recs_dataset_view(split.train)->n_interactions, 6);

        describe(split.test, text);

        if (i == 0) {
            strcpy(first, text);

        } else if (i == 1) {
            assert_string_equal(text, first);
        }

        recs_split_free(&split);
    }

    assert_string_not_equal(text, first);
    recs_dataset_close(whole);
}


/* Whole users, among those with an interaction; the same for a seed. */

static void
test_users(void **state)
{
    int                   i;
    char                  train[256], test[256];
    recs_split_t          split;
    recs_error_t          err;
    recs_dataset_t       *whole;
    recs_split_params_t   params;

    static const char *const  held[] = {
        "a:1,2,3,4,9,10 b: c:", "a: b:1 c:", "a: b: c:1,2"
    };
    static const char *const  left[] = {
        "a: b:1 c:1,2", "a:1,2,3,4,9,10 b: c:1,2", "a:1,2,3,4,9,10 b:1 c:"
    };

    (void) state;

    whole = import(recs_temp_text("s.csv", csv));
    assert_int_equal(recs_split_parse(&params, "users=0.3", &err), RECS_OK);

    for (params.seed = 0; params.seed < 20; params.seed++) {
        assert_int_equal(recs_split(recs_dataset_view(whole), &params, &split,
                                    &err), RECS_OK);
        assert_int_equal(split.n_test_users, 1);
        describe(split.test, test);
        describe(split.train, train);

        for (i = 0; i < 3 && strcmp(test, held[i]) != 0; i++) { /* void */ }

        assert_true(i < 3);
        assert_string_equal(train, left[i]);
        recs_split_free(&split);
    }

    recs_dataset_close(whole);
}


static void
test_refused(void **state)
{
    size_t                i;
    recs_split_t          split;
    recs_error_t          err;
    recs_dataset_t       *whole;
    recs_split_params_t   params;

    static const char *const  texts[] = {
        "", "first=0.2", "last=", "last=0", "last=1", "last=-0.1", "last=nan",
        "last=0.2x", "lastly=0.2", "time=1e999", "=0.2"
    };

    (void) state;

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        print_message("%s\n", texts[i]);
        assert_int_equal(recs_split_parse(&params, texts[i], &err),
                         RECS_INVALID);
    }

    whole = import(recs_temp_text("s.csv", "user,item\na,1\nb,2\n"));

    assert_int_equal(recs_split_parse(&params, "time", &err), RECS_OK);
    assert_int_equal(recs_split(recs_dataset_view(whole), &params, &split,
                                &err), RECS_INVALID);
    assert_non_null(strstr(err.message, "no times"));

    /* Of one interaction each, all would be held out. */
    assert_int_equal(recs_split_parse(&params, "last", &err), RECS_OK);
    assert_int_equal(recs_split(recs_dataset_view(whole), &params, &split,
                                &err), RECS_INVALID);

    recs_dataset_close(whole);
}


/* What is written comes back through the import. */

static void
test_csv(void **state)
{
    char                        text[256];
    const char                 *path;
    recs_error_t                err;
    recs_split_t                split;
    recs_dataset_t             *whole, *back;
    const recs_dataset_view_t  *v;

    (void) state;

    whole = import(recs_temp_text("s.csv",
                                  "user,item,timestamp,value\n"
                                  "\"a,b\",\"say \"\"hi\"\"\",1.5,2.5\n"
                                  "c,x,,\n"));

    path = recs_temp_path("out.csv");
    split.train = whole;
    split.test = whole;
    assert_int_equal(recs_split_write(&split, recs_temp_path("out.data"), path,
                                      &err), RECS_OK);
    back = import(path);
    describe(back, text);
    assert_string_equal(text, "a,b:say \"hi\" c:x");

    v = recs_dataset_view(back);
    assert_int_equal(v->times_ms[0], 1500);
    assert_int_equal(v->times_ms[1], 0);
    assert_true(v->weights[0] == 2.5f);
    assert_true(v->weights[1] == 1);

    recs_dataset_close(back);
    recs_dataset_close(whole);
}


static void
test_movielens(void **state)
{
    const char           *path;
    recs_split_t          split;
    recs_error_t          err;
    recs_dataset_t       *whole;
    recs_split_params_t   params;

    (void) state;

    path = recs_temp_data("ml-latest-small");
    if (path == NULL) {
        print_message("no ml-latest-small: skipped\n");
        skip();
    }

    whole = import(path);

    recs_split_parse(&params, "last=0.2", &err);
    assert_int_equal(recs_split(recs_dataset_view(whole), &params, &split,
                                &err), RECS_OK);
    assert_int_equal(recs_dataset_view(split.train)->n_interactions, 80419);
    assert_int_equal(recs_dataset_view(split.test)->n_interactions, 20417);
    assert_int_equal(recs_dataset_view(split.train)->n_items, 9724);
    assert_int_equal(split.n_test_users, 610);
    recs_split_free(&split);

    recs_split_parse(&params, "time=0.8", &err);
    assert_int_equal(recs_split(recs_dataset_view(whole), &params, &split,
                                &err), RECS_OK);
    assert_int_equal(recs_dataset_view(split.test)->n_interactions, 1921);
    assert_int_equal(split.n_test_users, 28);
    recs_split_free(&split);

    recs_dataset_close(whole);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_last),
        cmocka_unit_test(test_time),
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_users),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_csv),
        cmocka_unit_test(test_movielens),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
