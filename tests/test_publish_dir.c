/* The directory that a publisher makes, or finds. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "recs_publish_dir.h"
#include "recs_temp.h"


static recs_error_t        err;
static recs_publish_dir_t  dir;


static mode_t
mode(const char *path)
{
    struct stat  st;

    assert_int_equal(stat(path, &st), 0);

    return st.st_mode & 07777;
}


static void
test_made(void **state)
{
    char    path[512];
    mode_t  mask;

    (void) state;

    strcpy(path, recs_temp_path("made"));
    mask = umask(077);

    assert_int_equal(recs_publish_lock(&dir, path, 1, &err), RECS_OK);
    assert_int_equal(mode(path), 0755);
    recs_publish_unlock(&dir, RECS_OK);
    assert_int_equal(mode(path), 0755);

    /* The mode of what is there is its owner's. */
    assert_int_equal(chmod(path, 0700), 0);
    assert_int_equal(recs_publish_lock(&dir, path, 1, &err), RECS_OK);
    recs_publish_unlock(&dir, RECS_IO);
    assert_int_equal(mode(path), 0700);

    umask(mask);
    assert_int_equal(rmdir(path), 0);
}


static void
test_nothing_came(void **state)
{
    char  path[512], inner[600];

    (void) state;

    strcpy(path, recs_temp_path("made"));
    snprintf(inner, sizeof(inner), "%s/file", path);

    assert_int_equal(recs_publish_lock(&dir, path, 1, &err), RECS_OK);
    recs_publish_unlock(&dir, RECS_IO);
    assert_int_equal(access(path, F_OK), -1);

    /* Another publisher's, in the meantime. */
    assert_int_equal(recs_publish_lock(&dir, path, 1, &err), RECS_OK);
    assert_int_equal(mkdir(inner, 0755), 0);
    recs_publish_unlock(&dir, RECS_IO);
    assert_int_equal(rmdir(inner), 0);
    assert_int_equal(rmdir(path), 0);
}


static void
test_missing(void **state)
{
    char  path[512];

    (void) state;

    snprintf(path, sizeof(path), "%s//", recs_temp_path("no/such"));

    assert_int_equal(recs_publish_lock(&dir, path, 1, &err), RECS_NOT_FOUND);
    assert_non_null(strstr(err.message, "run mkdir -p \""));
    assert_non_null(strstr(err.message, "/no\" first"));

    assert_int_equal(recs_publish_lock(&dir, path, 0, &err), RECS_NOT_FOUND);

    strcpy(path, recs_temp_path("link"));
    assert_int_equal(symlink("nowhere", path), 0);
    assert_int_equal(recs_publish_lock(&dir, path, 1, &err), RECS_NOT_FOUND);

    assert_int_equal(recs_publish_lock(&dir, recs_temp_text("text", ""), 1,
                                       &err), RECS_IO);
}


/* Waits for the lock of a directory that its maker then takes away again. */
static void
test_taken_away(void **state)
{
    int    status, ready[2];
    char   path[512], byte;
    pid_t  pid;

    (void) state;

    strcpy(path, recs_temp_path("made"));
    assert_int_equal(pipe(ready), 0);
    assert_int_equal(recs_publish_lock(&dir, path, 1, &err), RECS_OK);

    pid = fork();
    assert_int_not_equal(pid, -1);

    if (pid == 0) {
        recs_publish_dir_t  mine;

        /* The parent's lock is its descriptor's, this copy of it included. */
        close(dir.fd);

        status = write(ready[1], "", 1) != 1
                 || recs_publish_lock(&mine, path, 1, &err) != RECS_OK
                 || access(path, F_OK) != 0;
        _exit(status);
    }

    assert_int_equal(read(ready[0], &byte, 1), 1);
    recs_publish_unlock(&dir, RECS_IO);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);

    close(ready[0]);
    close(ready[1]);
    assert_int_equal(rmdir(path), 0);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_made),
        cmocka_unit_test(test_nothing_came),
        cmocka_unit_test(test_missing),
        cmocka_unit_test(test_taken_away),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
