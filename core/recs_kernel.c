#include "recs_kernel.h"

#include <string.h>

#include "recs_kernel_set.h"


static const recs_kernel_t *const  recs_kernels[] = {
#if defined(__x86_64__)
    &recs_kernel_avx512,
    &recs_kernel_avxvnni,
    &recs_kernel_avx2,
#endif
#if RECS_KERNEL_HAS_NEON
    &recs_kernel_neon,
#endif
    &recs_kernel_portable,
    NULL
};

static const recs_kernel_t  *recs_kernel_chosen;


/* Threads that come here at once choose the same. */
const recs_kernel_t *
recs_kernel(void)
{
    unsigned              i;
    const recs_kernel_t  *kernel;

    kernel = __atomic_load_n(&recs_kernel_chosen, __ATOMIC_RELAXED);

    if (kernel != NULL) {
        return kernel;
    }

    i = 0;

    while (!recs_kernels[i]->usable()) {
        i++;
    }

    __atomic_store_n(&recs_kernel_chosen, recs_kernels[i], __ATOMIC_RELAXED);

    return recs_kernels[i];
}


const recs_kernel_t *const *
recs_kernel_all(void)
{
    return recs_kernels;
}


recs_status_t
recs_kernel_use(const char *name, recs_error_t *err)
{
    unsigned  i;

    for (i = 0; recs_kernels[i] != NULL; i++) {

        if (strcmp(recs_kernels[i]->name, name) != 0) {
            continue;
        }

        if (!recs_kernels[i]->usable()) {
            return recs_error(err, RECS_INVALID, "this processor cannot run "
                              "the kernel \"%s\"", name);
        }

        __atomic_store_n(&recs_kernel_chosen, recs_kernels[i],
                         __ATOMIC_RELAXED);
        return RECS_OK;
    }

    return recs_error(err, RECS_INVALID, "there is no kernel \"%s\"", name);
}
