#include "recs_seal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <xxhash.h>

#include "recs_bundle_format.h"
#include "recs_digest.h"


/* Small enough to stay in the cache: three times as fast as 1 MiB. */
#define RECS_SEAL_CHUNK  (128 * 1024)


recs_status_t
recs_seal_pread(int fd, const char *name, void *buf, size_t size,
    uint64_t offset, recs_error_t *err)
{
    char     *p;
    ssize_t   n;

    p = buf;

    while (size > 0) {
        n = pread(fd, p, size, (off_t) offset);

        if (n == -1 && errno == EINTR) {
            continue;
        }

        if (n == -1) {
            return recs_error(err, RECS_IO, "cannot read \"%s\": %s", name,
                              strerror(errno));
        }

        if (n == 0) {
            return recs_error(err, RECS_CORRUPT,
                              "\"%s\" became shorter while being read", name);
        }

        p += n;
        size -= (size_t) n;
        offset += (uint64_t) n;
    }

    return RECS_OK;
}


static uint64_t
recs_seal_check(const recs_seal_t *seal)
{
    recs_seal_t  copy;

    copy = *seal;
    copy.check = 0;

    return XXH3_64bits(&copy, sizeof(recs_seal_t));
}


/*
 * What a later reader may use and this one does not know must not be passed
 * over in silence.
 */
static recs_status_t
recs_seal_check_room(const char *name, const recs_seal_t *seal,
    recs_error_t *err)
{
    size_t   i;
    uint8_t  used;

    if (seal->reserved != 0) {
        return recs_error(err, RECS_VERSION,
                          "\"%s\" asks for a feature (0x%x) that this reader "
                          "does not have", name, seal->reserved);
    }

    for (i = 0, used = 0; i < sizeof(seal->signature); i++) {
        used |= seal->signature[i];
    }

    if (used) {
        return recs_error(err, RECS_VERSION, "\"%s\" is signed, this reader "
                          "cannot check signatures", name);
    }

    for (i = 0; i < sizeof(seal->zero); i++) {
        used |= seal->zero[i];
    }

    return used ? recs_error(err, RECS_VERSION, "\"%s\" has a longer seal "
                             "than this reader knows", name)
                : RECS_OK;
}


static recs_status_t
recs_seal_check_block(const char *name, const recs_seal_t *seal,
    uint64_t file_size, recs_error_t *err)
{
    if (memcmp(seal->magic, RECS_SEAL_MAGIC, sizeof(seal->magic)) != 0) {
        return recs_error(err, RECS_CORRUPT,
                          "\"%s\" has no seal: not a bundle, or truncated",
                          name);
    }

    if (seal->byte_order == __builtin_bswap32(RECS_SEAL_BYTE_ORDER)) {
        return recs_error(err, RECS_VERSION,
                          "\"%s\" was written on a machine of the other byte "
                          "order; train or pack it again on this kind", name);
    }

    if (seal->byte_order != RECS_SEAL_BYTE_ORDER) {
        return recs_error(err, RECS_CORRUPT, "\"%s\": damaged seal "
                          "(byte order)", name);
    }

    if (seal->word_size != sizeof(uint64_t)) {
        return recs_error(err, RECS_VERSION,
                          "\"%s\" was written for a word size of %u bytes, "
                          "this reader wants 8", name, seal->word_size);
    }

    if (seal->format != RECS_BUNDLE_FORMAT) {
        return recs_error(err, RECS_VERSION,
                          "\"%s\" has bundle format %u, this reader reads "
                          "format %u", name, seal->format,
                          RECS_BUNDLE_FORMAT);
    }

    if (seal->check != recs_seal_check(seal)) {
        return recs_error(err, RECS_CORRUPT,
                          "\"%s\": damaged seal (checksum)", name);
    }

    if (seal->payload_size != file_size - RECS_SEAL_SIZE) {
        return recs_error(err, RECS_CORRUPT,
                          "\"%s\" is %llu bytes long, its seal says %llu",
                          name, (unsigned long long) file_size,
                          (unsigned long long) seal->payload_size
                          + RECS_SEAL_SIZE);
    }

    return recs_seal_check_room(name, seal, err);
}


recs_status_t
recs_seal_read(int fd, const char *name, recs_seal_t *seal, recs_error_t *err)
{
    recs_status_t  rc;
    struct stat    st;

    if (fstat(fd, &st) == -1) {
        return recs_error(err, RECS_IO, "cannot stat \"%s\": %s", name,
                          strerror(errno));
    }

    if (!S_ISREG(st.st_mode)) {
        return recs_error(err, RECS_IO, "\"%s\" is not a regular file", name);
    }

    if (st.st_size <= RECS_SEAL_SIZE) {
        return recs_error(err, RECS_CORRUPT,
                          "\"%s\" is too short (%lld bytes) to be a bundle",
                          name, (long long) st.st_size);
    }

    rc = recs_seal_pread(fd, name, seal, sizeof(recs_seal_t),
                         (uint64_t) st.st_size - RECS_SEAL_SIZE, err);
    if (rc != RECS_OK) {
        return rc;
    }

    return recs_seal_check_block(name, seal, (uint64_t) st.st_size, err);
}


static recs_status_t
recs_seal_hash(int fd, const char *name, uint64_t size,
    uint8_t hash[RECS_SEAL_HASH_SIZE], recs_error_t *err)
{
    char           *buf;
    size_t          n;
    uint64_t        offset;
    recs_digest_t  *digest;
    recs_status_t   rc;

    buf = malloc(RECS_SEAL_CHUNK);
    digest = recs_digest_create();

    if (buf == NULL || digest == NULL) {
        rc = recs_error(err, RECS_NOMEM, "no memory to hash \"%s\"", name);
        goto done;
    }

    rc = RECS_OK;

    for (offset = 0; offset < size; offset += n) {
        n = size - offset < RECS_SEAL_CHUNK ? (size_t) (size - offset)
                                            : RECS_SEAL_CHUNK;

        rc = recs_seal_pread(fd, name, buf, n, offset, err);
        if (rc != RECS_OK) {
            goto done;
        }

        recs_digest_update(digest, buf, n);
    }

    recs_digest_final(digest, hash);

done:

    recs_digest_destroy(digest);
    free(buf);

    return rc;
}


recs_status_t
recs_seal_broken(const char *name, recs_error_t *err)
{
    return recs_error(err, RECS_CORRUPT, "\"%s\" is damaged: its bytes do "
                      "not hash to what its seal says", name);
}


recs_status_t
recs_seal_verify(int fd, const char *name, const recs_seal_t *seal,
    recs_error_t *err)
{
    uint8_t        hash[RECS_SEAL_HASH_SIZE];
    recs_status_t  rc;

    rc = recs_seal_hash(fd, name, seal->payload_size, hash, err);
    if (rc != RECS_OK) {
        return rc;
    }

    return memcmp(hash, seal->hash, RECS_SEAL_HASH_SIZE) == 0
           ? RECS_OK : recs_seal_broken(name, err);
}


recs_status_t
recs_seal_write(int fd, const char *name, uint64_t payload_size,
    recs_error_t *err)
{
    char           *p;
    size_t          size;
    ssize_t         n;
    uint8_t         hash[RECS_SEAL_HASH_SIZE];
    uint64_t        offset;
    recs_seal_t     seal;
    recs_status_t   rc;

    rc = recs_seal_hash(fd, name, payload_size, hash, err);
    if (rc != RECS_OK) {
        return rc;
    }

    memset(&seal, 0, sizeof(recs_seal_t));
    memcpy(seal.magic, RECS_SEAL_MAGIC, sizeof(seal.magic));
    seal.byte_order = RECS_SEAL_BYTE_ORDER;
    seal.word_size = sizeof(uint64_t);
    seal.format = RECS_BUNDLE_FORMAT;
    seal.payload_size = payload_size;
    memcpy(seal.hash, hash, RECS_SEAL_HASH_SIZE);
    seal.check = recs_seal_check(&seal);

    p = (char *) &seal;
    size = sizeof(recs_seal_t);
    offset = payload_size;

    while (size > 0) {
        n = pwrite(fd, p, size, (off_t) offset);

        if (n == -1 && errno == EINTR) {
            continue;
        }

        if (n <= 0) {
            return recs_error(err, RECS_IO, "cannot write \"%s\": %s", name,
                              strerror(errno));
        }

        p += n;
        size -= (size_t) n;
        offset += (uint64_t) n;
    }

    return RECS_OK;
}


void
recs_seal_hash8(const recs_seal_t *seal, char hash8[9])
{
    snprintf(hash8, 9, "%02x%02x%02x%02x", seal->hash[0], seal->hash[1],
             seal->hash[2], seal->hash[3]);
}
