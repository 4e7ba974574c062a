/*
 * recs_seal: the last 4096 bytes of a bundle, behind LMDB's last page.
 *
 * The seal holds the payload's length and its XXH3-128; `check` is the
 * XXH3-64 of the whole block with check itself zero, so that a damaged seal
 * is told from a damaged payload.  It is verified before LMDB sees the file.
 */

#ifndef _RECS_SEAL_H_INCLUDED_
#define _RECS_SEAL_H_INCLUDED_


#include <stdint.h>

#include "recs_status.h"


#define RECS_SEAL_SIZE        4096
#define RECS_SEAL_MAGIC       "RECSEAL\n"
#define RECS_SEAL_BYTE_ORDER  0x01020304
#define RECS_SEAL_HASH_SIZE   16


typedef struct {
    char      magic[8];
    uint32_t  byte_order;
    uint32_t  word_size;                          /* 8 */
    uint32_t  format;                             /* RECS_BUNDLE_FORMAT */
    uint32_t  reserved;                           /* features; 0 */
    uint64_t  payload_size;
    uint8_t   hash[RECS_SEAL_HASH_SIZE];          /* canonical XXH3-128 */
    uint64_t  check;
    uint8_t   signature[64];                      /* room for Ed25519; 0 */
    uint8_t   zero[RECS_SEAL_SIZE - 120];
} recs_seal_t;

_Static_assert(sizeof(recs_seal_t) == RECS_SEAL_SIZE, "seal is one block");


/*
 * Reads and checks the seal block of the file behind fd, not the payload.
 * name stands in messages.
 */
recs_status_t recs_seal_read(int fd, const char *name, recs_seal_t *seal,
    recs_error_t *err);

/* Reads every payload byte by pread(2) and compares with the seal. */
recs_status_t recs_seal_verify(int fd, const char *name,
    const recs_seal_t *seal, recs_error_t *err);

/* The refusal of a payload whose hash is not the seal's. */
recs_status_t recs_seal_broken(const char *name, recs_error_t *err);

/* pread(2) until size bytes are there: RECS_CORRUPT where the file ends. */
recs_status_t recs_seal_pread(int fd, const char *name, void *buf,
    size_t size, uint64_t offset, recs_error_t *err);

/* Hashes payload_size bytes of fd and appends the seal to them. */
recs_status_t recs_seal_write(int fd, const char *name, uint64_t payload_size,
    recs_error_t *err);

/* The first 8 hex digits of the hash, NUL-terminated. */
void recs_seal_hash8(const recs_seal_t *seal, char hash8[9]);


#endif /* _RECS_SEAL_H_INCLUDED_ */
