/*
 * recs_digest_avx2: recs_digest_update() for x86-64 with AVX2, same state.
 * Private to recs_digest.c.
 */

#ifndef _RECS_DIGEST_AVX2_H_INCLUDED_
#define _RECS_DIGEST_AVX2_H_INCLUDED_


#include "recs_digest.h"


void recs_digest_update_avx2(recs_digest_t *digest, const void *data,
    size_t size);


#endif /* _RECS_DIGEST_AVX2_H_INCLUDED_ */
