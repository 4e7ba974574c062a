#include "recs_force.h"

#include <string.h>


void
recs_force_make(recs_ticket_t *ticket, uint32_t experiment, uint8_t variant,
    uint32_t expires)
{
    uint8_t  *p;

    p = recs_ticket_begin(ticket, RECS_FORCE_VERSION, expires);
    p = recs_ticket_put(p, experiment, 4);
    p = recs_ticket_put(p, variant, 1);

    recs_ticket_end(ticket, p);
}


int32_t
recs_force_read(const recs_ticket_t *ticket, uint32_t experiment)
{
    const uint8_t  *p;

    if (recs_ticket_payload(ticket, &p) != RECS_FORCE_PAYLOAD
        || recs_ticket_number(p, 4) != experiment)
    {
        return -1;
    }

    return p[4];
}


int
recs_force_argument(recs_str_t arguments, recs_str_t name, recs_str_t *value)
{
    size_t       len;
    const char  *p, *end, *last;

    if (arguments.len == 0) {
        return 0;
    }

    p = arguments.data;
    last = p + arguments.len;

    while (p < last) {
        end = memchr(p, '&', (size_t) (last - p));

        if (end == NULL) {
            end = last;
        }

        len = (size_t) (end - p);

        if (len > name.len && p[name.len] == '='
            && memcmp(p, name.data, name.len) == 0)
        {
            value->data = p + name.len + 1;
            value->len = len - name.len - 1;
            return 1;
        }

        p = end + 1;
    }

    return 0;
}


int32_t
recs_force_number(recs_str_t value, uint32_t n_variants)
{
    size_t    i;
    uint32_t  number;

    number = 0;

    for (i = 0; i < value.len; i++) {

        if (value.data[i] < '0' || value.data[i] > '9') {
            return -1;
        }

        number = number * 10 + (uint32_t) (value.data[i] - '0');

        if (number >= n_variants) {
            return -1;
        }
    }

    return value.len > 0 ? (int32_t) number : -1;
}
