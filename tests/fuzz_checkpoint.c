/*
 * A checkpoint whose hash and key are right and whose states are anything: it
 * is refused as damaged, or has states that can be loaded, saved and read back.
 *
 *     make fuzz FUZZERS=fuzz_checkpoint
 */

#include "recs_checkpoint.h"
#include "recs_temp.h"
#include "recs_tiny_dataset.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <xxhash.h>


#define HEADER_MAX  256


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static recs_dataset_t        *dataset;
static const recs_trainer_t  *trainer;
static double                 values[RECS_PARAMS_MAX];
static recs_train_options_t   options;

/* A checkpoint's bytes before its states; the last 8 are their number. */
static char                   header[HEADER_MAX];
static size_t                 n_header;


static recs_status_t
open_at(recs_checkpoint_t **checkpoint, const char *path, recs_error_t *err)
{
    return recs_checkpoint_open(checkpoint, path, 0, dataset, trainer,
                                &options, err);
}


static void
prepare(const char *path)
{
    FILE               *in;
    recs_checkpoint_t  *c;

    dataset = recs_tiny_random_dataset(5, 5, 10, 1);
    trainer = recs_trainer_find("ials");
    recs_trainer_defaults(trainer, values);
    options.values = values;
    options.n_threads = 1;

    unlink(path);

    if (open_at(&c, path, NULL) != RECS_OK) {
        abort();
    }

    recs_checkpoint_close(c);

    in = fopen(path, "rb");
    if (in == NULL) {
        abort();
    }

    n_header = fread(header, 1, sizeof(header), in);
    fclose(in);

    if (n_header <= sizeof(XXH128_canonical_t) || n_header == sizeof(header)) {
        abort();
    }

    n_header -= sizeof(XXH128_canonical_t);
}


/* The first byte is the number of states, the others they. */
static void
put(const uint8_t *data, size_t size)
{
    char                *bytes;
    size_t               len;
    uint64_t             n_states;
    XXH128_canonical_t   seal;

    bytes = malloc(n_header + size + sizeof(seal));
    if (bytes == NULL) {
        abort();
    }

    n_states = size > 0 ? data[0] : 0;
    memcpy(bytes, header, n_header);
    memcpy(bytes + n_header - sizeof(n_states), &n_states, sizeof(n_states));
    len = n_header;

    if (size > 1) {
        memcpy(bytes + len, data + 1, size - 1);
        len += size - 1;
    }

    XXH128_canonicalFromHash(&seal, XXH3_128bits(bytes, len));
    memcpy(bytes + len, &seal, sizeof(seal));
    recs_temp_write("fuzzed", bytes, len + sizeof(seal));
    free(bytes);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char                    word[4] = "abc";
    recs_error_t            err;
    recs_status_t           rc;
    recs_checkpoint_t      *c;
    recs_checkpoint_part_t  part = { word, sizeof(word) };

    static char  path[4096];

    if (path[0] == '\0') {
        snprintf(path, sizeof(path), "%s", recs_temp_path("fuzzed"));
        prepare(path);
    }

    put(data, size);

    if (open_at(&c, path, &err) != RECS_OK) {
        if (err.status != RECS_CORRUPT) {
            abort();
        }

        return 0;
    }

    (void) recs_checkpoint_load(c, "a", &part, 1);
    rc = recs_checkpoint_save(c, "b", &part, 1, 1, &err);
    recs_checkpoint_forget(c, NULL);
    recs_checkpoint_close(c);

    if (rc != RECS_OK) {
        if (rc != RECS_LIMIT) {
            abort();
        }

        return 0;
    }

    if (open_at(&c, path, &err) != RECS_OK
        || !recs_checkpoint_load(c, "b", &part, 1))
    {
        abort();
    }

    recs_checkpoint_close(c);

    return 0;
}
