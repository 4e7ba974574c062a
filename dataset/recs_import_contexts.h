/*
 * recs_import_contexts: in what context (recs_segment.h) events happened,
 * while they are read; private to dataset/.
 *
 * The `event` of a recs_interaction_t is the number of an event in a context:
 * an event without one has its own number as long as no other was read.
 */

#ifndef _RECS_IMPORT_CONTEXTS_H_INCLUDED_
#define _RECS_IMPORT_CONTEXTS_H_INCLUDED_


#include "recs_dataset.h"
#include "recs_id_map.h"
#include "recs_interactions.h"


/* Text as it was read, borrowed. */
typedef struct {
    recs_str_t      name;
    recs_str_t      value;
} recs_context_t;

/* Zeroed before its first use. */
typedef struct {
    recs_id_map_t  *segments;          /* "country=de" */
    recs_id_map_t  *rows;              /* u32 [RECS_CONTEXTS_MAX]; 0: none */
    recs_id_map_t  *pairs;             /* u32 event, u32 row */
    uint32_t        last[2];           /* the pair that came last */
    uint32_t        last_number;
} recs_import_contexts_t;

/* What recs_import_contexts_finish() makes, each to be freed. */
typedef struct {
    uint32_t       *numbers;
    uint32_t       *rows;
    const char    **segments;
    char           *text;              /* of the segments */
} recs_import_contexts_arrays_t;


recs_status_t recs_import_contexts_init(recs_import_contexts_t *c);
void recs_import_contexts_free(recs_import_contexts_t *c);

/*
 * The number of event in contexts[n], n at most RECS_CONTEXTS_MAX; one whose
 * name or value is not valid (recs_segment_name()) is left out.
 */
recs_status_t recs_import_contexts_add(recs_import_contexts_t *c,
    uint32_t event, const recs_context_t *contexts, uint32_t n,
    uint32_t *number);

/* The event of a number. */
uint32_t recs_import_contexts_event(const recs_import_contexts_t *c,
    uint32_t number);

/*
 * The contexts of rows[n], in view; nothing where they have none.  After a
 * failure (RECS_NOMEM) arrays are to be freed, too.
 */
recs_status_t recs_import_contexts_finish(const recs_import_contexts_t *c,
    const recs_interaction_t *rows, size_t n, recs_contexts_t *contexts,
    recs_import_contexts_arrays_t *arrays);


#endif /* _RECS_IMPORT_CONTEXTS_H_INCLUDED_ */
