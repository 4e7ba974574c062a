/*
 * recs_checkpoint_private: a checkpoint in memory, and its file.  Private to
 * recs_checkpoint.c and recs_checkpoint_file.c.
 */

#ifndef _RECS_CHECKPOINT_PRIVATE_H_INCLUDED_
#define _RECS_CHECKPOINT_PRIVATE_H_INCLUDED_


#include <stdint.h>

#include "recs_checkpoint.h"


/* What the training is of.  No padding: it is compared and hashed. */
typedef struct {
    char      model[64];
    uint64_t  data_hash;
    uint64_t  values_hash;
    uint64_t  seed;
    uint64_t  n_threads;
} recs_checkpoint_key_t;

/* In the file, its bytes after it. */
typedef struct {
    char      name[RECS_CHECKPOINT_NAME_MAX + 1];
    uint64_t  size;
} recs_checkpoint_state_t;

typedef struct {
    recs_checkpoint_state_t   head;
    char                     *bytes;      /* owned */
} recs_checkpoint_entry_t;

struct recs_checkpoint_s {
    char                     *path;
    double                    every_seconds;
    double                    written;    /* when, as recs_checkpoint_now() */
    recs_checkpoint_key_t     key;
    recs_checkpoint_entry_t   states[RECS_CHECKPOINT_STATES];
    unsigned                  n_states;
    char                      within[RECS_CHECKPOINT_NAME_MAX + 1];
};


/* As recs_checkpoint_open(); RECS_NOT_FOUND where there is no file. */
recs_status_t recs_checkpoint_read(recs_checkpoint_t *checkpoint,
    recs_error_t *err);

recs_status_t recs_checkpoint_write(const recs_checkpoint_t *checkpoint,
    recs_error_t *err);


#endif /* _RECS_CHECKPOINT_PRIVATE_H_INCLUDED_ */
