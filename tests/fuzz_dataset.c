/*
 * Any bytes as a dataset file, with contexts or without.  Its checksums are
 * made to fit, so that the structural checks behind them are reached.
 */

#include "fuzz_import.h"

#include <stdio.h>
#include <xxhash.h>

#include "recs_dataset_format.h"


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int                          fd;
    char                         path[32];
    double                       sum;
    uint32_t                     u, context, segment, i;
    uint64_t                     k;
    recs_error_t                 err;
    recs_dataset_t              *dataset;
    recs_dataset_header_t       *h;
    const recs_dataset_view_t   *v;

    if (size < sizeof(*h)) {
        return 0;
    }

    h = malloc(size);
    memcpy(h, data, size);
    memcpy(h->magic, RECS_DATASET_MAGIC, 8);
    h->version = h->version % 2 ? RECS_DATASET_PLAIN : RECS_DATASET_CONTEXTS;
    h->byte_order = RECS_DATASET_BYTE_ORDER;
    h->file_size = size;
    h->payload_hash = XXH3_64bits(h + 1, size - sizeof(*h));
    h->header_hash = XXH3_64bits(h, offsetof(recs_dataset_header_t,
                                             header_hash));

    fd = fuzz_file((const uint8_t *) h, size, path);
    free(h);

    if (recs_dataset_open(&dataset, path, &err) == RECS_OK) {
        v = recs_dataset_view(dataset);
        sum = 0;

        for (u = 0; u < v->n_users; u++) {
            for (k = v->user_offsets[u]; k < v->user_offsets[u + 1]; k++) {
                sum += v->weights[k] + v->items[k];

                if (v->contexts.numbers == NULL) {
                    continue;
                }

                context = v->contexts.numbers[k];

                for (i = 0; i < RECS_CONTEXTS_MAX; i++) {
                    segment = v->contexts.rows[context * RECS_CONTEXTS_MAX
                                               + i];

                    if (segment != RECS_CONTEXT_END) {
                        sum += (double) strlen(v->contexts.segments[segment]);
                    }
                }
            }
        }

        if (sum < 0) {
            abort();
        }

        recs_dataset_close(dataset);
    }

    close(fd);

    return 0;
}
