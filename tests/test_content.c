/*
 * Vectors for items that nobody has met, from their attributes.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "recs_content.h"
#include "recs_content_features.h"
#include "recs_record.h"


#define N_ITEMS    120
#define N_NEW      20                     /* the last ones */
#define N_FACTORS  4


/* Items whose kind ("tea", "Tea|...", "mug") makes their vectors. */
typedef struct {
    recs_record_builder_t  builder;
    int                    attributes;
} shop_t;


static recs_str_t
str(const char *text)
{
    return (recs_str_t) { text, strlen(text) };
}


static recs_str_t
shop_record(void *data, uint32_t index)
{
    char     id[16], title[64];
    shop_t  *shop;

    shop = data;
    snprintf(id, sizeof(id), "i%03u", index);
    snprintf(title, sizeof(title), "%s number %u",
             index % 2 ? "Green Tea" : "blue mug", index);

    assert_int_equal(recs_record_begin(&shop->builder, str(id)), RECS_OK);

    /* The last of all says nothing that others say. */
    if (shop->attributes && index == N_ITEMS - 1) {
        assert_int_equal(recs_record_add(&shop->builder, 0, str("unheard")),
                         RECS_OK);

    } else if (shop->attributes) {
        assert_int_equal(recs_record_add(&shop->builder, 0, str(title)),
                         RECS_OK);
        assert_int_equal(recs_record_add(&shop->builder, 1,
                                         str(index % 2 ? "drink|TEA"
                                                       : "pot|thing")),
                         RECS_OK);
    }

    return recs_record_end(&shop->builder);
}


/* One user has met all but the new ones, whose vectors are zero. */
static recs_status_t
fill(int attributes, float *factors, recs_content_report_t *report)
{
    shop_t                shop;
    uint32_t              i, items[N_ITEMS];
    recs_error_t          err;
    recs_status_t         status;
    recs_dataset_view_t   view;

    memset(&shop, 0, sizeof(shop_t));
    memset(&view, 0, sizeof(recs_dataset_view_t));
    memset(factors, 0, N_ITEMS * N_FACTORS * sizeof(float));
    shop.attributes = attributes;

    for (i = 0; i < N_ITEMS - N_NEW; i++) {
        items[i] = i;
        factors[i * N_FACTORS + i % 2] = 1.0f;
        factors[i * N_FACTORS + 2] = 0.01f * (float) (i % 7);
    }

    view.n_users = 1;
    view.n_items = N_ITEMS;
    view.n_interactions = N_ITEMS - N_NEW;
    view.items = items;
    view.item_entities.n = N_ITEMS;
    view.item_entities.record = shop_record;
    view.item_entities.data = &shop;

    status = recs_content_fill(&view, factors, N_FACTORS, report, &err);

    recs_record_free(&shop.builder);

    return status;
}


static void
test_new_items_are_like_their_kind(void **state)
{
    float                   factors[N_ITEMS * N_FACTORS], *v;
    uint32_t                i;
    recs_content_report_t   report;

    (void) state;

    assert_int_equal(fill(1, factors, &report), RECS_OK);
    assert_int_equal(report.n_items, N_NEW - 1);
    assert_true(report.explained > 0.9);

    for (i = N_ITEMS - N_NEW; i < N_ITEMS - 1; i++) {
        v = factors + i * N_FACTORS;

        assert_true(fabsf(v[i % 2] - 1.0f) < 0.1f);
        assert_true(fabsf(v[1 - i % 2]) < 0.1f);
        assert_true(v[3] == 0.0f);
    }
}


static void
test_an_item_that_says_nothing_has_no_vector(void **state)
{
    float                   factors[N_ITEMS * N_FACTORS];
    uint32_t                f;
    recs_content_report_t   report;

    (void) state;

    assert_int_equal(fill(1, factors, &report), RECS_OK);

    for (f = 0; f < N_FACTORS; f++) {
        assert_true(factors[(N_ITEMS - 1) * N_FACTORS + f] == 0.0f);
    }
}


static void
test_met_items_stay(void **state)
{
    float                   factors[N_ITEMS * N_FACTORS];
    uint32_t                i;
    recs_content_report_t   report;

    (void) state;

    assert_int_equal(fill(1, factors, &report), RECS_OK);

    for (i = 0; i < N_ITEMS - N_NEW; i++) {
        assert_true(factors[i * N_FACTORS + i % 2] == 1.0f);
        assert_true(factors[i * N_FACTORS + 1 - i % 2] == 0.0f);
    }
}


static void
test_without_attributes_nothing_happens(void **state)
{
    float                   factors[N_ITEMS * N_FACTORS];
    uint32_t                i;
    recs_content_report_t   report;

    (void) state;

    assert_int_equal(fill(0, factors, &report), RECS_OK);
    assert_int_equal(report.n_items, 0);

    for (i = (N_ITEMS - N_NEW) * N_FACTORS; i < N_ITEMS * N_FACTORS; i++) {
        assert_true(factors[i] == 0.0f);
    }
}


static void
test_features(void **state)
{
    shop_t                      shop;
    uint32_t                    i, items[40];
    recs_error_t                err;
    recs_entities_t             entities;
    recs_content_row_t          tea, mug, none;
    recs_content_vocabulary_t   v;

    (void) state;

    memset(&shop, 0, sizeof(shop_t));
    memset(&entities, 0, sizeof(recs_entities_t));
    shop.attributes = 1;
    entities.n = N_ITEMS;
    entities.record = shop_record;
    entities.data = &shop;

    for (i = 0; i < 40; i++) {
        items[i] = i;
    }

    assert_int_equal(recs_content_vocabulary_create(&v, &entities, items, 40,
                                                    &err), RECS_OK);

    /*
     * Of each kind two words of titles, two parts, and these as words;
     * "number" is in every title, and a number and a title in one each.
     */
    assert_int_equal(v.n, 12);

    recs_content_row(&v, shop_record(&shop, 1), &tea);
    recs_content_row(&v, shop_record(&shop, 2), &mug);
    recs_content_row(&v, shop_record(&shop, N_ITEMS - 1), &none);

    assert_int_equal(tea.n, 6);
    assert_int_equal(mug.n, 6);
    assert_int_equal(none.n, 0);
    assert_true(fabsf(tea.weight - 1 / sqrtf(6)) < 1e-6f);

    for (i = 0; i < 6; i++) {
        assert_true(tea.features[i] < v.n);
        assert_true(i == 0 || tea.features[i] > tea.features[i - 1]);
    }

    recs_content_vocabulary_free(&v);
    recs_record_free(&shop.builder);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_new_items_are_like_their_kind),
        cmocka_unit_test(test_an_item_that_says_nothing_has_no_vector),
        cmocka_unit_test(test_met_items_stay),
        cmocka_unit_test(test_without_attributes_nothing_happens),
        cmocka_unit_test(test_features),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
