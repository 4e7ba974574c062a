#include "recs_id_set.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>


#define RECS_ID_SET_INITIAL  4096


static recs_status_t recs_id_set_grow(recs_id_set_t *set);
static size_t recs_id_set_slot(uint64_t (*table)[2], size_t size,
    const uint64_t *key);


recs_status_t
recs_id_set_add(recs_id_set_t *set, recs_str_t id, int *added)
{
    size_t          slot;
    uint64_t        key[2];
    XXH128_hash_t   hash;

    /* Three quarters at most are taken. */

    if (set->n >= set->size - set->size / 4
        && recs_id_set_grow(set) != RECS_OK)
    {
        return RECS_NOMEM;
    }

    hash = XXH3_128bits(id.data, id.len);
    key[0] = hash.low64;
    key[1] = hash.high64 | 1;                     /* never the free mark */

    slot = recs_id_set_slot(set->table, set->size, key);
    *added = set->table[slot][1] == 0;

    if (*added) {
        memcpy(set->table[slot], key, sizeof(key));
        set->n++;
    }

    return RECS_OK;
}


void
recs_id_set_free(recs_id_set_t *set)
{
    free(set->table);
    memset(set, 0, sizeof(*set));
}


static recs_status_t
recs_id_set_grow(recs_id_set_t *set)
{
    size_t      i, size, slot;
    uint64_t  (*table)[2];

    size = set->size ? 2 * set->size : RECS_ID_SET_INITIAL;

    table = calloc(size, sizeof(*table));
    if (table == NULL) {
        return RECS_NOMEM;
    }

    for (i = 0; i < set->size; i++) {
        if (set->table[i][1] != 0) {
            slot = recs_id_set_slot(table, size, set->table[i]);
            memcpy(table[slot], set->table[i], sizeof(*table));
        }
    }

    free(set->table);
    set->table = table;
    set->size = size;

    return RECS_OK;
}


static size_t
recs_id_set_slot(uint64_t (*table)[2], size_t size, const uint64_t *key)
{
    size_t  slot;

    slot = key[0] & (size - 1);

    while (table[slot][1] != 0
           && (table[slot][0] != key[0] || table[slot][1] != key[1]))
    {
        slot = (slot + 1) & (size - 1);
    }

    return slot;
}
