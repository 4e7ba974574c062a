#include "recs_checkpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <xxhash.h>

#include "recs_file.h"
#include "recs_threads.h"


#define RECS_CHECKPOINT_MAGIC    "RECCKPT\n"
#define RECS_CHECKPOINT_VERSION  1
#define RECS_CHECKPOINT_ORDER    0x01020304


/* What the training is of.  No padding: it is compared and hashed. */
typedef struct {
    char      model[64];
    uint64_t  data_hash;
    uint64_t  values_hash;
    uint64_t  seed;
    uint64_t  n_threads;
} recs_checkpoint_key_t;

/* The file: this, then states, then the XXH3-128 of all of it. */
typedef struct {
    char                   magic[8];
    uint32_t               byte_order;
    uint32_t               version;
    recs_checkpoint_key_t  key;
    uint64_t               n_states;
} recs_checkpoint_header_t;

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


/* In what it is another training's; NULL: in nothing. */
static const char *
recs_checkpoint_other(const recs_checkpoint_key_t *a,
    const recs_checkpoint_key_t *b)
{
    return memcmp(a->model, b->model, sizeof(a->model)) != 0
           ? "another model"
           : a->data_hash != b->data_hash ? "other data"
           : a->values_hash != b->values_hash ? "other parameters"
           : a->seed != b->seed ? "another seed"
           : a->n_threads != b->n_threads ? "another number of threads"
           : NULL;
}


static recs_status_t
recs_checkpoint_damaged(const recs_checkpoint_t *c, recs_error_t *err)
{
    return recs_error(err, RECS_CORRUPT, "checkpoint %s is damaged, or none: "
                      "remove it to train from the start", c->path);
}


static recs_status_t
recs_checkpoint_check(const recs_checkpoint_t *c,
    const recs_checkpoint_header_t *header, recs_error_t *err)
{
    const char  *other;

    if (memcmp(header->magic, RECS_CHECKPOINT_MAGIC, sizeof(header->magic))
        != 0)
    {
        return recs_checkpoint_damaged(c, err);
    }

    if (header->byte_order != RECS_CHECKPOINT_ORDER
        || header->version != RECS_CHECKPOINT_VERSION)
    {
        return recs_error(err, RECS_VERSION, "checkpoint %s is of another "
                          "version of recs or another machine: remove it to "
                          "train from the start", c->path);
    }

    other = recs_checkpoint_other(&header->key, &c->key);

    if (other != NULL) {
        return recs_error(err, RECS_REFUSED, "checkpoint %s is of a training "
                          "with %s: repeat that one, or remove the file to "
                          "train from the start", c->path, other);
    }

    return RECS_OK;
}


/* The states of a file, whose bytes are known to be whole. */
static recs_status_t
recs_checkpoint_parse(recs_checkpoint_t *c, const char *bytes, size_t size,
    recs_error_t *err)
{
    size_t                     pos;
    recs_status_t              rc;
    recs_checkpoint_entry_t   *entry;
    recs_checkpoint_header_t   header;

    if (size < sizeof(header)) {
        return recs_checkpoint_damaged(c, err);
    }

    memcpy(&header, bytes, sizeof(header));
    pos = sizeof(header);

    if ((rc = recs_checkpoint_check(c, &header, err)) != RECS_OK) {
        return rc;
    }

    while (pos < size) {

        if (c->n_states == RECS_CHECKPOINT_STATES
            || size - pos < sizeof(recs_checkpoint_state_t))
        {
            return recs_checkpoint_damaged(c, err);
        }

        entry = &c->states[c->n_states];
        memcpy(&entry->head, bytes + pos, sizeof(recs_checkpoint_state_t));
        pos += sizeof(recs_checkpoint_state_t);

        if (entry->head.size > size - pos
            || entry->head.name[RECS_CHECKPOINT_NAME_MAX] != '\0')
        {
            return recs_checkpoint_damaged(c, err);
        }

        entry->bytes = malloc(entry->head.size + 1);
        if (entry->bytes == NULL) {
            return recs_error(err, RECS_NOMEM, "no memory for checkpoint %s",
                              c->path);
        }

        memcpy(entry->bytes, bytes + pos, entry->head.size);
        pos += entry->head.size;
        c->n_states++;
    }

    return c->n_states == header.n_states ? RECS_OK
                                          : recs_checkpoint_damaged(c, err);
}


/* The whole file; *bytes NULL where there is none. */
static recs_status_t
recs_checkpoint_bytes(const recs_checkpoint_t *c, char **bytes, size_t *size,
    recs_error_t *err)
{
    int           fd;
    char         *p;
    size_t        have;
    ssize_t       n;
    struct stat   st;

    *bytes = NULL;
    fd = open(c->path, O_RDONLY|O_CLOEXEC|O_NONBLOCK);

    if (fd == -1) {
        return errno == ENOENT
               ? RECS_OK
               : recs_error(err, RECS_IO, "cannot open checkpoint %s: %s",
                            c->path, strerror(errno));
    }

    if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode)) {
        close(fd);
        return recs_error(err, RECS_IO, "checkpoint %s is not a regular file",
                          c->path);
    }

    p = malloc((size_t) st.st_size + 1);
    if (p == NULL) {
        close(fd);
        return recs_error(err, RECS_NOMEM, "no memory for checkpoint %s",
                          c->path);
    }

    for (have = 0; have < (size_t) st.st_size; have += (size_t) n) {
        n = read(fd, p + have, (size_t) st.st_size - have);

        if (n <= 0) {
            recs_error(err, RECS_IO, "cannot read checkpoint %s: %s", c->path,
                       n == 0 ? "it ends early" : strerror(errno));
            close(fd);
            free(p);
            return RECS_IO;
        }
    }

    close(fd);
    *bytes = p;
    *size = have;

    return RECS_OK;
}


static recs_status_t
recs_checkpoint_read(recs_checkpoint_t *c, recs_error_t *err)
{
    char                  *bytes;
    size_t                 size;
    XXH128_hash_t          hash;
    recs_status_t          rc;
    XXH128_canonical_t     seal;

    rc = recs_checkpoint_bytes(c, &bytes, &size, err);
    if (rc != RECS_OK || bytes == NULL) {
        return rc;
    }

    if (size < sizeof(seal)) {
        rc = recs_checkpoint_damaged(c, err);

    } else {
        size -= sizeof(seal);
        memcpy(&seal, bytes + size, sizeof(seal));
        hash = XXH3_128bits(bytes, size);

        rc = XXH128_isEqual(hash, XXH128_hashFromCanonical(&seal))
             ? recs_checkpoint_parse(c, bytes, size, err)
             : recs_checkpoint_damaged(c, err);
    }

    free(bytes);

    return rc;
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


static recs_status_t
recs_checkpoint_put(recs_file_t *file, XXH3_state_t *hash, const void *data,
    size_t size, recs_error_t *err)
{
    if (XXH3_128bits_update(hash, data, size) == XXH_ERROR) {
        return recs_error(err, RECS_INVALID, "cannot hash a checkpoint");
    }

    return recs_file_write(file, data, size, err);
}


static recs_status_t
recs_checkpoint_put_all(const recs_checkpoint_t *c, recs_file_t *file,
    XXH3_state_t *hash, recs_error_t *err)
{
    unsigned                         i;
    recs_status_t                    rc;
    XXH128_canonical_t               seal;
    const recs_checkpoint_entry_t   *entry;
    recs_checkpoint_header_t         header;

    memset(&header, 0, sizeof(header));
    memcpy(header.magic, RECS_CHECKPOINT_MAGIC, sizeof(header.magic));
    header.byte_order = RECS_CHECKPOINT_ORDER;
    header.version = RECS_CHECKPOINT_VERSION;
    header.key = c->key;
    header.n_states = c->n_states;

    rc = recs_checkpoint_put(file, hash, &header, sizeof(header), err);

    for (i = 0; i < c->n_states && rc == RECS_OK; i++) {
        entry = &c->states[i];
        rc = recs_checkpoint_put(file, hash, &entry->head,
                                 sizeof(entry->head), err);

        if (rc == RECS_OK) {
            rc = recs_checkpoint_put(file, hash, entry->bytes,
                                     entry->head.size, err);
        }
    }

    if (rc == RECS_OK) {
        XXH128_canonicalFromHash(&seal, XXH3_128bits_digest(hash));
        rc = recs_file_write(file, &seal, sizeof(seal), err);
    }

    return rc;
}


static recs_status_t
recs_checkpoint_write(recs_checkpoint_t *c, recs_error_t *err)
{
    recs_file_t    file;
    XXH3_state_t  *hash;
    recs_status_t  rc;

    hash = XXH3_createState();

    if (hash == NULL || XXH3_128bits_reset(hash) == XXH_ERROR) {
        XXH3_freeState(hash);
        return recs_error(err, RECS_NOMEM, "no memory for checkpoint %s",
                          c->path);
    }

    rc = recs_file_create(&file, c->path, err);

    if (rc == RECS_OK) {
        rc = recs_checkpoint_put_all(c, &file, hash, err);

        if (rc == RECS_OK) {
            rc = recs_file_commit(&file, err);

        } else {
            recs_file_abort(&file);
        }
    }

    XXH3_freeState(hash);
    c->written = recs_checkpoint_now();

    return rc;
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

    return rc == RECS_OK && due ? recs_checkpoint_write(c, err) : rc;
}


/* Of what a training within the file's is told apart by. */
static uint64_t
recs_checkpoint_hash(const recs_trainer_t *trainer,
    const recs_dataset_view_t *view, const recs_train_options_t *options)
{
    uint64_t  hash;

    hash = XXH3_64bits_withSeed(options->values,
                                trainer->n_params * sizeof(double),
                                options->seed);
    hash = XXH3_64bits_withSeed(view->user_offsets,
                                (view->n_users + (size_t) 1)
                                * sizeof(uint64_t), hash);
    hash = XXH3_64bits_withSeed(view->items,
                                view->n_interactions * sizeof(uint32_t),
                                hash);
    hash = XXH3_64bits_withSeed(view->times_ms,
                                view->n_interactions * sizeof(int64_t), hash);

    return XXH3_64bits_withSeed(view->weights,
                                view->n_interactions * sizeof(float), hash);
}


void
recs_checkpoint_enter(recs_checkpoint_t *c, const recs_trainer_t *trainer,
    const recs_dataset_view_t *view, const recs_train_options_t *options)
{
    size_t  within;

    if (c == NULL) {
        return;
    }

    within = strlen(c->within);

    (void) snprintf(c->within + within, sizeof(c->within) - within,
                    "%s-%016" PRIx64 "/", trainer->name,
                    recs_checkpoint_hash(trainer, view, options));
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
