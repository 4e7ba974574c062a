/*
 * The lines of an experiment: what they set, and what is said of wrong ones.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "recs_experiment.h"
#include "recs_sticky.h"


#define WORDS  16


static recs_experiment_t  x, y;
static recs_error_t       err;


/* "a 1; b 2 3": lines of words; the text outlives the experiment. */
static recs_status_t
lines(recs_experiment_t *e, const char *name, const char *text)
{
    char           *copy, *line, *word, *next, *rest;
    uint32_t        n;
    recs_str_t      words[WORDS];
    recs_status_t   status;

    static char    texts[4][512];
    static size_t  used;

    status = recs_experiment_init(e, (recs_str_t) { name, strlen(name) },
                                  &err);
    assert_true(strlen(text) < sizeof(texts[0]));
    copy = strcpy(texts[used++ % 4], text);

    for (line = strtok_r(copy, ";", &next); line != NULL && status == RECS_OK;
         line = strtok_r(NULL, ";", &next))
    {
        n = 0;

        for (word = strtok_r(line, " ", &rest); word != NULL;
             word = strtok_r(NULL, " ", &rest))
        {
            words[n].data = word;
            words[n++].len = strlen(word);
        }

        status = recs_experiment_set(e, words, n, &err);
    }

    return status == RECS_OK ? recs_experiment_settle(e, &err) : status;
}


static void
test_what_is_set(void **state)
{
    (void) state;

    assert_int_equal(lines(&x, "home", "variant a 50; variant b 50"), RECS_OK);
    assert_memory_equal(x.salt.data, "home", x.salt.len);
    assert_int_equal(x.hash, RECS_HASH_GROWTHBOOK2);
    assert_int_equal(x.override, RECS_OVERRIDE_UNSET);
    assert_int_equal(x.sticky, 0);
    assert_int_equal(x.name_hash,
                     recs_sticky_experiment((recs_str_t) { "home", 4 }));
    assert_true(x.coverage == 1);
    assert_true(x.ranges[1].lo == 0.5 && x.ranges[1].hi == 1);

    assert_int_equal(lines(&x, "home", "salt s; hash optimizely; "
                           "namespace page 100 350; holdout all 2.5; "
                           "coverage 12.34; sticky on min=2 version=255; "
                           "override query; variant A-1.b_ 0.01; "
                           "variant b 99.99 slot=a:b model=m count=3"),
                     RECS_OK);
    assert_int_equal(x.hash, RECS_HASH_OPTIMIZELY);
    assert_memory_equal(x.namespace_name.data, "page", 4);
    assert_int_equal(x.namespace_lo, 100);
    assert_int_equal(x.namespace_hi, 350);
    assert_int_equal(x.holdout, 25);
    assert_true(x.coverage == 0.1234);
    assert_int_equal(x.sticky, 1);
    assert_int_equal(x.bucket_version, 255);
    assert_int_equal(x.min_version, 2);
    assert_int_equal(x.override, RECS_OVERRIDE_QUERY);
    assert_int_equal(x.n_variants, 2);
    assert_true(x.weights[0] == 0.0001);
    assert_int_equal(recs_experiment_variant(&x, x.variants[1]), 1);
    assert_int_equal(recs_experiment_variant(&x, x.name), -1);
}


static void
test_wrong_lines(void **state)
{
    unsigned  i;

    static const char *const  wrong[][2] = {
        { "salt", "number of arguments in \"salt\"" },
        { "salt a; salt b", "\"salt\" directive is duplicate" },
        { "hash md5", "unknown hash \"md5\"" },
        { "namespace a 5 5", "invalid namespace" },
        { "namespace a 0 1001", "invalid namespace" },
        { "namespace a 0.1 0.4", "invalid namespace" },
        { "namespace a -1 5", "invalid namespace" },
        { "holdout A 5", "invalid holdout name" },
        { "holdout a 5.25", "invalid holdout \"5.25\"" },
        { "holdout a 101", "invalid holdout" },
        { "coverage 100.01", "invalid coverage" },
        { "coverage 5.", "invalid coverage" },
        { "coverage .5", "invalid coverage" },
        { "coverage 1.234", "invalid coverage" },
        { "coverage 4294967297", "invalid coverage" },
        { "coverage 5%", "invalid coverage" },
        { "variant a/b 50", "invalid variant name" },
        { "variant a", "number of arguments in \"variant\"" },
        { "variant a x", "invalid weight" },
        { "variant a 50; variant a 50", "duplicate variant" },
        { "sticky yes", "invalid sticky" },
        { "sticky on version=256", "invalid parameter \"version=256\"" },
        { "sticky on max=2", "invalid parameter \"max=2\"" },
        { "sticky on min=2; variant a 50; variant b 50", "min=2 over" },
        { "override maybe", "invalid override" },
        { "coverage 5", "has none" },
        { "variant a 100", "has one" },
        { "variant a 50; variant b 49.99", "sum to 99.99, not to 100" },
        { "variant a 50; variant b 50; variant c 50", "sum to 150.00" }
    };

    (void) state;

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(lines(&x, "t", wrong[i][0]), RECS_INVALID);

        if (strstr(err.message, wrong[i][1]) == NULL) {
            fail_msg("\"%s\": %s", wrong[i][0], err.message);
        }
    }

    assert_int_equal(lines(&x, "t", "frequency 5"), RECS_NOT_FOUND);
    assert_int_equal(lines(&x, "T", ""), RECS_INVALID);
}


static void
test_too_many_variants(void **state)
{
    unsigned    i;
    recs_str_t  words[] = { { "variant", 7 }, { "", 1 }, { "6", 1 } };

    (void) state;

    assert_int_equal(recs_experiment_init(&x, (recs_str_t) { "t", 1 }, &err),
                     RECS_OK);

    for (i = 0; i < RECS_VARIANTS_MAX; i++) {
        words[1].data = &"abcdefghijklmnop"[i];
        assert_int_equal(recs_experiment_set(&x, words, 3, &err), RECS_OK);
    }

    words[1].data = "q";
    assert_int_equal(recs_experiment_set(&x, words, 3, &err), RECS_INVALID);
    assert_non_null(strstr(err.message, "more than 16 variants"));
}


static void
test_two_of_them(void **state)
{
    char      text[2][128];
    unsigned  i;

    static const char *const  pairs[][4] = {
        { "a", "", "b", "" },
        { "a", "namespace n 0 500;", "b", "namespace n 500 1000;" },
        { "a", "namespace n 0 500;", "b", "namespace m 0 500;" },
        { "a", "holdout h 5;", "b", "holdout h 5;" },
        { "a", "holdout h 5;", "b", "holdout i 4;" },
        /* and those that do not go together */
        { "a", "", "a", "" },
        { "a", "namespace n 0 501;", "b", "namespace n 500 1000;" },
        { "a", "namespace n 200 300;", "b", "namespace n 0 1000;" },
        { "a", "holdout h 5;", "b", "holdout h 4;" }
    };

    (void) state;

    for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        strcat(strcpy(text[0], pairs[i][1]), "variant a 50; variant b 50");
        strcat(strcpy(text[1], pairs[i][3]), "variant a 50; variant b 50");
        assert_int_equal(lines(&x, pairs[i][0], text[0]), RECS_OK);
        assert_int_equal(lines(&y, pairs[i][2], text[1]), RECS_OK);
        assert_int_equal(recs_experiment_agree(&x, &y, &err),
                         i < 5 ? RECS_OK : RECS_INVALID);
        assert_int_equal(recs_experiment_agree(&y, &x, NULL),
                         i < 5 ? RECS_OK : RECS_INVALID);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_what_is_set),
        cmocka_unit_test(test_wrong_lines),
        cmocka_unit_test(test_too_many_variants),
        cmocka_unit_test(test_two_of_them)
    };

    return cmocka_run_group_tests_name("experiment", tests, NULL, NULL);
}
