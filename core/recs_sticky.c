#include "recs_sticky.h"

#include <string.h>

#include "recs_digest.h"


#define RECS_STICKY_VARIANTS  16


uint32_t
recs_sticky_experiment(recs_str_t name)
{
    return (uint32_t) (recs_digest_long(name.data, name.len) >> 32);
}


uint32_t
recs_sticky_unit(recs_str_t id)
{
    return (uint32_t) (recs_digest_long(id.data, id.len) >> 40);
}


static int
recs_sticky_same(const recs_sticky_entry_t *a, const recs_sticky_entry_t *b)
{
    return a->experiment == b->experiment && a->unit == b->unit
           && a->version == b->version;
}


const recs_sticky_entry_t *
recs_sticky_find(const recs_sticky_t *sticky, uint32_t experiment,
    uint32_t unit, uint8_t version)
{
    uint32_t             i;
    recs_sticky_entry_t  key;

    if (sticky == NULL) {
        return NULL;
    }

    key.experiment = experiment;
    key.unit = unit;
    key.version = version;

    for (i = 0; i < sticky->n; i++) {
        if (recs_sticky_same(&sticky->entries[i], &key)) {
            return &sticky->entries[i];
        }
    }

    return NULL;
}


int
recs_sticky_set(recs_sticky_t *sticky, const recs_sticky_entry_t *entry)
{
    uint32_t              i;
    recs_sticky_entry_t  *e;

    e = sticky->entries;

    for (i = 0; i < sticky->n; i++) {

        if (!recs_sticky_same(&e[i], entry)) {
            continue;
        }

        if (e[i].variant == entry->variant && e[i].era == entry->era) {
            return 0;
        }

        e[i] = *entry;
        return 1;
    }

    if (sticky->n < RECS_STICKY_MAX) {
        sticky->n++;
    }

    memmove(e + 1, e, (sticky->n - 1) * sizeof(recs_sticky_entry_t));
    e[0] = *entry;

    return 1;
}


recs_status_t
recs_sticky_read(recs_sticky_t *sticky, const recs_ticket_t *ticket)
{
    size_t                len;
    uint32_t              i;
    const uint8_t        *p;
    recs_sticky_entry_t  *e;

    len = recs_ticket_payload(ticket, &p);

    if (len % RECS_STICKY_ENTRY != 0
        || len > RECS_STICKY_MAX * RECS_STICKY_ENTRY)
    {
        return RECS_CORRUPT;
    }

    sticky->n = (uint32_t) (len / RECS_STICKY_ENTRY);

    for (i = 0; i < sticky->n; i++, p += RECS_STICKY_ENTRY) {
        e = &sticky->entries[i];
        e->experiment = (uint32_t) recs_ticket_number(p, 4);
        e->unit = (uint32_t) recs_ticket_number(p + 4, 3);
        e->version = p[7];
        e->variant = p[8];
        e->era = p[9];

        if (e->variant >= RECS_STICKY_VARIANTS) {
            sticky->n = 0;
            return RECS_CORRUPT;
        }
    }

    return RECS_OK;
}


void
recs_sticky_make(recs_ticket_t *ticket, const recs_sticky_t *sticky,
    uint32_t expires)
{
    uint8_t                    *p;
    uint32_t                    i;
    const recs_sticky_entry_t  *e;

    p = recs_ticket_begin(ticket, RECS_STICKY_VERSION, expires);

    for (i = 0; i < sticky->n; i++) {
        e = &sticky->entries[i];
        p = recs_ticket_put(p, e->experiment, 4);
        p = recs_ticket_put(p, e->unit, 3);
        p = recs_ticket_put(p, e->version, 1);
        p = recs_ticket_put(p, e->variant, 1);
        p = recs_ticket_put(p, e->era, 1);
    }

    recs_ticket_end(ticket, p);
}
