#include "recs_ladder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "recs_tiny_bundle.h"
#include "recs_tiny_dataset.h"


static const float  item_factors[RECS_LADDER_ITEMS * 2] = {
    8, 0,  6, 0,  4, 0,  2, 0,  0, 7,  0, 5,  0, 3,  0, 0
};
static const float     user_factors[RECS_LADDER_USERS * 2] = {
    1, 0.1f,  0, 1,  0, 0
};
static const float     popularity[RECS_LADDER_ITEMS] = {
    1, 2, 3, 3, 4, 5, 6, 7
};
static const uint64_t  seen_offsets[] = { 0, 1, 2, 3 };
static const uint32_t  seen_items[] = { 0, 5, 7 };
static const float     gram[2] = { 120, 83 };

static const recs_fold_in_params_t  fold_in = { gram, 0.1, 0.1, 0.5 };


void
recs_ladder_open_of(recs_ladder_t *l, const float *vectors)
{
    recs_error_t  err;
    recs_model_t  model;

    memset(l, 0, sizeof(recs_ladder_t));
    memset(&model, 0, sizeof(recs_model_t));
    model.algorithm = "test";
    model.items.n = RECS_LADDER_ITEMS;
    model.items.record = recs_tiny_record;
    model.items.data = "i";
    model.users.n = RECS_LADDER_USERS;
    model.users.record = recs_tiny_record;
    model.users.data = "u";
    model.popularity = popularity;
    model.seen_offsets = seen_offsets;
    model.seen_items = seen_items;

    if (vectors != NULL) {
        model.n_factors = 2;
        model.item_factors = vectors;
        model.user_factors = user_factors;
        model.fold_in = &fold_in;
    }

    l->bundle = recs_tiny_bundle(&model);
    assert_int_equal(recs_scratch_create(&l->scratch, l->bundle, &err),
                     RECS_OK);
    l->answer.items = l->items;
    l->query.count = 3;
}


void
recs_ladder_open(recs_ladder_t *l, int with_vectors)
{
    recs_ladder_open_of(l, with_vectors ? item_factors : NULL);
}


void
recs_ladder_close(recs_ladder_t *l)
{
    recs_scratch_destroy(l->scratch);
    recs_bundle_close(l->bundle);
}


recs_str_t
recs_ladder_text(const char *text)
{
    recs_str_t  s;

    s.data = text;
    s.len = strlen(text);

    return s;
}


uint32_t
recs_ladder_number(const recs_ladder_t *l, uint32_t index)
{
    return recs_bundle_item(l->bundle,
                            recs_record_id(recs_tiny_record("i", index)));
}


void
recs_ladder_expect(recs_ladder_t *l, recs_source_t source,
    recs_reason_t reason, ...)
{
    int       index;
    va_list   args;
    uint32_t  i;

    recs_recommend(l->bundle, l->scratch, &l->query, &l->answer);

    assert_string_equal(recs_source_name(l->answer.source),
                        recs_source_name(source));
    assert_string_equal(recs_reason_name(l->answer.reason),
                        recs_reason_name(reason));

    va_start(args, reason);

    for (i = 0; (index = va_arg(args, int)) != -1; i++) {
        assert_true(i < l->answer.n);
        assert_int_equal(l->items[i].item,
                         recs_ladder_number(l, (uint32_t) index));
    }

    va_end(args);

    assert_int_equal(l->answer.n, i);
}
