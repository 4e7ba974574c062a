#include "recs_force_token.h"

#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>


recs_status_t
recs_force_token(const recs_key_file_t *keys, uint32_t experiment,
    uint8_t variant, uint32_t expires, char text[RECS_TICKET_LEN_MAX],
    size_t *len, recs_error_t *err)
{
    size_t          n_bytes;
    uint8_t         bytes[RECS_TICKET_SIGNED_MAX], mac[EVP_MAX_MD_SIZE];
    unsigned        n;
    recs_str_t      nobody;
    recs_ticket_t   ticket;

    memset(&nobody, 0, sizeof(recs_str_t));

    recs_force_make(&ticket, experiment, variant, expires);
    n_bytes = recs_ticket_signed(&ticket, RECS_FORCE_PURPOSE, nobody, bytes);

    if (HMAC(EVP_sha256(), keys->live[0].bytes, keys->live[0].len, bytes,
             n_bytes, mac, &n)
        == NULL)
    {
        return recs_error(err, RECS_NOMEM, "libcrypto has no HMAC-SHA256");
    }

    ticket.kid = keys->live[0].kid;
    memcpy(ticket.mac, mac, RECS_TICKET_MAC);

    *len = recs_ticket_write(&ticket, text);

    return RECS_OK;
}
