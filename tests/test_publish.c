/*
 * Publishing: numbers, links, what an interrupted publisher leaves, and what
 * is refused.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "recs_fixture.h"
#include "recs_publish.h"
#include "recs_temp.h"


static char          dir[512], one[512], two[512];
static recs_error_t  err;


static void
empty_dir(const char *path)
{
    DIR            *d;
    struct dirent  *entry;

    d = opendir(path);

    while (d != NULL && (entry = readdir(d)) != NULL) {
        (void) unlinkat(dirfd(d), entry->d_name, 0);
        (void) unlinkat(dirfd(d), entry->d_name, AT_REMOVEDIR);
    }

    if (d != NULL) {
        closedir(d);
    }

    (void) rmdir(path);
}


static int
setup(void **state)
{
    recs_fixture_params_t  p = { .n_items = 60, .n_users = 20,
                                 .n_factors = 8 };

    (void) state;

    strcpy(dir, recs_temp_path("models"));
    strcpy(one, recs_temp_path("one.mdb"));
    strcpy(two, recs_temp_path("two.mdb"));

    empty_dir(dir);
    recs_fixture_bundle(&p, one);
    p.seed = 7;
    recs_fixture_bundle(&p, two);

    return 0;
}


static int
teardown(void **state)
{
    (void) state;

    empty_dir(dir);

    return 0;
}


static int
count_files(void)
{
    int             n;
    DIR            *d;
    struct dirent  *entry;

    n = 0;
    d = opendir(dir);
    assert_non_null(d);

    while ((entry = readdir(d)) != NULL) {
        n += strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
    }

    closedir(d);

    return n;
}


static void
publish(const char *path, uint32_t number)
{
    recs_generation_t  gen;

    if (recs_publish(path, dir, &gen, &err) != RECS_OK) {
        fail_msg("%s", err.message);
    }

    assert_int_equal(gen.number, number);
}


static void
assert_current(uint32_t number)
{
    int                fd;
    char               link[64], path[600], want[64];
    ssize_t            n;
    recs_bundle_t     *bundle;
    recs_generation_t  gen;

    if (recs_generation_open(dir, &fd, &gen, &err) != RECS_OK) {
        fail_msg("%s", err.message);
    }

    assert_int_equal(gen.number, number);

    snprintf(path, sizeof(path), "%s/current", dir);
    n = readlink(path, link, sizeof(link) - 1);
    assert_true(n > 0);
    link[n] = '\0';

    snprintf(want, sizeof(want), "gen-%s.mdb", gen.name);
    assert_string_equal(link, want);

    if (recs_bundle_open_fd(&bundle, fd, dir, 0, &err) != RECS_OK) {
        fail_msg("%s", err.message);
    }

    assert_string_equal(recs_bundle_hash8(bundle), gen.name + 7);
    recs_bundle_close(bundle);
    close(fd);
}


static void
assert_refused(recs_status_t status, recs_status_t want, const char *words)
{
    assert_int_equal(status, want);

    if (strstr(err.message, words) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", err.message, words);
    }
}


static void
test_names(void **state)
{
    size_t             i;
    recs_generation_t  gen;

    static const char *const  bad[] = {
        "", "gen-", "current", "gen-000000-9f3c21aa.mdb",
        "gen-000001-9f3c21aA.mdb", "gen-000001-9f3c21a.mdb",
        "gen-000001-9f3c21aa.mdb~", "gen-0000001-9f3c21a.mdb",
        "gen-00001x-9f3c21aa.mdb", "gen-000001_9f3c21aa.mdb",
        "../gen-000001-9f3c21aa.mdb", "gen-000001-9f3c21aa.tmp"
    };

    (void) state;

    assert_true(recs_generation_parse("gen-000002-9f3c21aa.mdb", &gen));
    assert_int_equal(gen.number, 2);
    assert_string_equal(gen.name, "000002-9f3c21aa");
    assert_true(recs_generation_parse("gen-999999-00000000.mdb", &gen));
    assert_int_equal(gen.number, RECS_GENERATION_MAX);

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(recs_generation_parse(bad[i], &gen));
    }
}


static void
test_publish(void **state)
{
    char               path[600];
    struct stat        st;
    recs_generation_t  gen;

    (void) state;

    publish(one, 1);
    assert_current(1);
    publish(two, 2);
    assert_current(2);
    assert_int_equal(count_files(), 3);

    assert_int_equal(recs_publish(two, dir, &gen, NULL), RECS_OK);
    snprintf(path, sizeof(path), "%s/gen-%s.mdb", dir, gen.name);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0444);
}


static void
test_plain_file(void **state)
{
    int                fd;
    recs_bundle_t     *bundle;
    recs_generation_t  gen;

    (void) state;

    assert_int_equal(recs_generation_open(one, &fd, &gen, &err), RECS_OK);
    assert_int_equal(gen.number, 0);
    assert_memory_equal(gen.name, "000000-", 7);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    close(fd);

    assert_int_equal(recs_bundle_open(&bundle, one, 0, &err), RECS_OK);
    assert_string_equal(recs_bundle_hash8(bundle), gen.name + 7);
    recs_bundle_close(bundle);
}


static void
test_rollback(void **state)
{
    recs_generation_t  gen;

    (void) state;

    assert_refused(recs_rollback(dir, 0, &gen, &err), RECS_NOT_FOUND, dir);

    publish(one, 1);
    assert_refused(recs_rollback(dir, 0, &gen, &err), RECS_NOT_FOUND,
                   "no other payload before");

    /* The same again is no other payload. */
    publish(two, 2);
    publish(two, 3);

    assert_int_equal(recs_rollback(dir, 0, &gen, &err), RECS_OK);
    assert_int_equal(gen.number, 4);
    assert_current(4);

    assert_int_equal(recs_rollback(dir, 2, &gen, &err), RECS_OK);
    assert_int_equal(gen.number, 5);
    assert_current(5);

    assert_refused(recs_rollback(dir, 17, &gen, &err), RECS_NOT_FOUND,
                   "000017");
    assert_current(5);
}


static void
test_prune(void **state)
{
    int                i;
    char               path[600];
    uint32_t           n;
    recs_generation_t  gen;

    (void) state;

    for (i = 1; i <= 5; i++) {
        publish(i % 2 ? one : two, (uint32_t) i);
    }

    snprintf(path, sizeof(path), "%s/.publish.tmp", dir);
    close(open(path, O_CREAT|O_WRONLY, 0600));

    assert_int_equal(recs_prune(dir, 3, &n, &err), RECS_OK);
    assert_int_equal(n, 2);
    assert_int_equal(count_files(), 4);
    assert_current(5);

    /* The current one stays, however old. */
    snprintf(path, sizeof(path), "%s/current", dir);
    unlink(path);
    assert_int_equal(recs_prune(dir, 1, &n, &err), RECS_NOT_FOUND);

    assert_true(recs_generation_parse("gen-000003-00000000.mdb", &gen));
    assert_int_equal(recs_rollback(dir, 0, &gen, &err), RECS_NOT_FOUND);
    publish(one, 6);
    assert_int_equal(recs_prune(dir, 0, &n, &err), RECS_OK);
    assert_int_equal(count_files(), 2);
    assert_current(6);
}


static void
test_prune_keeps_current(void **state)
{
    char               path[600], name[64];
    uint32_t           n;
    recs_generation_t  first, gen;

    (void) state;

    assert_int_equal(recs_publish(one, dir, &first, &err), RECS_OK);
    assert_int_equal(recs_publish(two, dir, &gen, &err), RECS_OK);

    /* As a publisher killed before it moved the link leaves it. */
    snprintf(path, sizeof(path), "%s/current", dir);
    snprintf(name, sizeof(name), "gen-%s.mdb", first.name);
    unlink(path);
    assert_int_equal(symlink(name, path), 0);
    assert_current(1);

    assert_int_equal(recs_prune(dir, 1, &n, &err), RECS_OK);
    assert_int_equal(n, 0);
    assert_current(1);
    publish(one, 3);
}


static void
test_bad_bundles(void **state)
{
    int                 fd;
    char                byte;
    recs_generation_t   gen;

    (void) state;

    assert_refused(recs_publish(recs_temp_path("none"), dir, &gen, &err),
                   RECS_NOT_FOUND, "No such file");
    assert_refused(recs_publish(recs_temp_text("text", "hello"), dir, &gen,
                                &err), RECS_CORRUPT, "too short");
    assert_refused(recs_publish("/dev/null", dir, &gen, &err), RECS_IO,
                   "not a regular file");

    fd = open(one, O_RDWR);
    assert_int_equal(pread(fd, &byte, 1, 9000), 1);
    byte ^= 4;
    assert_int_equal(pwrite(fd, &byte, 1, 9000), 1);
    close(fd);

    assert_refused(recs_publish(one, dir, &gen, &err), RECS_CORRUPT,
                   "is damaged");

    /* Not even the directory was made. */
    assert_int_equal(access(dir, F_OK), -1);
}


static void
test_bad_directories(void **state)
{
    int                 fd;
    char                path[600];
    recs_generation_t   gen;

    (void) state;

    assert_refused(recs_publish(one, one, &gen, &err), RECS_IO,
                   "Not a directory");
    assert_refused(recs_publish(one, recs_temp_path("no/way"), &gen, &err),
                   RECS_NOT_FOUND, "cannot make");
    assert_refused(recs_generation_open(recs_temp_path(""), &fd, &gen, &err),
                   RECS_NOT_FOUND, "has no published model");

    /* A file, then a link that leads elsewhere, in the place of `current`. */
    assert_int_equal(mkdir(dir, 0755), 0);
    snprintf(path, sizeof(path), "%s/current", dir);
    close(open(path, O_CREAT|O_WRONLY, 0644));

    assert_refused(recs_publish(one, dir, &gen, &err), RECS_INVALID,
                   "is not a link");
    assert_int_equal(count_files(), 1);

    unlink(path);
    assert_int_equal(symlink("../one.mdb", path), 0);
    assert_refused(recs_generation_open(dir, &fd, &gen, &err), RECS_INVALID,
                   "is not a generation");

    unlink(path);
    assert_int_equal(symlink("gen-000009-00000000.mdb", path), 0);
    assert_refused(recs_generation_open(dir, &fd, &gen, &err),
                   RECS_NOT_FOUND, "gen-000009-00000000.mdb");

    publish(one, 10);
    assert_current(10);
}


/* A generation that is a link, a fifo or another's content. */
static void
test_tricks(void **state)
{
    int                 fd;
    char                path[600], name[600];
    recs_generation_t   gen;

    (void) state;

    publish(one, 1);
    assert_int_equal(recs_publish(two, dir, &gen, &err), RECS_OK);
    snprintf(path, sizeof(path), "%s/gen-%s.mdb", dir, gen.name);

    unlink(path);
    assert_int_equal(symlink(two, path), 0);
    assert_refused(recs_generation_open(dir, &fd, &gen, &err), RECS_IO,
                   "symbolic links");

    unlink(path);
    assert_int_equal(mkfifo(path, 0644), 0);
    assert_refused(recs_generation_open(dir, &fd, &gen, &err), RECS_IO,
                   "not a regular file");

    unlink(path);
    assert_int_equal(rename(one, path), 0);
    assert_refused(recs_generation_open(dir, &fd, &gen, &err), RECS_CORRUPT,
                   "holds another bundle");

    /* The rollback does not trust it either. */
    snprintf(name, sizeof(name), "%s/gen-000003-00000000.mdb", dir);
    assert_int_equal(rename(path, name), 0);
    publish(two, 4);
    assert_refused(recs_rollback(dir, 3, &gen, &err), RECS_CORRUPT,
                   "holds another bundle");
    assert_current(4);
}


static void
test_numbers_end(void **state)
{
    char                path[600];
    recs_generation_t   gen;

    (void) state;

    publish(one, 1);
    snprintf(path, sizeof(path), "%s/gen-999999-00000000.mdb", dir);
    close(open(path, O_CREAT|O_WRONLY, 0644));

    assert_refused(recs_publish(one, dir, &gen, &err), RECS_LIMIT,
                   "used up its generation numbers");
    assert_current(1);
}


static void
test_full_disk(void **state)
{
    struct rlimit       limit, low;
    recs_status_t       rc;
    recs_generation_t   gen;

    (void) state;

    publish(one, 1);

    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &limit);
    low = limit;
    low.rlim_cur = 8192;
    setrlimit(RLIMIT_FSIZE, &low);

    rc = recs_publish(two, dir, &gen, &err);

    setrlimit(RLIMIT_FSIZE, &limit);

    assert_refused(rc, RECS_IO, "cannot copy the bundle into");
    assert_int_equal(count_files(), 2);
    assert_current(1);
}


/* Two processes publish at the same time; each gets its own number. */
static void
test_publishers_take_turns(void **state)
{
    int                 i, status;
    pid_t               pids[4];
    recs_generation_t   gen;

    (void) state;

    for (i = 0; i < 4; i++) {
        pids[i] = fork();
        assert_true(pids[i] >= 0);

        if (pids[i] == 0) {
            _exit(recs_publish(i % 2 ? one : two, dir, &gen, NULL)
                  != RECS_OK);
        }
    }

    for (i = 0; i < 4; i++) {
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_int_equal(status, 0);
    }

    assert_int_equal(count_files(), 5);
    assert_current(4);
    publish(one, 5);
}


/* Killed at any moment: `current` names a whole generation, or none yet. */
static void
test_killed(void **state)
{
    int                 i, fd, status;
    pid_t               pid;
    uint32_t            last, n;
    recs_generation_t   gen;

    (void) state;

    publish(one, 1);
    last = 1;

    for (i = 0; i < 40; i++) {
        pid = fork();
        assert_true(pid >= 0);

        if (pid == 0) {
            for ( ;; ) {
                (void) recs_publish(two, dir, &gen, NULL);
            }
        }

        usleep((useconds_t) (i * 331));
        kill(pid, SIGKILL);
        assert_int_equal(waitpid(pid, &status, 0), pid);

        assert_int_equal(recs_generation_open(dir, &fd, &gen, &err),
                         RECS_OK);
        close(fd);
        assert_true(gen.number >= last);
        last = gen.number;
        assert_current(last);
    }

    /* The next publisher goes on, and prune leaves nothing behind. */
    assert_int_equal(recs_publish(one, dir, &gen, &err), RECS_OK);
    assert_true(gen.number > last);
    assert_int_equal(recs_prune(dir, 1, &n, &err), RECS_OK);
    assert_int_equal(count_files(), 2);
}


int
main(void)
{
#define TEST(f)  cmocka_unit_test_setup_teardown(f, setup, teardown)

    const struct CMUnitTest  tests[] = {
        TEST(test_names),
        TEST(test_publish),
        TEST(test_plain_file),
        TEST(test_rollback),
        TEST(test_prune),
        TEST(test_prune_keeps_current),
        TEST(test_bad_bundles),
        TEST(test_bad_directories),
        TEST(test_tricks),
        TEST(test_numbers_end),
        TEST(test_full_disk),
        TEST(test_publishers_take_turns),
        TEST(test_killed)
    };

    return cmocka_run_group_tests_name("publish", tests, NULL, NULL);
}
