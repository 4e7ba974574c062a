/*
 * recs_said: items as a test says them, with an address each.
 */

#ifndef _RECS_SAID_H_INCLUDED_
#define _RECS_SAID_H_INCLUDED_


#include "recs_model.h"


/* NULL: the item has no such attribute. */
typedef struct {
    const char  *kind;
    const char  *language;
    const char  *text;
} recs_said_t;


/* Items "i00000", "i00001", ...; said must outlive them. */
recs_entities_t recs_said_entities(const recs_said_t *said, uint32_t n);

/* Frees what the last record was built in. */
void recs_said_free(void);


#endif /* _RECS_SAID_H_INCLUDED_ */
