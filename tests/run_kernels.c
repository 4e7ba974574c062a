/*
 * All kernels of this machine against the portable one, without cmocka: what
 * runs under an emulator where there is no such machine.
 *
 *     run_kernels NAME...    the kernels that must be among them
 *
 * Prints a digest of codes and inner products, made without libm's help, that
 * has to be the same on every machine.
 */

#include <stdio.h>
#include <string.h>

#include "recs_codes.h"
#include "recs_kernel.h"
#include "recs_kernel_check.h"
#include "recs_rng.h"


#define N_FACTORS  96


static uint64_t
digest(uint64_t sum, const void *data, size_t n)
{
    size_t          i;
    const uint8_t  *p;

    p = data;

    for (i = 0; i < n; i++) {
        sum = (sum ^ p[i]) * 0x100000001b3;
    }

    return sum;
}


static uint64_t
digest_kind(recs_codes_kind_t kind, uint64_t sum)
{
    float               rows[RECS_BLOCK_ITEMS][N_FACTORS],
                        scratch[RECS_BLOCK_ITEMS * N_FACTORS], score;
    int8_t              query[N_FACTORS];
    uint8_t             codes[RECS_BLOCK_ITEMS * N_FACTORS];
    uint32_t            i, f;
    recs_rng_t          rng;
    const float        *of[RECS_BLOCK_ITEMS];
    recs_code_block_t   block;
    recs_code_query_t   q;

    recs_rng_seed(&rng, 11);

    for (i = 0; i < RECS_BLOCK_ITEMS; i++) {
        for (f = 0; f < N_FACTORS; f++) {
            rows[i][f] = (float) (recs_rng_uniform(&rng) - 0.5);
        }

        of[i] = rows[i];
    }

    recs_codes_encode(kind, N_FACTORS, of, RECS_BLOCK_ITEMS, scratch, codes,
                      &block);
    sum = digest(sum, codes, recs_codes_block_size(kind, N_FACTORS));
    sum = digest(sum, &block, sizeof(recs_code_block_t));

    q.codes = query;

    for (i = 0; i < RECS_BLOCK_ITEMS; i++) {
        recs_codes_query(kind, N_FACTORS, rows[i], i % 3, &q);
        sum = digest(sum, query, N_FACTORS);
        sum = digest(sum, &q.scale, sizeof(double));
        sum = digest(sum, &q.error, sizeof(double));

        score = recs_kernel()->dot(rows[i], rows[0], N_FACTORS);
        sum = digest(sum, &score, sizeof(float));
    }

    return sum;
}


/* Returns 1 if it was found and is as the portable one. */
static int
run(const char *name)
{
    char                         detail[128];
    uint32_t                     n;
    const char                  *wrong;
    const recs_kernel_t *const  *k;

    for (k = recs_kernel_all(); *k != NULL; k++) {

        if (strcmp((*k)->name, name) != 0) {
            continue;
        }

        if (!(*k)->usable()) {
            printf("%s: not on this processor\n", name);
            return 0;
        }

        wrong = recs_kernel_check(*k, detail, &n);

        if (wrong != NULL) {
            printf("%s: %s: %s\n", name, detail, wrong);
            return 0;
        }

        printf("%s: as portable, %u scans\n", name, n);
        return 1;
    }

    printf("%s: no such kernel\n", name);

    return 0;
}


int
main(int argc, char **argv)
{
    int       i, failed;
    uint64_t  sum;

    failed = 0;

    for (i = 1; i < argc; i++) {
        failed |= !run(argv[i]);
    }

    sum = digest_kind(RECS_CODES_INT8, 0xcbf29ce484222325);
    sum = digest_kind(RECS_CODES_INT4, sum);
    printf("digest %016llx\n", (unsigned long long) sum);

    return failed;
}
