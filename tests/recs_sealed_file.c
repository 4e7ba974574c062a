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

#include "recs_golden.h"


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
}


void
recs_sealed_file_free(recs_sealed_file_t *file)
{
    free(file->bytes);
}


uint64_t
recs_sealed_file_offset(const recs_bundle_t *bundle, const void *address)
{
    return (uint64_t) ((const char *) address - bundle->map);
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

    fd = memfd_create("broken", 0);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, file->bytes, file->size), file->size);
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

    close(fd);

    return rc;
}
