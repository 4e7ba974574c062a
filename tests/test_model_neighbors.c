/*
 * Neighbour lists and users' last items: written as bytes and read back.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recs_bundle_private.h"
#include "recs_bundle_write.h"
#include "recs_fixture.h"
#include "recs_temp.h"


static recs_error_t  err;


static recs_bundle_t *
write_and_open(const recs_fixture_t *fixture)
{
    const char     *path;
    recs_bundle_t  *b;

    path = recs_temp_path("lists.mdb");
    recs_fixture_write(fixture, path);

    if (recs_bundle_open(&b, path, 0, &err) != RECS_OK) {
        fail_msg("%s", err.message);
    }

    unlink(path);

    return b;
}


static uint32_t
neighbor(const recs_bundle_view_t *v, const recs_neighbors_t *list,
    uint32_t i)
{
    return v->neighbor_id_size == 2 ? ((const uint16_t *) list->ids)[i]
                                    : ((const uint32_t *) list->ids)[i];
}


/* The weight a model gives a pair of indexes, as it is to be stored. */
static uint32_t
stored_weight(const recs_fixture_t *f, double unit, uint32_t index,
    uint32_t other)
{
    uint64_t  at;

    for (at = f->list_offsets[index]; at < f->list_offsets[index + 1]; at++) {
        if (f->list_items[at] == other) {
            return (uint32_t) fmin(255, round(f->list_weights[at] / unit));
        }
    }

    return 0;
}


/* One list against a row of the model. */
static void
compare_row(const recs_bundle_view_t *v, const recs_neighbors_t *list,
    const recs_weight_lists_t *lists, uint32_t row, double unit)
{
    uint32_t  i, q, item, kept;
    uint64_t  at;

    kept = 0;

    for (at = lists->offsets[row]; at < lists->offsets[row + 1]; at++) {
        q = (uint32_t) fmin(255, round(lists->weights[at] / unit));
        kept += q > 0;

        for (item = 0; v->item_order[item] != lists->items[at]; item++) {
            /* void */
        }

        assert_int_equal(recs_bundle_list_weight(v, list, item), q);
    }

    assert_int_equal(list->n, kept);

    for (i = 0; i < list->n; i++) {
        assert_true(list->weights[i] > 0);
    }
}


/* Opposed lists and those of users, in the file and what is refused. */
static void
test_further(void **state)
{
    char                       id[16];
    uint32_t                   i, user;
    recs_str_t                 reader;
    recs_bundle_t             *b;
    recs_fixture_t            *f;
    recs_neighbors_t           list;
    const recs_bundle_view_t  *v;
    recs_fixture_params_t      p = { .n_items = 70, .n_users = 12,
                                     .n_factors = 3, .n_neighbors = 20,
                                     .further = 1 };

    (void) state;

    f = recs_fixture_create(&p);
    f->lists.unit = 0.01;
    b = write_and_open(f);
    v = recs_bundle_view(b);
    reader = recs_bundle_manifest(b, "reader");
    assert_memory_equal(reader.data, "4", 1);

    assert_int_equal(v->opposed_spans.n_rows, v->n_items);
    assert_int_equal(v->user_list_spans.n_rows, v->n_users);

    for (i = 0; i < v->n_items; i++) {
        recs_bundle_opposed(v, i, &list);
        compare_row(v, &list, &f->lists.opposed, v->item_order[i], 0.01);
    }

    for (i = 0; i < f->model.users.n; i++) {
        recs_str_t  name;

        name = recs_record_id(f->model.users.record(f->model.users.data, i));
        assert_true(name.len < sizeof(id));
        user = recs_bundle_user(b, name);
        assert_int_not_equal(user, RECS_USER_NO);
        recs_bundle_user_list(v, user, &list);
        compare_row(v, &list, &f->lists.users, i, 0.01);
    }

    recs_bundle_close(b);

    /* The heaviest of all lists is 255. */
    f->lists.unit = 0;
    f->opposed_weights[0] = 5;
    b = write_and_open(f);
    recs_bundle_opposed(recs_bundle_view(b),
                        recs_bundle_item(b, recs_record_id(
                            f->model.items.record(f->model.items.data, 0))),
                        &list);
    assert_int_equal(list.weights[0], 255);
    recs_bundle_close(b);

    f->opposed_items[3] = 0;
    assert_int_equal(recs_model_write(&f->model, recs_temp_path("no.mdb"),
                                      &err), RECS_INVALID);
    assert_non_null(strstr(err.message, "or it is itself"));
    f->opposed_items[3] = 4;

    f->user_list_weights[1] = -1;
    assert_int_equal(recs_model_write(&f->model, recs_temp_path("no.mdb"),
                                      &err), RECS_INVALID);
    assert_non_null(strstr(err.message, "user row 0"));
    f->user_list_weights[1] = 1;

    f->lists.history = RECS_HISTORY_MAX;
    assert_int_equal(recs_model_write(&f->model, recs_temp_path("no.mdb"),
                                      &err), RECS_INVALID);
    assert_non_null(strstr(err.message, "1 to 255 are possible"));

    recs_fixture_destroy(f);
}


static void
compare_lists(const recs_fixture_t *f, const recs_bundle_t *b, double unit)
{
    uint32_t                   i, item, index, kept, want;
    uint64_t                   at;
    recs_neighbors_t           list;
    const recs_bundle_view_t  *v;

    v = recs_bundle_view(b);

    for (item = 0; item < v->n_items; item++) {
        recs_bundle_neighbors(v, item, &list);
        index = v->item_order[item];

        for (i = 0; i < list.n; i++) {
            want = stored_weight(f, unit, index,
                                 v->item_order[neighbor(v, &list, i)]);
            assert_int_equal(list.weights[i], want);
            assert_true(want > 0);

            if (i >= RECS_NEIGHBOR_HEADS) {
                assert_true(list.weights[i]
                            <= list.weights[RECS_NEIGHBOR_HEADS - 1]);
            }

            if (i > RECS_NEIGHBOR_HEADS) {
                assert_true(neighbor(v, &list, i)
                            > neighbor(v, &list, i - 1));

            } else if (i > 0 && i < RECS_NEIGHBOR_HEADS) {
                assert_true(list.weights[i] < list.weights[i - 1]
                            || (list.weights[i] == list.weights[i - 1]
                                && neighbor(v, &list, i)
                                   > neighbor(v, &list, i - 1)));
            }
        }

        kept = 0;

        for (at = f->list_offsets[index]; at < f->list_offsets[index + 1];
             at++)
        {
            kept += stored_weight(f, unit, index, f->list_items[at]) > 0;
        }

        assert_int_equal(list.n, kept);
    }
}


static void
test_lists(void **state)
{
    uint64_t         size;
    unsigned         i;
    recs_bundle_t   *b;
    recs_fixture_t  *f;

    static const recs_fixture_params_t  params[] = {
        { .n_items = 300, .n_users = 40, .n_factors = 20, .n_neighbors = 60 },
        { .n_items = 300, .n_users = 40, .n_factors = 0, .n_neighbors = 250 },
        { .n_items = 1, .n_users = 1, .n_factors = 4, .n_neighbors = 3 },
        { .n_items = 70000, .n_users = 3, .n_factors = 2, .n_neighbors = 9,
          .no_attributes = 1 }
    };

    (void) state;

    for (i = 0; i < sizeof(params) / sizeof(params[0]); i++) {
        f = recs_fixture_create(&params[i]);

        f->lists.unit = 0.01;
        b = write_and_open(f);
        assert_int_equal(recs_bundle_view(b)->neighbor_id_size,
                         params[i].n_items > 65536 ? 4 : 2);
        assert_int_equal(recs_bundle_view(b)->neighbor_history, 5);
        assert_true(recs_bundle_view(b)->neighbor_step
                    == (float) (0.5 * 0.01));
        compare_lists(f, b, 0.01);
        recs_bundle_close(b);

        /* Heavier weights than 255 units count 255. */
        f->lists.unit = 0.001;
        size = recs_bundle_shard_size;
        recs_bundle_shard_size = 4096;
        b = write_and_open(f);
        recs_bundle_shard_size = size;
        compare_lists(f, b, 0.001);
        recs_bundle_close(b);

        recs_fixture_destroy(f);
    }
}


/* Without a unit the heaviest is 255. */
static void
test_unit(void **state)
{
    unsigned                heaviest;
    uint32_t                item;
    recs_bundle_t          *b;
    recs_fixture_t         *f;
    recs_neighbors_t        list;
    recs_fixture_params_t   p = { .n_items = 300, .n_neighbors = 60 };

    (void) state;

    f = recs_fixture_create(&p);
    b = write_and_open(f);
    compare_lists(f, b, 63.0 / 64 / 255);

    for (item = 0, heaviest = 0; item < p.n_items; item++) {
        recs_bundle_neighbors(recs_bundle_view(b), item, &list);

        if (list.n > 0 && list.weights[0] > heaviest) {
            heaviest = list.weights[0];
        }
    }

    assert_int_equal(heaviest, 255);
    recs_bundle_close(b);

    /* Nobody weighs anything: lists without an end, but lists. */
    memset(f->list_weights, 0, f->list_offsets[300] * sizeof(float));
    b = write_and_open(f);
    recs_bundle_neighbors(recs_bundle_view(b), 7, &list);
    assert_int_equal(list.n, 0);
    assert_int_equal(recs_bundle_view(b)->neighbor_id_size, 2);
    recs_bundle_close(b);

    recs_fixture_destroy(f);
}


/* Only a bundle with lists asks for the reader that knows them. */
static void
test_reader(void **state)
{
    recs_str_t              reader;
    recs_bundle_t          *b;
    recs_fixture_params_t   p = { .n_items = 30, .n_users = 5 };

    (void) state;

    b = recs_fixture_open(&p);
    reader = recs_bundle_manifest(b, "reader");
    assert_int_equal(reader.len, 1);
    assert_memory_equal(reader.data, "1", 1);
    assert_int_equal(recs_bundle_view(b)->neighbor_id_size, 0);
    recs_bundle_close(b);

    p.n_neighbors = 3;
    b = recs_fixture_open(&p);
    reader = recs_bundle_manifest(b, "reader");
    assert_memory_equal(reader.data, "3", 1);
    recs_bundle_close(b);
}


/* The time at which the model's user last touched an item; 0: never. */
static int64_t
last_time(const recs_fixture_t *f, uint32_t user, uint32_t index)
{
    int64_t   last;
    uint64_t  at;

    last = 0;

    for (at = f->seen_offsets[user]; at < f->seen_offsets[user + 1]; at++) {
        if (f->seen_items[at] == index && f->seen_times[at] > last) {
            last = f->seen_times[at];
        }
    }

    return last;
}


static void
compare_recent(const recs_fixture_t *f, const recs_bundle_t *b, uint32_t user,
    uint32_t index)
{
    int64_t                    time, former;
    uint32_t                   i, j, n, n_seen, newer;
    const uint32_t            *recent, *seen;
    const recs_bundle_view_t  *v;

    v = recs_bundle_view(b);
    recent = recs_bundle_recent(b, user, &n);
    seen = recs_bundle_seen(b, user, &n_seen);
    assert_int_equal(n, n_seen < 5 ? n_seen : 5);
    former = INT64_MAX;

    for (i = 0; i < n; i++) {
        time = last_time(f, index, v->item_order[recent[i]]);
        assert_true(time > 0 && time <= former);
        former = time;

        for (j = 0; j < i; j++) {
            assert_int_not_equal(recent[i], recent[j]);
        }
    }

    for (i = 0, newer = 0; i < n_seen; i++) {
        newer += last_time(f, index, v->item_order[seen[i]]) > former;
    }

    assert_true(newer <= n);
}


static void
test_recent(void **state)
{
    uint32_t                user, index, n, n_seen;
    recs_str_t              id;
    recs_bundle_t          *b;
    recs_fixture_t         *f;
    const uint32_t         *recent, *seen;
    recs_fixture_params_t   p = { .n_items = 90, .n_users = 60,
                                  .n_factors = 3, .n_neighbors = 8,
                                  .times = 1 };

    (void) state;

    f = recs_fixture_create(&p);
    b = write_and_open(f);

    for (user = 0; user < recs_bundle_view(b)->n_users; user++) {
        id = recs_record_id(recs_bundle_user_record(b, user));
        index = (uint32_t) atoi(id.data + 1);
        compare_recent(f, b, user, index);
    }

    recs_bundle_close(b);

    /* Without times: the first that were seen. */
    memset(f->seen_times, 0, f->seen_offsets[60] * sizeof(int64_t));
    b = write_and_open(f);

    for (user = 0; user < recs_bundle_view(b)->n_users; user++) {
        recent = recs_bundle_recent(b, user, &n);
        seen = recs_bundle_seen(b, user, &n_seen);
        assert_int_equal(n, n_seen < 5 ? n_seen : 5);
        assert_ptr_equal(recent, seen);
    }

    recs_bundle_close(b);
    recs_fixture_destroy(f);

    /* Without lists nobody asks. */
    p.n_neighbors = 0;
    b = recs_fixture_open(&p);
    recs_bundle_recent(b, 0, &n);
    assert_int_equal(n, 0);
    recs_bundle_close(b);
}


static void
invalid(const recs_fixture_t *f, const char *words)
{
    const char  *path;

    path = recs_temp_path("invalid.mdb");
    assert_int_equal(recs_model_write(&f->model, path, &err), RECS_INVALID);
    assert_int_equal(access(path, F_OK), -1);

    if (strstr(err.message, words) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", err.message, words);
    }
}


static void
test_invalid(void **state)
{
    uint64_t                at, offset;
    uint32_t                item, owner;
    recs_fixture_t         *f;
    recs_fixture_params_t   p = { .n_items = 50, .n_neighbors = 20 };

    (void) state;

    f = recs_fixture_create(&p);

    for (owner = 0; f->list_offsets[owner + 1] < f->list_offsets[owner] + 2;
         owner++)
    {
        /* void */
    }

    at = f->list_offsets[owner];
    item = f->list_items[at];

    f->list_items[at] = 50;
    invalid(f, "none of the 50 items");
    f->list_items[at] = owner;
    invalid(f, "it is itself");
    f->list_items[at] = f->list_items[at + 1];
    invalid(f, "twice");
    f->list_items[at] = item;

    f->list_weights[at] = -0.5f;
    invalid(f, "weighs -0.5");
    f->list_weights[at] = NAN;
    invalid(f, "weighs nan");
    f->list_weights[at] = 0.5f;

    f->lists.history = 0;
    invalid(f, "the last 0 items");
    f->lists.history = 257;
    invalid(f, "the last 257 items");
    f->lists.history = 256;

    f->lists.weight = 0;
    invalid(f, "weight 0 ");
    f->lists.weight = NAN;
    invalid(f, "weight nan");
    f->lists.weight = 1e40;
    invalid(f, "weight 1e+40");
    f->lists.weight = 1;
    f->lists.unit = -1;
    invalid(f, "unit -1");
    f->lists.unit = 0;

    offset = f->list_offsets[owner + 1];
    f->list_offsets[owner + 1] = f->list_offsets[owner] - 1;
    invalid(f, "end before they begin");
    f->list_offsets[owner + 1] = offset;

    recs_bundle_close(write_and_open(f));
    recs_fixture_destroy(f);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_unit),
        cmocka_unit_test(test_further),
        cmocka_unit_test(test_reader),
        cmocka_unit_test(test_recent),
        cmocka_unit_test(test_invalid)
    };

    return cmocka_run_group_tests_name("model_neighbors", tests, NULL, NULL);
}
