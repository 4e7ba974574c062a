/*
 * The pass over a bundle's file.  Reading takes as long as all that is to be
 * done with what is read, so each chunk is hashed and its rows of vectors and
 * its lists are looked at while it is in the cache, and nothing touches those
 * tables through the map, which would cost as much as reading them again.
 *
 * Two threads take chunk after chunk, the caller once it is through with the
 * rest of the structure.  A chunk goes into the hash when those before it have.
 */

#include "recs_bundle_private.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "recs_digest.h"
#include "recs_rows.h"
#include "recs_second.h"


/* Half of a usual second-level cache, and a row that begins in it. */
#define RECS_PASS_CHUNK  ((uint64_t) 256 * 1024)
#define RECS_PASS_ROOM   (RECS_PASS_CHUNK + RECS_FACTORS_MAX * sizeof(float))


typedef struct {
    const recs_bundle_t  *bundle;
    int                   fd;
    int                   hashing;

    pthread_mutex_t       mutex;        /* over all of the following */
    pthread_cond_t        turned;
    uint64_t              next;         /* chunk that nobody has taken */
    uint64_t              turn;         /* chunk that is to be hashed */
    recs_digest_t        *digest;
    int                   rows_bad;
    int                   lists_bad;
    recs_status_t         status;       /* of reading */
    recs_error_t          err;
} recs_pass_t;

typedef struct {
    recs_pass_t          *pass;
    char                 *buffer;       /* [RECS_PASS_ROOM] */
    recs_marks_t         *marks;
} recs_passer_t;


/* The rows of one shard that begin in the chunk. */
static int
recs_pass_shard(const recs_chunk_t *chunk, recs_table_id_t id,
    uint32_t shard, const float *norms)
{
    uint64_t                    at, start, first, last, n_rows, size;
    const recs_bundle_t        *b;
    const recs_loaded_table_t  *t;

    b = chunk->bundle;
    t = &b->tables[id];
    at = chunk->at;
    start = (uint64_t) (t->shards[shard] - b->map);
    size = t->table.row_size;
    n_rows = t->sizes[shard] / size;

    if (start >= at + chunk->size) {
        return 1;
    }

    first = at > start ? (at - start + size - 1) / size : 0;
    last = (at + chunk->size - start + size - 1) / size;
    last = last < n_rows ? last : n_rows;

    if (first >= last) {
        return 1;
    }

    return recs_rows_good((const float *) (const void *)
                          (chunk->bytes + (start + first * size - at)),
                          last - first, b->view.n_factors, b->view.stride,
                          norms, shard * t->table.rows_per_shard + first);
}


static int
recs_pass_rows(const recs_chunk_t *chunk)
{
    int                   good;
    uint32_t              i;
    const recs_bundle_t  *b;

    good = 1;
    b = chunk->bundle;

    for (i = 0; i < b->tables[RECS_TABLE_ITEM_FACTORS].n_shards; i++) {
        good &= recs_pass_shard(chunk, RECS_TABLE_ITEM_FACTORS, i,
                                b->view.item_norms);
    }

    for (i = 0; i < b->tables[RECS_TABLE_USER_FACTORS].n_shards; i++) {
        good &= recs_pass_shard(chunk, RECS_TABLE_USER_FACTORS, i, NULL);
    }

    return good;
}


/* 0 when all chunks are taken or one could not be read. */
static int
recs_pass_take(recs_pass_t *pass, uint64_t *at)
{
    int  taken;

    pthread_mutex_lock(&pass->mutex);

    *at = pass->next * RECS_PASS_CHUNK;
    taken = pass->status == RECS_OK && *at < pass->bundle->payload_size;
    pass->next += (uint64_t) taken;

    pthread_mutex_unlock(&pass->mutex);

    return taken;
}


static void
recs_pass_fail(recs_pass_t *pass, recs_status_t status,
    const recs_error_t *err)
{
    pthread_mutex_lock(&pass->mutex);

    if (pass->status == RECS_OK) {
        pass->status = status;
        pass->err = *err;
    }

    pthread_cond_broadcast(&pass->turned);
    pthread_mutex_unlock(&pass->mutex);
}


static void
recs_pass_hash(recs_pass_t *pass, uint64_t at, const char *chunk, size_t size)
{
    int  turn;

    pthread_mutex_lock(&pass->mutex);

    while (pass->turn * RECS_PASS_CHUNK != at && pass->status == RECS_OK) {
        pthread_cond_wait(&pass->turned, &pass->mutex);
    }

    turn = pass->status == RECS_OK;
    pthread_mutex_unlock(&pass->mutex);

    if (!turn) {
        return;
    }

    /* Nobody else touches the digest until the turn goes on. */
    recs_digest_update(pass->digest, chunk, size);

    pthread_mutex_lock(&pass->mutex);
    pass->turn++;
    pthread_cond_broadcast(&pass->turned);
    pthread_mutex_unlock(&pass->mutex);
}


/*
 * Reads and hashes.  What is not to be hashed is not read either, but looked
 * at in the map.
 */
static recs_status_t
recs_pass_read(const recs_passer_t *passer, uint64_t at, recs_chunk_t *chunk,
    recs_error_t *err)
{
    uint64_t        left;
    recs_pass_t    *pass;
    recs_status_t   rc;

    pass = passer->pass;
    left = pass->bundle->payload_size - at;

    chunk->bundle = pass->bundle;
    chunk->fd = pass->fd;
    chunk->at = at;
    chunk->size = left < RECS_PASS_CHUNK ? left : RECS_PASS_CHUNK;
    chunk->room = left;
    chunk->bytes = pass->bundle->map + at;

    if (!pass->hashing) {
        return RECS_OK;
    }

    chunk->room = left < RECS_PASS_ROOM ? left : RECS_PASS_ROOM;
    chunk->bytes = passer->buffer;

    rc = recs_seal_pread(pass->fd, pass->bundle->name, passer->buffer,
                         chunk->room, at, err);

    if (rc == RECS_OK) {
        recs_pass_hash(pass, at, chunk->bytes, chunk->size);
    }

    return rc;
}


static void *
recs_pass_run(void *data)
{
    int                   rows_bad, lists_bad;
    uint64_t              at;
    recs_pass_t          *pass;
    recs_chunk_t          chunk;
    recs_error_t          err;
    recs_status_t         rc;
    const recs_passer_t  *passer;

    passer = data;
    pass = passer->pass;
    rows_bad = 0;
    lists_bad = 0;

    while (recs_pass_take(pass, &at)) {

        if ((rc = recs_pass_read(passer, at, &chunk, &err)) != RECS_OK
            || (rc = recs_bundle_look_lists(&chunk, passer->marks,
                                            &lists_bad, &err)) != RECS_OK)
        {
            recs_pass_fail(pass, rc, &err);
            break;
        }

        rows_bad |= !recs_pass_rows(&chunk);
    }

    pthread_mutex_lock(&pass->mutex);
    pass->rows_bad |= rows_bad;
    pass->lists_bad |= lists_bad;
    pthread_mutex_unlock(&pass->mutex);

    return NULL;
}


/* What went wrong first, in the order of the steps. */
static recs_status_t
recs_pass_end(const recs_passer_t *passer, recs_status_t rest,
    recs_error_t *err)
{
    uint8_t               hash[RECS_DIGEST_SIZE];
    recs_pass_t          *pass;
    const recs_bundle_t  *b;

    pass = passer->pass;
    b = pass->bundle;

    if (pass->status != RECS_OK) {
        if (err != NULL) {
            *err = pass->err;
        }

        return pass->status;
    }

    if (pass->hashing) {
        recs_digest_final(pass->digest, hash);

        if (memcmp(hash, b->seal.hash, RECS_SEAL_HASH_SIZE) != 0) {
            return recs_seal_broken(b->name, err);
        }
    }

    if (pass->rows_bad) {
        return recs_bundle_check_rows(b, err);
    }

    return rest == RECS_OK && pass->lists_bad
           ? recs_bundle_check_lists(b, pass->fd, passer->marks, err) : rest;
}


/* What both threads look at in the map. */
static recs_status_t
recs_pass_settle(const recs_pass_t *pass, recs_error_t *err)
{
    int              wanted;
    recs_status_t    rc;
    recs_table_id_t  id;

    for (id = 0; id < RECS_TABLE_COUNT; id++) {
        wanted = id == RECS_TABLE_ITEM_NORMS || recs_bundle_is_list(id) == 2;

        if (!pass->hashing) {
            wanted |= id == RECS_TABLE_ITEM_FACTORS
                      || id == RECS_TABLE_USER_FACTORS
                      || recs_bundle_is_list(id);
        }

        if (!wanted) {
            continue;
        }

        rc = recs_bundle_settle_table(pass->bundle, pass->fd, id, err);
        if (rc != RECS_OK) {
            return rc;
        }
    }

    return RECS_OK;
}


static int
recs_passer_create(recs_passer_t *passer, recs_pass_t *pass)
{
    passer->pass = pass;
    passer->buffer = aligned_alloc(RECS_TABLE_ALIGN, RECS_PASS_ROOM);
    passer->marks = recs_marks_create(pass->bundle->view.n_items);

    return passer->buffer != NULL && passer->marks != NULL;
}


recs_status_t
recs_bundle_pass(const recs_bundle_t *b, int fd, int hashing,
    recs_error_t *err)
{
    int             started, created;
    pthread_t       thread;
    recs_pass_t     pass;
    recs_passer_t   passers[2];
    recs_status_t   rc;

    memset(&pass, 0, sizeof(recs_pass_t));
    pass.bundle = b;
    pass.fd = fd;
    pass.hashing = hashing;
    pass.status = RECS_OK;
    pass.digest = recs_digest_create();
    pthread_mutex_init(&pass.mutex, NULL);
    pthread_cond_init(&pass.turned, NULL);

    created = recs_passer_create(&passers[0], &pass);
    created &= recs_passer_create(&passers[1], &pass);

    if (pass.digest == NULL || !created) {
        rc = recs_error(err, RECS_NOMEM, "no memory to check \"%s\"", b->name);
        goto done;
    }

    rc = recs_pass_settle(&pass, err);
    if (rc != RECS_OK) {
        goto done;
    }

    started = recs_second_start(&thread, recs_pass_run, &passers[1]);

    rc = recs_bundle_check_rest(b, fd, err);
    recs_pass_run(&passers[0]);

    if (started) {
        pthread_join(thread, NULL);
    }

    rc = recs_pass_end(&passers[0], rc, err);

done:

    free(passers[1].marks);
    free(passers[1].buffer);
    free(passers[0].marks);
    free(passers[0].buffer);
    pthread_cond_destroy(&pass.turned);
    pthread_mutex_destroy(&pass.mutex);
    recs_digest_destroy(pass.digest);

    return rc;
}
