#include "recs_item_hash.h"

#include "recs_digest.h"


#define RECS_HASH_GUESSES  3
#define RECS_HASH_NEAR     8


uint64_t
recs_item_hash(recs_str_t id)
{
    return recs_digest_long(id.data, id.len) >> (64 - RECS_ITEM_HASH_BITS);
}


/*
 * Hashes are spread evenly, so that a key's place can be guessed from its
 * distance to the ends; a guess or two bring it within a cache line.  What
 * is spread otherwise is left to the halving, which bounds the work.
 */
uint32_t
recs_bundle_item_by_hash(const recs_bundle_t *bundle, uint64_t hash)
{
    uint64_t                     low, high, at, key, below, above;
    unsigned                     guesses;
    const recs_table_t          *t;
    const recs_hashed_item_t    *row;

    if (hash > RECS_ITEM_HASH_MAX) {
        return RECS_ITEM_NO;
    }

    t = &recs_bundle_view(bundle)->item_hashes;

    low = 0;
    high = t->n_rows;
    below = 0;
    above = RECS_ITEM_HASH_MAX;
    guesses = 0;

    while (low < high) {

        if (guesses < RECS_HASH_GUESSES && high - low > RECS_HASH_NEAR
            && above > below)
        {
            at = low + (uint64_t) ((double) (hash - below)
                                   / (double) (above - below)
                                   * (double) (high - 1 - low));
            guesses++;

        } else {
            at = low + (high - low) / 2;
        }

        row = recs_table_row(t, at);
        key = recs_hashed_item_hash(row);

        if (key == hash) {
            return row->item;
        }

        if (key < hash) {
            low = at + 1;
            below = key;

        } else {
            high = at;
            above = key;
        }
    }

    return RECS_ITEM_NO;
}
