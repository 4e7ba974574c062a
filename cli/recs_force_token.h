/*
 * recs_force_token: a forcing token, signed.
 */

#ifndef _RECS_FORCE_TOKEN_H_INCLUDED_
#define _RECS_FORCE_TOKEN_H_INCLUDED_


#include "recs_force.h"
#include "recs_key_file.h"


/*
 * The token for a variant under the file's first key, until `expires`; its
 * length.  RECS_NOMEM: libcrypto has no HMAC-SHA256.
 */
recs_status_t recs_force_token(const recs_key_file_t *keys,
    uint32_t experiment, uint8_t variant, uint32_t expires,
    char text[RECS_TICKET_LEN_MAX], size_t *len, recs_error_t *err);


#endif /* _RECS_FORCE_TOKEN_H_INCLUDED_ */
