/*
 * recs_movielens: what MovieLens tells about a movie, as attributes: title
 * (without the year), year, genres and tags, several joined with '|'.
 *
 * tags are the RECS_MOVIELENS_TAGS that most users gave, in lower case, the
 * most frequent first and equal ones in byte order.
 */

#ifndef _RECS_MOVIELENS_H_INCLUDED_
#define _RECS_MOVIELENS_H_INCLUDED_


#include "recs_importer.h"


#define RECS_MOVIELENS_TAGS  20


/* Which movie has which tag, once for each time it was given. */
typedef struct {
    recs_id_map_t          *names;
    struct {
        uint32_t            item;
        uint32_t            tag;
    }                      *pairs;                /* [n] of size */
    size_t                  n;
    size_t                  size;
} recs_movielens_tags_t;

typedef struct {
    recs_input_t           *in;
    const char             *name;                 /* "ratings", ... */
    uint64_t                line;
    uint32_t                n_fields;
    int                     is_dat;
    int                     entity;               /* not an interaction */
    recs_movielens_tags_t  *tags;
} recs_movielens_file_t;


/*
 * "Toy Story (1995)" and "Adventure|Comedy" to up to three values; they
 * borrow from title and genres.
 */
recs_status_t recs_movielens_attributes(recs_attributes_t *a,
    recs_str_t title, recs_str_t genres, recs_attribute_t *values,
    uint32_t *n);

/* Latin-1 to UTF-8: freed by the caller; NULL: no memory. */
char *recs_movielens_latin1(recs_str_t text, recs_str_t *utf8);

/* A tag of an item; RECS_ID_MAP_NONE is no movie, and passed over. */
recs_status_t recs_movielens_tags_add(recs_movielens_tags_t *tags,
    uint32_t item, recs_str_t tag);

/* Sets the attribute of every item that has tags. */
recs_status_t recs_movielens_tags_set(recs_movielens_tags_t *tags,
    recs_importer_t *im);

void recs_movielens_tags_free(recs_movielens_tags_t *tags);


#endif /* _RECS_MOVIELENS_H_INCLUDED_ */
