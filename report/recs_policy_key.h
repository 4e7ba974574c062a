/*
 * recs_policy_key: keys of a recs_id_map_t that are numbers and a name, and
 * tables by the numbers that it gives; private to off-policy evaluation.
 */

#ifndef _RECS_POLICY_KEY_H_INCLUDED_
#define _RECS_POLICY_KEY_H_INCLUDED_


#include <stddef.h>
#include <stdint.h>

#include "recs_id.h"


/* numbers, in host order, and the bytes of a name: not for a file. */
typedef struct {
    size_t       len;
    char         data[2 * sizeof(uint32_t) + RECS_ID_MAX];
} recs_policy_key_t;


/* At most two numbers and a name of RECS_ID_MAX bytes; borrows key. */
recs_str_t recs_policy_key(recs_policy_key_t *key, const uint32_t *numbers,
    unsigned n_numbers, recs_str_t name);

/*
 * Room for (*rows)[number] in rows of width bytes; new ones are zeroed.
 * Returns 0 where there is no memory.
 */
int recs_policy_grow(void *rows, uint32_t *size, size_t width,
    uint32_t number);


#endif /* _RECS_POLICY_KEY_H_INCLUDED_ */
