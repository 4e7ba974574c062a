#include "recs_rules_slot.h"

#include <stdlib.h>
#include <string.h>

#include "recs_where.h"


/* A rule in terms of a bundle. */
typedef struct {
    uint32_t             item;          /* RECS_ITEM_NO: unknown, or none */
    recs_bitmap_word_t  *bits;          /* of its predicate, owned; NULL: it
                                           has none, or was not bound */
    recs_where_t        *where;         /* NULL: bits do not change */
} recs_rules_look_t;

struct recs_rules_bound_s {
    const recs_rules_t   *rules;
    const recs_bundle_t  *bundle;
    uint32_t              n_items;
    unsigned              timed:1;
    recs_rules_look_t    *looks;        /* [rules->n] */
};

struct recs_rules_slot_s {
    const recs_rules_bound_t  *bound;
    uint32_t                  *rules;   /* [n] their numbers: pins by rank,
                                           boosts by item, blocks */
    uint32_t                   n;
    recs_rules_force_t         force;
};

/* What the rules of a slot are sorted by. */
typedef struct {
    recs_rule_kind_t  kind;
    uint32_t          key;              /* rank of a pin, item of a boost */
    uint32_t          rule;
} recs_rules_place_t;


recs_status_t
recs_rules_bound_create(recs_rules_bound_t **bound, const recs_rules_t *rules,
    const recs_bundle_t *bundle, recs_error_t *err)
{
    uint32_t             i;
    recs_rules_bound_t  *b;

    b = calloc(1, sizeof(recs_rules_bound_t));

    if (b == NULL
        || (b->looks = calloc((size_t) rules->n + 1,
                              sizeof(recs_rules_look_t)))
           == NULL)
    {
        free(b);
        return recs_error(err, RECS_NOMEM, "no memory for rules");
    }

    b->rules = rules;
    b->bundle = bundle;
    b->n_items = recs_bundle_view(bundle)->n_items;

    for (i = 0; i < rules->n; i++) {
        b->looks[i].item = RECS_ITEM_NO;
        b->timed |= rules->rules[i].from_ms > 0
                    || rules->rules[i].until_ms != RECS_RULES_EVER;
    }

    *bound = b;

    return RECS_OK;
}


void
recs_rules_bound_destroy(recs_rules_bound_t *bound)
{
    uint32_t  i;

    if (bound == NULL) {
        return;
    }

    for (i = 0; i < bound->rules->n; i++) {
        free(bound->looks[i].bits);
        recs_where_destroy(bound->looks[i].where);
    }

    free(bound->looks);
    free(bound);
}


/* Takes over what the predicate leaves. */
static void
recs_rules_look(recs_rules_bound_t *b, recs_rules_look_t *look,
    recs_where_t *where, int64_t now)
{
    size_t          words;
    uint32_t        i;
    recs_allowed_t  allowed;

    words = recs_bitmap_words(b->n_items);

    recs_filter_allowed(b->bundle,
                        recs_where_filter(where, b->bundle, NULL, now),
                        &allowed);

    if (allowed.items != NULL) {
        memset(look->bits, 0, words * sizeof(recs_bitmap_word_t));

        for (i = 0; i < allowed.n_items; i++) {
            recs_bitmap_set(look->bits, allowed.items[i]);
        }

    } else if (allowed.bits != NULL) {
        memcpy(look->bits, allowed.bits, words * sizeof(recs_bitmap_word_t));

    } else {
        memset(look->bits, 0xff, words * sizeof(recs_bitmap_word_t));

        if (b->n_items % 64 != 0) {
            look->bits[words - 1] = ((uint64_t) 1 << (b->n_items % 64)) - 1;
        }
    }
}


recs_status_t
recs_rules_bind(recs_rules_bound_t *bound, uint32_t i, recs_error_t *err)
{
    recs_error_t         wrong;
    recs_where_t        *where;
    recs_status_t        rc;
    recs_rules_look_t   *look;
    const recs_rule_t   *rule;
    recs_bitmap_word_t  *bits;

    rule = &bound->rules->rules[i];
    look = &bound->looks[i];

    if (rule->where.len > 0) {
        bits = malloc((recs_bitmap_words(bound->n_items) + 1)
                      * sizeof(recs_bitmap_word_t));
        if (bits == NULL) {
            return recs_error(err, RECS_NOMEM, "no memory for rules");
        }

        rc = recs_where_parse(&where, rule->where, &wrong);

        if (rc == RECS_OK) {
            rc = recs_where_bind(where, bound->bundle, NULL, &wrong);

            if (rc != RECS_OK) {
                recs_where_destroy(where);
            }
        }

        if (rc != RECS_OK) {
            free(bits);
            return recs_error(err, rc, "line %u: where: %s", rule->line,
                              wrong.message);
        }

        look->bits = bits;
        recs_rules_look(bound, look, where, 0);

        if (recs_where_timed(where)) {
            look->where = where;
            bound->timed = 1;

        } else {
            recs_where_destroy(where);
        }
    }

    if (rule->item.len > 0) {
        look->item = recs_bundle_item(bound->bundle, rule->item);
    }

    return RECS_OK;
}


int
recs_rules_known(const recs_rules_bound_t *bound, uint32_t i)
{
    return bound->rules->rules[i].item.len == 0
           || bound->looks[i].item != RECS_ITEM_NO;
}


int
recs_rules_timed(const recs_rules_bound_t *bound)
{
    return bound->timed;
}


static int
recs_rules_place_compare(const void *one, const void *two)
{
    const recs_rules_place_t  *a, *b;

    a = one;
    b = two;

    if (a->kind != b->kind) {
        return a->kind < b->kind ? -1 : 1;
    }

    if (a->key != b->key) {
        return a->key < b->key ? -1 : 1;
    }

    return a->rule < b->rule ? -1 : a->rule > b->rule;
}


/* Can it ever do something?  A rule of an unknown item cannot. */
static int
recs_rules_usable(const recs_rules_bound_t *bound, uint32_t i)
{
    const recs_rule_t  *rule;

    rule = &bound->rules->rules[i];

    return recs_rules_known(bound, i)
           && (rule->where.len == 0 || bound->looks[i].bits != NULL);
}


static uint32_t
recs_rules_places(const recs_rules_bound_t *bound, recs_str_t name,
    recs_rules_place_t *places)
{
    uint32_t            i, n;
    const recs_rule_t  *rule;

    n = 0;

    for (i = 0; i < bound->rules->n; i++) {
        rule = &bound->rules->rules[i];

        if (recs_rule_concerns(rule, name) && recs_rules_usable(bound, i)) {
            places[n].kind = rule->kind;
            places[n].key = rule->kind == RECS_RULE_PIN ? rule->rank
                                                        : bound->looks[i].item;
            places[n++].rule = i;
        }
    }

    if (n > 1) {
        qsort(places, n, sizeof(recs_rules_place_t),
              recs_rules_place_compare);
    }

    return n;
}


recs_status_t
recs_rules_slot_create(recs_rules_slot_t **slot,
    const recs_rules_bound_t *bound, recs_str_t name, recs_error_t *err)
{
    size_t               words;
    uint32_t             i, n;
    recs_rules_slot_t   *s;
    recs_rules_place_t  *places;

    s = NULL;
    words = recs_bitmap_words(bound->n_items);

    places = malloc(((size_t) bound->rules->n + 1)
                    * sizeof(recs_rules_place_t));
    if (places == NULL) {
        goto failed;
    }

    n = recs_rules_places(bound, name, places);

    if (n == 0) {
        free(places);
        *slot = NULL;
        return RECS_OK;
    }

    s = calloc(1, sizeof(recs_rules_slot_t));
    if (s == NULL) {
        goto failed;
    }

    s->bound = bound;
    s->n = n;
    s->rules = malloc(n * sizeof(uint32_t));
    s->force.pins = malloc(n * sizeof(recs_rules_pin_t));
    s->force.boosts = malloc(n * sizeof(recs_rules_boost_t));

    if (places[n - 1].kind == RECS_RULE_BLOCK) {
        s->force.blocked = calloc(words + 1, sizeof(recs_bitmap_word_t));
    }

    if (s->rules == NULL || s->force.pins == NULL || s->force.boosts == NULL
        || (places[n - 1].kind == RECS_RULE_BLOCK
            && s->force.blocked == NULL))
    {
        goto failed;
    }

    for (i = 0; i < n; i++) {
        s->rules[i] = places[i].rule;
    }

    free(places);
    *slot = s;

    return RECS_OK;

failed:

    free(places);
    recs_rules_slot_destroy(s);

    return recs_error(err, RECS_NOMEM, "no memory for rules");
}


void
recs_rules_slot_destroy(recs_rules_slot_t *slot)
{
    if (slot == NULL) {
        return;
    }

    free(slot->rules);
    free(slot->force.pins);
    free(slot->force.boosts);
    free(slot->force.blocked);
    free(slot);
}


void
recs_rules_bound_settle(recs_rules_bound_t *bound, int64_t now)
{
    uint32_t            i;
    recs_rules_look_t  *look;

    for (i = 0; i < bound->rules->n; i++) {
        look = &bound->looks[i];

        if (look->where != NULL) {
            recs_rules_look(bound, look, look->where, now);
        }
    }
}


static void
recs_rules_settle_boost(recs_rules_force_t *force, const recs_rule_t *rule,
    const recs_rules_look_t *look)
{
    recs_rules_boost_t  *boost;

    if (look->item != RECS_ITEM_NO && force->n_items > 0
        && force->boosts[force->n_items - 1].item == look->item)
    {
        force->boosts[force->n_items - 1].delta += rule->delta;
        return;
    }

    boost = &force->boosts[force->n_boosts++];
    boost->item = look->item;
    boost->delta = rule->delta;
    boost->bits = look->item != RECS_ITEM_NO ? NULL : look->bits;
    force->n_items += look->item != RECS_ITEM_NO;
}


static void
recs_rules_settle_block(const recs_rules_bound_t *bound,
    recs_rules_force_t *force, const recs_rules_look_t *look)
{
    size_t  i;

    if (look->item != RECS_ITEM_NO) {
        recs_bitmap_set(force->blocked, look->item);
        return;
    }

    for (i = 0; i < recs_bitmap_words(bound->n_items); i++) {
        force->blocked[i] |= look->bits[i];
    }
}


static int
recs_rules_counts(const recs_rule_t *rule, const recs_rules_look_t *look,
    int64_t now)
{
    return rule->from_ms <= now * 1000 && now * 1000 < rule->until_ms
           && (look->item == RECS_ITEM_NO || look->bits == NULL
               || recs_bitmap_test(look->bits, look->item));
}


void
recs_rules_slot_settle(recs_rules_slot_t *slot,
    const recs_bitmap_word_t *blocked, int64_t now)
{
    size_t                    size;
    uint32_t                  i;
    recs_rules_pin_t         *pin;
    const recs_rule_t        *rule;
    recs_rules_force_t       *force;
    const recs_rules_look_t  *look;

    force = &slot->force;
    force->n_pins = 0;
    force->n_boosts = 0;
    force->n_items = 0;

    if (force->blocked != NULL) {
        size = recs_bitmap_words(slot->bound->n_items)
               * sizeof(recs_bitmap_word_t);

        if (blocked != NULL) {
            memcpy(force->blocked, blocked, size);

        } else {
            memset(force->blocked, 0, size);
        }
    }

    for (i = 0; i < slot->n; i++) {
        rule = &slot->bound->rules->rules[slot->rules[i]];
        look = &slot->bound->looks[slot->rules[i]];

        if (!recs_rules_counts(rule, look, now)) {
            continue;
        }

        switch (rule->kind) {

        case RECS_RULE_PIN:
            pin = &force->pins[force->n_pins++];
            pin->item = look->item;
            pin->rank = rule->rank;
            break;

        case RECS_RULE_BOOST:
            recs_rules_settle_boost(force, rule, look);
            break;

        case RECS_RULE_BLOCK:
            recs_rules_settle_block(slot->bound, force, look);
            break;
        }
    }
}


const recs_rules_force_t *
recs_rules_force(const recs_rules_slot_t *slot)
{
    return &slot->force;
}
