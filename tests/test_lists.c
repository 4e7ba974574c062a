/*
 * Lists of every short length, good ones and ones with one thing wrong, in
 * heaps that end where the list does.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "recs_fewer.h"
#include "recs_fixture.h"
#include "recs_lists.h"


#define N_ITEMS  1000
#define LONGEST  80

#define TWICE    "a neighbour is repeated, its own or out of range"
#define ORDER    "neighbours are out of order or weigh 0"


static uint64_t  state = 7;


static uint32_t
below(uint32_t n)
{
    return (uint32_t) (recs_fixture_random(&state) % n);
}


static void
test_rising(void **unused)
{
    int        good;
    uint32_t   i, n, round, *items;

    (void) unused;

    for (round = 0; round < 20000 / RECS_FEWER; round++) {
        n = round % LONGEST;
        items = malloc(n * sizeof(uint32_t) + 1);
        assert_non_null(items);

        for (i = 0; i < n; i++) {
            items[i] = N_ITEMS - 4 * (n - i) + below(4);
        }

        if (n > 0 && round % 3 > 0) {
            items[below(n)] = round % 3 == 1 ? UINT32_MAX - below(3)
                                             : below(N_ITEMS + 2);
        }

        for (i = 0, good = 1; i < n; i++) {
            good &= items[i] < N_ITEMS
                    && (i == 0 || items[i] > items[i - 1]);
        }

        assert_int_equal(recs_lists_rising(items, n, N_ITEMS), good);
        free(items);
    }
}


/* A list in the making: numbers as they are, then packed to either size. */
typedef struct {
    uint32_t  n;
    uint32_t  ids[LONGEST];
    uint8_t   weights[LONGEST];
} making_t;


static const char *
judged(const making_t *m, unsigned id_size, uint32_t item, uint32_t n_items)
{
    char              *heap;
    uint32_t           i;
    const char        *wrong;
    recs_neighbors_t   list;

    heap = malloc(m->n * (id_size + 1) + 1);
    assert_non_null(heap);

    for (i = 0; i < m->n; i++) {
        if (id_size == sizeof(uint16_t)) {
            ((uint16_t *) (void *) heap)[i] = (uint16_t) m->ids[i];
        } else {
            ((uint32_t *) (void *) heap)[i] = m->ids[i];
        }
    }

    list.n = m->n;
    list.ids = heap;
    list.weights = (const uint8_t *) heap + m->n * id_size;
    memcpy(heap + m->n * id_size, m->weights, m->n);

    wrong = recs_lists_neighbors(&list, id_size, item, n_items);
    free(heap);

    return wrong;
}


/* Even numbers from first on, the owner odd, so that there is room. */
static void
make(making_t *m, uint32_t n, uint32_t first)
{
    uint32_t  i;

    m->n = n;

    for (i = 0; i < n; i++) {
        m->weights[i] = i < RECS_NEIGHBOR_HEADS ? (uint8_t) (250 - i / 2 * 20)
                                                : (uint8_t) (1 + below(190));

        /* Heads fall in pairs; of each 10 places 8 are for the rest. */
        m->ids[i] = i < RECS_NEIGHBOR_HEADS
                    ? first + 20 * ((RECS_NEIGHBOR_HEADS - 1 - i) / 2)
                      + i % 2 * 2
                    : first + 20 * ((i - RECS_NEIGHBOR_HEADS) / 8)
                      + 4 + 2 * ((i - RECS_NEIGHBOR_HEADS) % 8);
    }
}


static void
expect(const making_t *m, unsigned size, uint32_t item, uint32_t n_items,
    const char *words)
{
    const char  *wrong;

    wrong = judged(m, size, item, n_items);

    if (words == NULL ? wrong != NULL
                      : (wrong == NULL || strcmp(wrong, words) != 0))
    {
        fail_msg("%u neighbours of %u bytes: \"%s\", not \"%s\"", m->n, size,
                 wrong == NULL ? "" : wrong, words == NULL ? "" : words);
    }
}


/* The number at i becomes another one, in turn each that it must not be. */
static void
break_ids(const making_t *good, uint32_t i, unsigned size, uint32_t item,
    uint32_t n_items)
{
    uint32_t  j;
    making_t  m;

    m = *good;

    m.ids[i] = item;
    expect(&m, size, item, n_items, TWICE);

    m.ids[i] = n_items;

    if (size == sizeof(uint32_t) || n_items <= UINT16_MAX) {
        expect(&m, size, item, n_items, TWICE);
    }

    /* Behind the heads, what is far from its twin is out of order. */
    for (j = 0; j < good->n; j++) {
        if (j != i) {
            m.ids[i] = good->ids[j];
            assert_non_null(judged(&m, size, item, n_items));
        }
    }

    if (i > RECS_NEIGHBOR_HEADS) {
        m = *good;
        m.ids[i] = good->ids[i - 1];
        expect(&m, size, item, n_items, TWICE);
        m.ids[i - 1] = good->ids[i];
        expect(&m, size, item, n_items, ORDER);
    }
}


static void
break_weights(const making_t *good, uint32_t i, unsigned size, uint32_t item,
    uint32_t n_items)
{
    making_t  m;

    m = *good;
    m.weights[i] = 0;
    expect(&m, size, item, n_items, ORDER);

    if (i > 0) {
        m.weights[i] = 255;
        expect(&m, size, item, n_items, ORDER);
    }

    if (i >= RECS_NEIGHBOR_HEADS) {
        m.weights[i] = good->weights[RECS_NEIGHBOR_HEADS - 1];
        expect(&m, size, item, n_items, NULL);
        m.weights[i]++;
        expect(&m, size, item, n_items, ORDER);
    }
}


static void
test_neighbors(void **unused)
{
    making_t   m;
    uint32_t   i, n, k, item;

    static const struct {
        unsigned  size;
        uint32_t  n_items;
    } kinds[] = { { 2, 1000 }, { 2, 65536 }, { 4, 1000 }, { 4, 200000 },
                  { 4, 1u << 31 } };

    (void) unused;

    for (k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
        for (n = 0; n < LONGEST; n++) {

            make(&m, n, kinds[k].n_items - 400);
            item = kinds[k].n_items - 399 + 2 * below(199);
            expect(&m, kinds[k].size, item, kinds[k].n_items, NULL);

            for (i = 0; i < n; i++) {
                break_ids(&m, i, kinds[k].size, item, kinds[k].n_items);
                break_weights(&m, i, kinds[k].size, item, kinds[k].n_items);
            }
        }
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_rising),
        cmocka_unit_test(test_neighbors)
    };

    return cmocka_run_group_tests_name("lists", tests, NULL, NULL);
}
