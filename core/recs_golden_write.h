/*
 * recs_golden_write: computing the golden answers of a bundle being written.
 * Private to core/.
 */

#ifndef _RECS_GOLDEN_WRITE_H_INCLUDED_
#define _RECS_GOLDEN_WRITE_H_INCLUDED_


#include "recs_bundle.h"
#include "recs_bundle_write.h"


/* Answers from bundle (the flushed, unsealed file) and puts them. */
recs_status_t recs_golden_write(const recs_bundle_t *bundle,
    recs_bundle_writer_t *writer, recs_error_t *err);


#endif /* _RECS_GOLDEN_WRITE_H_INCLUDED_ */
