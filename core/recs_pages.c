#include "recs_pages.h"

#include <sys/mman.h>


void *
recs_pages_map(size_t size)
{
    void  *p;

    p = mmap(NULL, size + 1, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return p != MAP_FAILED ? p : NULL;
}


void
recs_pages_unmap(void *p, size_t size)
{
    if (p != NULL) {
        (void) munmap(p, size + 1);
    }
}
