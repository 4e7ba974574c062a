/*
 * recs inspect: what is inside a bundle.
 */

#include "recs_bundle.h"
#include "recs_cli.h"
#include "recs_cli_text.h"
#include "recs_filter.h"
#include "recs_publish.h"
#include "recs_segment.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <unistd.h>


#define RECS_CMD_INSPECT_SEGMENTS  20


typedef recs_str_t (*recs_column_name_t)(const recs_bundle_t *bundle,
    uint32_t column);


static int recs_cmd_inspect_run(const recs_args_t *args);


static const recs_option_t  recs_cmd_inspect_options[] = {
    { "json", NULL, "one JSON object" },
    { NULL, NULL, NULL }
};

const recs_command_t  recs_cmd_inspect = {
    "inspect",
    "say what is inside a bundle",
    "BUNDLE [--json]",
    recs_cmd_inspect_options,
    1,
    1,
    recs_cmd_inspect_run,
    NULL
};


static json_t *
recs_cmd_inspect_string(recs_str_t text)
{
    json_t  *value;

    value = json_stringn(text.data, text.len);

    return value != NULL ? value : json_null();
}


static json_t *
recs_cmd_inspect_columns(const recs_bundle_t *bundle,
    recs_column_name_t column_name)
{
    json_t      *columns;
    uint32_t     i;
    recs_str_t   name;

    columns = json_array();

    for (i = 0; (name = column_name(bundle, i)).data != NULL; i++) {
        json_array_append_new(columns, recs_cmd_inspect_string(name));
    }

    return columns;
}


static json_t *
recs_cmd_inspect_filters(const recs_bundle_t *bundle)
{
    json_t                   *filters;
    uint32_t                  pos;
    recs_str_t                name;
    recs_filter_attribute_t   a;

    filters = json_object();

    for (pos = 0; recs_filter_attribute_next(bundle, &pos, &a); ) {
        name = recs_bundle_item_column_name(bundle, a.column);
        json_object_setn_new(filters, name.data, name.len,
                             json_integer(a.n_values));
    }

    return filters;
}


static json_t *
recs_cmd_inspect_segments(const recs_bundle_t *bundle)
{
    json_t                    *segments;
    uint32_t                   i;
    recs_segment_t             s;
    const recs_bundle_view_t  *view;

    view = recs_bundle_view(bundle);
    segments = json_array();

    for (i = 0; i < view->segment_spans.n_rows; i++) {
        recs_segment_get(view, i, &s);
        json_array_append_new(segments,
            json_pack("{s:o, s:I, s:I, s:I}",
                      "name", recs_cmd_inspect_string(s.name),
                      "users", (json_int_t) s.n_users,
                      "interactions", (json_int_t) s.n_interactions,
                      "items", (json_int_t) s.n_items));
    }

    return segments;
}


static json_t *
recs_cmd_inspect_tables(const recs_bundle_t *bundle)
{
    json_t               *tables;
    uint32_t              pos;
    recs_bundle_table_t   t;

    tables = json_array();

    for (pos = 0; recs_bundle_table_next(bundle, &pos, &t); ) {
        json_array_append_new(tables,
            json_pack("{s:s, s:I, s:I, s:I, s:I}", "name", t.name,
                      "rows", (json_int_t) t.n_rows,
                      "row_size", (json_int_t) t.row_size,
                      "shards", (json_int_t) t.n_shards,
                      "size", (json_int_t) t.size));
    }

    return tables;
}


static json_t *
recs_cmd_inspect_manifest(const recs_bundle_t *bundle)
{
    json_t      *manifest;
    uint32_t     pos;
    recs_str_t   name, value;

    manifest = json_object();

    for (pos = 0; recs_bundle_manifest_next(bundle, &pos, &name, &value); ) {
        json_object_setn_new(manifest, name.data, name.len,
                             recs_cmd_inspect_string(value));
    }

    return manifest;
}


static int
recs_cmd_inspect_json(const recs_bundle_t *bundle,
    const recs_generation_t *gen)
{
    int                        rc;
    json_t                    *root;
    const recs_bundle_view_t  *view;

    view = recs_bundle_view(bundle);

    root = json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o,"
                     " s:o}",
                     "generation", gen->name,
                     "hash", recs_bundle_hash8(bundle),
                     "size", (json_int_t) recs_bundle_size(bundle),
                     "items", (json_int_t) view->n_items,
                     "users", (json_int_t) view->n_users,
                     "factors", (json_int_t) view->n_factors,
                     "item_columns",
                     recs_cmd_inspect_columns(bundle,
                                              recs_bundle_item_column_name),
                     "user_columns",
                     recs_cmd_inspect_columns(bundle,
                                              recs_bundle_user_column_name),
                     "filters", recs_cmd_inspect_filters(bundle),
                     "segments", recs_cmd_inspect_segments(bundle),
                     "manifest", recs_cmd_inspect_manifest(bundle),
                     "tables", recs_cmd_inspect_tables(bundle));

    rc = root != NULL ? json_dumpf(root, stdout, JSON_INDENT(2)) : -1;
    json_decref(root);
    putchar('\n');

    return rc == 0 ? RECS_EXIT_OK : RECS_EXIT_FAILED;
}


static void
recs_cmd_inspect_text_columns(const char *what, const recs_bundle_t *bundle,
    recs_column_name_t column_name)
{
    uint32_t    i;
    recs_str_t  name;

    printf("%s", what);

    for (i = 0; (name = column_name(bundle, i)).data != NULL; i++) {
        printf("%s", i > 0 ? ", " : "");
        recs_cli_put_text(stdout, name);
    }

    printf("%s\n", i == 0 ? "none" : "");
}


static void
recs_cmd_inspect_text_filters(const recs_bundle_t *bundle)
{
    uint32_t                  pos;
    recs_filter_attribute_t   a;

    printf("filters          ");

    for (pos = 0; recs_filter_attribute_next(bundle, &pos, &a); ) {
        printf("%s", pos > 1 ? ", " : "");
        recs_cli_put_text(stdout, recs_bundle_item_column_name(bundle,
                                                               a.column));
        printf(" (%u value%s)", a.n_values, a.n_values > 1 ? "s" : "");
    }

    printf("%s\n", pos == 0 ? "none" : "");
}


/* The first of them: there may be thousands. */
static void
recs_cmd_inspect_text_segments(const recs_bundle_t *bundle)
{
    uint32_t                   i, n;
    recs_segment_t             s;
    const recs_bundle_view_t  *view;

    view = recs_bundle_view(bundle);
    n = (uint32_t) view->segment_spans.n_rows;

    if (n == 0) {
        return;
    }

    printf("\nsegment                     users  interactions   items\n");

    for (i = 0; i < n && i < RECS_CMD_INSPECT_SEGMENTS; i++) {
        recs_segment_get(view, i, &s);
        printf("  ");
        recs_cli_put_text(stdout, s.name);
        printf("%*s%9u%14u%8u\n", s.name.len < 22 ? (int) (22 - s.name.len)
                                                  : 0, "",
               s.n_users, s.n_interactions, s.n_items);
    }

    if (i < n) {
        printf("  and %u more (--json)\n", n - i);
    }
}


static void
recs_cmd_inspect_text(const recs_bundle_t *bundle,
    const recs_generation_t *gen)
{
    uint32_t                   pos;
    recs_str_t                 name, value;
    recs_bundle_table_t        t;
    const recs_bundle_view_t  *view;

    view = recs_bundle_view(bundle);

    printf("generation       %s\n"
           "size             %s\n"
           "items            %u\n"
           "users            %u\n"
           "factors          %u\n", gen->name,
           recs_cli_size(recs_bundle_size(bundle)), view->n_items,
           view->n_users, view->n_factors);

    recs_cmd_inspect_text_columns("item attributes  ", bundle,
                                  recs_bundle_item_column_name);
    recs_cmd_inspect_text_columns("user attributes  ", bundle,
                                  recs_bundle_user_column_name);
    recs_cmd_inspect_text_filters(bundle);

    printf("\nmanifest\n");

    for (pos = 0; recs_bundle_manifest_next(bundle, &pos, &name, &value); ) {
        printf("  ");
        recs_cli_put_text(stdout, name);
        printf("%*s  ", name.len < 34 ? (int) (34 - name.len) : 0, "");
        recs_cli_put_text(stdout, value);
        printf("\n");
    }

    recs_cmd_inspect_text_segments(bundle);

    printf("\ntable                       rows  bytes a row  shards        "
           "size\n");

    for (pos = 0; recs_bundle_table_next(bundle, &pos, &t); ) {
        printf("  %-18s%12" PRIu64 "%13zu%8u%12s\n", t.name, t.n_rows,
               t.row_size, t.n_shards, recs_cli_size(t.size));
    }
}


static int
recs_cmd_inspect_run(const recs_args_t *args)
{
    int                 fd, rc;
    const char         *path;
    recs_error_t        err;
    recs_bundle_t      *bundle;
    recs_status_t       status;
    recs_generation_t   gen;

    path = recs_args_operand(args, 0);

    if (recs_generation_open(path, &fd, &gen, &err) != RECS_OK) {
        return recs_failure(args, &err);
    }

    status = recs_bundle_open_fd(&bundle, fd, path, 0, &err);
    close(fd);

    if (status != RECS_OK) {
        return recs_failure(args, &err);
    }

    rc = RECS_EXIT_OK;

    if (recs_args_has(args, "json")) {
        rc = recs_cmd_inspect_json(bundle, &gen);

    } else {
        recs_cmd_inspect_text(bundle, &gen);
    }

    recs_bundle_close(bundle);

    return rc;
}
