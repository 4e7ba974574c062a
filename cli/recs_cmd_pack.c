/*
 * recs pack: vectors that were trained elsewhere become a bundle.
 */

#include "recs_cli.h"
#include "recs_entity_table.h"
#include "recs_file.h"
#include "recs_id_lines.h"
#include "recs_model.h"
#include "recs_npy.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>


/* One side, items or users: vectors and whose they are. */
typedef struct {
    recs_npy_t            vectors;
    recs_entity_table_t  *table;          /* NULL: there is no such side */
    uint64_t              n_unmatched;    /* rows of attributes */
} recs_cmd_pack_side_t;


static int recs_cmd_pack_run(const recs_args_t *args);


static const recs_option_t  recs_cmd_pack_options[] = {
    { "items", "V.npy", "item vectors, a row an item: little-endian float32\n"
      "or float16, C order" },
    { "item-ids", "FILE", "their ids, one a line, in the order of the rows" },
    { "users", "U.npy", "user vectors; without them, visitors are answered\n"
      "from what they look at" },
    { "user-ids", "FILE", "their ids" },
    { "attributes", "FILE", "csv or jsonl: attributes of the items by id" },
    { "o", "BUNDLE", "the bundle to write" },
    { NULL, NULL, NULL }
};

const recs_command_t  recs_cmd_pack = {
    "pack",
    "make a bundle of vectors trained elsewhere",
    "--items V.npy --item-ids FILE [--users U.npy --user-ids FILE]\n"
    "          [--attributes FILE] -o BUNDLE",
    recs_cmd_pack_options,
    0,
    0,
    recs_cmd_pack_run,
    NULL
};


static recs_status_t
recs_cmd_pack_table(recs_cmd_pack_side_t *side, const char *path,
    const char *attributes, recs_error_t *err)
{
    recs_status_t    status;
    recs_id_lines_t  lines;

    status = recs_id_lines_read(&lines, path, err);
    if (status != RECS_OK) {
        return status;
    }

    status = recs_entity_table_create(&side->table, lines.ids, lines.n,
                                      attributes, &side->n_unmatched, err);
    recs_id_lines_free(&lines);

    return status;
}


static recs_status_t
recs_cmd_pack_side(recs_cmd_pack_side_t *side, const char *vectors,
    const char *ids, const char *attributes, recs_error_t *err)
{
    uint32_t       n;
    recs_status_t  status;

    status = recs_npy_read(&side->vectors, vectors, err);
    if (status != RECS_OK) {
        return status;
    }

    status = recs_cmd_pack_table(side, ids, attributes, err);
    if (status != RECS_OK) {
        return status;
    }

    n = recs_entity_table_view(side->table).n;

    if (n != side->vectors.n_rows) {
        return recs_error(err, RECS_INVALID, "\"%s\" has %u ids, but \"%s\" "
                          "has %u rows; each row needs its id, in the same "
                          "order", ids, n, vectors, side->vectors.n_rows);
    }

    return RECS_OK;
}


static recs_status_t
recs_cmd_pack_write(const recs_args_t *args, const recs_cmd_pack_side_t *items,
    const recs_cmd_pack_side_t *users, recs_error_t *err)
{
    recs_model_t  model;

    memset(&model, 0, sizeof(recs_model_t));

    model.algorithm = "packed";
    model.items = recs_entity_table_view(items->table);
    model.item_factors = items->vectors.values;
    model.n_factors = items->vectors.n_cols;

    if (model.n_factors == 0) {
        return recs_error(err, RECS_INVALID, "\"%s\" has vectors of no "
                          "columns", recs_args_get(args, "items"));
    }

    if (users->table != NULL) {
        if (users->vectors.n_cols != model.n_factors) {
            return recs_error(err, RECS_INVALID, "\"%s\" has %u columns, but "
                              "\"%s\" has %u; items and users need vectors "
                              "of the same space",
                              recs_args_get(args, "users"),
                              users->vectors.n_cols,
                              recs_args_get(args, "items"), model.n_factors);
        }

        model.users = recs_entity_table_view(users->table);
        model.user_factors = users->vectors.values;
    }

    return recs_model_write(&model, recs_args_get(args, "o"), err);
}


static void
recs_cmd_pack_report(const recs_args_t *args,
    const recs_cmd_pack_side_t *items, const recs_cmd_pack_side_t *users)
{
    printf("%u items, %u users, %u factors in %s\n", items->vectors.n_rows,
           users->vectors.n_rows, items->vectors.n_cols,
           recs_args_get(args, "o"));

    if (items->n_unmatched > 0) {
        printf("%" PRIu64 " rows of \"%s\" are about items that have no "
               "vector; left out\n", items->n_unmatched,
               recs_args_get(args, "attributes"));
    }
}


static int
recs_cmd_pack_run(const recs_args_t *args)
{
    unsigned               i;
    const char            *users;
    recs_error_t           err;
    recs_status_t          status;
    recs_cmd_pack_side_t   item_side, user_side;

    static const char *const  needed[] = { "items", "item-ids", "o" };

    for (i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
        if (!recs_args_has(args, needed[i])) {
            return recs_usage_error(args, "%s%s is missing",
                                    needed[i][1] ? "--" : "-", needed[i]);
        }
    }

    users = recs_args_get(args, "users");

    if ((users != NULL) != recs_args_has(args, "user-ids")) {
        return recs_usage_error(args, "--users and --user-ids need each "
                                "other");
    }

    memset(&item_side, 0, sizeof(recs_cmd_pack_side_t));
    memset(&user_side, 0, sizeof(recs_cmd_pack_side_t));

    status = recs_cmd_pack_side(&item_side, recs_args_get(args, "items"),
                                recs_args_get(args, "item-ids"),
                                recs_args_get(args, "attributes"), &err);

    if (status == RECS_OK && users != NULL) {
        status = recs_cmd_pack_side(&user_side, users,
                                    recs_args_get(args, "user-ids"), NULL,
                                    &err);
    }

    if (status == RECS_OK) {
        status = recs_cmd_pack_write(args, &item_side, &user_side, &err);
    }

    if (status == RECS_OK) {
        recs_cmd_pack_report(args, &item_side, &user_side);
    }

    free(item_side.vectors.values);
    free(user_side.vectors.values);
    recs_entity_table_destroy(item_side.table);
    recs_entity_table_destroy(user_side.table);

    return status == RECS_OK ? RECS_EXIT_OK : recs_failure(args, &err);
}
