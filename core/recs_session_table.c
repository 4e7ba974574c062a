#include "recs_session_table.h"

#include <string.h>

#include "recs_digest.h"
#include "recs_siphash.h"


#define RECS_SESSION_MAGIC   0x53534553                 /* "SESS" */
#define RECS_SESSION_LAYOUT  1

/* A writer that is alive has done in a few dozen of a reader's looks. */
#define RECS_SESSION_LOOKS   256

#define RECS_SESSION_TIME_MAX  (UINT64_MAX >> 8)
#define RECS_SESSION_PRIME     0x9e3779b97f4a7c15

#define recs_load(p)       __atomic_load_n(p, __ATOMIC_RELAXED)
#define recs_store(p, x)   __atomic_store_n(p, x, __ATOMIC_RELAXED)


struct recs_session_table_s {
    uint32_t  magic;
    uint32_t  layout;
    uint32_t  n_items;
    uint32_t  reserved;
    uint64_t  n_sets;
    uint64_t  seed[2];
    uint64_t  padding[3];
};

_Static_assert(sizeof(recs_session_table_t) == 64, "sets are aligned to 64");

typedef struct {
    uint32_t  sequence;
    uint32_t  checksum;
    uint64_t  key[2];
    uint64_t  state;                    /* milliseconds << 8 | items */
} recs_session_head_t;

/* One record, copied to where nobody else writes. */
typedef struct {
    recs_session_head_t  head;
    uint64_t             items[RECS_SESSION_ITEMS_MAX]; /* hash << 16
                                                           | weight */
} recs_session_record_t;

typedef struct {
    recs_session_head_t  *heads;                        /* [WAYS] */
    uint64_t             *items;                        /* [WAYS][n_items] */
} recs_session_set_t;

/* Where a record stands. */
typedef struct {
    recs_session_head_t  *head;
    uint64_t             *items;                        /* [n_items] */
} recs_session_place_t;


static size_t
recs_session_set_size(uint32_t n_items)
{
    return RECS_SESSION_WAYS * (sizeof(recs_session_head_t)
                                + n_items * sizeof(uint64_t));
}


recs_status_t
recs_session_table_init(void *memory, size_t size, uint32_t n_items,
    const uint64_t seed[2])
{
    recs_session_table_t  *table;

    if (size < sizeof(recs_session_table_t) + recs_session_set_size(n_items)) {
        return RECS_LIMIT;
    }

    table = memory;

    table->layout = RECS_SESSION_LAYOUT;
    table->n_items = n_items;
    table->n_sets = (size - sizeof(recs_session_table_t))
                    / recs_session_set_size(n_items);
    table->seed[0] = seed[0];
    table->seed[1] = seed[1];
    table->magic = RECS_SESSION_MAGIC;

    return RECS_OK;
}


recs_session_table_t *
recs_session_table_at(void *memory, size_t size, uint32_t n_items)
{
    recs_session_table_t  *table;

    table = memory;

    if (size < sizeof(recs_session_table_t)
        || table->magic != RECS_SESSION_MAGIC
        || table->layout != RECS_SESSION_LAYOUT
        || table->n_items != n_items
        || table->n_sets != (size - sizeof(recs_session_table_t))
                            / recs_session_set_size(n_items))
    {
        return NULL;
    }

    return table;
}


uint64_t
recs_session_table_capacity(const recs_session_table_t *table)
{
    return table->n_sets * RECS_SESSION_WAYS;
}


void
recs_session_table_key(const recs_session_table_t *table, recs_str_t id,
    recs_session_key_t *key)
{
    recs_siphash(table->seed, id.data, id.len, key->words);
}


static void
recs_session_set(const recs_session_table_t *table, uint64_t number,
    recs_session_set_t *set)
{
    char  *start;

    start = (char *) table + sizeof(recs_session_table_t)
            + number * recs_session_set_size(table->n_items);

    set->heads = (recs_session_head_t *) start;
    set->items = (uint64_t *) (start + RECS_SESSION_WAYS
                                       * sizeof(recs_session_head_t));
}


/* One by each half of the key; they may be the same. */
static void
recs_session_find_sets(const recs_session_table_t *table,
    const recs_session_key_t *key, recs_session_set_t sets[2])
{
    unsigned           s, way;
    unsigned __int128  product;

    for (s = 0; s < 2; s++) {
        product = (unsigned __int128) key->words[s] * table->n_sets;
        recs_session_set(table, (uint64_t) (product >> 64), &sets[s]);

        for (way = 0; way < RECS_SESSION_WAYS; way += 2) {
            __builtin_prefetch(&sets[s].heads[way]);
        }
    }
}


/* Place i of the 2 * WAYS of a key. */
static inline void
recs_session_place(const recs_session_table_t *table,
    const recs_session_set_t sets[2], unsigned i, recs_session_place_t *place)
{
    unsigned                   way;
    const recs_session_set_t  *set;

    set = &sets[i / RECS_SESSION_WAYS];
    way = i % RECS_SESSION_WAYS;

    place->head = &set->heads[way];
    place->items = set->items + way * table->n_items;
}


static inline uint32_t
recs_session_count(uint64_t state)
{
    return state & 0xff;
}


static inline uint64_t
recs_session_time(uint64_t state)
{
    return state >> 8;
}


static inline int
recs_session_lives(uint64_t state, uint64_t now_ms, uint64_t ttl_ms)
{
    uint64_t  written;

    written = recs_session_time(state);

    return recs_session_count(state) > 0
           && (now_ms <= written || now_ms - written <= ttl_ms);
}


/* Of all but itself; of a record with no more items than there is room for. */
static uint32_t
recs_session_checksum(const recs_session_record_t *record)
{
    uint32_t  i, n;
    uint64_t  sum;

    sum = recs_digest_fold(record->head.key[0] ^ record->head.sequence,
                           RECS_SESSION_PRIME);
    sum = recs_digest_fold(record->head.key[1] ^ sum, RECS_SESSION_PRIME);
    sum = recs_digest_fold(record->head.state ^ sum, RECS_SESSION_PRIME);

    n = recs_session_count(record->head.state);

    for (i = 0; i < n; i++) {
        sum = recs_digest_fold(record->items[i] ^ sum, RECS_SESSION_PRIME);
    }

    return (uint32_t) (sum ^ sum >> 32);
}


/* Is what was copied a record as a writer has left it? */
static int
recs_session_whole(const recs_session_record_t *record, uint32_t n_items)
{
    return record->head.sequence % 2 == 0
           && recs_session_count(record->head.state) <= n_items
           && record->head.checksum == recs_session_checksum(record);
}


static void
recs_session_copy(const recs_session_place_t *place, uint32_t n_items,
    recs_session_record_t *record)
{
    uint32_t                    i, n;
    const recs_session_head_t  *head;

    head = place->head;

    record->head.checksum = recs_load(&head->checksum);
    record->head.key[0] = recs_load(&head->key[0]);
    record->head.key[1] = recs_load(&head->key[1]);
    record->head.state = recs_load(&head->state);

    n = recs_session_count(record->head.state);

    for (i = 0; i < n && i < n_items; i++) {
        record->items[i] = recs_load(&place->items[i]);
    }
}


/* A record that nobody wrote meanwhile; 0 if that was not to be had. */
static int
recs_session_take(const recs_session_place_t *place, uint32_t n_items,
    recs_session_record_t *record)
{
    unsigned                    looks;
    const recs_session_head_t  *head;

    head = place->head;

    for (looks = 0; looks < RECS_SESSION_LOOKS; looks++) {
        record->head.sequence = __atomic_load_n(&head->sequence,
                                                __ATOMIC_ACQUIRE);
        if (record->head.sequence % 2 != 0) {
            continue;
        }

        recs_session_copy(place, n_items, record);
        __atomic_thread_fence(__ATOMIC_ACQUIRE);

        if (recs_load(&head->sequence) == record->head.sequence) {
            return recs_session_whole(record, n_items);
        }
    }

    return 0;
}


static inline int
recs_session_is_of(const recs_session_head_t *head,
    const recs_session_key_t *key)
{
    return recs_load(&head->key[0]) == key->words[0]
           && recs_load(&head->key[1]) == key->words[1];
}


static void
recs_session_unpack(const recs_session_record_t *record,
    recs_session_t *session)
{
    uint32_t  i;

    session->n = recs_session_count(record->head.state);

    for (i = 0; i < session->n; i++) {
        session->items[i].hash = record->items[i] >> 16;
        session->items[i].weight = record->items[i] & 0xffff;
    }
}


void
recs_session_table_read(const recs_session_table_t *table,
    const recs_session_key_t *key, uint64_t now_ms, uint64_t ttl_ms,
    recs_session_t *session)
{
    unsigned               i;
    recs_session_set_t     sets[2];
    recs_session_place_t   place;
    recs_session_record_t  record;

    session->n = 0;
    recs_session_find_sets(table, key, sets);

    for (i = 0; i < 2 * RECS_SESSION_WAYS; i++) {
        recs_session_place(table, sets, i, &place);

        if (recs_session_is_of(place.head, key)
            && recs_session_take(&place, table->n_items, &record)
            && recs_session_is_of(&record.head, key)
            && recs_session_lives(record.head.state, now_ms, ttl_ms))
        {
            recs_session_unpack(&record, session);
            return;
        }
    }
}


/* Writes record, whose head says all but sequence and checksum. */
static void
recs_session_put(const recs_session_place_t *place,
    recs_session_record_t *record)
{
    uint32_t              i, n, odd;
    recs_session_head_t  *head;

    head = place->head;

    n = recs_session_count(record->head.state);
    odd = recs_load(&head->sequence) | 1;

    record->head.sequence = odd + 1;
    record->head.checksum = recs_session_checksum(record);

    recs_store(&head->sequence, odd);
    __atomic_thread_fence(__ATOMIC_RELEASE);

    recs_store(&head->key[0], record->head.key[0]);
    recs_store(&head->key[1], record->head.key[1]);
    recs_store(&head->state, record->head.state);

    for (i = 0; i < n; i++) {
        recs_store(&place->items[i], record->items[i]);
    }

    recs_store(&head->checksum, record->head.checksum);
    __atomic_store_n(&head->sequence, odd + 1, __ATOMIC_RELEASE);
}


/* Leaves no trace of whose it was, nor of the items. */
static void
recs_session_empty(const recs_session_place_t *place, uint32_t n_items)
{
    uint32_t               i;
    recs_session_head_t   *head;
    recs_session_record_t  record;

    head = place->head;

    recs_store(&head->sequence, recs_load(&head->sequence) | 1);
    __atomic_thread_fence(__ATOMIC_RELEASE);

    for (i = 0; i < n_items; i++) {
        recs_store(&place->items[i], 0);
    }

    memset(&record.head, 0, sizeof(recs_session_head_t));
    recs_session_put(place, &record);
}


/* Empties what killed writers have left. */
static unsigned
recs_session_mend(const recs_session_table_t *table,
    const recs_session_set_t sets[2])
{
    unsigned              i, what;
    recs_session_place_t  place;

    what = 0;

    for (i = 0; i < 2 * RECS_SESSION_WAYS; i++) {
        recs_session_place(table, sets, i, &place);

        if (recs_load(&place.head->sequence) % 2 != 0) {
            recs_session_empty(&place, table->n_items);
            what = RECS_SESSION_TORN;
        }
    }

    return what;
}


/* The visitor's own place, 2 * WAYS where he has none. */
static unsigned
recs_session_find(const recs_session_table_t *table,
    const recs_session_set_t sets[2], const recs_session_key_t *key)
{
    unsigned              i;
    recs_session_place_t  place;

    for (i = 0; i < 2 * RECS_SESSION_WAYS; i++) {
        recs_session_place(table, sets, i, &place);

        if (recs_session_count(recs_load(&place.head->state)) > 0
            && recs_session_is_of(place.head, key))
        {
            break;
        }
    }

    return i;
}


/*
 * A place for a new visitor: one that is empty or expired, in the set that
 * has more of them, else the one written longest ago.
 */
static unsigned
recs_session_choose(const recs_session_table_t *table,
    const recs_session_set_t sets[2], uint64_t now_ms, uint64_t ttl_ms,
    unsigned *what)
{
    uint64_t              state, oldest;
    unsigned              i, s, chosen, n_free[2], first[2];
    recs_session_place_t  place;

    n_free[0] = n_free[1] = 0;
    first[0] = first[1] = 0;
    oldest = UINT64_MAX;
    chosen = 0;

    for (i = 0; i < 2 * RECS_SESSION_WAYS; i++) {
        recs_session_place(table, sets, i, &place);
        state = recs_load(&place.head->state);
        s = i / RECS_SESSION_WAYS;

        if (!recs_session_lives(state, now_ms, ttl_ms)) {
            first[s] = n_free[s]++ == 0 ? i : first[s];

        } else if (state < oldest) {
            oldest = state;
            chosen = i;
        }
    }

    *what |= RECS_SESSION_NEW;

    if (n_free[0] + n_free[1] > 0) {
        return n_free[0] >= n_free[1] ? first[0] : first[1];
    }

    *what |= RECS_SESSION_EVICTED;

    return chosen;
}


unsigned
recs_session_table_add(recs_session_table_t *table,
    const recs_session_key_t *key, uint64_t hash, uint64_t now_ms,
    uint64_t ttl_ms)
{
    uint32_t               i;
    unsigned               at, what;
    recs_session_t         session;
    recs_session_set_t     sets[2];
    recs_session_place_t   place;
    recs_session_record_t  record;

    session.n = 0;
    recs_session_find_sets(table, key, sets);

    what = recs_session_mend(table, sets);
    at = recs_session_find(table, sets, key);

    if (at == 2 * RECS_SESSION_WAYS) {
        at = recs_session_choose(table, sets, now_ms, ttl_ms, &what);
        recs_session_place(table, sets, at, &place);

    } else {
        recs_session_place(table, sets, at, &place);

        if (recs_session_take(&place, table->n_items, &record)
            && recs_session_lives(record.head.state, now_ms, ttl_ms))
        {
            recs_session_unpack(&record, &session);
        }
    }

    recs_session_touch(&session, hash, table->n_items);

    for (i = 0; i < session.n; i++) {
        record.items[i] = session.items[i].hash << 16
                          | session.items[i].weight;
    }

    if (now_ms > RECS_SESSION_TIME_MAX) {
        now_ms = RECS_SESSION_TIME_MAX;
    }

    record.head.key[0] = key->words[0];
    record.head.key[1] = key->words[1];
    record.head.state = now_ms << 8 | session.n;

    recs_session_put(&place, &record);

    return what;
}


int
recs_session_table_forget(recs_session_table_t *table,
    const recs_session_key_t *key)
{
    int                   found;
    unsigned              at;
    recs_session_set_t    sets[2];
    recs_session_place_t  place;

    recs_session_find_sets(table, key, sets);
    found = 0;

    /* What a killed writer has left may be this visitor's. */
    (void) recs_session_mend(table, sets);

    for ( ;; ) {
        at = recs_session_find(table, sets, key);

        if (at == 2 * RECS_SESSION_WAYS) {
            return found;
        }

        recs_session_place(table, sets, at, &place);
        recs_session_empty(&place, table->n_items);
        found = 1;
    }
}


void
recs_session_table_census(const recs_session_table_t *table,
    recs_session_census_t *census)
{
    uint64_t               number;
    unsigned               way;
    recs_session_set_t     sets[2];
    recs_session_head_t   *head;
    recs_session_place_t   place;
    recs_session_record_t  record;

    memset(census, 0, sizeof(recs_session_census_t));

    for (number = 0; number < table->n_sets; number++) {
        recs_session_set(table, number, &sets[0]);

        for (way = 0; way < RECS_SESSION_WAYS; way++) {
            recs_session_place(table, sets, way, &place);
            head = place.head;

            if (recs_load(&head->sequence) % 2 != 0) {
                census->torn++;

            } else if (recs_session_count(recs_load(&head->state)) == 0) {
                census->empty++;

            } else if (recs_session_take(&place, table->n_items, &record)) {
                census->whole++;

            } else {
                census->wrong++;
            }
        }
    }
}
