/*
 * Writers of the table of sessions are killed: after every single instruction
 * of an update, and at moments of chance under load.  Readers never get
 * anything but what somebody has written, and the next writer puts it right.
 *
 *     SESSION_KILLS=2000 build/tests/test_session_kill
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "recs_fixture.h"
#include "recs_session_table.h"


#define TTL       1000000
#define VISITORS  64
#define N_ITEMS   8
#define SET_SIZE  (64 + RECS_SESSION_WAYS * (32 + N_ITEMS * 8))


static char                  *memory;
static recs_session_table_t  *table;
static recs_session_key_t     keys[VISITORS];


static void
make(size_t size)
{
    unsigned    i;
    char        id[16];
    recs_str_t  str;

    static const uint64_t  seed[2] = { 1, 2 };

    memory = mmap(NULL, size, PROT_READ|PROT_WRITE, MAP_SHARED|MAP_ANONYMOUS,
                  -1, 0);
    assert_ptr_not_equal(memory, MAP_FAILED);

    assert_int_equal(recs_session_table_init(memory, size, N_ITEMS, seed),
                     RECS_OK);
    table = recs_session_table_at(memory, size, N_ITEMS);

    for (i = 0; i < VISITORS; i++) {
        str.data = id;
        str.len = (size_t) snprintf(id, sizeof(id), "v%u", i);
        recs_session_table_key(table, str, &keys[i]);
    }
}


/* An item of the visitor: nobody else touches it. */
static uint64_t
item_of(unsigned visitor, uint64_t number)
{
    return (number % 97) * VISITORS + visitor;
}


/* What is served is the visitor's own, each item once. */
static void
look_at(const recs_session_table_t *t, unsigned visitor,
    recs_session_t *session)
{
    uint32_t  i, j;

    recs_session_table_read(t, &keys[visitor], 1, TTL, session);
    assert_true(session->n <= N_ITEMS);

    for (i = 0; i < session->n; i++) {
        assert_int_equal(session->items[i].hash % VISITORS, visitor);

        for (j = 0; j < i; j++) {
            assert_int_not_equal(session->items[i].hash,
                                 session->items[j].hash);
        }
    }
}


/* The next writer, on a copy of what the killed one has left. */
static void
write_after(void)
{
    unsigned               visitor;
    recs_session_t         session;
    recs_session_table_t  *copy;
    recs_session_census_t  census;

    static char  bytes[SET_SIZE] __attribute__((aligned(64)));

    for (visitor = 0; visitor < 2; visitor++) {
        memcpy(bytes, memory, SET_SIZE);
        copy = recs_session_table_at(bytes, SET_SIZE, N_ITEMS);

        recs_session_table_census(copy, &census);
        assert_true(census.torn <= 1);
        assert_int_equal(census.wrong, 0);

        recs_session_table_add(copy, &keys[visitor],
                               item_of(visitor, 5), 1, TTL);
        look_at(copy, visitor, &session);
        assert_true(session.n >= 1);
        assert_int_equal(session.items[0].hash, item_of(visitor, 5));

        recs_session_table_census(copy, &census);
        assert_int_equal(census.torn + census.wrong, 0);
    }
}


static void
assert_same(const recs_session_t *a, const recs_session_t *b)
{
    uint32_t  i;

    assert_int_equal(a->n, b->n);

    for (i = 0; i < a->n; i++) {
        assert_int_equal(a->items[i].hash, b->items[i].hash);
        assert_int_equal(a->items[i].weight, b->items[i].weight);
    }
}


static pid_t
start_traced(unsigned visitor, uint64_t number)
{
    int    status;
    pid_t  pid;

    pid = fork();
    assert_int_not_equal(pid, -1);

    if (pid == 0) {
        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == -1) {
            _exit(2);
        }

        raise(SIGSTOP);
        recs_session_table_add(table, &keys[visitor],
                               item_of(visitor, number), 1, TTL);
        _exit(0);
    }

    assert_int_equal(waitpid(pid, &status, 0), pid);

    return WIFSTOPPED(status) ? pid : -1;
}


/*
 * After each step the former session, the new one, or none is read; returns
 * how many steps saw none, -1 where steps are not to be had.
 */
static int
step_through(unsigned visitor, uint64_t number)
{
    int             status, none;
    pid_t           pid;
    recs_session_t  before, now;

    none = 0;
    look_at(table, visitor, &before);
    pid = start_traced(visitor, number);

    if (pid == -1) {
        return -1;
    }

    for ( ;; ) {
        if (ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) == -1) {
            kill(pid, SIGKILL);
            waitpid(pid, &status, 0);
            return -1;
        }

        assert_int_equal(waitpid(pid, &status, 0), pid);

        if (!WIFSTOPPED(status)) {
            break;
        }

        look_at(table, visitor, &now);

        if (now.n == 0) {
            none++;

        } else if (now.items[0].hash != item_of(visitor, number)) {
            assert_same(&now, &before);
        }

        write_after();
    }

    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    look_at(table, visitor, &now);
    assert_int_equal(now.items[0].hash, item_of(visitor, number));

    return none;
}


static void
test_every_instruction(void **state)
{
    int       none;
    unsigned  i;

    (void) state;

    make(SET_SIZE);

    none = step_through(0, 0);

    if (none == -1) {
        print_message("no single steps here\n");
        skip();
    }

    for (i = 1; i < 5; i++) {
        recs_session_table_add(table, &keys[0], item_of(0, i), 1, TTL);
    }

    assert_true(step_through(0, 9) > 0);

    /* A place that another visitor has to leave. */
    for (i = 1; i < RECS_SESSION_WAYS; i++) {
        recs_session_table_add(table, &keys[i], item_of(i, 1), 1, TTL);
    }

    assert_true(step_through(RECS_SESSION_WAYS, 3) > 0);

    munmap(memory, SET_SIZE);
}


static void
write_for_ever(uint64_t random, volatile uint64_t *writes)
{
    unsigned  visitor;

    for ( ;; ) {
        (*writes)++;
        visitor = recs_fixture_random(&random) % VISITORS;
        recs_session_table_add(table, &keys[visitor],
                               item_of(visitor, random >> 32), 1, TTL);
    }
}


/* Reads while the writer writes, then kills it. */
static void
kill_one(uint64_t *random, volatile uint64_t *writes,
    recs_session_census_t *census)
{
    int             status;
    pid_t           pid;
    unsigned        looks;
    uint64_t        start;
    recs_session_t  session;

    start = *writes;
    pid = fork();
    assert_int_not_equal(pid, -1);

    if (pid == 0) {
        write_for_ever(*random, writes);
    }

    while (*writes == start) {
        sched_yield();
    }

    for (looks = recs_fixture_random(random) % 10000; looks > 0; looks--) {
        look_at(table, looks % VISITORS, &session);
    }

    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, &status, 0), pid);

    recs_session_table_census(table, census);
    assert_int_equal(census->wrong, 0);
    assert_true(census->torn <= 1);
}


static void
test_killed_under_load(void **state)
{
    size_t                  size;
    unsigned                i, v, n, torn;
    uint64_t                random;
    volatile uint64_t      *writes;
    const char             *kills;
    recs_session_t          session;
    recs_session_census_t   census;

    (void) state;

    size = 16 * SET_SIZE;
    make(size);

    writes = mmap(NULL, sizeof(uint64_t), PROT_READ|PROT_WRITE,
                  MAP_SHARED|MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(writes, MAP_FAILED);

    kills = getenv("SESSION_KILLS");
    n = kills != NULL ? (unsigned) atoi(kills) : 50;
    random = 1;
    torn = 0;

    for (i = 0; i < n; i++) {
        kill_one(&random, writes, &census);
        torn += census.torn > 0;

        for (v = 0; v < VISITORS; v++) {
            recs_session_table_add(table, &keys[v], item_of(v, i), 1, TTL);
            look_at(table, v, &session);
            assert_int_equal(session.items[0].hash, item_of(v, i));
        }

        /* All sets have had a writer. */
        recs_session_table_census(table, &census);
        assert_int_equal(census.torn, 0);
    }

    print_message("%u writers killed, %u in the middle of a record\n", n,
                  torn);
    munmap((void *) writes, sizeof(uint64_t));
    munmap(memory, size);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_every_instruction),
        cmocka_unit_test(test_killed_under_load)
    };

    return cmocka_run_group_tests_name("session_kill", tests, NULL, NULL);
}
