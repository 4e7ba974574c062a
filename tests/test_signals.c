/*
 * A command that is told to end, at whatever point of its writing, leaves
 * nothing behind, or all of what it was to write.
 *
 * fsync() and mkdir() of this program stand before libc's: in a child, the
 * n-th call of them raises the signal.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "recs_args.h"
#include "recs_signals.h"
#include "recs_temporary.h"


#define ARGS  16


static int   calls_left;                          /* 0: no signal */
static int   signo;
static int   n_seen;
static char  root[] = "/tmp/recs_signals.XXXXXX";


static void
called(void)
{
    if (calls_left > 0 && --calls_left == 0) {
        (void) raise(signo);
    }
}


int
fsync(int fd)
{
    called();

    return fdatasync(fd);
}


int
mkdir(const char *path, mode_t mode)
{
    int  rc;

    rc = mkdirat(AT_FDCWD, path, mode);
    called();

    return rc;
}


static int
see(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void) path;
    (void) st;
    (void) type;
    (void) ftw;

    n_seen++;

    return 0;
}


static int
drop(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void) st;
    (void) type;
    (void) ftw;

    return remove(path);
}


/* Files and folders under the root, hidden ones too. */
static int
count(void)
{
    n_seen = 0;
    (void) nftw(root, see, 8, FTW_PHYS);

    return n_seen;
}


/* A command line, of words between blanks, as a child. */
static int
run(const recs_command_t *command, const char *line, int call)
{
    int           argc, status;
    char         *argv[ARGS], words[512];
    pid_t         pid;
    recs_args_t  *args;

    pid = fork();
    assert_int_not_equal(pid, -1);

    if (pid == 0) {
        snprintf(words, sizeof(words), "%s", line);
        argc = 0;

        for (argv[0] = strtok(words, " "); argv[argc] != NULL;
             argv[argc] = strtok(NULL, " "))
        {
            argc++;
        }

        if (freopen("/dev/null", "w", stdout) == NULL) {
            _exit(99);
        }

        recs_signals_catch();

        if (recs_args_parse(command, argc, argv, &args) != RECS_EXIT_OK) {
            _exit(98);
        }

        calls_left = call;
        status = command->run(args);
        _exit(status);
    }

    assert_int_equal(waitpid(pid, &status, 0), pid);

    return status;
}


/*
 * Each point of one command, until none is left; `outputs` is what it makes,
 * together or one after another.
 */
static void
check(const recs_command_t *command, const char *line, const char *outputs,
    int together)
{
    int   call, before, status, made, wanted;
    char  names[256], *name;

    static const int  signals[] = { SIGTERM, SIGINT, SIGPIPE, SIGHUP };

    before = count();

    for (call = 1; ; call++) {
        signo = signals[call % 4];
        status = run(command, line, call);

        if (WIFSIGNALED(status)) {
            assert_int_equal(WTERMSIG(status), signo);

        } else {
            assert_int_equal(WEXITSTATUS(status), 0);
        }

        snprintf(names, sizeof(names), "%s", outputs);
        made = 0;
        wanted = 0;

        for (name = strtok(names, " "); name != NULL;
             name = strtok(NULL, " "))
        {
            wanted++;

            if (access(name, F_OK) == 0) {
                made++;
                (void) nftw(name, drop, 8, FTW_DEPTH|FTW_PHYS);
            }
        }

        assert_true(!together || made == 0 || made == wanted);
        assert_int_equal(count(), before);

        if (!WIFSIGNALED(status)) {
            break;
        }
    }

    assert_int_equal(made, wanted);
    assert_true(call > 1);
}


static void
test_commands(void **state)
{
    (void) state;

    check(&recs_cmd_simulate, "-o shop --items 60 --users 60", "shop", 1);
    assert_int_equal(run(&recs_cmd_simulate, "-o shop --items 60 --users 60",
                         0), 0);

    check(&recs_cmd_import, "--quiet --rejects r --items shop/items.csv -o d"
          " shop/events.csv", "r d", 0);
    assert_int_equal(run(&recs_cmd_import, "--quiet --items shop/items.csv"
                         " -o d shop/events.csv", 0), 0);

    check(&recs_cmd_split, "d --split last=0.2 -o t --test c", "t c", 1);

    check(&recs_cmd_train, "--quiet --model popularity --data d -o b", "b", 1);
    assert_int_equal(run(&recs_cmd_train, "--quiet --model popularity --data d"
                         " -o b", 0), 0);

    check(&recs_cmd_evaluate, "--quiet --model popularity --data d --split"
          " last=0.2", "", 1);
    check(&recs_cmd_export, "b -o e", "e", 1);
    check(&recs_cmd_publish, "b m", "m/current m", 1);
}


/* Where one is current already: one more, which is current, or none. */
static void
test_publish_again(void **state)
{
    int      call, before, status;
    char     was[64], is[64];
    ssize_t  len;

    (void) state;

    assert_int_equal(run(&recs_cmd_publish, "b m", 0), 0);

    call = 0;

    do {
        before = count();
        len = readlink("m/current", was, sizeof(was));
        assert_true(len > 0);

        signo = SIGINT;
        status = run(&recs_cmd_publish, "b m", ++call);

        assert_int_equal(readlink("m/current", is, sizeof(is)), len);
        assert_int_equal(count(),
                         before + (memcmp(was, is, (size_t) len) != 0));
    } while (WIFSIGNALED(status));

    assert_true(call > 3);
    assert_int_equal(status, 0);
}


static void
test_sweep(void **state)
{
    int               status;
    pid_t             pid;
    recs_temporary_t  file, folder, full;

    (void) state;

    assert_int_equal(mkdir("folder", 0755), 0);
    assert_int_equal(mkdir("folder/inner", 0755), 0);
    assert_int_equal(mkdir("folder/inner/more", 0755), 0);
    assert_int_equal(symlink("../shop", "folder/link"), 0);
    assert_int_equal(mkdir("full", 0755), 0);
    assert_int_equal(mkdir("full/kept", 0755), 0);
    assert_int_equal(symlink("nowhere", "file"), 0);

    pid = fork();
    assert_int_not_equal(pid, -1);

    if (pid == 0) {
        recs_temporary_hold();
        recs_temporary_add(&full, RECS_TEMPORARY_EMPTY, "full");
        recs_temporary_add(&folder, RECS_TEMPORARY_FOLDER, "folder");
        recs_temporary_add(&file, RECS_TEMPORARY_FILE, "file");
        recs_temporary_release();
        recs_temporary_sweep();
        _exit(0);
    }

    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);

    assert_int_not_equal(access("folder", F_OK), 0);
    assert_int_equal(access("full/kept", F_OK), 0);
    assert_int_not_equal(readlink("file", (char[8]) { 0 }, 8), 7);
    assert_int_equal(access("shop/items.csv", F_OK), 0);
}


/* One that was ignored when the command began, by nohup say, stays so. */
static void
test_ignored(void **state)
{
    (void) state;

    (void) signal(SIGTERM, SIG_IGN);
    (void) signal(SIGINT, SIG_IGN);
    signo = SIGTERM;
    assert_int_equal(run(&recs_cmd_export, "b -o ignored", 1), 0);
    assert_int_equal(access("ignored/item_ids.txt", F_OK), 0);
    (void) signal(SIGTERM, SIG_DFL);
    (void) signal(SIGINT, SIG_DFL);
}


/* Who starts this may ignore some, as a shell does for what it runs beside. */
static int
enter(void **state)
{
    (void) state;

    (void) signal(SIGHUP, SIG_DFL);
    (void) signal(SIGINT, SIG_DFL);
    (void) signal(SIGPIPE, SIG_DFL);
    (void) signal(SIGTERM, SIG_DFL);

    return mkdtemp(root) == NULL ? -1 : chdir(root);
}


static int
leave(void **state)
{
    (void) state;

    (void) nftw(root, drop, 8, FTW_DEPTH|FTW_PHYS);

    return 0;
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_commands),
        cmocka_unit_test(test_publish_again),
        cmocka_unit_test(test_sweep),
        cmocka_unit_test(test_ignored),
    };

    return cmocka_run_group_tests(tests, enter, leave);
}
