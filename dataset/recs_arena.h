/*
 * recs_arena: bytes that never move and are freed all at once.
 */

#ifndef _RECS_ARENA_H_INCLUDED_
#define _RECS_ARENA_H_INCLUDED_


#include <stddef.h>


typedef struct recs_arena_chunk_s  recs_arena_chunk_t;

/* Zeroed before its first use. */
typedef struct {
    recs_arena_chunk_t  *last;
} recs_arena_t;


/* len bytes, unaligned; NULL: no memory. */
char *recs_arena_alloc(recs_arena_t *arena, size_t len);
char *recs_arena_copy(recs_arena_t *arena, const char *data, size_t len);
void recs_arena_free(recs_arena_t *arena);


#endif /* _RECS_ARENA_H_INCLUDED_ */
