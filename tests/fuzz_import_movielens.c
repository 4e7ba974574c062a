/* Three files, parted by 0xff, in one folder; the first byte: csv or dat. */

#include "fuzz_import.h"

#include <stdio.h>


static void
write_part(const char *folder, const char *name, const char *suffix,
    const uint8_t *data, size_t size)
{
    char   path[128];
    FILE  *file;

    snprintf(path, sizeof(path), "%s/%s.%s", folder, name, suffix);
    file = fopen(path, "wb");

    if (file == NULL || fwrite(data, 1, size, file) != size) {
        abort();
    }

    fclose(file);
}


static void
remove_folder(const char *folder, const char *suffix)
{
    size_t  i;
    char    path[128];

    static const char *const  names[] = { "ratings", "movies", "tags" };

    for (i = 0; i < 3; i++) {
        snprintf(path, sizeof(path), "%s/%s.%s", folder, names[i], suffix);
        unlink(path);
    }

    rmdir(folder);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t                 i, len;
    char                   folder[32];
    const char            *suffix, *input;
    const uint8_t         *end;
    recs_import_options_t  options;

    static const char *const  names[] = { "ratings", "movies", "tags" };

    if (size == 0) {
        return 0;
    }

    strcpy(folder, "/tmp/recs_fuzz_XXXXXX");

    if (mkdtemp(folder) == NULL) {
        abort();
    }

    suffix = data[0] & 1 ? "dat" : "csv";

    memset(&options, 0, sizeof(options));
    options.format = RECS_FORMAT_MOVIELENS;
    options.unrated = data[0] >> 1 & 1;
    input = folder;
    options.inputs = &input;
    options.n_inputs = 1;

    data++;
    size--;

    for (i = 0; i < 3; i++) {
        end = memchr(data, 0xff, size);
        len = end ? (size_t) (end - data) : size;
        write_part(folder, names[i], suffix, data, len);
        len += end != NULL;
        data += len;
        size -= len;
    }

    fuzz_import(&options);
    remove_folder(folder, suffix);

    return 0;
}
