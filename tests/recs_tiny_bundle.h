/*
 * recs_tiny_bundle: a model written as a bundle and opened again.
 */

#ifndef _RECS_TINY_BUNDLE_H_INCLUDED_
#define _RECS_TINY_BUNDLE_H_INCLUDED_


#include "recs_bundle.h"
#include "recs_model.h"


/* Asserts that all goes well; the file is gone again. */
recs_bundle_t *recs_tiny_bundle(const recs_model_t *model);


#endif /* _RECS_TINY_BUNDLE_H_INCLUDED_ */
