/*
 * recs export: a bundle's arrays as files that other tools read.
 *
 *     items.npy       float32 [n_items][n_factors], rows as item_ids.txt
 *     users.npy       float32 [n_users][n_factors], rows as user_ids.txt
 *     item_ids.txt    an id a line, in the order that breaks ties
 *     user_ids.txt
 *     seen.jsonl      {"user":"u","items":["a","b"]}, a line a user
 *     popularity.npy  float32 [n_items]
 *     recent.jsonl    as seen.jsonl: what the lists below count, last first
 *     lists.jsonl     {"item":"a","items":["b","c"],"weights":[255,12]}
 *     opposed.jsonl   the same of what an item speaks against
 *     user_lists.jsonl   {"user":"a", ... the same of users' own lists
 *     segments.jsonl  {"segment":"country=de","items":["a"],"boosts":[1.25]}
 *     lists.json      {"step":0.0021,"history":256}; the score is
 *                     dot + step * sum of the weights, less step * sum of
 *                     the opposed, in float32
 *
 * A model without vectors, popularity, lists or segments has no such file.
 */

#include "recs_bundle.h"
#include "recs_cli.h"
#include "recs_file.h"
#include "recs_folder.h"
#include "recs_npy.h"
#include "recs_segment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>


typedef struct {
    recs_bundle_t             *bundle;
    const recs_bundle_view_t  *view;
    uint32_t                  *items;     /* [n_items], by item_order */
    recs_folder_t              folder;
    recs_file_t                file;
} recs_cmd_export_t;

typedef void (*recs_export_item_list_t)(const recs_bundle_view_t *view,
    uint32_t item, recs_neighbors_t *list);

typedef recs_status_t (*recs_export_write_t)(recs_cmd_export_t *e,
    recs_error_t *err);


static int recs_cmd_export_run(const recs_args_t *args);


static const recs_option_t  recs_cmd_export_options[] = {
    { "o", "DIR", "the folder to make" },
    { NULL, NULL, NULL }
};

const recs_command_t  recs_cmd_export = {
    "export",
    "write a bundle's vectors and ids for other tools",
    "BUNDLE -o DIR",
    recs_cmd_export_options,
    1,
    1,
    recs_cmd_export_run,
    NULL
};


static recs_status_t
recs_export_items(recs_cmd_export_t *e, recs_error_t *err)
{
    uint32_t       i;
    recs_status_t  status;

    status = recs_npy_write_header(&e->file, e->view->n_items,
                                   e->view->n_factors, err);

    for (i = 0; i < e->view->n_items && status == RECS_OK; i++) {
        status = recs_file_write(&e->file,
                                 recs_table_row(&e->view->item_factors,
                                                e->items[i]),
                                 e->view->n_factors * sizeof(float), err);
    }

    return status;
}


static recs_status_t
recs_export_users(recs_cmd_export_t *e, recs_error_t *err)
{
    uint32_t       u;
    recs_status_t  status;

    status = recs_npy_write_header(&e->file, e->view->n_users,
                                   e->view->n_factors, err);

    for (u = 0; u < e->view->n_users && status == RECS_OK; u++) {
        status = recs_file_write(&e->file,
                                 recs_table_row(&e->view->user_factors, u),
                                 e->view->n_factors * sizeof(float), err);
    }

    return status;
}


static recs_status_t
recs_export_popularity(recs_cmd_export_t *e, recs_error_t *err)
{
    uint32_t       i;
    recs_status_t  status;

    status = recs_npy_write_header(&e->file, e->view->n_items, 0, err);

    for (i = 0; i < e->view->n_items && status == RECS_OK; i++) {
        status = recs_file_write(&e->file, &e->view->popularity[e->items[i]],
                                 sizeof(float), err);
    }

    return status;
}


static recs_status_t
recs_export_line(recs_cmd_export_t *e, recs_str_t id, recs_error_t *err)
{
    if (recs_file_write(&e->file, id.data, id.len, err) != RECS_OK) {
        return RECS_IO;
    }

    return recs_file_write(&e->file, "\n", 1, err);
}


static recs_status_t
recs_export_item_ids(recs_cmd_export_t *e, recs_error_t *err)
{
    uint32_t       i;
    recs_status_t  status;

    status = RECS_OK;

    for (i = 0; i < e->view->n_items && status == RECS_OK; i++) {
        status = recs_export_line(e, recs_record_id(
            recs_bundle_item_record(e->bundle, e->items[i])), err);
    }

    return status;
}


static recs_status_t
recs_export_user_ids(recs_cmd_export_t *e, recs_error_t *err)
{
    uint32_t       u;
    recs_status_t  status;

    status = RECS_OK;

    for (u = 0; u < e->view->n_users && status == RECS_OK; u++) {
        status = recs_export_line(e, recs_record_id(
            recs_bundle_user_record(e->bundle, u)), err);
    }

    return status;
}


/* before, the id as a JSON string, after; an id has no control characters. */
static recs_status_t
recs_export_json(recs_cmd_export_t *e, const char *before, recs_str_t id,
    const char *after, recs_error_t *err)
{
    char    text[2 * RECS_ID_MAX + 64], *p;
    size_t  i;

    p = stpcpy(text, before);
    *p++ = '"';

    for (i = 0; i < id.len; i++) {
        if (id.data[i] == '"' || id.data[i] == '\\') {
            *p++ = '\\';
        }

        *p++ = id.data[i];
    }

    *p++ = '"';
    p = stpcpy(p, after);

    return recs_file_write(&e->file, text, (size_t) (p - text), err);
}


typedef const uint32_t *(*recs_export_get_t)(const recs_bundle_t *bundle,
    uint32_t user, uint32_t *n);


static recs_status_t
recs_export_user_items(recs_cmd_export_t *e, uint32_t user,
    recs_export_get_t get, recs_error_t *err)
{
    uint32_t         i, n;
    const uint32_t  *items;
    recs_status_t    status;

    items = get(e->bundle, user, &n);

    status = recs_export_json(e, "{\"user\":",
                              recs_record_id(recs_bundle_user_record(e->bundle,
                                                                     user)),
                              ",\"items\":[", err);

    for (i = 0; i < n && status == RECS_OK; i++) {
        status = recs_export_json(e, i > 0 ? "," : "", recs_record_id(
            recs_bundle_item_record(e->bundle, items[i])), "", err);
    }

    return status == RECS_OK ? recs_file_write(&e->file, "]}\n", 3, err)
                             : status;
}


static recs_status_t
recs_export_users_items(recs_cmd_export_t *e, recs_export_get_t get,
    recs_error_t *err)
{
    uint32_t       u;
    recs_status_t  status;

    status = RECS_OK;

    for (u = 0; u < e->view->n_users && status == RECS_OK; u++) {
        status = recs_export_user_items(e, u, get, err);
    }

    return status;
}


static recs_status_t
recs_export_seen(recs_cmd_export_t *e, recs_error_t *err)
{
    return recs_export_users_items(e, recs_bundle_seen, err);
}


static recs_status_t
recs_export_recent(recs_cmd_export_t *e, recs_error_t *err)
{
    return recs_export_users_items(e, recs_bundle_recent, err);
}


/* whose: "{\"item\":" or of a user, whose record is owner. */
static recs_status_t
recs_export_list(recs_cmd_export_t *e, const char *whose, recs_str_t owner,
    const recs_neighbors_t *list, recs_error_t *err)
{
    int            n;
    char           text[16];
    uint32_t       i, id;
    recs_status_t  status;

    status = recs_export_json(e, whose, recs_record_id(owner),
                              ",\"items\":[", err);

    for (i = 0; i < list->n && status == RECS_OK; i++) {
        id = e->view->neighbor_id_size == sizeof(uint16_t)
             ? ((const uint16_t *) list->ids)[i]
             : ((const uint32_t *) list->ids)[i];
        status = recs_export_json(e, i > 0 ? "," : "", recs_record_id(
            recs_bundle_item_record(e->bundle, id)), "", err);
    }

    if (status == RECS_OK) {
        status = recs_file_write(&e->file, "],\"weights\":[", 13, err);
    }

    for (i = 0; i < list->n && status == RECS_OK; i++) {
        n = snprintf(text, sizeof(text), "%s%u", i > 0 ? "," : "",
                     list->weights[i]);
        status = recs_file_write(&e->file, text, (size_t) n, err);
    }

    return status == RECS_OK ? recs_file_write(&e->file, "]}\n", 3, err)
                             : status;
}


static recs_status_t
recs_export_item_lists(recs_cmd_export_t *e, recs_export_item_list_t list_of,
    recs_error_t *err)
{
    uint32_t          i;
    recs_status_t     status;
    recs_neighbors_t  list;

    status = RECS_OK;

    for (i = 0; i < e->view->n_items && status == RECS_OK; i++) {
        list_of(e->view, e->items[i], &list);
        status = recs_export_list(e, "{\"item\":",
                                  recs_bundle_item_record(e->bundle,
                                                          e->items[i]),
                                  &list, err);
    }

    return status;
}


static recs_status_t
recs_export_lists(recs_cmd_export_t *e, recs_error_t *err)
{
    return recs_export_item_lists(e, recs_bundle_neighbors, err);
}


static recs_status_t
recs_export_opposed(recs_cmd_export_t *e, recs_error_t *err)
{
    return recs_export_item_lists(e, recs_bundle_opposed, err);
}


static recs_status_t
recs_export_user_lists(recs_cmd_export_t *e, recs_error_t *err)
{
    uint32_t          u;
    recs_status_t     status;
    recs_neighbors_t  list;

    status = RECS_OK;

    for (u = 0; u < e->view->n_users && status == RECS_OK; u++) {
        recs_bundle_user_list(e->view, u, &list);
        status = recs_export_list(e, "{\"user\":",
                                  recs_bundle_user_record(e->bundle, u),
                                  &list, err);
    }

    return status;
}


static recs_status_t
recs_export_segment(recs_cmd_export_t *e, uint32_t number, recs_error_t *err)
{
    int             n;
    char            text[32];
    uint32_t        i;
    recs_status_t   status;
    recs_segment_t  s;

    recs_segment_get(e->view, number, &s);

    status = recs_export_json(e, "{\"segment\":", s.name, ",\"items\":[",
                              err);

    for (i = 0; i < s.n_items && status == RECS_OK; i++) {
        status = recs_export_json(e, i > 0 ? "," : "", recs_record_id(
            recs_bundle_item_record(e->bundle, s.items[i])), "", err);
    }

    if (status == RECS_OK) {
        status = recs_file_write(&e->file, "],\"boosts\":[", 12, err);
    }

    for (i = 0; i < s.n_items && status == RECS_OK; i++) {
        n = snprintf(text, sizeof(text), "%s%.9g", i > 0 ? "," : "",
                     (double) s.boosts[i]);
        status = recs_file_write(&e->file, text, (size_t) n, err);
    }

    return status == RECS_OK ? recs_file_write(&e->file, "]}\n", 3, err)
                             : status;
}


static recs_status_t
recs_export_segments(recs_cmd_export_t *e, recs_error_t *err)
{
    uint32_t       i;
    recs_status_t  status;

    status = RECS_OK;

    for (i = 0; i < e->view->segment_spans.n_rows && status == RECS_OK; i++) {
        status = recs_export_segment(e, i, err);
    }

    return status;
}


static recs_status_t
recs_export_step(recs_cmd_export_t *e, recs_error_t *err)
{
    int   n;
    char  text[128];

    n = snprintf(text, sizeof(text), "{\"step\":%.9g,\"history\":%u}\n",
                 (double) e->view->neighbor_step, e->view->neighbor_history);

    return recs_file_write(&e->file, text, (size_t) n, err);
}


static recs_status_t
recs_export_file(recs_cmd_export_t *e, const char *name,
    recs_export_write_t write, recs_error_t *err)
{
    char           path[sizeof(e->folder.temporary) + 32];
    recs_status_t  status;

    snprintf(path, sizeof(path), "%s/%s", e->folder.temporary, name);

    status = recs_file_create(&e->file, path, err);
    if (status != RECS_OK) {
        return status;
    }

    status = write(e, err);
    if (status != RECS_OK) {
        recs_file_abort(&e->file);
        return status;
    }

    return recs_file_commit(&e->file, err);
}


static recs_status_t
recs_export_files(recs_cmd_export_t *e, recs_error_t *err)
{
    size_t         i;
    recs_status_t  status;

    const struct {
        const char           *name;
        int                   there;
        recs_export_write_t   write;
    } files[] = {
        { "items.npy", e->view->n_factors > 0, recs_export_items },
        { "users.npy", e->view->n_factors > 0
                       && e->view->user_factors.n_rows > 0,
          recs_export_users },
        { "popularity.npy", e->view->popularity != NULL,
          recs_export_popularity },
        { "item_ids.txt", 1, recs_export_item_ids },
        { "user_ids.txt", 1, recs_export_user_ids },
        { "seen.jsonl", 1, recs_export_seen },
        { "recent.jsonl", e->view->neighbor_id_size > 0, recs_export_recent },
        { "lists.jsonl", e->view->neighbor_id_size > 0, recs_export_lists },
        { "opposed.jsonl", e->view->opposed_spans.n_rows > 0,
          recs_export_opposed },
        { "user_lists.jsonl", e->view->user_list_spans.n_rows > 0,
          recs_export_user_lists },
        { "lists.json", e->view->neighbor_id_size > 0, recs_export_step },
        { "segments.jsonl", e->view->segment_spans.n_rows > 0,
          recs_export_segments }
    };

    status = RECS_OK;

    for (i = 0; i < sizeof(files) / sizeof(files[0]) && status == RECS_OK;
         i++)
    {
        if (files[i].there) {
            status = recs_export_file(e, files[i].name, files[i].write, err);
        }
    }

    return status;
}


/* The files appear together. */
static recs_status_t
recs_export_dir(recs_cmd_export_t *e, const char *dir, recs_error_t *err)
{
    recs_status_t  status;

    status = recs_folder_create(&e->folder, dir, err);
    if (status != RECS_OK) {
        return status;
    }

    status = recs_export_files(e, err);
    if (status != RECS_OK) {
        recs_folder_abort(&e->folder);
        return status;
    }

    return recs_folder_commit(&e->folder, dir, err);
}


static recs_status_t
recs_export_open(recs_cmd_export_t *e, const char *path, recs_error_t *err)
{
    uint32_t       i;
    recs_status_t  status;

    status = recs_bundle_open(&e->bundle, path, 0, err);
    if (status != RECS_OK) {
        return status;
    }

    e->view = recs_bundle_view(e->bundle);

    e->items = malloc(e->view->n_items * sizeof(uint32_t));
    if (e->items == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory for %u items",
                          e->view->n_items);
    }

    for (i = 0; i < e->view->n_items; i++) {
        e->items[e->view->item_order[i]] = i;
    }

    return RECS_OK;
}


static int
recs_cmd_export_run(const recs_args_t *args)
{
    const char         *dir;
    recs_error_t        err;
    recs_status_t       status;
    recs_cmd_export_t  *e;

    dir = recs_args_get(args, "o");
    if (dir == NULL) {
        return recs_usage_error(args, "-o DIR is missing");
    }

    e = calloc(1, sizeof(recs_cmd_export_t));

    if (e == NULL) {
        status = recs_error(&err, RECS_NOMEM, "no memory");

    } else {
        status = recs_export_open(e, recs_args_operand(args, 0), &err);
    }

    if (status == RECS_OK) {
        status = recs_export_dir(e, dir, &err);
    }

    if (status == RECS_OK) {
        printf("%u items, %u users, %u factors in %s\n", e->view->n_items,
               e->view->n_users, e->view->n_factors, dir);
    }

    if (e != NULL) {
        recs_bundle_close(e->bundle);
        free(e->items);
        free(e);
    }

    return status == RECS_OK ? RECS_EXIT_OK : recs_failure(args, &err);
}
