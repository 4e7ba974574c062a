#include "recs_item_hash.h"

#include "recs_digest.h"


#define RECS_HASH_GUESSES  8


uint64_t
recs_item_hash(recs_str_t id)
{
    return recs_digest_long(id.data, id.len) >> (64 - RECS_ITEM_HASH_BITS);
}


/* How many rows lie between two hashes, as they are spread evenly. */
static inline int64_t
recs_hash_rows(uint64_t n_rows, uint64_t from, uint64_t to)
{
    return (int64_t) ((double) (int64_t) (to - from) * (double) n_rows
                      * (1.0 / (double) (RECS_ITEM_HASH_MAX + 1)));
}


/*
 * A row's place is guessed from its distance to the last one that was looked
 * at: a guess or two bring it within a cache line.  What is spread otherwise
 * is left to the halving, which bounds the work.
 */
uint32_t
recs_bundle_item_by_hash(const recs_bundle_t *bundle, uint64_t hash)
{
    int64_t                    low, high, at;
    uint64_t                   key;
    unsigned                   looks;
    const recs_table_t        *t;
    const recs_hashed_item_t  *row;

    t = &recs_bundle_view(bundle)->item_hashes;

    low = 0;
    high = hash <= RECS_ITEM_HASH_MAX ? (int64_t) t->n_rows : 0;
    at = recs_hash_rows(t->n_rows, 0, hash);

    for (looks = 1; low < high; looks++) {

        row = recs_table_row(t, (uint64_t) at);
        key = recs_hashed_item_hash(row);

        if (key == hash) {
            return row->item;
        }

        if (key < hash) {
            low = at + 1;

        } else {
            high = at;
        }

        at += recs_hash_rows(t->n_rows, key, hash);

        if (looks >= RECS_HASH_GUESSES) {
            at = low + (high - low) / 2;

        } else if (at < low) {
            at = low;

        } else if (at >= high) {
            at = high - 1;
        }
    }

    return RECS_ITEM_NO;
}
