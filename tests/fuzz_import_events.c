/* Any bytes as events. */

#include "fuzz_import.h"


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    recs_import_options_t  options;

    memset(&options, 0, sizeof(options));
    options.format = RECS_FORMAT_EVENTS;

    fuzz_import_data(&options, data, size);

    return 0;
}
