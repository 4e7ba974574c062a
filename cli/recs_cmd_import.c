/*
 * recs import: behaviour data into a dataset.
 */

#include "recs_cli.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "recs_cli_import.h"
#include "recs_file.h"
#include "recs_timestamp.h"


#define RECS_IMPORT_SHOWN   10         /* rejected rows on stderr */
#define RECS_IMPORT_QUOTED  1024


typedef struct {
    recs_import_options_t   options;
    const char            **paths;     /* inputs, then items, then users */
    recs_event_weight_t    *events;
    char                  **names;     /* of the events, owned */
    recs_file_t            *rejects;
    uint64_t                n_rejects;
    recs_meter_t           *meter;
    int                     quiet;
} recs_cmd_import_t;


static int recs_cmd_import_run(const recs_args_t *args);
static int recs_cmd_import_options_read(recs_cmd_import_t *cmd,
    const recs_args_t *args);
static int recs_cmd_import_rejects(recs_cmd_import_t *cmd,
    const recs_args_t *args);
static int recs_cmd_import_numbers(recs_cmd_import_t *cmd,
    const recs_args_t *args);
static int recs_cmd_import_paths(recs_cmd_import_t *cmd,
    const recs_args_t *args);
static uint32_t recs_cmd_import_repeated(const recs_args_t *args,
    const char *name, const char **values);
static int recs_cmd_import_events(recs_cmd_import_t *cmd,
    const recs_args_t *args);
static int recs_cmd_import_do(recs_cmd_import_t *cmd,
    const recs_args_t *args);
static recs_status_t recs_cmd_import_rejected(void *data,
    const recs_reject_t *reject, recs_error_t *err);
static char *recs_cmd_import_quote(char *out, const char *text);
static void recs_cmd_import_progress(void *data, uint64_t bytes,
    uint64_t total, uint64_t rows);
static void recs_cmd_import_free(recs_cmd_import_t *cmd);


static const recs_option_t  recs_cmd_import_options[] = {
    { "format", "FORMAT", "csv, jsonl, events, movielens (a folder), lightgcn"
      " or accesslog;\nabsent: told from the content (all but accesslog)" },
    { "o", "DATASET", "the file to write" },
    { "items", "FILE", "attributes of items, csv or jsonl: the column or key"
      " id, else\nthe first column, is the id; every item of it is kept"
      " (repeatable)" },
    { "users", "FILE", "attributes of users, kept for those with an"
      " interaction\n(repeatable)" },
    { "user-column", "NAME", "csv, jsonl: the user's column or key; absent:"
      " user, user_id, ..." },
    { "item-column", "NAME", "the item's; absent: item, item_id, movieId,"
      " ..." },
    { "time-column", "NAME", "the time's; absent: timestamp, time, ts, ..." },
    { "value-column", "NAME", "the weight's; absent: value, rating, weight,"
      " ..." },
    { "event-column", "NAME", "the event's name; absent: event, event_type,"
      " ..." },
    { "event", "NAME[=WEIGHT]", "an event that counts, with its weight"
      " (repeatable); absent:\nall but exposure, with weight 1" },
    { "unverified", NULL, "events: those that a client sent without a valid"
      " token\ncount too" },
    { "min-rating", "R", "movielens: skip ratings under R; each other one"
      " counts 1" },
    { "unrated", NULL, "movielens: keep movies that nobody rated" },
    { "log-format", "FORMAT", "accesslog: nginx's log_format (combined)" },
    { "user-from", "VARIABLE", "accesslog: the variable that is the user,"
      " as $cookie_uid" },
    { "item-from", "WHERE", "accesslog: a path with {} for the item, as"
      " /item/{},\nor the name of a query argument" },
    { "max-activity", "N", "drop users with more than N interactions, as bots"
      " (off)" },
    { "min-user", "N", "drop users with fewer than N items (off) ..." },
    { "min-item", "N", "... and items with fewer than N users, until neither"
      " is left" },
    { "strict", NULL, "stop at the first malformed row" },
    { "rejects", "FILE", "write all rejected rows to FILE, as csv" },
    { "json", NULL, "the report as one JSON object" },
    { "quiet", NULL, "no progress, no rejected rows on stderr" },
    { NULL, NULL, NULL }
};

const recs_command_t  recs_cmd_import = {
    "import",
    "turn behaviour data into a dataset",
    "[--format FORMAT] [--items FILE] [--users FILE] -o DATASET INPUT...",
    recs_cmd_import_options,
    1,
    -1,
    recs_cmd_import_run,
    NULL
};


static int
recs_cmd_import_run(const recs_args_t *args)
{
    int                rc;
    recs_cmd_import_t  cmd;

    memset(&cmd, 0, sizeof(cmd));

    if (recs_args_get(args, "o") == NULL) {
        return recs_usage_error(args, "-o DATASET is missing");
    }

    rc = recs_cmd_import_options_read(&cmd, args);

    if (rc == RECS_EXIT_OK && recs_args_has(args, "rejects")) {
        rc = recs_cmd_import_rejects(&cmd, args);
    }

    if (rc == RECS_EXIT_OK) {
        rc = recs_cmd_import_do(&cmd, args);
    }

    recs_cmd_import_free(&cmd);

    return rc;
}


static int
recs_cmd_import_rejects(recs_cmd_import_t *cmd, const recs_args_t *args)
{
    const char    *path;
    recs_error_t   err;

    path = recs_args_get(args, "rejects");

    if (strcmp(path, recs_args_get(args, "o")) == 0) {
        return recs_usage_error(args, "-o and --rejects name one file");
    }

    if (recs_import_apart(&cmd->options, path, &err) != RECS_OK) {
        return recs_failure(args, &err);
    }

    cmd->rejects = malloc(sizeof(recs_file_t));

    if (cmd->rejects == NULL) {
        (void) recs_error(&err, RECS_NOMEM, "no memory to write \"%s\"", path);

    } else if (recs_file_create(cmd->rejects, path, &err) == RECS_OK) {

        if (recs_file_write(cmd->rejects, "file,line,reason,detail\n", 24,
                            &err) == RECS_OK)
        {
            return RECS_EXIT_OK;
        }

        recs_file_abort(cmd->rejects);
    }

    free(cmd->rejects);
    cmd->rejects = NULL;

    return recs_failure(args, &err);
}


static int
recs_cmd_import_options_read(recs_cmd_import_t *cmd, const recs_args_t *args)
{
    int                     rc;
    const char             *text;
    recs_import_options_t  *o;

    o = &cmd->options;
    o->format = RECS_FORMAT_SNIFF;

    text = recs_args_get(args, "format");

    if (text != NULL) {
        o->format = recs_format_find(text);

        if (o->format == RECS_FORMAT_COUNT) {
            return recs_usage_error(args, "no format \"%s\": use csv, jsonl,"
                                    " events, movielens, lightgcn or"
                                    " accesslog", text);
        }
    }

    o->user_column = recs_args_get(args, "user-column");
    o->item_column = recs_args_get(args, "item-column");
    o->time_column = recs_args_get(args, "time-column");
    o->value_column = recs_args_get(args, "value-column");
    o->event_column = recs_args_get(args, "event-column");
    o->log_format = recs_args_get(args, "log-format");
    o->user_from = recs_args_get(args, "user-from");
    o->item_from = recs_args_get(args, "item-from");
    o->unverified = recs_args_has(args, "unverified");
    o->unrated = recs_args_has(args, "unrated");
    o->strict = recs_args_has(args, "strict");
    cmd->quiet = recs_args_has(args, "quiet");

    rc = recs_cmd_import_numbers(cmd, args);

    if (rc == RECS_EXIT_OK) {
        rc = recs_cmd_import_paths(cmd, args);
    }

    if (rc == RECS_EXIT_OK) {
        rc = recs_cmd_import_events(cmd, args);
    }

    return rc;
}


static int
recs_cmd_import_numbers(recs_cmd_import_t *cmd, const recs_args_t *args)
{
    int            rc;
    const char    *text;
    unsigned long  n;

    n = 0;
    rc = recs_args_unsigned(args, "max-activity", 1, UINT32_MAX - 1, &n);
    cmd->options.max_activity = n;

    if (rc == RECS_EXIT_OK) {
        n = 0;
        rc = recs_args_unsigned(args, "min-user", 1, UINT32_MAX - 1, &n);
        cmd->options.min_user = (uint32_t) n;
    }

    if (rc == RECS_EXIT_OK) {
        n = 0;
        rc = recs_args_unsigned(args, "min-item", 1, UINT32_MAX - 1, &n);
        cmd->options.min_item = (uint32_t) n;
    }

    text = recs_args_get(args, "min-rating");

    if (rc == RECS_EXIT_OK && text != NULL
        && (!recs_number_parse(text, strlen(text), &cmd->options.min_rating)
            || !(cmd->options.min_rating > 0)))
    {
        rc = recs_usage_error(args, "--min-rating \"%s\" is not a number above"
                              " 0", text);
    }

    return rc;
}


static int
recs_cmd_import_paths(recs_cmd_import_t *cmd, const recs_args_t *args)
{
    int                      i, n;
    uint32_t                 n_items, n_users;
    recs_import_options_t   *o;

    o = &cmd->options;
    n = recs_args_n_operands(args);
    n_items = recs_cmd_import_repeated(args, "items", NULL);
    n_users = recs_cmd_import_repeated(args, "users", NULL);

    cmd->paths = malloc(((size_t) n + n_items + n_users + 1)
                        * sizeof(char *));
    if (cmd->paths == NULL) {
        return recs_no_memory(args);
    }

    for (i = 0; i < n; i++) {
        cmd->paths[i] = recs_args_operand(args, i);
    }

    o->inputs = cmd->paths;
    o->n_inputs = (uint32_t) n;
    o->item_files = cmd->paths + n;
    o->n_item_files = recs_cmd_import_repeated(args, "items", cmd->paths + n);
    o->user_files = cmd->paths + n + n_items;
    o->n_user_files = recs_cmd_import_repeated(args, "users",
                                               cmd->paths + n + n_items);

    return RECS_EXIT_OK;
}


/* How often an option was given; its values, where there is room for them. */

static uint32_t
recs_cmd_import_repeated(const recs_args_t *args, const char *name,
    const char **values)
{
    int          pos;
    uint32_t     n;
    const char  *value;

    pos = 0;
    n = 0;

    while ((value = recs_args_next(args, name, &pos)) != NULL) {
        if (values != NULL) {
            values[n] = value;
        }

        n++;
    }

    return n;
}


static int
recs_cmd_import_events(recs_cmd_import_t *cmd, const recs_args_t *args)
{
    int           pos;
    char         *equals;
    uint32_t      i, n;
    const char   *text;

    n = recs_cmd_import_repeated(args, "event", NULL);
    cmd->events = calloc(n + (size_t) 1, sizeof(recs_event_weight_t));
    cmd->names = calloc(n + (size_t) 1, sizeof(char *));

    if (cmd->events == NULL || cmd->names == NULL) {
        return recs_no_memory(args);
    }

    pos = 0;

    for (i = 0; i < n; i++) {
        text = recs_args_next(args, "event", &pos);

        cmd->names[i] = strdup(text);
        if (cmd->names[i] == NULL) {
            return recs_no_memory(args);
        }

        cmd->events[i].name = cmd->names[i];
        cmd->events[i].weight = 1;

        equals = strrchr(cmd->names[i], '=');

        if (equals == NULL) {
            continue;
        }

        *equals = '\0';

        if (!recs_number_parse(equals + 1, strlen(equals + 1),
                               &cmd->events[i].weight)
            || !(cmd->events[i].weight > 0))
        {
            return recs_usage_error(args, "--event \"%s\" needs a weight above"
                                    " 0, as in purchase=5", text);
        }
    }

    cmd->options.events = cmd->events;
    cmd->options.n_events = n;

    return RECS_EXIT_OK;
}


static int
recs_cmd_import_do(recs_cmd_import_t *cmd, const recs_args_t *args)
{
    double                seconds;
    recs_error_t          err, rejects_err;
    recs_status_t         status, written;
    struct timespec       from, to;
    recs_import_report_t  report;

    cmd->options.rejected = recs_cmd_import_rejected;
    cmd->options.progress = recs_cmd_import_progress;
    cmd->options.data = cmd;

    clock_gettime(CLOCK_MONOTONIC, &from);
    status = recs_import(&cmd->options, recs_args_get(args, "o"), &report,
                         &err);
    clock_gettime(CLOCK_MONOTONIC, &to);

    if (cmd->meter != NULL) {
        recs_meter_finish(cmd->meter);
    }

    seconds = (double) (to.tv_sec - from.tv_sec)
              + (double) (to.tv_nsec - from.tv_nsec) * 1e-9;

    written = RECS_OK;

    if (cmd->rejects != NULL) {
        written = recs_file_commit(cmd->rejects, &rejects_err);
    }

    /* What was dropped is of most use where nothing is left. */

    if (recs_args_has(args, "json")) {
        if (status == RECS_OK) {
            recs_cli_import_json(&report, recs_args_get(args, "o"), seconds);
        }

    } else if (status == RECS_OK || report.n_rows > 0) {
        recs_cli_import_text(&cmd->options, &report, status == RECS_OK
                             ? recs_args_get(args, "o") : NULL, seconds);
    }

    if (status == RECS_OK && written != RECS_OK) {
        return recs_failure(args, &rejects_err);
    }

    return status == RECS_OK ? RECS_EXIT_OK : recs_failure(args, &err);
}


static recs_status_t
recs_cmd_import_rejected(void *data, const recs_reject_t *reject,
    recs_error_t *err)
{
    char               *p, row[4 * RECS_IMPORT_QUOTED + 256];
    recs_error_t        message;
    recs_cmd_import_t  *cmd;

    cmd = data;
    cmd->n_rejects++;

    recs_error(&message, RECS_INVALID, "%s:%" PRIu64 ": %s%s%s", reject->file,
               reject->line, recs_reject_text(reject->reason),
               reject->detail[0] ? ": " : "", reject->detail);

    if (!cmd->quiet && !cmd->options.strict) {

        if (cmd->n_rejects <= RECS_IMPORT_SHOWN) {
            fprintf(stderr, "%s\n", message.message);

        } else if (cmd->n_rejects == RECS_IMPORT_SHOWN + 1) {
            fprintf(stderr, "further rejected rows are only counted%s\n",
                    cmd->rejects ? "" : "; --rejects FILE writes them all");
        }
    }

    if (cmd->rejects == NULL) {
        return RECS_OK;
    }

    p = recs_cmd_import_quote(row, reject->file);
    p += sprintf(p, ",%" PRIu64 ",%s,", reject->line,
                 recs_reject_text(reject->reason));
    p = recs_cmd_import_quote(p, reject->detail);
    *p++ = '\n';

    return recs_file_write(cmd->rejects, row, (size_t) (p - row), err);
}


/* A csv field of at most RECS_IMPORT_QUOTED bytes of text. */

static char *
recs_cmd_import_quote(char *out, const char *text)
{
    size_t  i;

    *out++ = '"';

    for (i = 0; text[i] != '\0' && i < RECS_IMPORT_QUOTED; i++) {
        if (text[i] == '"') {
            *out++ = '"';
        }

        *out++ = text[i];
    }

    *out++ = '"';

    return out;
}


static void
recs_cmd_import_progress(void *data, uint64_t bytes, uint64_t total,
    uint64_t rows)
{
    char                detail[64];
    recs_cmd_import_t  *cmd;

    cmd = data;

    if (cmd->quiet) {
        return;
    }

    if (cmd->meter == NULL) {
        cmd->meter = recs_meter_start("importing", (double) total, "B");

        if (cmd->meter == NULL) {
            return;
        }
    }

    snprintf(detail, sizeof(detail), "%" PRIu64 " rows", rows);
    recs_meter_update(cmd->meter, (double) bytes, detail);
}


static void
recs_cmd_import_free(recs_cmd_import_t *cmd)
{
    size_t  i;

    if (cmd->rejects != NULL) {
        recs_file_abort(cmd->rejects);
        free(cmd->rejects);
    }

    for (i = 0; cmd->names != NULL && cmd->names[i] != NULL; i++) {
        free(cmd->names[i]);
    }

    free(cmd->names);
    free(cmd->events);
    free(cmd->paths);
}
