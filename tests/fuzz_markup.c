/*
 * Any bytes, cut anywhere: they all come out, and the cuts change nothing.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "recs_markup_run.h"


typedef struct {
    const uint8_t  *sizes;
    size_t          n;
    size_t          i;
} fuzz_cuts_t;


static size_t
fuzz_cut(void *data)
{
    fuzz_cuts_t  *cuts = data;

    /* In single bytes nothing is passed over in one go. */

    return cuts->sizes[0] & 1
           ? 1 : 1 + cuts->sizes[cuts->i++ % cuts->n] % 32;
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t              max_size;
    fuzz_cuts_t         cuts;
    recs_markup_run_t   whole, cut;

    if (size < 8) {
        return 0;
    }

    max_size = data[0] * 4;
    cuts.sizes = data + 1;
    cuts.n = 7;
    cuts.i = 0;
    data += 8;
    size -= 8;

    recs_markup_run(&whole, (const char *) data, size, max_size, NULL, NULL);
    recs_markup_run(&cut, (const char *) data, size, max_size, fuzz_cut,
                    &cuts);

    if (whole.len != size || memcmp(whole.text, data, size) != 0
        || cut.len != size || memcmp(cut.text, data, size) != 0
        || whole.n_elements != cut.n_elements
        || strcmp(whole.found, cut.found) != 0)
    {
        abort();
    }

    recs_markup_run_free(&whole);
    recs_markup_run_free(&cut);

    return 0;
}
