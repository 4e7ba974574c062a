/*
 * recs_shop: a bundle whose items have what a shop's have.  Of item "iN"
 *
 *     price     N % 97 and a quarter, a half, ..., written with 0 to 2 places
 *     stock     N % 5 - 1; of every 7th none
 *     category  "shoes", "bags", "hats" or "shoes|bags"
 *     country   two of "de", "fr", "it", "c0" to "c88"
 *     expires   RECS_SHOP_NOW + (N % 11 - 5) hours, as ISO 8601 or seconds;
 *               of every 13th the year 9999, of every 17th a word, of every
 *               19th also 3 hours later
 *     note      "note N", of its own: not indexed
 */

#ifndef _RECS_SHOP_H_INCLUDED_
#define _RECS_SHOP_H_INCLUDED_


#include "recs_bundle.h"


#define RECS_SHOP_NOW  1764000000      /* 2025-11-24T16:00:00Z */


recs_bundle_t *recs_shop(uint32_t n_items);


#endif /* _RECS_SHOP_H_INCLUDED_ */
