/*
 * bench_rules: lists of 10 without rules and with them; prints one line of
 * JSON.
 *
 *     bench_rules BUNDLE RULES
 *
 * The lists are those of the bundle's users, personal, taken in turn; the
 * rules those of slot "home" and of all slots, as they are in force now.
 */

#include "recs_recommend.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench_stats.h"


#define BENCH_USERS   500
#define BENCH_ROUNDS  10
#define BENCH_COUNT   10


static char  text[RECS_RULES_TEXT_MAX + 1];


/* What the file's rules have in force. */
static const recs_rules_force_t *
bench_force(const recs_bundle_t *bundle, const char *path)
{
    FILE                *in;
    uint32_t             i;
    recs_str_t           str;
    recs_error_t         err;
    recs_rules_slot_t   *slot;
    recs_rules_bound_t  *bound;

    static recs_rules_t      rules;
    static const recs_str_t  home = { "home", 4 };

    in = fopen(path, "rb");
    if (in == NULL) {
        bench_die("cannot open the rules");
    }

    str.data = text;
    str.len = fread(text, 1, sizeof(text), in);
    fclose(in);

    if (recs_rules_parse(&rules, str, &err) != RECS_OK
        || recs_rules_bound_create(&bound, &rules, bundle, &err) != RECS_OK)
    {
        bench_die("%s", err.message);
    }

    for (i = 0; i < rules.n; i++) {
        if (recs_rules_bind(bound, i, &err) != RECS_OK) {
            bench_die("%s", err.message);
        }
    }

    if (recs_rules_slot_create(&slot, bound, home, &err) != RECS_OK
        || slot == NULL)
    {
        bench_die("no rules of slot home");
    }

    recs_rules_bound_settle(bound, time(NULL));
    recs_rules_slot_settle(slot, NULL, time(NULL));

    return recs_rules_force(slot);
}


int
main(int argc, char **argv)
{
    double                     started, *us[2];
    uint32_t                   i, j, with, n_users;
    recs_error_t               err;
    recs_query_t               query;
    recs_answer_t              answer;
    recs_bundle_t             *bundle;
    recs_scratch_t            *scratch;
    recs_answer_item_t         items[BENCH_COUNT];
    const recs_rules_force_t  *force;

    if (argc != 3 || recs_bundle_open(&bundle, argv[1], 0, &err) != RECS_OK
        || recs_scratch_create(&scratch, bundle, &err) != RECS_OK)
    {
        bench_die("usage: bench_rules BUNDLE RULES");
    }

    force = bench_force(bundle, argv[2]);
    n_users = recs_bundle_view(bundle)->n_users;
    us[0] = bench_alloc(BENCH_ROUNDS * BENCH_USERS * sizeof(double));
    us[1] = bench_alloc(BENCH_ROUNDS * BENCH_USERS * sizeof(double));
    answer.items = items;

    for (i = 0, j = 0; i < BENCH_ROUNDS * BENCH_USERS; i++) {
        memset(&query, 0, sizeof(recs_query_t));
        query.user = recs_record_id(recs_bundle_user_record(bundle,
                         i % BENCH_USERS * 7919 % n_users));
        query.count = BENCH_COUNT;
        query.exclude_seen = 1;

        for (with = 0; with < 2; with++) {
            query.rules = with ? force : NULL;
            started = (double) bench_now_ns();
            recs_recommend(bundle, scratch, &query, &answer);
            us[with][i] = ((double) bench_now_ns() - started) / 1e3;
            j += answer.n;
        }
    }

    printf("{\"pins\":%u,\"boosts\":%u,\"items\":%u,\"without_us\":%.2f,"
           "\"with_us\":%.2f}\n", force->n_pins, force->n_boosts, j,
           bench_quantile(us[0], i, 0.5), bench_quantile(us[1], i, 0.5));

    return 0;
}
