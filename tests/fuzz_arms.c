/*
 * recs_arms_read() on any text: refused, or arms that keep every promise of
 * the header.
 *
 *     make fuzz FUZZERS=fuzz_arms
 */

#include "recs_arms.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    double        sum, probabilities[RECS_ARMS_MAX];
    unsigned      i;
    recs_str_t    text;
    recs_arms_t   arms;
    recs_error_t  err;

    text.data = (const char *) data;
    text.len = size;

    if (recs_arms_read(&arms, text, &err) != RECS_OK) {

        if (err.message[0] == '\0') {
            abort();
        }

        return 0;
    }

    if (arms.n < 2 || arms.n > RECS_ARMS_MAX
        || arms.epoch.len == 0 || arms.epoch.len > RECS_EPOCH_MAX
        || !recs_name_valid(arms.experiment.data, arms.experiment.len)
        || recs_arms_match(&arms, arms.experiment, arms.names, arms.n,
                           probabilities, NULL) != RECS_OK)
    {
        abort();
    }

    for (sum = 0, i = 0; i < arms.n; i++) {

        if (arms.names[i].len == 0 || arms.names[i].len > RECS_ARM_NAME_MAX
            || !(probabilities[i] >= RECS_ARM_FLOOR && probabilities[i] <= 1)
            || probabilities[i] != arms.probabilities[i])
        {
            abort();
        }

        sum += probabilities[i];
    }

    if (!(fabs(sum - 1) <= 1e-9)) {
        abort();
    }

    return 0;
}
