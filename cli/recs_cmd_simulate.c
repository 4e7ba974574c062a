#include <stdio.h>

#include "recs_cli.h"
#include "recs_simulate.h"


#define TEXT(n)   TEXT_(n)
#define TEXT_(n)  #n


static const recs_option_t  recs_simulate_options[] = {
    { "o", "DIR", "the folder to make, with items.csv, users.csv,"
      " events.csv and images/" },
    { "items", "N", "items in the catalogue (" TEXT(RECS_SIMULATE_ITEMS)
      ")" },
    { "users", "N", "visitors (" TEXT(RECS_SIMULATE_USERS) ")" },
    { "seed", "N", "another seed, another shop (1)" },
    { NULL, NULL, NULL }
};


static int
recs_simulate_run(const recs_args_t *args)
{
    int                      rc;
    const char              *dir;
    recs_error_t             err;
    unsigned long            n_items, n_users, seed;
    recs_simulate_params_t   params;
    recs_simulate_report_t   report;

    dir = recs_args_get(args, "o");
    if (dir == NULL) {
        return recs_usage_error(args, "-o DIR is missing");
    }

    n_items = RECS_SIMULATE_ITEMS;
    n_users = RECS_SIMULATE_USERS;
    seed = 1;

    rc = recs_args_unsigned(args, "items", RECS_SIMULATE_ITEMS_MIN,
                            RECS_SIMULATE_ITEMS_MAX, &n_items);
    if (rc != RECS_EXIT_OK) {
        return rc;
    }

    rc = recs_args_unsigned(args, "users", RECS_SIMULATE_USERS_MIN,
                            RECS_SIMULATE_USERS_MAX, &n_users);
    if (rc != RECS_EXIT_OK) {
        return rc;
    }

    rc = recs_args_unsigned(args, "seed", 0, ~0ul, &seed);
    if (rc != RECS_EXIT_OK) {
        return rc;
    }

    params.n_items = (uint32_t) n_items;
    params.n_users = (uint32_t) n_users;
    params.seed = seed;

    if (recs_simulate(&params, dir, &report, &err) != RECS_OK) {
        return recs_failure(args, &err);
    }

    printf("%lu items, %lu visitors, %llu events (%llu purchases) in %s\n"
           "next: recs import --format csv --items %s/items.csv"
           " --users %s/users.csv -o shop.data %s/events.csv\n",
           n_items, n_users, (unsigned long long) report.n_events,
           (unsigned long long) report.n_purchases, dir, dir, dir, dir);

    return RECS_EXIT_OK;
}


const recs_command_t  recs_cmd_simulate = {
    .name = "simulate",
    .summary = "make a catalogue and visitors with known tastes",
    .usage = "-o DIR [--items N] [--users N] [--seed N]",
    .options = recs_simulate_options,
    .min_operands = 0,
    .max_operands = 0,
    .run = recs_simulate_run,
};
