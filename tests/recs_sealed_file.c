#include "recs_sealed_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recs_bundle_write.h"
#include "recs_golden.h"
#include "recs_temp.h"


void
recs_sealed_file_read(recs_sealed_file_t *file, const char *path)
{
    int          fd;
    struct stat  st;

    fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &st), 0);

    file->size = (uint64_t) st.st_size;
    file->bytes = malloc(file->size);
    assert_non_null(file->bytes);
    assert_int_equal(pread(fd, file->bytes, file->size, 0), st.st_size);

    close(fd);

    file->bundle = NULL;
}


void
recs_sealed_file_make(recs_sealed_file_t *file,
    const recs_fixture_params_t *params, uint64_t shard_size)
{
    uint64_t       usual;
    const char    *path;
    recs_error_t   err;

    path = recs_temp_path("good.mdb");
    usual = recs_bundle_shard_size;

    recs_bundle_shard_size = shard_size > 0 ? shard_size : usual;
    recs_fixture_bundle(params, path);
    recs_bundle_shard_size = usual;

    recs_sealed_file_read(file, path);

    if (recs_bundle_open(&file->bundle, path, 0, &err) != RECS_OK) {
        fail_msg("%s", err.message);
    }

    unlink(path);
}


void
recs_sealed_file_free(recs_sealed_file_t *file)
{
    recs_bundle_close(file->bundle);
    free(file->bytes);
}


const void *
recs_sealed_file_row(const recs_sealed_file_t *file, recs_table_id_t id,
    uint64_t row)
{
    assert_true(file->bundle->tables[id].n_shards > 0);
    assert_true(row < file->bundle->tables[id].table.n_rows);

    return recs_table_row(&file->bundle->tables[id].table, row);
}


void
recs_sealed_file_rename(recs_sealed_file_t *file, const char *from,
    const char *to)
{
    char      *p;
    size_t     len;
    unsigned   n;

    len = strlen(from);
    p = file->bytes;

    for (n = 0; /* void */ ; n++, p += len) {
        p = memmem(p, (size_t) (file->bytes + file->size - p), from, len);

        if (p == NULL) {
            break;
        }

        memcpy(p, to, len);
    }

    assert_true(n > 0);
}


uint64_t
recs_sealed_file_offset(const recs_bundle_t *bundle, const void *address)
{
    return (uint64_t) ((const char *) address - bundle->map);
}


/* One for all copies: fresh pages for each would cost more than the rest. */
static int
recs_sealed_file_copy(const recs_sealed_file_t *file)
{
    static int  fd = -1;

    if (fd == -1) {
        fd = memfd_create("broken", 0);
        assert_true(fd >= 0);
    }

    assert_int_equal(ftruncate(fd, (off_t) file->size), 0);
    assert_int_equal(pwrite(fd, file->bytes, file->size, 0), file->size);

    return fd;
}


recs_status_t
recs_sealed_file_try(const recs_sealed_file_t *file, uint64_t offset,
    const void *bytes, size_t n, int seal, recs_error_t *err)
{
    int             fd;
    unsigned        n_checked;
    recs_status_t   rc;
    recs_bundle_t  *bundle;

    assert_true(offset + n <= file->size);

    fd = recs_sealed_file_copy(file);
    assert_int_equal(pwrite(fd, bytes, n, (off_t) offset), n);

    if (seal) {
        assert_int_equal(recs_seal_write(fd, "broken",
                                         file->size - RECS_SEAL_SIZE, err),
                         RECS_OK);
    }

    rc = recs_bundle_open_fd(&bundle, fd, "broken", 0, err);

    if (rc == RECS_OK) {
        rc = recs_golden_check(bundle, 10000, &n_checked, err);
        recs_bundle_close(bundle);
    }

    return rc;
}


recs_status_t
recs_sealed_file_refused(const recs_sealed_file_t *file, const void *address,
    const void *bytes, size_t n, int seal, const char *words)
{
    recs_error_t   err;
    recs_status_t  rc;

    rc = recs_sealed_file_try(file,
                              recs_sealed_file_offset(file->bundle, address),
                              bytes, n, seal, &err);

    if (rc == RECS_OK) {
        fail_msg("opened, though: %s", words);
    }

    if (strstr(err.message, words) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", err.message, words);
    }

    return rc;
}
