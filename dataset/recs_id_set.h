/*
 * recs_id_set: which event ids were seen, by the XXH3-128 of their bytes.
 */

#ifndef _RECS_ID_SET_H_INCLUDED_
#define _RECS_ID_SET_H_INCLUDED_


#include <stddef.h>
#include <stdint.h>

#include "recs_id.h"
#include "recs_status.h"


/* Zeroed before its first use. */
typedef struct {
    uint64_t  (*table)[2];                        /* 0, 0: free */
    size_t      size;
    size_t      n;
} recs_id_set_t;


/* *added: 1 if id is new, 0 if it was there. */
recs_status_t recs_id_set_add(recs_id_set_t *set, recs_str_t id, int *added);
void recs_id_set_free(recs_id_set_t *set);


#endif /* _RECS_ID_SET_H_INCLUDED_ */
