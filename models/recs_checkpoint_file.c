#include "recs_checkpoint_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <xxhash.h>

#include "recs_file.h"


#define RECS_CHECKPOINT_MAGIC    "RECCKPT\n"
#define RECS_CHECKPOINT_VERSION  1
#define RECS_CHECKPOINT_ORDER    0x01020304


/* The file: this, then states, then the XXH3-128 of all of it. */
typedef struct {
    char                   magic[8];
    uint32_t               byte_order;
    uint32_t               version;
    recs_checkpoint_key_t  key;
    uint64_t               n_states;
} recs_checkpoint_header_t;


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


/* The whole file; RECS_NOT_FOUND where there is none. */
static recs_status_t
recs_checkpoint_bytes(const recs_checkpoint_t *c, char **bytes, size_t *size,
    recs_error_t *err)
{
    int           fd;
    char         *p;
    size_t        have;
    ssize_t       n;
    struct stat   st;

    fd = open(c->path, O_RDONLY|O_CLOEXEC|O_NONBLOCK);

    if (fd == -1) {
        return recs_error(err, errno == ENOENT ? RECS_NOT_FOUND : RECS_IO,
                          "cannot open checkpoint %s: %s", c->path,
                          strerror(errno));
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


recs_status_t
recs_checkpoint_read(recs_checkpoint_t *c, recs_error_t *err)
{
    char                  *bytes;
    size_t                 size;
    XXH128_hash_t          hash;
    recs_status_t          rc;
    XXH128_canonical_t     seal;

    bytes = NULL;
    size = 0;

    rc = recs_checkpoint_bytes(c, &bytes, &size, err);
    if (rc != RECS_OK) {
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


recs_status_t
recs_checkpoint_write(const recs_checkpoint_t *c, recs_error_t *err)
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

    return rc;
}
