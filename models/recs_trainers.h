/*
 * recs_trainers: the models there are, one line each.  Private to models/.
 */

#ifndef _RECS_TRAINERS_H_INCLUDED_
#define _RECS_TRAINERS_H_INCLUDED_


#include "recs_trainer.h"


extern const recs_trainer_t  recs_popularity_trainer;
extern const recs_trainer_t  recs_ials_trainer;
extern const recs_trainer_t  recs_knn_trainer;
extern const recs_trainer_t  recs_ease_trainer;
extern const recs_trainer_t  recs_bpr_trainer;
extern const recs_trainer_t  recs_userknn_trainer;
extern const recs_trainer_t  recs_blend_trainer;
extern const recs_trainer_t  recs_content_trainer;


#endif /* _RECS_TRAINERS_H_INCLUDED_ */
