/*
 * What the files of recs_experiment share.
 */

#ifndef _RECS_EXPERIMENT_PRIVATE_H_INCLUDED_
#define _RECS_EXPERIMENT_PRIVATE_H_INCLUDED_


#include <string.h>

#include "recs_experiment.h"


#define RECS_EXPERIMENT_ONE  10000           /* 100 %, in hundredths */

/* A word as printf's "%.*s" wants it. */
#define RECS_WORD(word)  (int) (word).len, (word).data


static inline int
recs_words_equal(recs_str_t a, recs_str_t b)
{
    return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}


#endif /* _RECS_EXPERIMENT_PRIVATE_H_INCLUDED_ */
