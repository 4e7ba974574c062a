/*
 * recs_npy_read() on any bytes: refused, or an array of the file's size.
 *
 *     make fuzz FUZZERS=fuzz_npy
 */

#include "recs_npy.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int           fd;
    char          path[64];
    size_t        i;
    recs_npy_t    npy;
    recs_error_t  err;

    fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (fd == -1 || write(fd, data, size) != (ssize_t) size) {
        abort();
    }

    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);

    if (recs_npy_read(&npy, path, &err) == RECS_OK) {
        for (i = 0; i < (size_t) npy.n_rows * npy.n_cols; i++) {
            if (!isfinite(npy.values[i])) {
                abort();
            }
        }

        free(npy.values);
    }

    close(fd);

    return 0;
}
