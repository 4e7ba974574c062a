#include "recs_threads.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>


typedef struct {
    recs_threads_t  *threads;
    uint32_t         index;
    pthread_t        id;
} recs_threads_worker_t;

struct recs_threads_s {
    uint32_t                n;             /* the caller included */
    uint32_t                n_started;
    recs_threads_worker_t  *workers;       /* [n - 1] */

    pthread_mutex_t         mutex;
    pthread_cond_t          start;
    pthread_cond_t          done;
    uint64_t                round;         /* the loop that is running */
    uint32_t                n_busy;
    int                     stop;

    recs_chunk_fn           run;
    void                   *data;
    uint32_t                n_chunks;
    atomic_uint             next;
};


static void
recs_threads_work(recs_threads_t *threads, uint32_t thread)
{
    uint32_t  chunk;

    for ( ;; ) {
        chunk = atomic_fetch_add_explicit(&threads->next, 1,
                                          memory_order_relaxed);

        if (chunk >= threads->n_chunks) {
            return;
        }

        threads->run(threads->data, chunk, thread);
    }
}


static void *
recs_threads_main(void *data)
{
    uint64_t                round;
    recs_threads_t         *threads;
    recs_threads_worker_t  *worker;

    worker = data;
    threads = worker->threads;
    round = 0;

    pthread_mutex_lock(&threads->mutex);

    for ( ;; ) {
        while (threads->round == round && !threads->stop) {
            pthread_cond_wait(&threads->start, &threads->mutex);
        }

        if (threads->stop) {
            break;
        }

        round = threads->round;

        pthread_mutex_unlock(&threads->mutex);
        recs_threads_work(threads, worker->index);
        pthread_mutex_lock(&threads->mutex);

        if (--threads->n_busy == 0) {
            pthread_cond_signal(&threads->done);
        }
    }

    pthread_mutex_unlock(&threads->mutex);

    return NULL;
}


uint32_t
recs_threads_resolve(uint32_t n_threads)
{
    long  n_cpus;

    if (n_threads == 0) {
        n_cpus = sysconf(_SC_NPROCESSORS_ONLN);
        n_threads = n_cpus > 0 ? (uint32_t) n_cpus : 1;
    }

    return n_threads < RECS_THREADS_MAX ? n_threads : RECS_THREADS_MAX;
}


recs_status_t
recs_threads_create(recs_threads_t **threads, uint32_t n_threads,
    recs_error_t *err)
{
    int                     rc;
    uint32_t                i;
    recs_threads_t         *t;
    recs_threads_worker_t  *worker;

    n_threads = recs_threads_resolve(n_threads);

    t = calloc(1, sizeof(recs_threads_t));
    if (t == NULL) {
        return recs_error(err, RECS_NOMEM, "out of memory");
    }

    t->workers = calloc(n_threads, sizeof(recs_threads_worker_t));
    if (t->workers == NULL) {
        free(t);
        return recs_error(err, RECS_NOMEM, "out of memory");
    }

    pthread_mutex_init(&t->mutex, NULL);
    pthread_cond_init(&t->start, NULL);
    pthread_cond_init(&t->done, NULL);
    t->n = n_threads;

    for (i = 0; i < n_threads - 1; i++) {
        worker = &t->workers[i];
        worker->threads = t;
        worker->index = i + 1;

        rc = pthread_create(&worker->id, NULL, recs_threads_main, worker);
        if (rc != 0) {
            recs_threads_destroy(t);
            return recs_error(err, RECS_LIMIT, "cannot start thread %u: %s; "
                              "ask for fewer threads", i + 2, strerror(rc));
        }

        t->n_started++;
    }

    *threads = t;

    return RECS_OK;
}


void
recs_threads_destroy(recs_threads_t *threads)
{
    uint32_t  i;

    if (threads == NULL) {
        return;
    }

    pthread_mutex_lock(&threads->mutex);
    threads->stop = 1;
    pthread_cond_broadcast(&threads->start);
    pthread_mutex_unlock(&threads->mutex);

    for (i = 0; i < threads->n_started; i++) {
        pthread_join(threads->workers[i].id, NULL);
    }

    pthread_cond_destroy(&threads->done);
    pthread_cond_destroy(&threads->start);
    pthread_mutex_destroy(&threads->mutex);
    free(threads->workers);
    free(threads);
}


uint32_t
recs_threads_n(const recs_threads_t *threads)
{
    return threads->n;
}


void
recs_threads_run(recs_threads_t *threads, uint32_t n_chunks,
    recs_chunk_fn run, void *data)
{
    if (n_chunks == 0) {
        return;
    }

    pthread_mutex_lock(&threads->mutex);
    threads->run = run;
    threads->data = data;
    threads->n_chunks = n_chunks;
    atomic_store_explicit(&threads->next, 0, memory_order_relaxed);
    threads->n_busy = threads->n_started;
    threads->round++;
    pthread_cond_broadcast(&threads->start);
    pthread_mutex_unlock(&threads->mutex);

    recs_threads_work(threads, 0);

    pthread_mutex_lock(&threads->mutex);

    while (threads->n_busy > 0) {
        pthread_cond_wait(&threads->done, &threads->mutex);
    }

    pthread_mutex_unlock(&threads->mutex);
}
