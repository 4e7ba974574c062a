/*
 * recs_second: a second thread for work that a call shares with it and that
 * has ended when the call returns.
 */

#ifndef _RECS_SECOND_H_INCLUDED_
#define _RECS_SECOND_H_INCLUDED_


#include <pthread.h>


/*
 * Runs run(data) in a thread that takes no signal: those of the process are
 * for its own threads.  0 where there can be none: the caller does all.
 * Ended by pthread_join().
 */
int recs_second_start(pthread_t *thread, void *(*run)(void *data),
    void *data);


#endif /* _RECS_SECOND_H_INCLUDED_ */
