/* recs_file: an output is whole, or absent. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recs_file.h"
#include "recs_temp.h"


static recs_file_t   file;
static recs_error_t  err;


static char *
read_back(const char *path)
{
    FILE         *f;
    static char   text[64];

    memset(text, 0, sizeof(text));
    f = fopen(path, "rb");

    if (f != NULL) {
        text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
        fclose(f);
    }

    return text;
}


static void
test_commit(void **state)
{
    int          files;
    char         path[512], *big;
    mode_t       mask;
    struct stat  st;

    (void) state;

    strcpy(path, recs_temp_text("out", "old"));
    files = recs_temp_count();
    mask = umask(027);

    assert_int_equal(recs_file_create(&file, path, &err), RECS_OK);
    assert_int_equal(recs_file_write(&file, "nex", 3, &err), RECS_OK);
    assert_int_equal(recs_file_patch(&file, 2, "w", 1, &err), RECS_OK);
    assert_string_equal(read_back(path), "old");
    assert_int_equal(recs_file_commit(&file, &err), RECS_OK);
    assert_string_equal(read_back(path), "new");
    assert_int_equal(recs_temp_count(), files);

    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
    umask(mask);

    big = calloc(1, 3 * RECS_FILE_BUFFER + 1);
    assert_int_equal(recs_file_create(&file, path, &err), RECS_OK);
    assert_int_equal(recs_file_write(&file, big, 3 * RECS_FILE_BUFFER + 1,
                                     &err), RECS_OK);
    assert_int_equal(recs_file_commit(&file, &err), RECS_OK);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_size, 3 * RECS_FILE_BUFFER + 1);
    free(big);
}


static void
test_abort(void **state)
{
    int   files;
    char  path[512];

    (void) state;

    strcpy(path, recs_temp_text("out", "old"));
    files = recs_temp_count();

    assert_int_equal(recs_file_create(&file, path, &err), RECS_OK);
    assert_int_equal(recs_file_write(&file, "new", 3, &err), RECS_OK);
    recs_file_abort(&file);
    assert_string_equal(read_back(path), "old");
    assert_int_equal(recs_temp_count(), files);
}


/* A device is written in place, and stays one. */

static void
test_device(void **state)
{
    struct stat  st;

    (void) state;

    assert_int_equal(recs_file_create(&file, "/dev/full", &err), RECS_OK);
    assert_int_equal(recs_file_write(&file, "x", 1, &err), RECS_OK);
    assert_int_equal(recs_file_commit(&file, &err), RECS_IO);
    assert_string_equal(err.message, "cannot write \"/dev/full\": No space"
                        " left on device");

    assert_int_equal(recs_file_create(&file, "/dev/null", &err), RECS_OK);
    assert_int_equal(recs_file_commit(&file, &err), RECS_OK);
    assert_int_equal(stat("/dev/null", &st), 0);
    assert_true(S_ISCHR(st.st_mode));
}


static void
test_refused(void **state)
{
    char  path[5000];

    (void) state;

    assert_int_equal(recs_file_create(&file, "", &err), RECS_INVALID);
    assert_int_equal(recs_file_create(&file, "/tmp", &err), RECS_IO);
    assert_int_equal(recs_file_create(&file, "/none/such", &err), RECS_IO);

    memset(path, 'x', sizeof(path));
    path[sizeof(path) - 1] = '\0';
    assert_int_equal(recs_file_create(&file, path, &err), RECS_INVALID);
}


static void
test_put(void **state)
{
    char  path[512];

    (void) state;

    strcpy(path, recs_temp_text("put", "old"));
    assert_int_equal(recs_file_put(path, "new", 3, &err), RECS_OK);
    assert_string_equal(read_back(path), "new");

    assert_int_equal(recs_file_put("/none/such", "new", 3, &err), RECS_IO);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_commit),
        cmocka_unit_test(test_abort),
        cmocka_unit_test(test_device),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_put)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
