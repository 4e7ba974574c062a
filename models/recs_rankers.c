#include "recs_rankers.h"

#include <string.h>


static const recs_ranker_t *const  recs_rankers[] = {
    &recs_logistic_ranker,
    &recs_mlp_ranker,
    &recs_trees_ranker
};

#define RECS_RANKERS_N  (sizeof(recs_rankers) / sizeof(recs_rankers[0]))


const recs_ranker_t *
recs_ranker_find(const char *name)
{
    uint32_t  i;

    for (i = 0; i < RECS_RANKERS_N; i++) {
        if (strcmp(recs_rankers[i]->name, name) == 0) {
            return recs_rankers[i];
        }
    }

    return NULL;
}


const recs_ranker_t *
recs_ranker_at(uint32_t i)
{
    return i < RECS_RANKERS_N ? recs_rankers[i] : NULL;
}
