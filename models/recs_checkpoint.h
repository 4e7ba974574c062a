/*
 * recs_checkpoint: what a training has come to, so that the same one, started
 * again after a kill, goes on from there and gives the same model, bit for
 * bit.
 *
 * A checkpoint is a file of named states.  A trainer enters it, asks for a
 * state before it does the work that leads to it, and saves it afterwards:
 *
 *     recs_checkpoint_enter(c, "name", view, values, n_values, seed);
 *     done = 0;
 *     (void) recs_checkpoint_load(c, "epochs", parts, 2);
 *
 *     while (done < n_epochs) {
 *         ...
 *         done++;
 *         status = recs_checkpoint_save(c, "epochs", parts, 2,
 *                                       done == n_epochs, err);
 *     }
 *
 *     recs_checkpoint_leave(c);
 *
 * with parts being done and the table that epochs improve: all that the rest
 * depends on, random numbers included.  c is options->checkpoint, and the
 * trainers that this one makes use of get it too: the states of each are apart,
 * by its model, data, parameters and seed.
 *
 * The file is replaced as a whole, at most once in so many seconds, and synced;
 * it ends with a hash of all its bytes.  It is for one training: of these
 * data, this model, these parameters, this seed and number of threads.
 */

#ifndef _RECS_CHECKPOINT_H_INCLUDED_
#define _RECS_CHECKPOINT_H_INCLUDED_


#include <stddef.h>

#include "recs_trainer.h"


#define RECS_CHECKPOINT_NAME_MAX  127     /* bytes, with what was entered */
#define RECS_CHECKPOINT_STATES    256


typedef struct recs_checkpoint_s  recs_checkpoint_t;

/* A piece of a state, where it lies. */
typedef struct {
    void    *data;
    size_t   size;
} recs_checkpoint_part_t;


/*
 * Reads the file or, where there is none, writes one without states: so a path
 * that cannot be written is found out before the work is done.
 *
 * RECS_REFUSED  it is of another training; err says in what
 * RECS_CORRUPT  it is damaged, or no checkpoint
 * RECS_VERSION  of another version of this program
 * RECS_IO       it cannot be read, or written
 */
recs_status_t recs_checkpoint_open(recs_checkpoint_t **checkpoint,
    const char *path, double every_seconds, const recs_dataset_t *dataset,
    const recs_trainer_t *trainer, const recs_train_options_t *options,
    recs_error_t *err);

/* Frees it; the file stays. */
void recs_checkpoint_close(recs_checkpoint_t *checkpoint);

/* Removes the file, if there is one: the training has served its end. */
recs_status_t recs_checkpoint_remove(recs_checkpoint_t *checkpoint,
    recs_error_t *err);


/*
 * All that follow do nothing where checkpoint is NULL.
 *
 * Fills the parts and returns 1 where there is a state of that name that is
 * made up so; else returns 0 and leaves them.
 */
int recs_checkpoint_load(const recs_checkpoint_t *checkpoint,
    const char *name, const recs_checkpoint_part_t *parts, unsigned n_parts);

/*
 * Takes a state over, in the place of the former of that name, and writes the
 * file, if it is time to; otherwise only a state that is to be kept is taken
 * over: the last of a piece of work, which is not done again.
 *
 * RECS_NOMEM, RECS_IO; RECS_LIMIT: more than RECS_CHECKPOINT_STATES
 */
recs_status_t recs_checkpoint_save(recs_checkpoint_t *checkpoint,
    const char *name, const recs_checkpoint_part_t *parts, unsigned n_parts,
    int keep, recs_error_t *err);

/*
 * States from now on are those of this training, until it is left: of the
 * model (or ranking) of that name, on these data, with these values[n_values]
 * of its parameters and this seed.  Trainings may be within one another.
 */
void recs_checkpoint_enter(recs_checkpoint_t *checkpoint, const char *name,
    const recs_dataset_view_t *view, const double *values, uint32_t n_values,
    uint64_t seed);
void recs_checkpoint_leave(recs_checkpoint_t *checkpoint);

/*
 * Forgets a state or, where name is NULL, all of the trainings within this
 * one: when what came of them is saved.
 */
void recs_checkpoint_forget(recs_checkpoint_t *checkpoint, const char *name);


#endif /* _RECS_CHECKPOINT_H_INCLUDED_ */
