/*
 * Reading a bundle: what is looked up and what is not found, the flags, and
 * what becomes of the descriptors.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recs_bundle_private.h"
#include "recs_fixture.h"
#include "recs_publish.h"
#include "recs_sealed_file.h"
#include "recs_temp.h"


static char                         path[512];
static recs_error_t                 err;
static const recs_fixture_params_t  params = { .n_items = 200, .n_users = 50,
                                               .n_factors = 12 };


static int
setup(void **state)
{
    (void) state;

    strcpy(path, recs_temp_path("read.mdb"));
    recs_fixture_bundle(&params, path);

    return 0;
}


static recs_bundle_t *
open_good(unsigned flags)
{
    recs_bundle_t  *bundle;

    if (recs_bundle_open(&bundle, path, flags, &err) != RECS_OK) {
        fail_msg("%s", err.message);
    }

    return bundle;
}


static recs_str_t
str(const char *text)
{
    recs_str_t  s;

    s.data = text;
    s.len = strlen(text);

    return s;
}


static void
test_lookups(void **state)
{
    char            id[600];
    recs_str_t      s;
    recs_bundle_t  *b;

    (void) state;

    b = open_good(0);

    s = recs_record_id(recs_bundle_item_record(b,
                           recs_bundle_item(b, str("i33"))));
    assert_int_equal(s.len, 3);
    assert_memory_equal(s.data, "i33", 3);

    assert_int_equal(recs_bundle_item(b, str("i200")), RECS_ITEM_NO);
    assert_int_equal(recs_bundle_item(b, str("u3")), RECS_ITEM_NO);
    assert_int_equal(recs_bundle_user(b, str("i3")), RECS_USER_NO);
    assert_int_equal(recs_bundle_item(b, str("")), RECS_ITEM_NO);
    assert_int_equal(recs_bundle_item(b, str("i3\n")), RECS_ITEM_NO);

    memset(id, 'i', sizeof(id));
    s.data = id;

    for (s.len = 1; s.len <= sizeof(id); s.len++) {
        assert_int_equal(recs_bundle_item(b, s), RECS_ITEM_NO);
        assert_int_equal(recs_bundle_user(b, s), RECS_USER_NO);
    }

    s.data = "i3\0";
    s.len = 3;
    assert_int_equal(recs_bundle_item(b, s), RECS_ITEM_NO);

    recs_bundle_close(b);
}


static void
test_columns(void **state)
{
    recs_str_t      s;
    recs_bundle_t  *b;

    (void) state;

    b = open_good(0);

    assert_int_equal(recs_bundle_item_column(b, str("url")), 1);
    assert_int_equal(recs_bundle_item_column(b, str("country")),
                     RECS_COLUMN_NO);
    assert_int_equal(recs_bundle_user_column(b, str("country")), 0);

    s = recs_bundle_item_column_name(b, 2);
    assert_int_equal(s.len, 5);
    assert_memory_equal(s.data, "image", 5);
    assert_null(recs_bundle_item_column_name(b, 4).data);
    assert_null(recs_bundle_user_column_name(b, RECS_COLUMN_NO).data);

    s = recs_record_attribute(
            recs_bundle_item_record(b, recs_bundle_item(b, str("i3"))), 0);
    assert_memory_equal(s.data, "value 0 of i3 <&>", s.len);

    recs_bundle_close(b);
}


/* Each flag skips what it says, and no more. */
static void
test_flags(void **state)
{
    int                 fd;
    float               nan;
    uint64_t            at;
    recs_bundle_t      *b;
    recs_sealed_file_t  file;

    (void) state;

    b = open_good(RECS_BUNDLE_SEAL_KNOWN);
    recs_bundle_close(b);
    b = open_good(RECS_BUNDLE_TRUSTED);
    assert_int_equal(b->view.n_items, 200);
    assert_int_equal(recs_bundle_item(b, str("i200")), RECS_ITEM_NO);
    at = recs_sealed_file_offset(b, recs_table_row(&b->view.item_factors, 9));
    recs_bundle_close(b);

    recs_sealed_file_read(&file, path);
    memset(&nan, 0xff, sizeof(nan));
    memcpy(file.bytes + at, &nan, sizeof(nan));

    fd = open(recs_temp_write("nan.mdb", file.bytes, file.size), O_RDONLY);

    assert_int_equal(recs_bundle_open_fd(&b, fd, "nan", 0, &err),
                     RECS_CORRUPT);
    assert_non_null(strstr(err.message, "do not hash"));

    assert_int_equal(recs_bundle_open_fd(&b, fd, "nan",
                                         RECS_BUNDLE_SEAL_KNOWN, &err),
                     RECS_CORRUPT);
    assert_non_null(strstr(err.message, "a factor is not finite at row 9"));

    assert_int_equal(recs_bundle_open_fd(&b, fd, "nan", RECS_BUNDLE_TRUSTED,
                                         &err), RECS_OK);
    recs_bundle_close(b);

    close(fd);
    unlink(recs_temp_path("nan.mdb"));
    recs_sealed_file_free(&file);
}


static int
count_fds(int *without_cloexec)
{
    int             n, fd;
    DIR            *dir;
    struct dirent  *entry;

    n = *without_cloexec = 0;
    dir = opendir("/proc/self/fd");
    assert_non_null(dir);

    while ((entry = readdir(dir)) != NULL) {
        fd = atoi(entry->d_name);

        if (fd > 2 && fd != dirfd(dir)) {
            n++;
            *without_cloexec += !(fcntl(fd, F_GETFD) & FD_CLOEXEC);
        }
    }

    closedir(dir);

    return n;
}


/* One descriptor is LMDB's, and a new nginx binary does not inherit it. */
static void
test_descriptors(void **state)
{
    int             before, open_before, during, left;
    recs_bundle_t  *b;

    (void) state;

    before = count_fds(&open_before);
    b = open_good(0);
    during = count_fds(&left);
    assert_int_equal(during, before + 1);
    assert_int_equal(left, open_before);
    recs_bundle_close(b);
    assert_int_equal(count_fds(&left), before);

    /* Nothing is left of one that was refused, either. */
    (void) recs_bundle_open(&b, recs_temp_text("no.mdb", "no"), 0, &err);
    assert_int_equal(count_fds(&left), before);
    unlink(recs_temp_path("no.mdb"));
}


/* What was opened is served, whatever happens to the name. */
static void
test_pinned(void **state)
{
    int                    fd;
    char                   hash8[9];
    recs_bundle_t         *a, *b;
    recs_generation_t      gen;
    recs_fixture_params_t  other = params;

    (void) state;

    assert_int_equal(recs_generation_open(path, &fd, &gen, &err), RECS_OK);
    a = open_good(0);
    strcpy(hash8, recs_bundle_hash8(a));
    recs_bundle_close(a);

    other.seed = 5;
    recs_fixture_bundle(&other, path);

    assert_int_equal(recs_bundle_open_fd(&a, fd, path, 0, &err), RECS_OK);
    close(fd);
    b = open_good(0);

    assert_string_equal(recs_bundle_hash8(a), hash8);
    assert_string_not_equal(recs_bundle_hash8(b), hash8);
    assert_int_equal(recs_bundle_item_record(a, 0).len > 0, 1);

    unlink(path);
    assert_int_not_equal(recs_bundle_item(a, str("i7")), RECS_ITEM_NO);
    recs_bundle_close(a);
    assert_int_not_equal(recs_bundle_item(b, str("i7")), RECS_ITEM_NO);
    recs_bundle_close(b);

    setup(state);
}


/* The same file twice in one process: the old and the new cycle of nginx. */
static void
test_twice(void **state)
{
    recs_bundle_t  *a, *b;

    (void) state;

    a = open_good(0);
    b = open_good(RECS_BUNDLE_SEAL_KNOWN);
    recs_bundle_close(a);

    assert_int_not_equal(recs_bundle_item(b, str("i7")), RECS_ITEM_NO);
    assert_int_equal(recs_bundle_size(b) % 4096, 0);
    recs_bundle_close(b);
    recs_bundle_close(NULL);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_lookups),
        cmocka_unit_test(test_columns),
        cmocka_unit_test(test_flags),
        cmocka_unit_test(test_descriptors),
        cmocka_unit_test(test_pinned),
        cmocka_unit_test(test_twice)
    };

    return cmocka_run_group_tests_name("bundle_read", tests, setup, NULL);
}
