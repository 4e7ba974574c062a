#include "recs_signals.h"

#include <signal.h>
#include <stddef.h>

#include "recs_temporary.h"


static const int  recs_signals[] = { SIGHUP, SIGINT, SIGPIPE, SIGTERM };

#define RECS_N_SIGNALS  (sizeof(recs_signals) / sizeof(recs_signals[0]))


/* A second signal, in another thread, waits in the sweep for the end. */
static void
recs_signals_handler(int signo)
{
    sigset_t  set;

    recs_temporary_sweep();

    (void) signal(signo, SIG_DFL);
    (void) sigemptyset(&set);
    (void) sigaddset(&set, signo);
    (void) pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    (void) raise(signo);
}


void
recs_signals_catch(void)
{
    size_t            i;
    struct sigaction  sa, before;

    sa.sa_handler = recs_signals_handler;
    sa.sa_flags = SA_RESTART;
    (void) sigemptyset(&sa.sa_mask);

    for (i = 0; i < RECS_N_SIGNALS; i++) {
        (void) sigaddset(&sa.sa_mask, recs_signals[i]);
    }

    for (i = 0; i < RECS_N_SIGNALS; i++) {
        if (sigaction(recs_signals[i], NULL, &before) == 0
            && before.sa_handler != SIG_IGN)
        {
            (void) sigaction(recs_signals[i], &sa, NULL);
        }
    }
}
