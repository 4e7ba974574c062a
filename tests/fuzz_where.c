/*
 * Any text as a predicate: refused, saying why, or bound to a small shop and
 * evaluated; what is left and what its negation leaves are all of the items.
 *
 *     make fuzz FUZZERS=fuzz_where
 */

#include "recs_shop.h"
#include "recs_where.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>


#define N_ITEMS  70


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


/* How many items it leaves; -1: it was refused. */
static int
left(const recs_bundle_t *shop, recs_str_t text)
{
    int             n;
    uint32_t        i;
    recs_str_t      values[RECS_WHERE_VARIABLES_MAX];
    recs_error_t    err;
    recs_where_t   *w;
    recs_allowed_t  allowed;

    err.message[0] = '\0';

    if (recs_where_parse(&w, text, &err) != RECS_OK) {
        if (err.message[0] == '\0') {
            abort();
        }

        return -1;
    }

    if (recs_where_bind(w, shop, NULL, &err) != RECS_OK) {
        if (err.message[0] == '\0') {
            abort();
        }

        recs_where_destroy(w);
        return -1;
    }

    for (i = 0; i < recs_where_n_variables(w); i++) {
        values[i] = recs_where_variable(w, i);
    }

    recs_filter_allowed(shop, recs_where_filter(w, shop, values,
                                                RECS_SHOP_NOW), &allowed);
    n = allowed.bits == NULL && allowed.items == NULL ? N_ITEMS
                                                      : (int) allowed.n_items;

    for (i = 0; allowed.bits != NULL && i < N_ITEMS; i++) {
        n += (int) recs_bitmap_test(allowed.bits, i);
    }

    recs_where_destroy(w);

    return n;
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int          n, n_not;
    char        *text;
    recs_str_t   plain, negated;

    static recs_bundle_t  *shop;

    if (shop == NULL) {
        shop = recs_shop(N_ITEMS);
    }

    text = malloc(size + sizeof("not ()"));
    if (text == NULL) {
        return 0;
    }

    memcpy(text, "not (", 5);

    if (size > 0) {
        memcpy(text + 5, data, size);
    }

    text[size + 5] = ')';

    plain.data = text + 5;
    plain.len = size;
    negated.data = text;
    negated.len = size + 6;

    n = left(shop, plain);
    n_not = left(shop, negated);

    if (n >= 0 && n_not >= 0 && n + n_not != N_ITEMS) {
        abort();
    }

    free(text);

    return 0;
}
