#include "recs_policy_key.h"

#include <stdlib.h>
#include <string.h>


#define RECS_POLICY_ROWS_MIN  32


recs_str_t
recs_policy_key(recs_policy_key_t *key, const uint32_t *numbers,
    unsigned n_numbers, recs_str_t name)
{
    recs_str_t  text;

    key->len = n_numbers * sizeof(uint32_t);
    memcpy(key->data, numbers, key->len);

    if (name.len > 0) {
        memcpy(key->data + key->len, name.data, name.len);
        key->len += name.len;
    }

    text.data = key->data;
    text.len = key->len;

    return text;
}


int
recs_policy_grow(void *rows, uint32_t *size, size_t width, uint32_t number)
{
    char      *old, *grown;
    uint32_t   n;

    if (number < *size) {
        return 1;
    }

    /* Numbers are below RECS_ID_MAP_MAX, 2^30. */
    n = number < RECS_POLICY_ROWS_MIN / 2 ? RECS_POLICY_ROWS_MIN : 2 * number;

    memcpy(&old, rows, sizeof(char *));

    grown = reallocarray(old, n, width);
    if (grown == NULL) {
        return 0;
    }

    memset(grown + *size * width, 0, (n - *size) * width);
    memcpy(rows, &grown, sizeof(char *));
    *size = n;

    return 1;
}
