#include "recs_trainers.h"

#include <string.h>


static const recs_trainer_t *const  recs_trainers[] = {
    &recs_popularity_trainer,
    &recs_ials_trainer,
    &recs_knn_trainer,
    &recs_ease_trainer,
    &recs_bpr_trainer,
    &recs_userknn_trainer,
    &recs_blend_trainer,
    &recs_content_trainer
};

#define RECS_TRAINERS_N  (sizeof(recs_trainers) / sizeof(recs_trainers[0]))


const recs_trainer_t *
recs_trainer_find(const char *name)
{
    uint32_t  i;

    for (i = 0; i < RECS_TRAINERS_N; i++) {
        if (strcmp(recs_trainers[i]->name, name) == 0) {
            return recs_trainers[i];
        }
    }

    return NULL;
}


const recs_trainer_t *
recs_trainer_at(uint32_t i)
{
    return i < RECS_TRAINERS_N ? recs_trainers[i] : NULL;
}
