#include "recs_id_map.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <xxhash.h>

#include "recs_arena.h"


#define RECS_ID_MAP_INITIAL  1024


typedef struct {
    const char      *id;
    uint32_t         hash;
    uint32_t         len;
} recs_id_entry_t;

struct recs_id_map_s {
    recs_id_entry_t  *entries;                    /* [n] of size */
    uint32_t          n;
    uint32_t          size;
    uint32_t         *table;                      /* number + 1; 0: free */
    uint32_t          mask;
    uint64_t          seed;
    recs_arena_t      arena;
};


static uint32_t recs_id_map_slot(const recs_id_map_t *map, recs_str_t id,
    uint32_t hash);
static recs_status_t recs_id_map_grow(recs_id_map_t *map);
static int recs_id_map_compare(const void *a, const void *b, void *data);


recs_id_map_t *
recs_id_map_create(void)
{
    recs_id_map_t  *map;

    map = calloc(1, sizeof(recs_id_map_t));
    if (map == NULL) {
        return NULL;
    }

    if (getrandom(&map->seed, sizeof(map->seed), GRND_NONBLOCK) == -1) {
        map->seed = (uintptr_t) map;
    }

    map->size = RECS_ID_MAP_INITIAL;
    map->mask = 2 * RECS_ID_MAP_INITIAL - 1;
    map->entries = malloc(map->size * sizeof(recs_id_entry_t));
    map->table = calloc(map->mask + (size_t) 1, sizeof(uint32_t));

    if (map->entries == NULL || map->table == NULL) {
        recs_id_map_destroy(map);
        return NULL;
    }

    return map;
}


void
recs_id_map_destroy(recs_id_map_t *map)
{
    if (map != NULL) {
        recs_arena_free(&map->arena);
        free(map->entries);
        free(map->table);
        free(map);
    }
}


recs_status_t
recs_id_map_add(recs_id_map_t *map, recs_str_t id, uint32_t *number)
{
    char             *copy;
    uint32_t          hash, slot;
    recs_id_entry_t  *entry;

    hash = (uint32_t) XXH3_64bits_withSeed(id.data, id.len, map->seed);
    slot = recs_id_map_slot(map, id, hash);

    if (map->table[slot] != 0) {
        *number = map->table[slot] - 1;
        return RECS_OK;
    }

    if (map->n == RECS_ID_MAP_MAX) {
        return RECS_LIMIT;
    }

    if (map->n == map->size) {

        if (recs_id_map_grow(map) != RECS_OK) {
            return RECS_NOMEM;
        }

        slot = recs_id_map_slot(map, id, hash);
    }

    copy = recs_arena_copy(&map->arena, id.data, id.len);
    if (copy == NULL) {
        return RECS_NOMEM;
    }

    entry = &map->entries[map->n];
    entry->id = copy;
    entry->len = (uint32_t) id.len;
    entry->hash = hash;

    *number = map->n;
    map->table[slot] = ++map->n;

    return RECS_OK;
}


uint32_t
recs_id_map_find(const recs_id_map_t *map, recs_str_t id)
{
    uint32_t  hash, slot;

    hash = (uint32_t) XXH3_64bits_withSeed(id.data, id.len, map->seed);
    slot = recs_id_map_slot(map, id, hash);

    return map->table[slot] ? map->table[slot] - 1 : RECS_ID_MAP_NONE;
}


uint32_t
recs_id_map_count(const recs_id_map_t *map)
{
    return map->n;
}


recs_str_t
recs_id_map_id(const recs_id_map_t *map, uint32_t number)
{
    recs_str_t  id;

    id.data = map->entries[number].id;
    id.len = map->entries[number].len;

    return id;
}


recs_status_t
recs_id_map_order(const recs_id_map_t *map, const uint8_t *keep,
    uint32_t **order, uint32_t *n)
{
    uint32_t  i, count, *sorted;

    sorted = malloc((map->n + (size_t) 1) * sizeof(uint32_t));
    if (sorted == NULL) {
        return RECS_NOMEM;
    }

    count = 0;

    for (i = 0; i < map->n; i++) {
        if (keep[i]) {
            sorted[count++] = i;
        }
    }

    qsort_r(sorted, count, sizeof(uint32_t), recs_id_map_compare,
            (void *) map);

    *order = sorted;
    *n = count;

    return RECS_OK;
}


/* The slot of id, or the free one where it belongs. */

static uint32_t
recs_id_map_slot(const recs_id_map_t *map, recs_str_t id, uint32_t hash)
{
    uint32_t                slot, number;
    const recs_id_entry_t  *entry;

    for (slot = hash & map->mask; /* void */ ; slot = (slot + 1) & map->mask) {
        number = map->table[slot];

        if (number == 0) {
            return slot;
        }

        entry = &map->entries[number - 1];

        if (entry->hash == hash && entry->len == id.len
            && memcmp(entry->id, id.data, id.len) == 0)
        {
            return slot;
        }
    }
}


static recs_status_t
recs_id_map_grow(recs_id_map_t *map)
{
    uint32_t          i, slot, mask, *table;
    recs_id_entry_t  *entries;

    entries = realloc(map->entries,
                      2 * (size_t) map->size * sizeof(recs_id_entry_t));
    if (entries == NULL) {
        return RECS_NOMEM;
    }

    map->entries = entries;
    mask = 4 * map->size - 1;

    table = calloc(mask + (size_t) 1, sizeof(uint32_t));
    if (table == NULL) {
        return RECS_NOMEM;
    }

    for (i = 0; i < map->n; i++) {
        slot = entries[i].hash & mask;

        while (table[slot] != 0) {
            slot = (slot + 1) & mask;
        }

        table[slot] = i + 1;
    }

    free(map->table);
    map->table = table;
    map->mask = mask;
    map->size *= 2;

    return RECS_OK;
}


static int
recs_id_map_compare(const void *a, const void *b, void *data)
{
    return recs_id_compare(recs_id_map_id(data, *(const uint32_t *) a),
                           recs_id_map_id(data, *(const uint32_t *) b));
}
