/*
 * Lists under a valid seal: seen and recent items, neighbours.  Each kind of
 * wrong list, and lists that lie where another chunk of the file begins.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "recs_sealed_case.h"


#define CHUNK  (256 * 1024)


static void
make(const recs_fixture_params_t *params)
{
    recs_sealed_file_make(&recs_sealed, params, 0);
}


static void
break_span(recs_table_id_t id, uint64_t i)
{
    recs_span_t         wrong;
    const recs_span_t  *span;

    span = recs_sealed_file_row(&recs_sealed, id, i);

    wrong = *span;
    wrong.offset = UINT64_MAX - 3;
    recs_refuses(span, &wrong, sizeof(wrong), "outside its table");

    wrong.offset = (uint64_t) 1 << 40;
    recs_refuses(span, &wrong, sizeof(wrong), "outside its table");

    wrong.offset = span->offset + 2;
    recs_refuses(span, &wrong, sizeof(wrong), "outside its table");

    wrong = *span;
    wrong.len = UINT32_MAX;
    recs_refuses(span, &wrong, sizeof(wrong), "outside its table");

    wrong = *span;
    wrong.shard = UINT32_MAX;
    recs_refuses(span, &wrong, sizeof(wrong), "outside its table");

    wrong = *span;
    wrong.len--;
    recs_refuses(span, &wrong, sizeof(wrong), "malformed");
}


/* A good list twice, and one that begins a number before the former ends. */
static void
break_apart(recs_table_id_t id)
{
    uint64_t             i;
    recs_span_t          wrong;
    const recs_span_t   *span, *former;
    const recs_table_t  *t;

    t = &recs_sealed.bundle->tables[id].table;
    i = 0;

    do {
        i++;
        former = recs_sealed_file_row(&recs_sealed, id, i - 1);
        span = recs_sealed_file_row(&recs_sealed, id, i);
    } while (former->len < 8 || span->shard != former->shard);

    recs_refuses(span, former, sizeof(wrong), "a list begins within another");

    wrong = *span;
    wrong.offset = former->offset + former->len / 4 * 4 - 4;
    wrong.len = 0;
    recs_refuses(span, &wrong, sizeof(wrong), "a list begins within another");

    wrong = *(const recs_span_t *) recs_table_row(t, t->n_rows - 1);
    recs_refuses(recs_table_row(t, 0), &wrong, sizeof(wrong),
                 "a list begins within another");
}


static uint32_t
user_with_seen(uint32_t n)
{
    uint32_t  user, n_seen;

    for (user = 0; user < recs_sealed.bundle->view.n_users; user++) {
        recs_bundle_seen(recs_sealed.bundle, user, &n_seen);

        if (n_seen >= n) {
            return user;
        }
    }

    fail_msg("no user has seen %u items", n);

    return 0;
}


static void
break_spans(uint64_t shard_size)
{
    recs_fixture_params_t  p = { .n_items = 300, .n_users = 70,
                                 .n_factors = 20, .n_neighbors = 40,
                                 .times = 1 };

    recs_sealed_file_make(&recs_sealed, &p, shard_size);

    break_span(RECS_TABLE_SEEN_SPANS, user_with_seen(3));
    break_apart(RECS_TABLE_SEEN_SPANS);
    break_apart(RECS_TABLE_RECENT_SPANS);
    break_apart(RECS_TABLE_NEIGHBOR_SPANS);

    recs_sealed_file_free(&recs_sealed);
}


static void
test_spans(void **state)
{
    (void) state;

    break_spans(0);
    break_spans(1500);
}


static void
test_seen(void **state)
{
    uint32_t                user, n;
    const uint32_t         *seen;
    recs_fixture_params_t   p = { .n_items = 300, .n_users = 70 };

    (void) state;

    make(&p);

    user = user_with_seen(3);
    seen = recs_bundle_seen(recs_sealed.bundle, user, &n);

    recs_refuses_u32(&seen[1], seen[0], "a seen list is out of order");
    recs_refuses_u32(&seen[n - 1], 300, "a seen list is out of order or range");
    recs_refuses_u32(&seen[0], UINT32_MAX,
                     "a seen list is out of order or range");

    recs_sealed_file_free(&recs_sealed);
}


/*
 * Every list with a part in the file on both sides of a chunk's end, some of
 * them longer than what is read behind it.
 */
static void
test_chunks(void **state)
{
    char                    words[64];
    uint32_t                item;
    uint64_t                start, end, n, n_long;
    recs_neighbors_t        list;
    recs_fixture_params_t   p = { .n_items = 3300, .n_users = 3,
                                  .n_factors = 1, .n_neighbors = 3200,
                                  .no_attributes = 1 };

    (void) state;

    make(&p);
    n = 0;
    n_long = 0;

    for (item = 0; item < p.n_items; item++) {
        recs_bundle_neighbors(&recs_sealed.bundle->view, item, &list);

        start = recs_sealed_file_offset(recs_sealed.bundle, list.ids);
        end = recs_sealed_file_offset(recs_sealed.bundle, list.weights)
              + list.n;

        if (list.n == 0 || start / CHUNK == (end + 8) / CHUNK) {
            continue;
        }

        snprintf(words, sizeof(words), "or weigh 0 at row %u", item);
        recs_refuses(list.weights + list.n - 1, "", 1, words);

        n++;
        n_long += end - (start / CHUNK + 1) * CHUNK > 4096
                  && end - (start / CHUNK + 1) * CHUNK < CHUNK;
    }

    assert_true(n > 20);
    assert_true(n_long > 0);

    recs_sealed_file_free(&recs_sealed);
}


static void
break_lists(uint32_t n_items)
{
    char                        numbers[8];
    uint8_t                     weights[2];
    uint32_t                    item, size;
    recs_str_t                  step;
    recs_span_t                 span;
    const char                 *ids;
    recs_neighbors_t            list;
    recs_fixture_params_t       p = { .n_items = n_items, .n_users = 20,
                                      .n_factors = 3, .n_neighbors = 30,
                                      .no_attributes = 1, .times = 1 };
    const recs_bundle_view_t   *v;

    make(&p);
    v = recs_bundle_view(recs_sealed.bundle);
    size = v->neighbor_id_size;

    /* A list that begins with two equal weights and ends with a lighter. */
    for (item = 0; item < n_items; item++) {
        recs_bundle_neighbors(v, item, &list);

        if (list.n > 9 && list.weights[0] == list.weights[1]
            && list.weights[2] < list.weights[1])
        {
            break;
        }
    }

    assert_true(item < n_items);
    ids = list.ids;

    memset(numbers, 0xff, sizeof(numbers));
    recs_refuses(ids, n_items == 65536 ? ids + size : numbers, size,
                 "a neighbour is repeated, its own or out of range");
    recs_refuses(ids, ids + size, size, "a neighbour is repeated");
    memcpy(numbers, &item, size);
    recs_refuses(ids, numbers, size, "a neighbour is repeated, its own");

    memcpy(numbers, ids + size, size);
    memcpy(numbers + size, ids, size);
    recs_refuses(ids, numbers, (size_t) 2 * size,
                 "neighbours are out of order");

    weights[0] = list.weights[2];
    weights[1] = list.weights[0];
    recs_refuses(list.weights + 1, weights, 2, "neighbours are out of order");
    weights[0] = 0;
    recs_refuses(list.weights + list.n - 1, weights, 1, "or weigh 0");

    /* Behind the heads. */
    recs_refuses(ids + 9 * size, ids + 8 * size, size,
                 "a neighbour is repeated");
    recs_refuses(ids + 9 * size, ids, size, "a neighbour is repeated");
    memcpy(numbers, ids + 9 * size, size);
    memcpy(numbers + size, ids + 8 * size, size);
    recs_refuses(ids + 8 * size, numbers, (size_t) 2 * size, "out of order");
    weights[0] = (uint8_t) (list.weights[7] + 1);
    recs_refuses(list.weights + 9, weights, 1, "neighbours are out of order");

    span = *(const recs_span_t *) recs_table_row(&v->neighbor_spans, item);
    span.len--;
    recs_refuses(recs_table_row(&v->neighbor_spans, item), &span, sizeof(span),
                 "a neighbour list is malformed");
    span.len = UINT32_MAX;
    recs_refuses(recs_table_row(&v->neighbor_spans, item), &span, sizeof(span),
                 "a run lies outside its table");

    recs_refuses_entry("neighbors.history", "0",
                       "\"neighbors.history\" is missing or bad");
    recs_refuses_entry("neighbors.history", "x",
                       "\"neighbors.history\" is missing or bad");
    step = recs_bundle_manifest(recs_sealed.bundle, "neighbors.step");
    recs_refuses(step.data, "9", 1, "\"neighbors.step\" is missing or bad");
    recs_refuses(step.data, "-", 1, "\"neighbors.step\" is missing or bad");

    /* The entry's name: its tables are then too many. */
    recs_refuses(step.data - strlen("neighbors.step"), "neighbors.stop", 14,
                 "table recent_spans");

    recs_sealed_file_free(&recs_sealed);
}


static void
test_broken_lists(void **state)
{
    (void) state;

    break_lists(300);
    break_lists(65536);
    break_lists(65537);
}


static void
test_broken_recent(void **state)
{
    uint32_t                user, n, out;
    const uint32_t         *recent;
    const recs_table_t     *spans;
    recs_span_t             span;
    recs_fixture_params_t   p = { .n_items = 300, .n_users = 20,
                                  .n_factors = 3, .n_neighbors = 10,
                                  .times = 1 };

    (void) state;

    make(&p);
    n = 0;

    for (user = 0; n < 2; user++) {
        recent = recs_bundle_recent(recs_sealed.bundle, user, &n);
    }

    user--;
    out = 300;
    recs_refuses(recent, &out, 4, "a recent list repeats an item or is out");
    recs_refuses(recent, recent + 1, 4, "a recent list repeats an item");

    spans = &recs_sealed.bundle->tables[RECS_TABLE_RECENT_SPANS].table;
    span = *(const recs_span_t *) recs_table_row(spans, user);
    span.len--;
    recs_refuses(recs_table_row(spans, user), &span, sizeof(span),
                 "a recent list is malformed");
    span.offset = 0;
    span.len = 6 * sizeof(uint32_t);
    recs_refuses(recs_table_row(spans, user), &span, sizeof(span),
                 "a recent list is malformed");

    recs_sealed_file_free(&recs_sealed);
}


/* What was written for items and users stands and falls as neighbours do. */
static void
test_further(void **state)
{
    uint16_t                    own, out;
    uint8_t                     zero;
    uint32_t                    item;
    recs_neighbors_t            list;
    recs_fixture_params_t       p = { .n_items = 300, .n_users = 20,
                                      .n_factors = 3, .n_neighbors = 30,
                                      .no_attributes = 1, .further = 1 };
    const recs_bundle_view_t   *v;

    (void) state;

    make(&p);
    v = recs_bundle_view(recs_sealed.bundle);
    out = 300;
    zero = 0;

    for (item = 0; item < 300; item += 50) {
        recs_bundle_opposed(v, item, &list);
        assert_true(list.n > 9);
        own = (uint16_t) item;
        recs_refuses(list.ids, &own, 2, "a neighbour is repeated, its own");
        recs_refuses(list.ids, &out, 2, "a neighbour is repeated, its own");
        recs_refuses(list.weights + list.n - 1, &zero, 1, "or weigh 0");
    }

    recs_bundle_user_list(v, 5, &list);
    assert_true(list.n > 9);
    recs_refuses(list.ids, &out, 2, "a neighbour is repeated, its own");
    recs_refuses(list.ids, (const uint16_t *) list.ids + list.n - 1, 2,
                 "a neighbour is repeated, its own");
    recs_refuses(list.weights + list.n - 1, &zero, 1, "or weigh 0");

    recs_sealed_file_free(&recs_sealed);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_spans),
        cmocka_unit_test(test_seen),
        cmocka_unit_test(test_broken_lists),
        cmocka_unit_test(test_further),
        cmocka_unit_test(test_broken_recent),
        cmocka_unit_test(test_chunks)
    };

    return cmocka_run_group_tests_name("bundle_check_lists", tests, NULL,
                                       NULL);
}
