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


/* 1 where a lane is not 0. */
RECS_LISTS_INLINE int
recs_lists_any(const void *vector)
{
    uint64_t  parts[RECS_LISTS_VECTOR / sizeof(uint64_t)];

    memcpy(parts, vector, sizeof(parts));

    return (parts[0] | parts[1] | parts[2] | parts[3]) != 0;
}


/*
 * n numbers rise, none twice, and are none of n_others others.  The last
 * vector overlaps the one before it.
 */
#define RECS_LISTS_RISE(name, type, vector)                                   \
                                                                              \
RECS_LISTS_INLINE int                                                         \
name(const type *ids, uint32_t n, const type *others, uint32_t n_others)      \
{                                                                             \
    uint32_t  i, j, first;                                                    \
    vector    former, next, bad, splat[RECS_LISTS_OTHERS];                    \
                                                                              \
    const uint32_t  lanes = sizeof(vector) / sizeof(type);                    \
                                                                              \
    bad = (vector) { 0 };                                                     \
    first = 0;                                                                \
                                                                              \
    _Pragma("GCC unroll 9")                                                   \
    for (j = 0; j < n_others; j++) {                                          \
        splat[j] = others[j] - (vector) { 0 };                                \
        first |= n > 0 && ids[0] == others[j];                                \
    }                                                                         \
                                                                              \
    for (i = 1; n > lanes && i < n; i += lanes) {                             \
        i = i < n - lanes ? i : n - lanes;                                    \
                                                                              \
        memcpy(&former, ids + i - 1, sizeof(vector));                         \
        memcpy(&next, ids + i, sizeof(vector));                               \
        bad |= (vector) (next <= former);                                     \
                                                                              \
        _Pragma("GCC unroll 9")                                               \
        for (j = 0; j < n_others; j++) {                                      \
            bad |= (vector) (next == splat[j]);                               \
        }                                                                     \
    }                                                                         \
                                                                              \
    for ( /* void */ ; i < n; i++) {                                          \
        first |= ids[i] <= ids[i - 1];                                        \
                                                                              \
        for (j = 0; j < n_others; j++) {                                      \
            first |= ids[i] == others[j];                                     \
        }                                                                     \
    }                                                                         \
                                                                              \
    return !first && !recs_lists_any(&bad);                                   \
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


/* The heads, of which a list may have fewer: by weight, then by number. */
RECS_LISTS_INLINE int
recs_lists_heads(const recs_neighbors_t *list, unsigned id_size,
    uint32_t item, uint32_t n_items)
{
    int       wrong;
    uint32_t  i, j, n, ids[RECS_NEIGHBOR_HEADS];

    n = list->n < RECS_NEIGHBOR_HEADS ? list->n : RECS_NEIGHBOR_HEADS;
    wrong = n > 0 && list->weights[n - 1] == 0;

    for (i = 0; i < n; i++) {
        ids[i] = recs_lists_id(list, id_size, i);
        wrong |= ids[i] >= n_items || ids[i] == item;

        for (j = 0; j < i; j++) {
            wrong |= ids[i] == ids[j];
        }

        wrong |= i > 0
                 && (list->weights[i] > list->weights[i - 1]
                     || (list->weights[i] == list->weights[i - 1]
                         && ids[i] < ids[i - 1]));
    }

    return !wrong;
}


RECS_LISTS_INLINE int
recs_lists_good(const recs_neighbors_t *list, unsigned id_size,
    uint32_t item, uint32_t n_items)
{
    int              good;
    uint16_t         shorts[RECS_LISTS_OTHERS];
    uint32_t         i, n, longs[RECS_LISTS_OTHERS];
    const uint8_t   *weights;

    good = recs_lists_heads(list, id_size, item, n_items);

    if (list->n <= RECS_NEIGHBOR_HEADS || !good) {
        return good;
    }

    for (i = 0; i < RECS_NEIGHBOR_HEADS; i++) {
        longs[i] = recs_lists_id(list, id_size, i);
        shorts[i] = (uint16_t) longs[i];
    }

    longs[i] = item;
    shorts[i] = (uint16_t) item;
    n = list->n - RECS_NEIGHBOR_HEADS;
    weights = list->weights + RECS_NEIGHBOR_HEADS;

    good = id_size == sizeof(uint16_t)
           ? recs_lists_rise_16((const uint16_t *) list->ids
                                + RECS_NEIGHBOR_HEADS, n, shorts,
                                RECS_LISTS_OTHERS)
           : recs_lists_rise_32((const uint32_t *) list->ids
                                + RECS_NEIGHBOR_HEADS, n, longs,
                                RECS_LISTS_OTHERS);

    return good && recs_lists_id(list, id_size, list->n - 1) < n_items
           && recs_lists_light(weights, n, weights[-1]);
}


#if defined(__x86_64__)

#define RECS_LISTS_AVX2  __attribute__((target("avx2")))


RECS_LISTS_AVX2 static int
recs_lists_rising_avx2(const uint32_t *items, uint32_t n)
{
    return recs_lists_rise_32(items, n, NULL, 0);
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

    return recs_lists_rise_32(items, n, NULL, 0);
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
