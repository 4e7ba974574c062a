/*
 * Any text as a block of nginx: words, the lines of an experiment, and what
 * was settled lets nothing fall through.
 *
 *     make fuzz FUZZERS=fuzz_experiment
 */

#include "recs_experiment.h"
#include "recs_nginx_words.h"

#include <stdlib.h>
#include <string.h>


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void
fuzz_settled(const recs_experiment_t *x)
{
    uint32_t  i;
    int32_t   variant, last;

    last = -1;

    for (i = 0; i < 10000; i++) {
        variant = recs_bucket_choose(i / 10000.0, x->ranges, x->n_variants);

        if (variant >= 0 && variant < last) {
            abort();
        }

        if (variant == -1 && x->coverage == 1) {
            abort();
        }

        last = variant >= 0 ? variant : last;
    }
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char               *copy;
    recs_error_t        err;
    recs_experiment_t   x;
    recs_nginx_line_t   line;
    recs_nginx_text_t   text;

    static const recs_str_t  name = { "t", 1 };

    copy = malloc(size);

    if (copy == NULL && size > 0) {
        return 0;
    }

    if (size > 0) {
        memcpy(copy, data, size);
    }

    text.name = "f";
    text.p = copy;
    text.last = size > 0 ? copy + size : copy;
    text.line = 1;

    if (recs_experiment_init(&x, name, &err) != RECS_OK) {
        abort();
    }

    while (recs_nginx_words_next(&text, &line, &err) == RECS_OK) {
        if (line.end == ';') {
            recs_experiment_set(&x, line.words, line.n, &err);
        }
    }

    if (recs_experiment_settle(&x, &err) == RECS_OK) {
        fuzz_settled(&x);
    }

    free(copy);

    return 0;
}
