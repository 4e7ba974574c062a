/*
 * recs_explain_json: an explanation as JSON, alike in `recs recommend --json`
 * and in nginx.
 *
 *     {"terms":[{"term":"history","item":"318","score":0.41},
 *               {"term":"neighbors","item":"50","score":0.2},
 *               {"term":"others","count":34,"score":0.11}],
 *      "rules":[{"rule":"diversity","like":"296","penalty":-0.2}]}
 *
 * With a ranking, "retrieval":{"score":1.2,"terms":[...]} follows the terms.
 * docs/directives.md names every field.
 */

#ifndef _RECS_EXPLAIN_JSON_H_INCLUDED_
#define _RECS_EXPLAIN_JSON_H_INCLUDED_


#include "recs_explain.h"


/* Where it goes: JSON as it is, and text that becomes a JSON string. */
typedef struct {
    void  (*json)(void *data, const char *text, size_t len);
    void  (*string)(void *data, recs_str_t text);
    void   *data;
} recs_explain_json_t;


/* The value of "explanation" of an item, of the bundle's. */
void recs_explain_json_item(const recs_explain_json_t *to,
    const recs_bundle_t *bundle, const recs_explanation_t *explanation);

/* That of the answer: [{"rule":"seen","items":12}, ...] */
void recs_explain_json_kept_out(const recs_explain_json_t *to,
    const recs_kept_out_t *kept_out);


#endif /* _RECS_EXPLAIN_JSON_H_INCLUDED_ */
