#include "recs_cli_import.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "recs_timestamp.h"


static void recs_cli_import_count(const char *what, uint64_t n,
    const char *note);
static void recs_cli_import_reasons(const recs_import_report_t *report,
    int malformed);
static void recs_cli_import_cut(const recs_import_options_t *options,
    const recs_import_report_t *report);


void
recs_cli_import_text(const recs_import_options_t *options,
    const recs_import_report_t *report, const char *path, double seconds)
{
    char  from[20], to[20], note[128];

    recs_cli_import_count("rows read", report->n_rows,
                          recs_format_name(report->format));
    recs_cli_import_count("kept", report->n_kept, "");
    recs_cli_import_count("rejected", report->n_rejected, "");

    if (report->n_entity_rejects > 0) {
        recs_cli_import_count("  and of attributes", report->n_entity_rejects,
                              "");
    }

    recs_cli_import_reasons(report, 1);
    recs_cli_import_count("skipped", report->n_skipped, "");
    recs_cli_import_reasons(report, 0);
    recs_cli_import_count("duplicates dropped", report->n_duplicates, "");
    recs_cli_import_count("repeats summed", report->n_repeats, "");
    recs_cli_import_cut(options, report);

    if (report->n_item_rows > 0) {
        snprintf(note, sizeof(note), "%" PRIu64 " of them of no item that"
                 " is left", report->n_unmatched_items);
        recs_cli_import_count("item rows", report->n_item_rows,
                              report->n_unmatched_items ? note : "");
    }

    if (report->n_user_rows > 0) {
        snprintf(note, sizeof(note), "%" PRIu64 " of them of no user with an"
                 " interaction", report->n_unmatched_users);
        recs_cli_import_count("user rows", report->n_user_rows,
                              report->n_unmatched_users ? note : "");
    }

    if (path == NULL) {
        return;
    }

    recs_cli_import_count("users", report->n_users, "");
    snprintf(note, sizeof(note), "%" PRIu32 " of them without a user",
             report->n_items_without_users);
    recs_cli_import_count("items", report->n_items,
                          report->n_items_without_users ? note : "");
    recs_cli_import_count("interactions", report->n_interactions, "");

    if (report->to_ms != 0) {
        recs_timestamp_format(report->from_ms, from);
        recs_timestamp_format(report->to_ms, to);
        printf("%-20s %s to %s UTC\n", "time span", from, to);

    } else {
        printf("%-20s unknown: the input has no times\n", "time span");
    }

    printf("%-20s %.4g %%\n", "density", 100 * report->density);
    printf("%s written in %.2f s\n", path, seconds);
}


void
recs_cli_import_json(const recs_import_report_t *report, const char *path,
    double seconds)
{
    json_t                *object, *reasons;
    recs_reject_reason_t   reason;

    reasons = json_object();

    for (reason = 0; reason < RECS_REJECT_COUNT; reason++) {
        if (report->n_reason[reason] > 0) {
            json_object_set_new(reasons, recs_reject_text(reason),
                                json_integer((json_int_t)
                                             report->n_reason[reason]));
        }
    }

    object = json_pack(
        "{s:s?, s:s, s:I, s:I, s:I, s:I, s:o, s:I, s:I, s:I, s:I, s:I, s:I,"
        " s:I, s:I}",
        "dataset", path,
        "format", recs_format_name(report->format),
        "rows", (json_int_t) report->n_rows,
        "kept", (json_int_t) report->n_kept,
        "rejected", (json_int_t) report->n_rejected,
        "skipped", (json_int_t) report->n_skipped,
        "reasons", reasons,
        "duplicates", (json_int_t) report->n_duplicates,
        "repeats", (json_int_t) report->n_repeats,
        "bots", (json_int_t) report->n_bots,
        "bot_interactions", (json_int_t) report->n_bot_interactions,
        "busiest_user", (json_int_t) report->max_user_interactions,
        "rare_users", (json_int_t) report->n_rare_users,
        "rare_items", (json_int_t) report->n_rare_items,
        "rare_interactions", (json_int_t) report->n_rare_interactions);

    json_object_update_new(object, json_pack(
        "{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:f, s:f}",
        "item_rows", (json_int_t) report->n_item_rows,
        "user_rows", (json_int_t) report->n_user_rows,
        "attribute_rejects", (json_int_t) report->n_entity_rejects,
        "unmatched_items", (json_int_t) report->n_unmatched_items,
        "unmatched_users", (json_int_t) report->n_unmatched_users,
        "users", (json_int_t) report->n_users,
        "items", (json_int_t) report->n_items,
        "items_without_users", (json_int_t) report->n_items_without_users,
        "interactions", (json_int_t) report->n_interactions,
        "from_ms", (json_int_t) report->from_ms,
        "to_ms", (json_int_t) report->to_ms,
        "density", report->density,
        "seconds", seconds));

    json_dumpf(object, stdout, JSON_COMPACT|JSON_REAL_PRECISION(9));
    printf("\n");
    json_decref(object);
}


static void
recs_cli_import_count(const char *what, uint64_t n, const char *note)
{
    printf("%-20s %10" PRIu64 "%s%s\n", what, n, *note ? "  " : "", note);
}


static void
recs_cli_import_reasons(const recs_import_report_t *report, int malformed)
{
    char                  text[64];
    recs_reject_reason_t  reason;

    for (reason = 0; reason < RECS_REJECT_COUNT; reason++) {

        if (report->n_reason[reason] > 0
            && recs_reject_malformed(reason) == malformed)
        {
            snprintf(text, sizeof(text), "  %s", recs_reject_text(reason));
            printf("%-32s %10" PRIu64 "\n", text, report->n_reason[reason]);
        }
    }
}


static void
recs_cli_import_cut(const recs_import_options_t *options,
    const recs_import_report_t *report)
{
    char  note[128];

    if (options->max_activity > 0) {
        snprintf(note, sizeof(note), "users with over %" PRIu64
                 " interactions, together %" PRIu64, options->max_activity,
                 report->n_bot_interactions);

    } else {
        snprintf(note, sizeof(note), "--max-activity is off; the busiest user"
                 " has %" PRIu64, report->max_user_interactions);
    }

    recs_cli_import_count("bots cut", report->n_bots, note);

    if (options->min_user > 1 || options->min_item > 1) {
        recs_cli_import_count("rare users cut", report->n_rare_users, "");
        snprintf(note, sizeof(note), "with the users %" PRIu64
                 " interactions", report->n_rare_interactions);
        recs_cli_import_count("rare items cut", report->n_rare_items, note);
    }
}
