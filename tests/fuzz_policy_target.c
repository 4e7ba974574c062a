/*
 * recs_policy_target_read() on any bytes: refused, or probabilities.
 *
 *     make fuzz FUZZERS=fuzz_policy_target
 */

#include "recs_policy_target.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int                    fd;
    char                   path[64];
    double                 p;
    uint32_t               position;
    recs_error_t           err;
    recs_policy_target_t  *target;

    const recs_str_t  slot = { "top", 3 };
    const recs_str_t  item = { "a", 1 };

    fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (fd == -1 || write(fd, data, size) != (ssize_t) size) {
        abort();
    }

    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);

    if (recs_policy_target_read(&target, path, &err) == RECS_OK) {
        for (position = 0; position < 3; position++) {
            p = recs_policy_target_probability(target, slot, position, item);

            if (!(p >= 0 && p <= 1)) {
                abort();
            }
        }

        recs_policy_target_destroy(target);
    }

    close(fd);

    return 0;
}
