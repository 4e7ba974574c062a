/*
 * The seal: every field broken in turn, every bit of damage behind it.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <xxhash.h>

#include "recs_fixture.h"
#include "recs_sealed_file.h"
#include "recs_temp.h"


static recs_sealed_file_t  file;
static recs_error_t        err;


static int
setup(void **state)
{
    const char             *path;
    recs_fixture_params_t   p = { .n_items = 120, .n_users = 30,
                                  .n_factors = 16 };

    (void) state;

    path = recs_temp_path("seal.mdb");
    recs_fixture_bundle(&p, path);
    recs_sealed_file_read(&file, path);

    return 0;
}


static int
teardown(void **state)
{
    (void) state;

    recs_sealed_file_free(&file);

    return 0;
}


static void
assert_says(recs_status_t status, recs_status_t want, const char *words)
{
    assert_int_equal(status, want);

    if (strstr(err.message, words) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", err.message, words);
    }
}


static recs_status_t
open_bytes(const void *bytes, size_t size)
{
    int             fd;
    recs_bundle_t  *bundle;
    recs_status_t   rc;

    fd = memfd_create("seal", 0);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, size), size);

    rc = recs_bundle_open_fd(&bundle, fd, "seal", 0, &err);
    if (rc == RECS_OK) {
        recs_bundle_close(bundle);
    }

    close(fd);

    return rc;
}


/* With right != 0 the seal's own checksum is made to fit again. */
static void
broken(size_t offset, const void *bytes, size_t n, int right,
    recs_status_t want, const char *words)
{
    recs_seal_t  seal;

    memcpy(&seal, file.bytes + file.size - RECS_SEAL_SIZE, RECS_SEAL_SIZE);
    memcpy((char *) &seal + offset, bytes, n);

    if (right) {
        seal.check = 0;
        seal.check = XXH3_64bits(&seal, sizeof(recs_seal_t));
    }

    assert_says(recs_sealed_file_try(&file, file.size - RECS_SEAL_SIZE, &seal,
                                     sizeof(recs_seal_t), 0, &err),
                want, words);
}


static void
test_whole(void **state)
{
    (void) state;

    assert_int_equal(open_bytes(file.bytes, file.size), RECS_OK);
}


static void
test_fields(void **state)
{
    uint32_t  u;
    uint64_t  size;

    (void) state;

#define AT(member)  offsetof(recs_seal_t, member)

    broken(AT(magic), "RECSEAM", 7, 1, RECS_CORRUPT, "has no seal");

    u = 0x04030201;
    broken(AT(byte_order), &u, 4, 1, RECS_VERSION, "other byte order");
    u = 0x01020305;
    broken(AT(byte_order), &u, 4, 1, RECS_CORRUPT, "byte order");
    u = 4;
    broken(AT(word_size), &u, 4, 1, RECS_VERSION, "word size of 4 bytes");
    u = 0;
    broken(AT(format), &u, 4, 1, RECS_VERSION, "has bundle format 0");
    u = 2;
    broken(AT(format), &u, 4, 1, RECS_VERSION, "has bundle format 2");
    u = 1;
    broken(AT(reserved), &u, 4, 1, RECS_VERSION, "asks for a feature");

    for (u = 0; u < 4; u++) {
        size = file.size - RECS_SEAL_SIZE + (u % 2 ? 4096 : -4096);
        size = u < 2 ? size : (u == 2 ? 0 : UINT64_MAX);
        broken(AT(payload_size), &size, 8, 1, RECS_CORRUPT,
               "its seal says");
    }

    broken(AT(hash), "0123456789abcdef", 16, 1, RECS_CORRUPT,
           "is damaged: its bytes");
    broken(AT(check), "01234567", 8, 0, RECS_CORRUPT, "checksum");
    broken(AT(signature) + 63, "x", 1, 1, RECS_VERSION, "is signed");
    broken(AT(zero) + 17, "x", 1, 1, RECS_VERSION, "longer seal");
}


static void
test_every_seal_byte(void **state)
{
    char    byte;
    size_t  i;

    (void) state;

    for (i = 0; i < RECS_SEAL_SIZE; i++) {
        byte = (char) (file.bytes[file.size - RECS_SEAL_SIZE + i] ^ 0x20);

        assert_int_not_equal(
            recs_sealed_file_try(&file, file.size - RECS_SEAL_SIZE + i, &byte,
                                 1, 0, &err),
            RECS_OK);
    }
}


static void
test_bit_flips(void **state)
{
    int       i;
    char      byte;
    uint64_t  random, at;

    (void) state;

    random = 1;

    for (i = 0; i < 500; i++) {
        at = recs_fixture_random(&random) % (file.size - RECS_SEAL_SIZE);
        byte = (char) (file.bytes[at]
                       ^ (1 << recs_fixture_random(&random) % 8));

        assert_says(recs_sealed_file_try(&file, at, &byte, 1, 0, &err),
                    RECS_CORRUPT, "is damaged");
    }
}


static void
test_truncated(void **state)
{
    uint64_t  i, n, random;

    (void) state;

    random = 3;

    for (i = 0; i < 300; i++) {
        n = recs_fixture_random(&random) % file.size;

        if (i < 20) {
            n = i;

        } else if (i < 100) {
            n = file.size - 1 - (i - 20);

        } else if (i < 140) {
            n = (i - 100) * 4096;
        }

        if (n < file.size) {
            assert_int_equal(open_bytes(file.bytes, n), RECS_CORRUPT);
        }
    }
}


static void
test_too_long(void **state)
{
    char  *longer;

    (void) state;

    longer = calloc(1, file.size + 4096);
    assert_non_null(longer);

    memcpy(longer, file.bytes, file.size);
    assert_says(open_bytes(longer, file.size + 1), RECS_CORRUPT,
                "has no seal");

    /* A second seal behind the first, a payload before the first. */
    memcpy(longer + file.size, longer + file.size - 4096, 4096);
    assert_says(open_bytes(longer, file.size + 4096), RECS_CORRUPT,
                "its seal says");

    free(longer);
}


static void
test_not_a_file(void **state)
{
    int             fds[2], fd;
    char            buf[8192];
    recs_bundle_t  *bundle;

    (void) state;

    assert_int_equal(pipe(fds), 0);
    assert_says(recs_bundle_open_fd(&bundle, fds[0], "pipe", 0, &err),
                RECS_IO, "\"pipe\" is not a regular file");
    close(fds[0]);
    close(fds[1]);

    fd = open("/", O_RDONLY|O_DIRECTORY);
    assert_says(recs_bundle_open_fd(&bundle, fd, "dir", 0, &err), RECS_IO,
                "\"dir\" is not a regular file");
    close(fd);

    assert_says(recs_bundle_open_fd(&bundle, -1, "none", 0, &err), RECS_IO,
                "\"none\"");

    memset(buf, 'x', sizeof(buf));
    assert_says(open_bytes(buf, sizeof(buf)), RECS_CORRUPT, "has no seal");
}


/* A seal around bytes that LMDB never wrote. */
static void
test_sealed_garbage(void **state)
{
    int                 i;
    size_t              n;
    uint64_t            random;
    recs_sealed_file_t  garbage;

    (void) state;

    random = 9;
    garbage.size = 3 * 4096 + RECS_SEAL_SIZE;
    garbage.bytes = malloc(garbage.size);
    assert_non_null(garbage.bytes);

    for (i = 0; i < 50; i++) {
        for (n = 0; n < garbage.size; n++) {
            garbage.bytes[n] = i == 0
                               ? 0 : (char) (recs_fixture_random(&random) >> 9);
        }

        assert_says(recs_sealed_file_try(&garbage, 0, "", 0, 1, &err),
                    RECS_CORRUPT, "not an LMDB file");
    }

    /* One byte of payload is not even a page. */
    garbage.size = 1 + RECS_SEAL_SIZE;
    assert_says(recs_sealed_file_try(&garbage, 0, "", 0, 1, &err),
                RECS_CORRUPT, "LMDB");

    free(garbage.bytes);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_whole),
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_every_seal_byte),
        cmocka_unit_test(test_bit_flips),
        cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_too_long),
        cmocka_unit_test(test_not_a_file),
        cmocka_unit_test(test_sealed_garbage)
    };

    return cmocka_run_group_tests_name("seal", tests, setup, teardown);
}
