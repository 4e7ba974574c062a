#include "recs_checkpoint_private.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <xxhash.h>

#include "recs_threads.h"


static double
recs_checkpoint_now(void)
{
    struct timespec  now;

    clock_gettime(CLOCK_MONOTONIC, &now);

    return (double) now.tv_sec + (double) now.tv_nsec * 1e-9;
}


static void
recs_checkpoint_set_key(recs_checkpoint_key_t *key,
    const recs_dataset_t *dataset, const recs_trainer_t *trainer,
    const recs_train_options_t *options)
{
    memset(key, 0, sizeof(recs_checkpoint_key_t));
    strncpy(key->model, trainer->name, sizeof(key->model) - 1);

    key->data_hash = recs_dataset_hash(dataset);
    key->values_hash = XXH3_64bits(options->values,
                                   trainer->n_params * sizeof(double));
    key->seed = options->seed;
    key->n_threads = recs_threads_resolve(options->n_threads);
}


recs_status_t
recs_checkpoint_open(recs_checkpoint_t **checkpoint, const char *path,
    double every_seconds, const recs_dataset_t *dataset,
    const recs_trainer_t *trainer, const recs_train_options_t *options,
    recs_error_t *err)
{
    recs_status_t       rc;
    recs_checkpoint_t  *c;

    c = calloc(1, sizeof(recs_checkpoint_t));

    if (c == NULL || (c->path = strdup(path)) == NULL) {
        free(c);
        return recs_error(err, RECS_NOMEM, "no memory for checkpoint %s",
                          path);
    }

    c->every_seconds = every_seconds;
    c->written = recs_checkpoint_now();
    recs_checkpoint_set_key(&c->key, dataset, trainer, options);

    rc = recs_checkpoint_read(c, err);

    if (rc == RECS_NOT_FOUND) {
        rc = recs_checkpoint_write(c, err);
    }

    if (rc != RECS_OK) {
        recs_checkpoint_close(c);
        return rc;
    }

    *checkpoint = c;

    return RECS_OK;
}


void
recs_checkpoint_close(recs_checkpoint_t *c)
{
    unsigned  i;

    if (c == NULL) {
        return;
    }

    for (i = 0; i < c->n_states; i++) {
        free(c->states[i].bytes);
    }

    free(c->path);
    free(c);
}


recs_status_t
recs_checkpoint_remove(recs_checkpoint_t *c, recs_error_t *err)
{
    if (c != NULL && unlink(c->path) == -1 && errno != ENOENT) {
        return recs_error(err, RECS_IO, "cannot remove checkpoint %s: %s",
                          c->path, strerror(errno));
    }

    return RECS_OK;
}


/* The state's name, with what was entered; 0 where it is too long. */
static int
recs_checkpoint_name(const recs_checkpoint_t *c, const char *name,
    char full[RECS_CHECKPOINT_NAME_MAX + 1])
{
    size_t  len, within;

    len = strlen(name);
    within = strlen(c->within);

    memset(full, 0, RECS_CHECKPOINT_NAME_MAX + 1);

    if (within + len > RECS_CHECKPOINT_NAME_MAX) {
        return 0;
    }

    memcpy(full, c->within, within);
    memcpy(full + within, name, len);

    return 1;
}


/* Its position; n_states where there is none. */
static unsigned
recs_checkpoint_find(const recs_checkpoint_t *c, const char *full)
{
    unsigned  i;

    for (i = 0; i < c->n_states; i++) {
        if (strcmp(c->states[i].head.name, full) == 0) {
            break;
        }
    }

    return i;
}


static size_t
recs_checkpoint_size(const recs_checkpoint_part_t *parts, unsigned n_parts)
{
    size_t    size;
    unsigned  i;

    for (i = 0, size = 0; i < n_parts; i++) {
        size += parts[i].size;
    }

    return size;
}


int
recs_checkpoint_load(const recs_checkpoint_t *c, const char *name,
    const recs_checkpoint_part_t *parts, unsigned n_parts)
{
    char         full[RECS_CHECKPOINT_NAME_MAX + 1];
    unsigned     i;
    const char  *bytes;

    if (c == NULL || !recs_checkpoint_name(c, name, full)) {
        return 0;
    }

    i = recs_checkpoint_find(c, full);

    if (i == c->n_states
        || c->states[i].head.size != recs_checkpoint_size(parts, n_parts))
    {
        return 0;
    }

    bytes = c->states[i].bytes;

    for (i = 0; i < n_parts; i++) {
        memcpy(parts[i].data, bytes, parts[i].size);
        bytes += parts[i].size;
    }

    return 1;
}


/* Copies the parts into a state of that name. */
static recs_status_t
recs_checkpoint_take(recs_checkpoint_t *c, const char *full,
    const recs_checkpoint_part_t *parts, unsigned n_parts, recs_error_t *err)
{
    char                     *bytes, *p;
    size_t                    size;
    unsigned                  i, at;
    recs_checkpoint_entry_t  *entry;

    size = recs_checkpoint_size(parts, n_parts);
    at = recs_checkpoint_find(c, full);

    if (at == RECS_CHECKPOINT_STATES) {
        return recs_error(err, RECS_LIMIT, "more than %d states in checkpoint "
                          "%s", RECS_CHECKPOINT_STATES, c->path);
    }

    entry = &c->states[at];
    bytes = at < c->n_states && entry->head.size == size ? entry->bytes
                                                         : malloc(size + 1);
    if (bytes == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory for checkpoint %s",
                          c->path);
    }

    for (i = 0, p = bytes; i < n_parts; i++) {
        memcpy(p, parts[i].data, parts[i].size);
        p += parts[i].size;
    }

    if (bytes != entry->bytes) {
        free(entry->bytes);
        entry->bytes = bytes;
    }

    memcpy(entry->head.name, full, sizeof(entry->head.name));
    entry->head.size = size;
    c->n_states += at == c->n_states;

    return RECS_OK;
}


recs_status_t
recs_checkpoint_save(recs_checkpoint_t *c, const char *name,
    const recs_checkpoint_part_t *parts, unsigned n_parts, int keep,
    recs_error_t *err)
{
    int            due;
    char           full[RECS_CHECKPOINT_NAME_MAX + 1];
    recs_status_t  rc;

    if (c == NULL) {
        return RECS_OK;
    }

    due = recs_checkpoint_now() - c->written >= c->every_seconds;

    if (!due && !keep) {
        return RECS_OK;
    }

    if (!recs_checkpoint_name(c, name, full)) {
        return recs_error(err, RECS_LIMIT, "the name of a state, %s%s, is too "
                          "long for a checkpoint", c->within, name);
    }

    rc = recs_checkpoint_take(c, full, parts, n_parts, err);

    if (rc == RECS_OK && due) {
        rc = recs_checkpoint_write(c, err);
        c->written = recs_checkpoint_now();
    }

    return rc;
}


/* The hash goes on with a column of the data, which may lack it. */
static uint64_t
recs_checkpoint_mix(uint64_t hash, const void *column, size_t size)
{
    return column != NULL ? XXH3_64bits_withSeed(column, size, hash) : hash;
}


/* Of what a training within the file's is told apart by. */
static uint64_t
recs_checkpoint_hash(const recs_dataset_view_t *view, const double *values,
    uint32_t n_values, uint64_t seed)
{
    size_t    n;
    uint64_t  hash;

    n = view->n_interactions;

    hash = recs_checkpoint_mix(seed, values, n_values * sizeof(double));
    hash = recs_checkpoint_mix(hash, view->user_offsets,
                               (view->n_users + (size_t) 1)
                               * sizeof(uint64_t));
    hash = recs_checkpoint_mix(hash, view->items, n * sizeof(uint32_t));
    hash = recs_checkpoint_mix(hash, view->times_ms, n * sizeof(int64_t));

    return recs_checkpoint_mix(hash, view->weights, n * sizeof(float));
}


void
recs_checkpoint_enter(recs_checkpoint_t *c, const char *name,
    const recs_dataset_view_t *view, const double *values, uint32_t n_values,
    uint64_t seed)
{
    size_t  within;

    if (c == NULL) {
        return;
    }

    within = strlen(c->within);

    (void) snprintf(c->within + within, sizeof(c->within) - within,
                    "%s-%016" PRIx64 "/", name,
                    recs_checkpoint_hash(view, values, n_values, seed));
}


void
recs_checkpoint_leave(recs_checkpoint_t *c)
{
    char  *slash;

    if (c == NULL || c->within[0] == '\0') {
        return;
    }

    c->within[strlen(c->within) - 1] = '\0';
    slash = strrchr(c->within, '/');
    c->within[slash != NULL ? slash + 1 - c->within : 0] = '\0';
}


/* Is it that state or, where full ends in '/', one of a training within? */
static int
recs_checkpoint_is(const char *name, const char *full, int within)
{
    size_t  len;

    len = strlen(full);

    return within ? strncmp(name, full, len) == 0
                    && strchr(name + len, '/') != NULL
                  : strcmp(name, full) == 0;
}


void
recs_checkpoint_forget(recs_checkpoint_t *c, const char *name)
{
    char      full[RECS_CHECKPOINT_NAME_MAX + 1];
    unsigned  i, n;

    if (c == NULL || !recs_checkpoint_name(c, name != NULL ? name : "", full))
    {
        return;
    }

    for (i = 0, n = 0; i < c->n_states; i++) {
        if (recs_checkpoint_is(c->states[i].head.name, full, name == NULL)) {
            free(c->states[i].bytes);

        } else {
            c->states[n++] = c->states[i];
        }
    }

    memset(&c->states[n], 0, (c->n_states - n)
                             * sizeof(recs_checkpoint_entry_t));
    c->n_states = n;
}
