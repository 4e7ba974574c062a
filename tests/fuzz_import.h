/*
 * fuzz_import: the body that the fuzzers of the text formats share.
 */

#ifndef _FUZZ_IMPORT_H_INCLUDED_
#define _FUZZ_IMPORT_H_INCLUDED_


#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "recs_import.h"
#include "recs_split.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


/* A file in memory and its path; closed by the caller. */
static inline int
fuzz_file(const uint8_t *data, size_t size, char *path)
{
    int  fd;

    fd = memfd_create("fuzz", 0);

    if (fd == -1 || write(fd, data, size) != (ssize_t) size) {
        abort();
    }

    lseek(fd, 0, SEEK_SET);
    strcpy(path, "/proc/self/fd/");
    path[14] = (char) ('0' + fd / 100 % 10);
    path[15] = (char) ('0' + fd / 10 % 10);
    path[16] = (char) ('0' + fd % 10);
    path[17] = '\0';

    /* "/proc/self/fd/007" is no name of a descriptor. */
    while (path[14] == '0' && path[15] != '\0') {
        memmove(path + 14, path + 15, strlen(path + 14));
    }

    return fd;
}


/* Rows add up, and what was imported passes the reader's own checks. */
static inline void
fuzz_import(recs_import_options_t *options)
{
    char                    path[32];
    recs_error_t            err;
    recs_dataset_t         *dataset, *back;
    recs_import_report_t    report;

    if (recs_import_memory(options, &dataset, &report, &err) != RECS_OK) {
        return;
    }

    if (report.n_rows != report.n_kept + report.n_rejected + report.n_skipped
        || report.n_kept != report.n_interactions + report.n_duplicates
                            + report.n_repeats + report.n_bot_interactions
                            + report.n_rare_interactions)
    {
        abort();
    }

    strcpy(path, "/tmp/recs_fuzz_XXXXXX");
    close(mkstemp(path));

    if (recs_dataset_write(recs_dataset_view(dataset), path, &err) != RECS_OK
        || recs_dataset_open(&back, path, &err) != RECS_OK)
    {
        abort();
    }

    unlink(path);
    recs_dataset_close(back);
    recs_dataset_close(dataset);
}


/* options->format, over data as the only input. */
static inline void
fuzz_import_data(recs_import_options_t *options, const uint8_t *data,
    size_t size)
{
    int          fd;
    char         path[32];
    const char  *input;

    fd = fuzz_file(data, size, path);
    input = path;
    options->inputs = &input;
    options->n_inputs = 1;

    fuzz_import(options);

    close(fd);
}


#endif /* _FUZZ_IMPORT_H_INCLUDED_ */
