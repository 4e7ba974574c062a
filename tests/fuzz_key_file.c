/*
 * Any text as a key file.
 *
 *     make fuzz FUZZERS=fuzz_key_file
 */

#include "recs_key_file.h"

#include <stdlib.h>


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned         i;
    recs_error_t     err;
    recs_status_t    status;
    recs_key_file_t  keys;

    status = recs_key_file_parse("k", (const char *) data, size, &keys, &err);

    if (status != RECS_OK) {
        return 0;
    }

    if (keys.n == 0 || keys.n > RECS_KEY_FILE_LIVE) {
        abort();
    }

    for (i = 0; i < keys.n; i++) {
        if (keys.live[i].kid == 0 || keys.live[i].len < RECS_KEY_MIN
            || keys.live[i].len > RECS_KEY_MAX)
        {
            abort();
        }
    }

    return 0;
}
