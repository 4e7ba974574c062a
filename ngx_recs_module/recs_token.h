/*
 * recs_token: what a shown item says of itself when it is clicked, as bytes
 * and as text.  No crypto here: who signs and checks is nginx's part,
 * ngx_http_recs_token.h.
 *
 * Integers are big-endian:
 *
 *      0   1   version, 1
 *      1   1   number of the key
 *      2   4   time, seconds since 1970
 *      6   8   MAC of the visitor's id
 *     14   8   generation: number, hash8
 *     22   1   rank, from 1
 *     23   4   propensity, a float; 0: not known
 *     27   6   hash of the item's id
 *     33       slot, experiment, variant: a byte of length each, and the name
 *             16   MAC of all the above
 *
 * The text is base64url without padding: 70 characters where the names are
 * empty, 198 at most.
 */

#ifndef _RECS_TOKEN_H_INCLUDED_
#define _RECS_TOKEN_H_INCLUDED_


#include <stddef.h>
#include <stdint.h>

#include "recs_id.h"


#define RECS_TOKEN_VERSION     1
#define RECS_TOKEN_NAME_MAX    32
#define RECS_TOKEN_USER_LEN    8
#define RECS_TOKEN_MAC_LEN     16

#define RECS_TOKEN_BODY_MAX    (33 + 3 * (1 + RECS_TOKEN_NAME_MAX))
#define RECS_TOKEN_BYTES_MAX   (RECS_TOKEN_BODY_MAX + RECS_TOKEN_MAC_LEN)
#define RECS_TOKEN_TEXT_MAX    ((RECS_TOKEN_BYTES_MAX * 8 + 5) / 6)


typedef struct {
    uint8_t     kid;
    uint8_t     rank;
    uint32_t    time;
    uint32_t    generation;                  /* "000002-9f3c21aa": 2, */
    uint32_t    generation_hash;             /* 0x9f3c21aa */
    float       propensity;
    uint64_t    item_hash;                   /* 48 bits */
    uint8_t     user_mac[RECS_TOKEN_USER_LEN];
    recs_str_t  slot;                        /* of RECS_TOKEN_NAME_MAX at */
    recs_str_t  experiment;                  /* most; len 0: none */
    recs_str_t  variant;
} recs_token_t;


/* The body, what is signed; returns its length. */
size_t recs_token_encode(const recs_token_t *token,
    uint8_t body[RECS_TOKEN_BODY_MAX]);

/*
 * Reads len bytes at body, all of them; names point into it.  Returns 0 where
 * they are no token's: another version, a length that does not fit.
 */
int recs_token_decode(recs_token_t *token, const uint8_t *body, size_t len);

/* Base64url of len bytes, at most RECS_TOKEN_BYTES_MAX; returns its length. */
size_t recs_token_text(const uint8_t *bytes, size_t len,
    char text[RECS_TOKEN_TEXT_MAX]);

/*
 * The bytes of a text; 0 where it is none: a character too many or of another
 * alphabet, padding, bits behind the last byte.
 */
size_t recs_token_bytes(const char *text, size_t len,
    uint8_t bytes[RECS_TOKEN_BYTES_MAX]);


#endif /* _RECS_TOKEN_H_INCLUDED_ */
