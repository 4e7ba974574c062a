/*
 * recs_pages: zeroed memory that costs nothing until it is touched.
 *
 * calloc() promises no such thing: once a large block was freed, glibc may
 * hand it out again and clear it by hand.
 */

#ifndef _RECS_PAGES_H_INCLUDED_
#define _RECS_PAGES_H_INCLUDED_


#include <stddef.h>


/* size bytes, whole pages of their own; NULL: no memory. */
void *recs_pages_map(size_t size);

/* p may be NULL; size as it was asked for. */
void recs_pages_unmap(void *p, size_t size);


#endif /* _RECS_PAGES_H_INCLUDED_ */
