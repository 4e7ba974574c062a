/*
 * Sessions on the ladder: of strangers, and beside what users were trained on.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "recs_ladder.h"


static void
test_session(void **state)
{
    recs_ladder_t  l;
    uint32_t  recent[2];

    (void) state;

    recs_ladder_open(&l, 1);
    l.query.strategy = RECS_SOURCE_SESSION;

    recs_ladder_expect(&l, RECS_SOURCE_POPULAR, RECS_REASON_NO_ITEM,
                       7, 6, 5, -1);

    recent[0] = recs_ladder_number(&l, 6);
    recent[1] = 1000000;               /* of another generation: ignored */
    l.query.recent = recent;
    l.query.n_recent = 2;
    recs_ladder_expect(&l, RECS_SOURCE_SESSION, RECS_REASON_NONE, 4, 5, 6, -1);

    l.query.exclude_seen = 1;
    recs_ladder_expect(&l, RECS_SOURCE_SESSION, RECS_REASON_NONE, 4, 5, 0, -1);

    /* a stranger's session serves where personal was asked for */
    l.query.strategy = RECS_SOURCE_PERSONAL;
    l.query.user = recs_ladder_text("stranger");
    recs_ladder_expect(&l, RECS_SOURCE_SESSION, RECS_REASON_UNKNOWN_USER,
                       4, 5, 0, -1);

    recs_ladder_close(&l);
}


/* Clicks on the other axis outweigh a trained vector that is worth half of
   one. */

static void
test_personal_and_session(void **state)
{
    recs_ladder_t  l;
    uint32_t  i, recent[RECS_HISTORY_MAX + 1];

    (void) state;

    recs_ladder_open(&l, 1);
    ((recs_bundle_view_t *) recs_bundle_view(l.bundle))->session_prior = 0.5f;
    l.query.strategy = RECS_SOURCE_PERSONAL;
    l.query.user = recs_ladder_text("u00000");
    recent[0] = recs_ladder_number(&l, 5);
    recent[1] = recs_ladder_number(&l, 5);
    recent[2] = recs_ladder_number(&l, 4);
    l.query.recent = recent;
    l.query.n_recent = 3;
    recs_ladder_expect(&l, RECS_SOURCE_PERSONAL, RECS_REASON_NONE,
                       4, 5, 6, -1);

    l.query.exclude_seen = 1;
    recs_ladder_expect(&l, RECS_SOURCE_PERSONAL, RECS_REASON_NONE,
                       6, 1, 2, -1);

    /* what is beyond the window counts as seen, nothing else */
    ((recs_bundle_view_t *) recs_bundle_view(l.bundle))->session_window = 1;
    recent[0] = recs_ladder_number(&l, 1);
    recs_ladder_expect(&l, RECS_SOURCE_PERSONAL, RECS_REASON_NONE,
                       2, 3, 6, -1);

    for (i = 0; i < RECS_HISTORY_MAX + 1; i++) {
        recent[i] = recs_ladder_number(&l, i % 3);
    }

    l.query.n_recent = RECS_HISTORY_MAX + 1;
    recs_ladder_expect(&l, RECS_SOURCE_PERSONAL, RECS_REASON_NONE,
                       3, 4, 5, -1);

    recs_ladder_close(&l);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_session),
        cmocka_unit_test(test_personal_and_session)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
