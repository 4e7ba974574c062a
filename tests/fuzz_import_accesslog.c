/* The first line is a log format, the rest a log of it. */

#include "fuzz_import.h"


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char                   format[256];
    const uint8_t         *lf;
    recs_import_options_t  options;

    memset(&options, 0, sizeof(options));
    options.format = RECS_FORMAT_ACCESSLOG;
    options.user_from = "$remote_user";
    options.item_from = size & 1 ? "/item/{}" : "id";

    lf = memchr(data, '\n', size);

    if (lf != NULL && lf > data && (size_t) (lf - data) < sizeof(format)) {
        memcpy(format, data, (size_t) (lf - data));
        format[lf - data] = '\0';
        options.log_format = format;
        size -= (size_t) (lf + 1 - data);
        data = lf + 1;
    }

    fuzz_import_data(&options, data, size);

    return 0;
}
