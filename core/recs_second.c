#include "recs_second.h"

#include <signal.h>
#include <stddef.h>


int
recs_second_start(pthread_t *thread, void *(*run)(void *data), void *data)
{
    int       started;
    sigset_t  all, former;

    sigfillset(&all);

    if (pthread_sigmask(SIG_SETMASK, &all, &former) != 0) {
        return 0;
    }

    started = pthread_create(thread, NULL, run, data) == 0;
    pthread_sigmask(SIG_SETMASK, &former, NULL);

    return started;
}
