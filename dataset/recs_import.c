#include "recs_import.h"

#include <string.h>
#include <sys/stat.h>

#include "recs_file.h"
#include "recs_importer.h"


static recs_status_t recs_import_run(const recs_import_options_t *options,
    recs_dataset_t **dataset, recs_import_report_t *report,
    recs_error_t *err);
static recs_status_t recs_import_check(const recs_import_options_t *options,
    recs_error_t *err);
static recs_status_t recs_import_read(recs_importer_t *im,
    recs_error_t *err);
static recs_status_t recs_import_input(recs_importer_t *im, const char *path,
    int first, recs_error_t *err);
static recs_status_t recs_import_attributes(recs_importer_t *im,
    const char *path, int users, recs_error_t *err);
static uint64_t recs_import_size(const char *const *paths, uint32_t n);
static int recs_import_is_folder(const char *path);


static const char *const  recs_format_names[] = {
    "",
#define RECS_FORMAT_NAME(name, text)  text,
    RECS_FORMAT_MAP(RECS_FORMAT_NAME)
#undef RECS_FORMAT_NAME
};


const char *
recs_reject_text(recs_reject_reason_t reason)
{
    static const char *const  texts[] = {
#define RECS_REJECT_TEXT(name, kind, text)  text,
        RECS_REJECT_MAP(RECS_REJECT_TEXT)
#undef RECS_REJECT_TEXT
    };

    return (unsigned) reason < RECS_REJECT_COUNT ? texts[reason] : "unknown";
}


int
recs_reject_malformed(recs_reject_reason_t reason)
{
    enum { skipped, rejected };

    static const char  kinds[] = {
#define RECS_REJECT_KIND(name, kind, text)  kind,
        RECS_REJECT_MAP(RECS_REJECT_KIND)
#undef RECS_REJECT_KIND
    };

    return (unsigned) reason < RECS_REJECT_COUNT && kinds[reason] == rejected;
}


recs_format_t
recs_format_find(const char *name)
{
    recs_format_t  format;

    for (format = RECS_FORMAT_SNIFF + 1; format < RECS_FORMAT_COUNT;
         format++)
    {
        if (strcmp(recs_format_names[format], name) == 0) {
            break;
        }
    }

    return format;
}


const char *
recs_format_name(recs_format_t format)
{
    return (unsigned) format < RECS_FORMAT_COUNT ? recs_format_names[format]
                                                 : "";
}


recs_status_t
recs_import(const recs_import_options_t *options, const char *path,
    recs_import_report_t *report, recs_error_t *err)
{
    recs_status_t    status;
    recs_dataset_t  *dataset;

    status = recs_import_apart(options, path, err);

    if (status != RECS_OK) {
        if (report != NULL) {
            memset(report, 0, sizeof(*report));
        }

        return status;
    }

    status = recs_import_memory(options, &dataset, report, err);

    if (status == RECS_OK) {
        status = recs_dataset_write(recs_dataset_view(dataset), path, err);
        recs_dataset_close(dataset);
    }

    return status;
}


recs_status_t
recs_import_apart(const recs_import_options_t *options, const char *path,
    recs_error_t *err)
{
    uint32_t       i;
    recs_status_t  status;

    status = RECS_OK;

    for (i = 0; i < options->n_inputs && status == RECS_OK; i++) {
        status = recs_file_apart(path, options->inputs[i], err);
    }

    for (i = 0; i < options->n_item_files && status == RECS_OK; i++) {
        status = recs_file_apart(path, options->item_files[i], err);
    }

    for (i = 0; i < options->n_user_files && status == RECS_OK; i++) {
        status = recs_file_apart(path, options->user_files[i], err);
    }

    return status;
}


recs_status_t
recs_import_memory(const recs_import_options_t *options,
    recs_dataset_t **dataset, recs_import_report_t *report,
    recs_error_t *err)
{
    recs_import_report_t  own;

    if (report == NULL) {
        report = &own;
    }

    memset(report, 0, sizeof(*report));

    return recs_import_run(options, dataset, report, err);
}


recs_status_t
recs_import_test(const char *path, recs_dataset_t **dataset,
    recs_import_report_t *report, recs_error_t *err)
{
    recs_import_options_t  options;

    memset(&options, 0, sizeof(options));
    options.inputs = &path;
    options.n_inputs = 1;

    return recs_import_memory(&options, dataset, report, err);
}


static recs_status_t
recs_import_run(const recs_import_options_t *options,
    recs_dataset_t **dataset, recs_import_report_t *report, recs_error_t *err)
{
    recs_status_t    status;
    recs_importer_t  im;

    status = recs_import_check(options, err);
    if (status != RECS_OK) {
        return status;
    }

    status = recs_importer_init(&im, options, report, err);
    if (status != RECS_OK) {
        return status;
    }

    im.bytes_total = recs_import_size(options->inputs, options->n_inputs)
                     + recs_import_size(options->item_files,
                                        options->n_item_files)
                     + recs_import_size(options->user_files,
                                        options->n_user_files);

    status = recs_import_read(&im, err);

    if (status == RECS_OK) {
        status = recs_importer_finish(&im, dataset, err);
    }

    recs_importer_free(&im);

    return status;
}


static recs_status_t
recs_import_check(const recs_import_options_t *options, recs_error_t *err)
{
    uint32_t       i, n_stdin;
    recs_format_t  format;

    format = options->format;

    if (options->n_inputs == 0) {
        return recs_error(err, RECS_INVALID, "no input: name a file, or - for"
                          " stdin");
    }

    n_stdin = 0;

    for (i = 0; i < options->n_inputs; i++) {
        n_stdin += strcmp(options->inputs[i], "-") == 0;
    }

    for (i = 0; i < options->n_item_files; i++) {
        n_stdin += strcmp(options->item_files[i], "-") == 0;
    }

    for (i = 0; i < options->n_user_files; i++) {
        n_stdin += strcmp(options->user_files[i], "-") == 0;
    }

    if (n_stdin > 1) {
        return recs_error(err, RECS_INVALID, "stdin can be read once only");
    }

    if (format != RECS_FORMAT_ACCESSLOG && format != RECS_FORMAT_SNIFF
        && (options->log_format != NULL || options->user_from != NULL
            || options->item_from != NULL))
    {
        return recs_error(err, RECS_INVALID, "a log format, and where user"
                          " and item stand in it, belong to accesslog, not to"
                          " %s", recs_format_name(format));
    }

    if (format != RECS_FORMAT_EVENTS && format != RECS_FORMAT_SNIFF
        && options->unverified)
    {
        return recs_error(err, RECS_INVALID, "unverified events belong to"
                          " events, not to %s", recs_format_name(format));
    }

    if (format != RECS_FORMAT_MOVIELENS && format != RECS_FORMAT_SNIFF
        && (options->min_rating != 0 || options->unrated))
    {
        return recs_error(err, RECS_INVALID, "a minimum rating and unrated"
                          " movies belong to movielens, not to %s",
                          recs_format_name(format));
    }

    return RECS_OK;
}


static recs_status_t
recs_import_read(recs_importer_t *im, recs_error_t *err)
{
    uint32_t                      i;
    recs_status_t                 status;
    const recs_import_options_t  *options;

    options = im->options;
    status = RECS_OK;

    for (i = 0; i < options->n_inputs && status == RECS_OK; i++) {
        status = recs_import_input(im, options->inputs[i], i == 0, err);
    }

    for (i = 0; i < options->n_item_files && status == RECS_OK; i++) {
        status = recs_import_attributes(im, options->item_files[i], 0, err);
    }

    for (i = 0; i < options->n_user_files && status == RECS_OK; i++) {
        status = recs_import_attributes(im, options->user_files[i], 1, err);
    }

    return status;
}


static recs_status_t
recs_import_input(recs_importer_t *im, const char *path, int first,
    recs_error_t *err)
{
    recs_input_t   in;
    recs_format_t  format;
    recs_status_t  status;

    static recs_status_t (*const  readers[])(recs_importer_t *im,
        recs_input_t *in, recs_error_t *err) =
    {
        [RECS_FORMAT_CSV]       = recs_import_csv,
        [RECS_FORMAT_JSONL]     = recs_import_jsonl,
        [RECS_FORMAT_EVENTS]    = recs_import_events,
        [RECS_FORMAT_LIGHTGCN]  = recs_import_lightgcn,
        [RECS_FORMAT_ACCESSLOG] = recs_import_accesslog
    };

    format = im->options->format;

    if (format == RECS_FORMAT_MOVIELENS
        || (format == RECS_FORMAT_SNIFF && recs_import_is_folder(path)))
    {
        im->report->format = RECS_FORMAT_MOVIELENS;
        return recs_import_movielens(im, path, err);
    }

    status = recs_input_open(&in, path, err);
    if (status != RECS_OK) {
        return status;
    }

    if (format == RECS_FORMAT_SNIFF) {
        status = recs_import_sniff(&in, &format, err);
    }

    if (status == RECS_OK) {

        if (first) {
            im->report->format = format;
        }

        status = readers[format](im, &in, err);
    }

    im->bytes_before += recs_input_bytes(&in);
    recs_input_close(&in);

    return status;
}


static recs_status_t
recs_import_attributes(recs_importer_t *im, const char *path, int users,
    recs_error_t *err)
{
    recs_input_t   in;
    recs_status_t  status;

    status = recs_input_open(&in, path, err);
    if (status != RECS_OK) {
        return status;
    }

    status = recs_import_entities(im, &in, users, err);

    im->bytes_before += recs_input_bytes(&in);
    recs_input_close(&in);

    return status;
}


/* 0 where it is not known: a pipe, a folder. */

static uint64_t
recs_import_size(const char *const *paths, uint32_t n)
{
    uint32_t     i;
    uint64_t     total;
    struct stat  st;

    total = 0;

    for (i = 0; i < n; i++) {
        if (stat(paths[i], &st) == 0 && S_ISREG(st.st_mode)) {
            total += (uint64_t) st.st_size;
        }
    }

    return total;
}


static int
recs_import_is_folder(const char *path)
{
    struct stat  st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}
