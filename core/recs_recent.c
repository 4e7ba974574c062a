#include "recs_recent.h"

#include <stdatomic.h>

#include <xxhash.h>


#define RECS_RECENT_LINE        64
#define RECS_RECENT_PLACES      16
#define RECS_RECENT_PER_BUCKET  2       /* ids of one generation */
#define RECS_RECENT_TRIES       4

/* Generations are 1 to 0xffff, then 1 again: 0 is a place never used. */
#define RECS_RECENT_CYCLE       0xffff
#define RECS_RECENT_MASK        ((uint64_t) 0xffff)


struct recs_recent_s {
    uint64_t          seed;
    uint32_t          window;
    uint32_t          n_buckets;
    _Atomic uint64_t  n_added;
    char              rest[RECS_RECENT_LINE - 24];
    _Atomic uint64_t  places[];
};


size_t
recs_recent_size(uint32_t window)
{
    return sizeof(recs_recent_t)
           + (size_t) (window / RECS_RECENT_PER_BUCKET) * RECS_RECENT_PLACES
             * sizeof(uint64_t);
}


recs_recent_t *
recs_recent_init(void *memory, uint32_t window, uint64_t seed)
{
    recs_recent_t  *set;

    set = memory;

    set->seed = seed;
    set->window = window;
    set->n_buckets = window / RECS_RECENT_PER_BUCKET;
    atomic_init(&set->n_added, 0);

    return set;
}


/* How many generations ago the place was taken; 0xffff: never. */
static uint64_t
recs_recent_age(uint64_t place, uint64_t generation)
{
    place &= RECS_RECENT_MASK;

    if (place == 0) {
        return RECS_RECENT_CYCLE;
    }

    return (generation + RECS_RECENT_CYCLE - place) % RECS_RECENT_CYCLE;
}


/*
 * Where an id of that hash would go: the first place that is free, else the
 * oldest.  NULL: it is in the bucket.
 */
static _Atomic uint64_t *
recs_recent_place(_Atomic uint64_t *bucket, uint64_t hash,
    uint64_t generation, uint64_t *was)
{
    int                i;
    uint64_t           place, age, oldest;
    _Atomic uint64_t  *found;

    found = bucket;
    oldest = 0;
    *was = 0;

    for (i = 0; i < RECS_RECENT_PLACES; i++) {

        place = atomic_load_explicit(&bucket[i], memory_order_relaxed);
        age = recs_recent_age(place, generation);

        if (age <= 1 && ((place ^ hash) & ~RECS_RECENT_MASK) == 0) {
            return NULL;
        }

        /* All that are free are free alike. */

        age = age > 2 ? 2 : age;

        if (i == 0 || age > oldest) {
            found = &bucket[i];
            oldest = age;
            *was = place;
        }
    }

    return found;
}


int
recs_recent_add(recs_recent_t *set, const char *id, size_t len)
{
    int                tries;
    uint64_t           hash, generation, was;
    _Atomic uint64_t  *bucket, *place;

    hash = XXH3_64bits_withSeed(id, len, set->seed);

    generation = atomic_load_explicit(&set->n_added, memory_order_relaxed)
                 / set->window % RECS_RECENT_CYCLE + 1;

    bucket = &set->places[(hash & (set->n_buckets - 1)) * RECS_RECENT_PLACES];

    /* Somebody else may take the place, for this very id too. */

    for (tries = 0; tries < RECS_RECENT_TRIES; tries++) {

        place = recs_recent_place(bucket, hash, generation, &was);
        if (place == NULL) {
            return 0;
        }

        if (atomic_compare_exchange_strong(place, &was,
                                           (hash & ~RECS_RECENT_MASK)
                                           | generation))
        {
            break;
        }
    }

    atomic_fetch_add_explicit(&set->n_added, 1, memory_order_relaxed);

    return 1;
}
