/*
 * Any text as rules: refused, saying at which line, or bound to a small shop
 * and at work in an answer that keeps what recs_rules_slot.h promises.
 *
 *     make fuzz FUZZERS=fuzz_rules
 */

#include "recs_recommend.h"
#include "recs_shop.h"

#include <stdlib.h>
#include <string.h>


#define N_ITEMS  70
#define COUNT    12


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


/* No item twice, none that is blocked, pins only where there are rules. */
static void
check(const recs_rules_force_t *force, const recs_answer_t *answer)
{
    uint32_t  i, j;

    if (answer->n > COUNT) {
        abort();
    }

    for (i = 0; i < answer->n; i++) {

        for (j = 0; j < i; j++) {
            if (answer->items[j].item == answer->items[i].item) {
                abort();
            }
        }

        if ((force == NULL || force->n_pins == 0)
            && answer->items[i].source == RECS_SOURCE_PINNED)
        {
            abort();
        }

        if (force != NULL && force->blocked != NULL
            && recs_bitmap_test(force->blocked, answer->items[i].item))
        {
            abort();
        }
    }
}


static void
ask(const recs_bundle_t *shop, const recs_rules_force_t *force)
{
    recs_query_t        query;
    recs_answer_t       answer;
    recs_scratch_t     *scratch;
    recs_answer_item_t  items[COUNT];

    memset(&query, 0, sizeof(recs_query_t));
    query.strategy = RECS_SOURCE_PERSONAL;
    query.user.data = "u1";
    query.user.len = 2;
    query.rules = force;
    query.count = COUNT;
    answer.items = items;

    if (recs_scratch_create(&scratch, shop, NULL) != RECS_OK) {
        abort();
    }

    recs_recommend(shop, scratch, &query, &answer);
    recs_scratch_destroy(scratch);
    check(force, &answer);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint32_t             i;
    recs_str_t           text;
    recs_error_t         err;
    recs_rules_t         rules;
    recs_rules_slot_t   *slot;
    recs_rules_bound_t  *bound;

    static recs_bundle_t     *shop;
    static const recs_str_t   name = { "home", 4 };

    if (shop == NULL) {
        shop = recs_shop(N_ITEMS);
    }

    text.data = (const char *) data;
    text.len = size;

    if (recs_rules_parse(&rules, text, &err) != RECS_OK) {
        if (strncmp(err.message, "line ", 5) != 0
            && size <= RECS_RULES_TEXT_MAX)
        {
            abort();
        }

        return 0;
    }

    if (recs_rules_bound_create(&bound, &rules, shop, NULL) != RECS_OK) {
        abort();
    }

    for (i = 0; i < rules.n; i++) {
        (void) recs_rules_bind(bound, i, &err);
    }

    if (recs_rules_slot_create(&slot, bound, name, NULL) != RECS_OK) {
        abort();
    }

    if (slot != NULL) {
        recs_rules_bound_settle(bound, RECS_SHOP_NOW);
        recs_rules_slot_settle(slot, NULL, RECS_SHOP_NOW);
        ask(shop, recs_rules_force(slot));
        recs_rules_slot_destroy(slot);
    }

    recs_rules_bound_destroy(bound);
    recs_rules_free(&rules);

    return 0;
}
