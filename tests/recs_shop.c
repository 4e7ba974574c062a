#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "recs_fixture.h"
#include "recs_shop.h"
#include "recs_tiny_bundle.h"


enum { PRICE, STOCK, CATEGORY, COUNTRY, EXPIRES, NOTE, N_COLUMNS };


static const char *const  columns[N_COLUMNS] = {
    "price", "stock", "category", "country", "expires", "note"
};


static void
add(recs_record_builder_t *b, uint32_t column, const char *text)
{
    recs_str_t  value = { text, strlen(text) };

    assert_int_equal(recs_record_add(b, column, value), RECS_OK);
}


static void
add_expires(recs_record_builder_t *b, uint32_t i)
{
    char       text[64];
    size_t     len;
    time_t     at;
    struct tm  tm;

    at = RECS_SHOP_NOW + ((time_t) i % 11 - 5) * 3600;

    if (i % 13 == 0) {
        snprintf(text, sizeof(text), "9999-12-31");

    } else if (i % 17 == 0) {
        snprintf(text, sizeof(text), "never");

    } else if (i % 2 == 0) {
        snprintf(text, sizeof(text), "%lld", (long long) at);

    } else {
        assert_non_null(gmtime_r(&at, &tm));
        assert_true(strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm)
                    > 0);
    }

    if (i % 19 == 0) {
        len = strlen(text);
        snprintf(text + len, sizeof(text) - len, "|%lld",
                 (long long) at + 3 * 3600);
    }

    add(b, EXPIRES, text);
}


static recs_str_t
record(recs_record_builder_t *b, recs_str_t id, uint32_t i)
{
    char        text[64];
    recs_str_t  built, copy;

    static const char *const  fractions[] = { "", ".25", ".5", ".50", ".75" };
    static const char *const  categories[] = {
        "shoes", "bags", "hats", "shoes|bags"
    };
    static const char *const  countries[] = { "de", "fr", "it" };

    assert_int_equal(recs_record_begin(b, id), RECS_OK);

    snprintf(text, sizeof(text), "%u%s", i % 97, fractions[i % 5]);
    add(b, PRICE, text);

    if (i % 7 != 0) {
        snprintf(text, sizeof(text), "%d", (int) (i % 5) - 1);
        add(b, STOCK, text);
    }

    add(b, CATEGORY, categories[i % 4]);

    snprintf(text, sizeof(text), "%s|c%u", countries[i % 3], i % 89);
    add(b, COUNTRY, text);

    add_expires(b, i);

    snprintf(text, sizeof(text), "note %u", i);
    add(b, NOTE, text);

    built = recs_record_end(b);
    copy.data = memcpy(malloc(built.len), built.data, built.len);
    copy.len = built.len;

    return copy;
}


recs_bundle_t *
recs_shop(uint32_t n_items)
{
    uint32_t         i;
    recs_str_t       made;
    recs_bundle_t   *b;
    recs_fixture_t  *f;

    recs_record_builder_t  builder = { 0 };
    recs_fixture_params_t  p = { .n_items = n_items, .n_users = 3,
                                 .n_factors = 4 };

    f = recs_fixture_create(&p);

    for (i = 0; i < n_items; i++) {
        made = record(&builder, recs_record_id(f->item_records[i]), i);
        free((char *) f->item_records[i].data);
        f->item_records[i] = made;
    }

    f->model.items.n_columns = N_COLUMNS;
    f->model.items.columns = columns;

    b = recs_tiny_bundle(&f->model);

    recs_record_free(&builder);
    recs_fixture_destroy(f);

    return b;
}
