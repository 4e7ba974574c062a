#include "recs_policy_target.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recs_id_map.h"
#include "recs_input.h"
#include "recs_policy_key.h"
#include "recs_timestamp.h"


#define RECS_POLICY_FIELDS  4

struct recs_policy_target_s {
    recs_id_map_t  *places;            /* position or 0: any; slot or "" */
    recs_id_map_t  *entries;           /* place's number, item */
    double         *probabilities;     /* [n_entries], of size */
    double         *sums;              /* [n_places], of n_sums */
    uint32_t        size;
    uint32_t        n_sums;
};

typedef struct {
    recs_str_t      item;
    double          probability;
    uint32_t        position;          /* 0: any */
    recs_str_t      slot;              /* empty: any */
} recs_policy_line_t;


static recs_status_t recs_policy_target_lines(recs_policy_target_t *target,
    recs_input_t *in, recs_error_t *err);
static const char *recs_policy_line_parse(recs_str_t line,
    recs_policy_line_t *parsed);
static unsigned recs_policy_line_fields(recs_str_t line, recs_str_t *fields);
static recs_status_t recs_policy_target_add(recs_policy_target_t *target,
    const recs_policy_line_t *line, int *added);
static recs_status_t recs_policy_target_check(
    const recs_policy_target_t *target, const char *path, recs_error_t *err);


recs_status_t
recs_policy_target_read(recs_policy_target_t **target, const char *path,
    recs_error_t *err)
{
    recs_input_t           in;
    recs_status_t          status;
    recs_policy_target_t  *t;

    t = calloc(1, sizeof(recs_policy_target_t));
    if (t == NULL) {
        return recs_error(err, RECS_NOMEM, "%s: out of memory", path);
    }

    t->places = recs_id_map_create();
    t->entries = recs_id_map_create();

    if (t->places == NULL || t->entries == NULL) {
        status = recs_error(err, RECS_NOMEM, "%s: out of memory", path);
        goto failed;
    }

    status = recs_input_open(&in, path, err);
    if (status != RECS_OK) {
        goto failed;
    }

    status = recs_policy_target_lines(t, &in, err);
    recs_input_close(&in);

    if (status == RECS_OK) {
        status = recs_policy_target_check(t, path, err);
    }

    if (status != RECS_OK) {
        goto failed;
    }

    *target = t;

    return RECS_OK;

failed:

    recs_policy_target_destroy(t);

    return status;
}


void
recs_policy_target_destroy(recs_policy_target_t *target)
{
    if (target != NULL) {
        recs_id_map_destroy(target->places);
        recs_id_map_destroy(target->entries);
        free(target->probabilities);
        free(target->sums);
        free(target);
    }
}


static recs_status_t
recs_policy_target_lines(recs_policy_target_t *target, recs_input_t *in,
    recs_error_t *err)
{
    int                  added, too_long;
    recs_str_t           line;
    const char          *fault;
    recs_status_t        status;
    recs_policy_line_t   parsed;

    for ( ;; ) {
        status = recs_input_line(in, &line, &too_long, err);

        if (status == RECS_NOT_FOUND) {
            return RECS_OK;
        }

        if (status != RECS_OK) {
            return status;
        }

        if (line.len == 0 && !too_long) {
            continue;
        }

        fault = recs_policy_line_parse(line, &parsed);

        if (fault != NULL) {
            return recs_error(err, RECS_INVALID, "%s:%llu: %s; a line is "
                              "ITEM PROBABILITY [POSITION [SLOT]]", in->name,
                              (unsigned long long) in->line, fault);
        }

        status = recs_policy_target_add(target, &parsed, &added);

        if (status != RECS_OK) {
            return recs_error(err, status, "%s:%llu: %s", in->name,
                              (unsigned long long) in->line,
                              recs_strerror(status));
        }

        if (!added) {
            return recs_error(err, RECS_INVALID, "%s:%llu: item \"%.*s\" "
                              "already has a probability for this place",
                              in->name, (unsigned long long) in->line,
                              (int) parsed.item.len, parsed.item.data);
        }
    }
}


/* NULL, or what is wrong with the line. */

static const char *
recs_policy_line_parse(recs_str_t line, recs_policy_line_t *parsed)
{
    double      position;
    unsigned    n;
    recs_str_t  fields[RECS_POLICY_FIELDS];

    n = recs_policy_line_fields(line, fields);

    if (n < 2 || n > RECS_POLICY_FIELDS) {
        return "not two to four fields";
    }

    memset(parsed, 0, sizeof(recs_policy_line_t));
    parsed->item = fields[0];

    if (!recs_id_valid(parsed->item.data, parsed->item.len)) {
        return "not an item's id";
    }

    if (!recs_number_parse(fields[1].data, fields[1].len,
                           &parsed->probability)
        || !(parsed->probability >= 0 && parsed->probability <= 1))
    {
        return "the probability is no number from 0 to 1";
    }

    if (n > 2 && !(fields[2].len == 1 && fields[2].data[0] == '*')) {
        if (!recs_number_parse(fields[2].data, fields[2].len, &position)
            || !(position >= 1 && position <= RECS_POLICY_POSITION_MAX)
            || position != floor(position))
        {
            return "the position is no number from 1, and no \"*\"";
        }

        parsed->position = (uint32_t) position;
    }

    if (n > 3) {
        if (!recs_name_valid(fields[3].data, fields[3].len)) {
            return "not a slot's name";
        }

        parsed->slot = fields[3];
    }

    return NULL;
}


/*
 * The number of fields, at most one above what a line may have.  Blanks
 * stand in runs; between two tabs there may be an empty field.
 */

static unsigned
recs_policy_line_fields(recs_str_t line, recs_str_t *fields)
{
    char        separator;
    size_t      i, start;
    unsigned    n;

    separator = line.len > 0 && memchr(line.data, '\t', line.len) != NULL
                ? '\t' : ' ';
    n = 0;

    for (i = 0; i <= line.len; i++) {
        start = i;

        while (i < line.len && line.data[i] != separator) {
            i++;
        }

        if (i == start && separator == ' ') {
            continue;
        }

        if (n == RECS_POLICY_FIELDS) {
            return n + 1;
        }

        fields[n].data = line.data + start;
        fields[n].len = i - start;
        n++;
    }

    return n;
}


/* *added: 0 where the item has a line for the place already. */

static recs_status_t
recs_policy_target_add(recs_policy_target_t *target,
    const recs_policy_line_t *line, int *added)
{
    uint32_t           place, entry, n;
    recs_status_t      status;
    recs_policy_key_t  key;

    status = recs_id_map_add(target->places,
                             recs_policy_key(&key, &line->position, 1,
                                             line->slot),
                             &place);
    if (status != RECS_OK) {
        return status;
    }

    n = recs_id_map_count(target->entries);

    status = recs_id_map_add(target->entries,
                             recs_policy_key(&key, &place, 1, line->item),
                             &entry);
    if (status != RECS_OK) {
        return status;
    }

    if (!recs_policy_grow(&target->sums, &target->n_sums, sizeof(double),
                          place)
        || !recs_policy_grow(&target->probabilities, &target->size,
                             sizeof(double), entry))
    {
        return RECS_NOMEM;
    }

    *added = entry == n;

    if (*added) {
        target->probabilities[entry] = line->probability;
        target->sums[place] += line->probability;
    }

    return RECS_OK;
}


static recs_status_t
recs_policy_target_check(const recs_policy_target_t *target, const char *path,
    recs_error_t *err)
{
    char        at[16];
    uint32_t    i, n, position;
    recs_str_t  slot;

    n = recs_id_map_count(target->places);

    if (n == 0) {
        return recs_error(err, RECS_INVALID, "%s: no lines; a line is "
                          "ITEM PROBABILITY [POSITION [SLOT]]", path);
    }

    for (i = 0; i < n; i++) {
        if (fabs(target->sums[i] - 1) <= RECS_POLICY_SUM_SLACK) {
            continue;
        }

        slot = recs_id_map_id(target->places, i);
        memcpy(&position, slot.data, sizeof(uint32_t));
        slot.data += sizeof(uint32_t);
        slot.len -= sizeof(uint32_t);

        snprintf(at, sizeof(at), "%u", position);

        return recs_error(err, RECS_INVALID, "%s: the probabilities for "
                          "position %s of slot %.*s sum to %.6f, not to 1",
                          path, position > 0 ? at : "*",
                          slot.len > 0 ? (int) slot.len : 1,
                          slot.len > 0 ? slot.data : "*", target->sums[i]);
    }

    return RECS_OK;
}


double
recs_policy_target_probability(const recs_policy_target_t *target,
    recs_str_t slot, uint32_t position, recs_str_t item)
{
    int                i;
    uint32_t           numbers[2], place, entry;
    const recs_str_t   any = { "", 0 };
    recs_policy_key_t  key;

    if (slot.len > RECS_ID_MAX || item.len > RECS_ID_MAX) {
        return 0;
    }

    numbers[0] = position;
    numbers[1] = 0;
    place = RECS_ID_MAP_NONE;

    /* Slot and position, slot, position, neither. */

    for (i = 0; i < 4 && place == RECS_ID_MAP_NONE; i++) {
        place = recs_id_map_find(target->places,
                                 recs_policy_key(&key, &numbers[i % 2], 1,
                                                 i < 2 ? slot : any));
    }

    if (place == RECS_ID_MAP_NONE) {
        return 0;
    }

    entry = recs_id_map_find(target->entries,
                             recs_policy_key(&key, &place, 1, item));

    return entry == RECS_ID_MAP_NONE
           ? 0 : target->probabilities[entry] / target->sums[place];
}
