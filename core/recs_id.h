/*
 * recs_id: the rules every user and item id obeys, everywhere.
 *
 * An id is 1 to RECS_ID_MAX bytes of well-formed UTF-8 without control
 * characters (C0, DEL, C1).  Anything else is rejected where it comes in.
 */

#ifndef _RECS_ID_H_INCLUDED_
#define _RECS_ID_H_INCLUDED_


#include <stddef.h>


#define RECS_ID_MAX  128


/* Bytes borrowed from somebody else; not NUL-terminated. */
typedef struct {
    const char  *data;
    size_t       len;
} recs_str_t;


/* Returns 1 if the bytes are an id, else 0. */
int recs_id_valid(const char *id, size_t len);

/* Returns 1 if the bytes are well-formed UTF-8 (RFC 3629), else 0. */
int recs_utf8_valid(const char *text, size_t len);

/*
 * The order of ids wherever one is needed (dataset numbering, ties of equal
 * timestamps in a split): numeric ids, decimal digits without a leading zero,
 * come first and in numeric order; all others follow in byte order.
 * Returns < 0, 0 or > 0 as memcmp().
 */
int recs_id_compare(recs_str_t a, recs_str_t b);

/*
 * Names of slots, models, experiments: [a-z][a-z0-9_]{0,31}.
 * Returns 1 if the bytes are such a name, else 0.
 */
int recs_name_valid(const char *name, size_t len);


#endif /* _RECS_ID_H_INCLUDED_ */
