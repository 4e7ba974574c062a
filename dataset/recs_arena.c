#include "recs_arena.h"

#include <stdlib.h>
#include <string.h>


#define RECS_ARENA_CHUNK  (256 * 1024)


struct recs_arena_chunk_s {
    recs_arena_chunk_t  *previous;
    size_t               len;
    size_t               size;
    char                 data[];
};


char *
recs_arena_alloc(recs_arena_t *arena, size_t len)
{
    char                *p;
    size_t               size;
    recs_arena_chunk_t  *chunk;

    chunk = arena->last;

    if (chunk == NULL || chunk->size - chunk->len < len) {
        size = len > RECS_ARENA_CHUNK ? len : RECS_ARENA_CHUNK;

        chunk = malloc(sizeof(recs_arena_chunk_t) + size);
        if (chunk == NULL) {
            return NULL;
        }

        chunk->previous = arena->last;
        chunk->len = 0;
        chunk->size = size;
        arena->last = chunk;
    }

    p = chunk->data + chunk->len;
    chunk->len += len;

    return p;
}


char *
recs_arena_copy(recs_arena_t *arena, const char *data, size_t len)
{
    char  *p;

    p = recs_arena_alloc(arena, len);

    if (p != NULL && len > 0) {
        memcpy(p, data, len);
    }

    return p;
}


void
recs_arena_free(recs_arena_t *arena)
{
    recs_arena_chunk_t  *chunk, *previous;

    for (chunk = arena->last; chunk != NULL; chunk = previous) {
        previous = chunk->previous;
        free(chunk);
    }

    arena->last = NULL;
}
