/*
 * recs_siphash: SipHash-2-4 with 128 bits of output (Aumasson, Bernstein
 * 2012), for keys of shared tables that clients can choose: without the seed
 * nobody can make two ids meet.
 */

#ifndef _RECS_SIPHASH_H_INCLUDED_
#define _RECS_SIPHASH_H_INCLUDED_


#include <stddef.h>
#include <stdint.h>


void recs_siphash(const uint64_t seed[2], const void *data, size_t len,
    uint64_t hash[2]);


#endif /* _RECS_SIPHASH_H_INCLUDED_ */
