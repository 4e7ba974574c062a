/*
 * recs_item_hash: 48 bits that stand for an item where its id has no room and
 * its number no meaning: in a visitor's session and in the token of a rendered
 * item, both of which outlive a generation of the model.
 *
 * The upper 48 bits of the id's XXH3-64 with seed 0, for ever: they are in
 * cookies and in bundles.  Of two items of a model with equal hashes (1 in 500
 * models of a million items has such a pair) the more popular one keeps it.
 */

#ifndef _RECS_ITEM_HASH_H_INCLUDED_
#define _RECS_ITEM_HASH_H_INCLUDED_


#include "recs_bundle.h"


#define RECS_ITEM_HASH_BITS  48
#define RECS_ITEM_HASH_SIZE  6                          /* bytes */
#define RECS_ITEM_HASH_MAX   (((uint64_t) 1 << RECS_ITEM_HASH_BITS) - 1)


/* id is valid (recs_id.h). */
uint64_t recs_item_hash(recs_str_t id);

/*
 * The item with that hash, RECS_ITEM_NO where the model has none: always so
 * in a bundle from before there were hashes (view->item_hashes.n_rows is 0).
 */
uint32_t recs_bundle_item_by_hash(const recs_bundle_t *bundle, uint64_t hash);


#endif /* _RECS_ITEM_HASH_H_INCLUDED_ */
