/*
 * The file of a bandit's arms: what is read, what is refused and why.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "recs_arms.h"


#define HEAD  "experiment x\nepoch e\n"
#define TWO   "arm a 0.5\narm b 0.5\n"


static recs_str_t
str(const char *text)
{
    recs_str_t  s;

    s.data = text;
    s.len = strlen(text);

    return s;
}


static void
assert_str(recs_str_t s, const char *text)
{
    assert_int_equal(s.len, strlen(text));
    assert_memory_equal(s.data, text, s.len);
}


static void
test_read(void **state)
{
    recs_arms_t   arms;
    recs_error_t  err;

    (void) state;

    assert_int_equal(recs_arms_read(&arms, str(
                         "# by recs bandit\n"
                         "\n"
                         "experiment\thome_page   # the page\r\n"
                         " epoch 2026-11-24T20:00Z\r\n"
                         "arm control 0.62\n"
                         "arm Deep.v-2 0.31\n"
                         "arm x 0.070000000000000000"), &err), RECS_OK);

    assert_str(arms.experiment, "home_page");
    assert_str(arms.epoch, "2026-11-24T20:00Z");
    assert_int_equal(arms.n, 3);
    assert_str(arms.names[1], "Deep.v-2");
    assert_true(arms.probabilities[0] == .62);
    assert_true(arms.probabilities[1] == .31);
    assert_true(arms.probabilities[2] == .07);

    /* In any order; at the floor. */

    assert_int_equal(recs_arms_read(&arms, str(
                         "arm a 0.01\narm b 0.99\nepoch 1\nexperiment x\n"),
                         &err), RECS_OK);
}


typedef struct {
    const char  *text;
    const char  *says;                  /* a part of the message */
} refused_t;


static void
test_refused(void **state)
{
    size_t         i;
    recs_arms_t    arms;
    recs_error_t   err;
    recs_status_t  rc;

    static const refused_t  cases[] = {
        { "", "no line \"experiment" },
        { "experiment x\n" TWO, "no line \"epoch" },
        { "epoch e\n" TWO, "no line \"experiment" },
        { HEAD, "fewer than 2" },
        { HEAD "arm a 1\n", "fewer than 2" },
        { HEAD "arm a 0.5\narm b 0.6\n", "sum to 1.1" },
        { HEAD "arm a 0.5\narm b 0.500000002\n", "sum to" },
        { HEAD "arm a 0.5\narm a 0.5\n", "line 4: a second arm \"a\"" },
        { HEAD "arm a 0.009\narm b 0.991\n", "line 3: a probability" },
        { HEAD "arm a 0\narm b 1\n", "line 3: a probability" },
        { HEAD "arm a 1.5\narm b 0.5\n", "line 3: a probability" },
        { HEAD "arm a -0.5\n", "line 3: a probability" },
        { HEAD "arm a 5e-1\n", "line 3: a probability" },
        { HEAD "arm a 0,5\n", "line 3: a probability" },
        { HEAD "arm a .5\n", "line 3: a probability" },
        { HEAD "arm a 0.\n", "line 3: a probability" },
        { HEAD "arm a nan\n", "line 3: a probability" },
        { HEAD "arm a 0.5000000000000000000\n", "line 3: a probability" },
        { HEAD "arm a\n", "line 3: expected" },
        { HEAD "arm a 0.5 b\n", "line 3: expected" },
        { HEAD "arm a 0.5 b c d e\n", "line 3: expected" },
        { HEAD "arm a/b 0.5\n", "line 3: not a variant" },
        { HEAD "arm a# 0.5\n", "line 3: not a variant" },
        { "experiment x\nexperiment x\n", "line 2: expected" },
        { "epoch e\nepoch f\n", "line 2: expected" },
        { "experiment X\n", "line 1: not an experiment" },
        { "epoch a/b\n", "line 1: an epoch" },
        { "hello\n", "line 1: expected" },
        { HEAD TWO "\n\n!\n", "line 7: expected" }
    };

    (void) state;

    memset(&arms, 0x5a, sizeof(arms));

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        rc = recs_arms_read(&arms, str(cases[i].text), &err);

        if (rc != RECS_INVALID || strstr(err.message, cases[i].says) == NULL) {
            fail_msg("case %zu: \"%s\" for \"%s\"", i,
                     rc == RECS_OK ? "nothing" : err.message, cases[i].text);
        }
    }

    /* Only what is good gets out. */

    assert_int_equal(arms.n, 0x5a5a5a5a);
}


static void
test_limits(void **state)
{
    char          text[RECS_ARMS_TEXT_MAX + 1];
    unsigned      i;
    recs_str_t    whole;
    recs_arms_t   arms;
    recs_error_t  err;

    (void) state;

    strcpy(text, HEAD);

    for (i = 0; i < RECS_ARMS_MAX; i++) {
        sprintf(text + strlen(text), "arm v%u 0.0625\n", i);
    }

    assert_int_equal(recs_arms_read(&arms, str(text), &err), RECS_OK);
    assert_int_equal(arms.n, RECS_ARMS_MAX);

    strcat(text, "arm one_more 0.0625\n");

    assert_int_equal(recs_arms_read(&arms, str(text), &err), RECS_INVALID);
    assert_string_equal(err.message, "line 19: more than 16 arms");

    /* A NUL is no end of anything. */

    assert_int_equal(recs_arms_read(&arms, str(HEAD TWO), &err), RECS_OK);

    whole.data = HEAD TWO "\0";
    whole.len = strlen(HEAD TWO) + 1;
    assert_int_equal(recs_arms_read(&arms, whole, &err), RECS_INVALID);

    whole.data = "epoch e\0\n";
    whole.len = 9;
    assert_int_equal(recs_arms_read(&arms, whole, &err), RECS_INVALID);
    assert_non_null(strstr(err.message, "an epoch"));

    memset(text, '\n', sizeof(text));
    memcpy(text, HEAD TWO, strlen(HEAD TWO));

    whole.data = text;
    whole.len = RECS_ARMS_TEXT_MAX;
    assert_int_equal(recs_arms_read(&arms, whole, &err), RECS_OK);

    whole.len++;
    assert_int_equal(recs_arms_read(&arms, whole, &err), RECS_INVALID);
}


static void
test_match(void **state)
{
    double        probabilities[3];
    recs_str_t    names[3];
    recs_arms_t   arms;
    recs_error_t  err;

    (void) state;

    names[0] = str("b");
    names[1] = str("a");
    names[2] = str("c");
    probabilities[0] = -1;

    assert_int_equal(recs_arms_read(&arms, str(
                         HEAD "arm a 0.25\narm b 0.75\n"), &err), RECS_OK);

    assert_int_equal(recs_arms_match(&arms, str("y"), names, 2, probabilities,
                                     &err), RECS_INVALID);
    assert_string_equal(err.message, "it is experiment \"x\"'s, not \"y\"'s");

    assert_int_equal(recs_arms_match(&arms, str("x"), names, 3, probabilities,
                                     &err), RECS_INVALID);
    assert_string_equal(err.message,
                        "it has 2 arms, the experiment has 3 variants");

    names[1] = names[2];
    assert_int_equal(recs_arms_match(&arms, str("x"), names, 2, probabilities,
                                     &err), RECS_INVALID);
    assert_string_equal(err.message, "it has no arm for variant \"c\"");
    assert_true(probabilities[0] == -1);

    names[1] = str("a");
    assert_int_equal(recs_arms_match(&arms, str("x"), names, 2, probabilities,
                                     NULL), RECS_OK);
    assert_true(probabilities[0] == .75);
    assert_true(probabilities[1] == .25);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_match)
    };

    return cmocka_run_group_tests_name("arms", tests, NULL, NULL);
}
