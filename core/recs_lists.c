#include "recs_lists.h"

#include <string.h>


/* Compilers know what to do with them on every processor. */
#define RECS_LISTS_VECTOR  32

typedef uint8_t   recs_u8s_t  __attribute__((vector_size(RECS_LISTS_VECTOR)));
typedef uint16_t  recs_u16s_t __attribute__((vector_size(RECS_LISTS_VECTOR)));
typedef uint32_t  recs_u32s_t __attribute__((vector_size(RECS_LISTS_VECTOR)));

#define RECS_LISTS_INLINE  static inline __attribute__((always_inline))

/* A list's heads and its owner: none of them is in the rest. */
#define RECS_LISTS_OTHERS  (RECS_NEIGHBOR_HEADS + 1)

_Static_assert(RECS_NEIGHBOR_HEADS * sizeof(uint32_t) == RECS_LISTS_VECTOR,
               "the heads are a vector");


/* 1 where a lane is not 0. */
RECS_LISTS_INLINE int
recs_lists_any(const void *vector)
{
    uint64_t  parts[RECS_LISTS_VECTOR / sizeof(uint64_t)];

    memcpy(parts, vector, sizeof(parts));

    return (parts[0] | parts[1] | parts[2] | parts[3]) != 0;
}


/*
 * n numbers rise, none twice, and none of them is in others: heads and owner
 * of the list, where others is not NULL.  The last vector overlaps the one
 * before it.
 */
#define RECS_LISTS_RISE(name, type, vector)                                   \
                                                                              \
RECS_LISTS_INLINE int                                                         \
name(const type *ids, uint32_t n, const type *others)                         \
{                                                                             \
    int       wrong;                                                          \
    uint32_t  i, j;                                                           \
    vector    former, next, bad, a, b, c, d, e, f, g, h, o;                   \
                                                                              \
    const uint32_t  lanes = sizeof(vector) / sizeof(type);                    \
    const vector    zero = { 0 };                                             \
                                                                              \
    wrong = 0;                                                                \
    bad = zero;                                                               \
    a = b = c = d = e = f = g = h = o = zero;                                 \
                                                                              \
    if (others != NULL) {                                                     \
        a = others[0] - zero;                                                 \
        b = others[1] - zero;                                                 \
        c = others[2] - zero;                                                 \
        d = others[3] - zero;                                                 \
        e = others[4] - zero;                                                 \
        f = others[5] - zero;                                                 \
        g = others[6] - zero;                                                 \
        h = others[7] - zero;                                                 \
        o = others[8] - zero;                                                 \
    }                                                                         \
                                                                              \
    for (i = 1; n > lanes && i < n; i += lanes) {                             \
        i = i < n - lanes ? i : n - lanes;                                    \
                                                                              \
        memcpy(&former, ids + i - 1, sizeof(vector));                         \
        memcpy(&next, ids + i, sizeof(vector));                               \
        bad |= (vector) (next <= former);                                     \
                                                                              \
        if (others != NULL) {                                                 \
            bad |= (vector) ((next == a) | (next == b) | (next == c)          \
                             | (next == d) | (next == e) | (next == f)        \
                             | (next == g) | (next == h) | (next == o));      \
        }                                                                     \
    }                                                                         \
                                                                              \
    for ( /* void */ ; i < n; i++) {                                          \
        wrong |= ids[i] <= ids[i - 1];                                        \
                                                                              \
        for (j = 0; others != NULL && j < RECS_LISTS_OTHERS; j++) {           \
            wrong |= ids[i] == others[j];                                     \
        }                                                                     \
    }                                                                         \
                                                                              \
    for (j = 0; others != NULL && n > 0 && j < RECS_LISTS_OTHERS; j++) {      \
        wrong |= ids[0] == others[j];                                         \
    }                                                                         \
                                                                              \
    return !wrong && !recs_lists_any(&bad);                                   \
}

RECS_LISTS_RISE(recs_lists_rise_16, uint16_t, recs_u16s_t)
RECS_LISTS_RISE(recs_lists_rise_32, uint32_t, recs_u32s_t)


/* n weights are at least 1 and at most `most`, which is not 0. */
RECS_LISTS_INLINE int
recs_lists_light(const uint8_t *weights, uint32_t n, uint8_t most)
{
    int         wrong;
    uint32_t    i;
    recs_u8s_t  next, limit, bad;

    bad = (recs_u8s_t) { 0 };
    limit = most - bad;
    wrong = 0;

    for (i = 0; n >= sizeof(next) && i < n; i += sizeof(next)) {
        i = i < n - sizeof(next) ? i : n - (uint32_t) sizeof(next);

        memcpy(&next, weights + i, sizeof(next));
        bad |= (recs_u8s_t) ((next - 1) >= limit);
    }

    for ( /* void */ ; i < n; i++) {
        wrong |= (uint8_t) (weights[i] - 1) >= most;
    }

    return !wrong && !recs_lists_any(&bad);
}


RECS_LISTS_INLINE uint32_t
recs_lists_id(const recs_neighbors_t *list, unsigned id_size, uint32_t i)
{
    return id_size == sizeof(uint16_t) ? ((const uint16_t *) list->ids)[i]
                                       : ((const uint32_t *) list->ids)[i];
}


/* What falls from one head to the next, and tells two apart. */
RECS_LISTS_INLINE uint64_t
recs_lists_rank(const recs_neighbors_t *list, unsigned id_size, uint32_t i)
{
    return (uint64_t) list->weights[i] << 32
           | (UINT32_MAX - recs_lists_id(list, id_size, i));
}


/* RECS_NEIGHBOR_HEADS different numbers, in range, none of them item. */
RECS_LISTS_INLINE int
recs_lists_differ(const uint32_t *ids, uint32_t item, uint32_t n_items)
{
    recs_u32s_t  all, bad;

    memcpy(&all, ids, sizeof(all));

    bad = (recs_u32s_t) (all >= n_items - (recs_u32s_t) { 0 });
    bad |= (recs_u32s_t) (all == item - (recs_u32s_t) { 0 });

    /* Each with the four behind it, as in a circle. */
    bad |= (recs_u32s_t) (all == __builtin_shufflevector(all, all,
                                                 1, 2, 3, 4, 5, 6, 7, 0));
    bad |= (recs_u32s_t) (all == __builtin_shufflevector(all, all,
                                                 2, 3, 4, 5, 6, 7, 0, 1));
    bad |= (recs_u32s_t) (all == __builtin_shufflevector(all, all,
                                                 3, 4, 5, 6, 7, 0, 1, 2));
    bad |= (recs_u32s_t) (all == __builtin_shufflevector(all, all,
                                                 4, 5, 6, 7, 0, 1, 2, 3));

    return !recs_lists_any(&bad);
}


/* A list of heads only. */
RECS_LISTS_INLINE int
recs_lists_heads(const recs_neighbors_t *list, unsigned id_size,
    uint32_t item, uint32_t n_items)
{
    int       wrong;
    uint32_t  i, j, n, id;

    n = list->n < RECS_NEIGHBOR_HEADS ? list->n : RECS_NEIGHBOR_HEADS;
    wrong = n > 0 && list->weights[n - 1] == 0;

    for (i = 0; i < n; i++) {
        id = recs_lists_id(list, id_size, i);
        wrong |= id >= n_items || id == item;

        for (j = 0; j < i; j++) {
            wrong |= id == recs_lists_id(list, id_size, j);
        }

        wrong |= i > 0 && recs_lists_rank(list, id_size, i)
                          >= recs_lists_rank(list, id_size, i - 1);
    }

    return !wrong;
}


RECS_LISTS_INLINE int
recs_lists_good(const recs_neighbors_t *list, unsigned id_size,
    uint32_t item, uint32_t n_items)
{
    int              wrong;
    uint16_t         shorts[RECS_LISTS_OTHERS];
    uint32_t         i, n, longs[RECS_LISTS_OTHERS];
    const uint8_t   *weights;

    if (list->n <= RECS_NEIGHBOR_HEADS) {
        return recs_lists_heads(list, id_size, item, n_items);
    }

    n = list->n - RECS_NEIGHBOR_HEADS;
    weights = list->weights + RECS_NEIGHBOR_HEADS;
    wrong = weights[-1] == 0;

    for (i = 0; i < RECS_NEIGHBOR_HEADS; i++) {
        longs[i] = recs_lists_id(list, id_size, i);
        shorts[i] = (uint16_t) longs[i];
        wrong |= i > 0 && recs_lists_rank(list, id_size, i)
                          >= recs_lists_rank(list, id_size, i - 1);
    }

    longs[i] = item == RECS_ITEM_NO ? longs[0] : item;
    shorts[i] = (uint16_t) longs[i];

    if (wrong || !recs_lists_differ(longs, item, n_items)
        || recs_lists_id(list, id_size, list->n - 1) >= n_items
        || !recs_lists_light(weights, n, weights[-1]))
    {
        return 0;
    }

    return id_size == sizeof(uint16_t)
           ? recs_lists_rise_16((const uint16_t *) list->ids
                                + RECS_NEIGHBOR_HEADS, n, shorts)
           : recs_lists_rise_32((const uint32_t *) list->ids
                                + RECS_NEIGHBOR_HEADS, n, longs);
}


#if defined(__x86_64__)

#define RECS_LISTS_AVX2  __attribute__((target("avx2")))


RECS_LISTS_AVX2 static int
recs_lists_rising_avx2(const uint32_t *items, uint32_t n)
{
    return recs_lists_rise_32(items, n, NULL);
}


RECS_LISTS_AVX2 static int
recs_lists_good_avx2(const recs_neighbors_t *list, unsigned id_size,
    uint32_t item, uint32_t n_items)
{
    return id_size == sizeof(uint16_t)
           ? recs_lists_good(list, sizeof(uint16_t), item, n_items)
           : recs_lists_good(list, sizeof(uint32_t), item, n_items);
}

#endif


int
recs_lists_rising(const uint32_t *items, uint32_t n, uint32_t n_items)
{
    if (n > 0 && items[n - 1] >= n_items) {
        return 0;
    }

#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) {
        return recs_lists_rising_avx2(items, n);
    }
#endif

    return recs_lists_rise_32(items, n, NULL);
}


/* A list that is wrong somewhere: how.  Its length may be anything. */
static const char *
recs_lists_wrong(const recs_neighbors_t *list, unsigned id_size,
    uint32_t item, uint32_t n_items)
{
    uint32_t  i, j, id, former;

    former = item;

    for (i = 0; i < list->n; i++) {
        id = recs_lists_id(list, id_size, i);

        if (id >= n_items || id == item || id == former) {
            return "a neighbour is repeated, its own or out of range";
        }

        for (j = 0; j < i && j < RECS_NEIGHBOR_HEADS; j++) {
            if (id == recs_lists_id(list, id_size, j)) {
                return "a neighbour is repeated, its own or out of range";
            }
        }

        former = id;
    }

    return "neighbours are out of order or weigh 0";
}


const char *
recs_lists_neighbors(const recs_neighbors_t *list, unsigned id_size,
    uint32_t item, uint32_t n_items)
{
    int  good;

#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) {
        good = recs_lists_good_avx2(list, id_size, item, n_items);

        return good ? NULL : recs_lists_wrong(list, id_size, item, n_items);
    }
#endif

    good = recs_lists_good(list, id_size, item, n_items);

    return good ? NULL : recs_lists_wrong(list, id_size, item, n_items);
}
