/*
 * recs_temporary: what has been made and is not whole yet.
 *
 * A writer lists each temporary file while it is there, so that a program
 * that is told to end can leave nothing behind.  The library installs no
 * handler of signals: a program that has one calls recs_temporary_sweep() in
 * it (cli/recs_signals.h).
 */

#ifndef _RECS_TEMPORARY_H_INCLUDED_
#define _RECS_TEMPORARY_H_INCLUDED_


typedef enum {
    RECS_TEMPORARY_FILE,
    RECS_TEMPORARY_FOLDER,                 /* goes with all that is in it */
    RECS_TEMPORARY_EMPTY                   /* a folder, goes if it is empty */
} recs_temporary_kind_t;

typedef struct recs_temporary_s  recs_temporary_t;

/* Storage, and the path, belong to the caller, until it is forgotten. */
struct recs_temporary_s {
    recs_temporary_kind_t   kind;
    const char             *path;
    recs_temporary_t       *next;
};


/*
 * Between the two no sweep takes place and no signal is handled: that is how
 * a file is made and listed, or renamed and forgotten, in one.  They do not
 * nest.  errno is left alone.
 */
void recs_temporary_hold(void);
void recs_temporary_release(void);

/* Both while held.  One that is not listed may be forgotten, too. */
void recs_temporary_add(recs_temporary_t *temporary,
    recs_temporary_kind_t kind, const char *path);
void recs_temporary_forget(recs_temporary_t *temporary);

/* Removes and forgets one that is listed, while not held. */
void recs_temporary_discard(recs_temporary_t *temporary);

/*
 * Removes all, the newest first.  For the handler of a signal, in whichever
 * thread; the process has to end then, for nothing can be held any more.
 */
void recs_temporary_sweep(void);


#endif /* _RECS_TEMPORARY_H_INCLUDED_ */
