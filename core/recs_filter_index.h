/*
 * recs_filter_index: making the index that recs_filter.h describes.  Private
 * to core/.
 */

#ifndef _RECS_FILTER_INDEX_H_INCLUDED_
#define _RECS_FILTER_INDEX_H_INCLUDED_


#include "recs_model_writing.h"


/* Reads every item's attributes, in the order of item numbers. */
recs_status_t recs_filter_index_create(recs_filter_index_t **index,
    const recs_writing_t *w, recs_error_t *err);
void recs_filter_index_destroy(recs_filter_index_t *index);

/* Bytes that recs_filter_index_put() will write, about. */
uint64_t recs_filter_index_size(const recs_filter_index_t *index);

/* Puts the tables; none where no attribute is worth an index. */
recs_status_t recs_filter_index_put(recs_filter_index_t *index,
    recs_bundle_writer_t *writer, recs_error_t *err);


#endif /* _RECS_FILTER_INDEX_H_INCLUDED_ */
