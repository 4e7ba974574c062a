/*
 * Checkpoints: states and names, whose a file is, damage; and trainings that
 * are killed after every single write and go on to the same bundle.
 */

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "recs_checkpoint.h"
#include "recs_file.h"
#include "recs_mlp.h"
#include "recs_temp.h"
#include "recs_tiny_dataset.h"


static recs_error_t  err;

/* The rename that a child dies after; 0: none. */
static unsigned      die_at;
static unsigned      n_renames;
static const char   *die_to;           /* those to it count; NULL: all */


/* In the place of libc's: a checkpoint appears by one, and a bundle. */
int
rename(const char *from, const char *to)
{
    int  rc;

    rc = renameat(AT_FDCWD, from, AT_FDCWD, to);

    if ((die_to == NULL || strcmp(to, die_to) == 0)
        && ++n_renames == die_at)
    {
        raise(SIGKILL);
    }

    return rc;
}


/* Bundles of different seconds are the same, too. */
time_t
time(time_t *at)
{
    if (at != NULL) {
        *at = 1764000000;
    }

    return 1764000000;
}


typedef struct training_s  training_t;

struct training_s {
    const recs_dataset_t  *dataset;
    const recs_trainer_t  *trainer;
    double                 values[RECS_PARAMS_MAX];
    recs_train_options_t   options;

    /* Trains into a file, 1 if it did. */
    int                  (*train)(training_t *t, const char *path);
};


static int
train_model(training_t *t, const char *path)
{
    recs_status_t    rc;
    recs_trained_t  *trained;

    if (t->trainer->train(t->dataset, &t->options, &trained, &err) != RECS_OK)
    {
        return 0;
    }

    rc = recs_model_write(&trained->model, path, &err);
    trained->destroy(trained);

    return rc == RECS_OK;
}


/* The pairwise network, of which a file is the embeddings and the layers. */
static int
train_network(training_t *t, const char *path)
{
    char                *bytes;
    size_t               rows, layers;
    recs_status_t        rc;
    recs_threads_t      *threads;
    recs_mlp_network_t   network;

    static const recs_mlp_params_t  params = { 4, 16, 6, 2, 0.01, 7 };

    memset(&network, 0, sizeof(recs_mlp_network_t));

    if (recs_threads_create(&threads, t->options.n_threads, &err) != RECS_OK) {
        return 0;
    }

    rc = recs_mlp_train(&network, recs_dataset_view(t->dataset), &params,
                        threads, t->options.checkpoint, NULL, NULL, &err);
    recs_threads_destroy(threads);

    if (rc != RECS_OK) {
        return 0;
    }

    rows = 2 * (size_t) network.n_items * network.n_embedding * sizeof(float);
    layers = network.n_layers * sizeof(float);
    bytes = malloc(rows + layers);
    memcpy(bytes, network.embeddings, rows);
    memcpy(bytes + rows, network.layers, layers);
    rc = recs_file_put(path, bytes, rows + layers, &err);

    free(bytes);
    recs_mlp_network_free(&network);

    return rc == RECS_OK;
}


static void
prepare(training_t *t, const recs_dataset_t *dataset, const char *model,
    const char *const *settings)
{
    memset(t, 0, sizeof(training_t));
    t->dataset = dataset;
    t->trainer = recs_trainer_find(model);
    recs_trainer_defaults(t->trainer, t->values);

    for ( /* void */ ; settings != NULL && *settings != NULL; settings++) {
        if (recs_trainer_set(t->trainer, t->values, *settings, &err)
            != RECS_OK)
        {
            fail_msg("%s", err.message);
        }
    }

    t->train = train_model;
    t->options.values = t->values;
    t->options.seed = 3;
    t->options.n_threads = 2;
}


static recs_status_t
open_at(training_t *t, const char *path, double every)
{
    return recs_checkpoint_open(&t->options.checkpoint, path, every,
                                t->dataset, t->trainer, &t->options, &err);
}


static void
must_open(training_t *t, const char *path, double every)
{
    if (open_at(t, path, every) != RECS_OK) {
        fail_msg("%s", err.message);
    }
}


static void
test_states(void **state)
{
    char                     *path;
    double                    number;
    uint32_t                  words[2];
    training_t                t;
    recs_dataset_t           *dataset;
    recs_checkpoint_t        *c;
    recs_checkpoint_part_t    parts[2];

    (void) state;

    dataset = recs_tiny_random_dataset(20, 20, 100, 1);
    path = strdup(recs_temp_path("states"));
    prepare(&t, dataset, "ials", NULL);
    must_open(&t, path, 0);
    c = t.options.checkpoint;

    parts[0].data = words;
    parts[0].size = sizeof(words);
    parts[1].data = &number;
    parts[1].size = sizeof(number);

    words[0] = 1;
    words[1] = 2;
    number = 0.5;
    assert_int_equal(recs_checkpoint_load(c, "a", parts, 2), 0);
    assert_int_equal(recs_checkpoint_save(c, "a", parts, 2, 0, &err), RECS_OK);

    recs_checkpoint_enter(c, "ials", recs_dataset_view(dataset), t.values,
                          t.trainer->n_params, 3);
    assert_int_equal(recs_checkpoint_load(c, "a", parts, 2), 0);
    words[0] = 3;
    assert_int_equal(recs_checkpoint_save(c, "a", parts, 2, 0, &err), RECS_OK);
    recs_checkpoint_leave(c);
    recs_checkpoint_close(c);

    /* Again, from the file. */
    must_open(&t, path, 1e9);
    c = t.options.checkpoint;
    words[0] = words[1] = 0;
    number = 0;
    assert_int_equal(recs_checkpoint_load(c, "a", parts, 1), 0);
    assert_int_equal(recs_checkpoint_load(c, "a", parts, 2), 1);
    assert_true(words[0] == 1 && words[1] == 2 && number == 0.5);

    recs_checkpoint_enter(c, "ials", recs_dataset_view(dataset), t.values,
                          t.trainer->n_params, 3);
    assert_int_equal(recs_checkpoint_load(c, "a", parts, 2), 1);
    assert_int_equal(words[0], 3);
    recs_checkpoint_leave(c);

    /* It is not time to write: only what is to be kept is taken over. */
    words[0] = 7;
    assert_int_equal(recs_checkpoint_save(c, "a", parts, 2, 0, &err), RECS_OK);
    assert_int_equal(recs_checkpoint_load(c, "a", parts, 2), 1);
    assert_int_equal(words[0], 1);
    words[0] = 7;
    assert_int_equal(recs_checkpoint_save(c, "a", parts, 2, 1, &err), RECS_OK);
    assert_int_equal(recs_checkpoint_load(c, "a", parts, 2), 1);
    assert_int_equal(words[0], 7);

    /* Trainings within this one, then a state. */
    recs_checkpoint_forget(c, NULL);
    assert_int_equal(recs_checkpoint_load(c, "a", parts, 2), 1);
    recs_checkpoint_enter(c, "ials", recs_dataset_view(dataset), t.values,
                          t.trainer->n_params, 3);
    assert_int_equal(recs_checkpoint_load(c, "a", parts, 2), 0);
    recs_checkpoint_leave(c);
    recs_checkpoint_forget(c, "a");
    assert_int_equal(recs_checkpoint_load(c, "a", parts, 2), 0);

    assert_int_equal(recs_checkpoint_remove(c, &err), RECS_OK);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(recs_checkpoint_remove(c, &err), RECS_OK);
    recs_checkpoint_close(c);

    /* None at all. */
    assert_int_equal(recs_checkpoint_load(NULL, "a", parts, 2), 0);
    assert_int_equal(recs_checkpoint_save(NULL, "a", parts, 2, 1, &err),
                     RECS_OK);
    recs_checkpoint_enter(NULL, "ials", recs_dataset_view(dataset), t.values,
                          t.trainer->n_params, 3);
    recs_checkpoint_leave(NULL);
    recs_checkpoint_forget(NULL, NULL);

    free(path);
    recs_dataset_close(dataset);
}


static void
refuses(training_t *t, const char *path, const char *why)
{
    assert_int_equal(open_at(t, path, 0), RECS_REFUSED);

    if (strstr(err.message, why) == NULL) {
        fail_msg("%s", err.message);
    }
}


static void
test_refused(void **state)
{
    char                    *path;
    training_t               t, other;
    recs_dataset_t          *dataset, *others;
    recs_checkpoint_part_t   part;

    static const char *const  settings[] = { "factors=3", NULL };

    (void) state;

    dataset = recs_tiny_random_dataset(20, 20, 100, 1);
    others = recs_tiny_random_dataset(20, 20, 100, 2);
    path = strdup(recs_temp_path("refused"));

    prepare(&t, dataset, "ials", NULL);
    must_open(&t, path, 0);
    part.data = &t.options.seed;
    part.size = sizeof(t.options.seed);
    assert_int_equal(recs_checkpoint_save(t.options.checkpoint, "a", &part, 1,
                                          0, &err), RECS_OK);
    recs_checkpoint_close(t.options.checkpoint);

    prepare(&other, dataset, "blend", NULL);
    refuses(&other, path, "another model");
    prepare(&other, others, "ials", NULL);
    refuses(&other, path, "other data");
    prepare(&other, dataset, "ials", settings);
    refuses(&other, path, "other parameters");
    prepare(&other, dataset, "ials", NULL);
    other.options.seed = 4;
    refuses(&other, path, "another seed");
    prepare(&other, dataset, "ials", NULL);
    other.options.n_threads = 1;
    refuses(&other, path, "another number of threads");

    assert_int_equal(open_at(&t, recs_temp_path("no/folder"), 0), RECS_IO);
    assert_int_equal(open_at(&t, "/", 0), RECS_IO);

    unlink(path);
    free(path);
    recs_dataset_close(dataset);
    recs_dataset_close(others);
}


static char *
contents(const char *path, size_t *size)
{
    char  *bytes;
    FILE  *in;
    long   end;

    in = fopen(path, "rb");
    assert_non_null(in);
    assert_int_equal(fseek(in, 0, SEEK_END), 0);
    end = ftell(in);
    assert_true(end > 0);
    rewind(in);
    bytes = malloc((size_t) end);
    assert_non_null(bytes);
    *size = (size_t) end;
    assert_int_equal(fread(bytes, 1, *size, in), *size);
    fclose(in);

    return bytes;
}


static void
test_damaged(void **state)
{
    char                    *path, *bytes;
    size_t                   i, size;
    uint32_t                 word;
    training_t               t;
    recs_dataset_t          *dataset;
    recs_checkpoint_part_t   part;

    (void) state;

    dataset = recs_tiny_random_dataset(20, 20, 100, 1);
    path = strdup(recs_temp_path("damaged"));

    prepare(&t, dataset, "ials", NULL);
    must_open(&t, path, 0);
    word = 5;
    part.data = &word;
    part.size = sizeof(word);
    assert_int_equal(recs_checkpoint_save(t.options.checkpoint, "a", &part, 1,
                                          0, &err), RECS_OK);
    recs_checkpoint_close(t.options.checkpoint);

    bytes = contents(path, &size);
    assert_true(size > 200);

    for (i = 0; i < size; i++) {
        bytes[i] ^= 0x10;
        recs_temp_write("damaged", bytes, size);
        assert_int_equal(open_at(&t, path, 0), RECS_CORRUPT);
        bytes[i] ^= 0x10;

        recs_temp_write("damaged", bytes, i);
        assert_int_equal(open_at(&t, path, 0), RECS_CORRUPT);
    }

    assert_non_null(strstr(err.message, "remove it"));
    recs_temp_write("damaged", bytes, size);
    must_open(&t, path, 0);
    recs_checkpoint_close(t.options.checkpoint);

    unlink(path);
    free(bytes);
    free(path);
    recs_dataset_close(dataset);
}


/* What a child does: trains into bundle; checkpoint NULL: without. */
static int
run(training_t *t, const char *checkpoint, const char *bundle)
{
    if (checkpoint != NULL && open_at(t, checkpoint, 0) != RECS_OK) {
        return 2;
    }

    if (!t->train(t, bundle)) {
        return 3;
    }

    if (recs_checkpoint_remove(t->options.checkpoint, &err) != RECS_OK) {
        return 4;
    }

    recs_checkpoint_close(t->options.checkpoint);

    return 0;
}


/* In a process of its own, killed at a rename.  Returns 1 if it was. */
static int
child(training_t *t, const char *checkpoint, const char *bundle, unsigned at)
{
    int    status;
    pid_t  pid;

    pid = fork();
    assert_true(pid >= 0);

    if (pid == 0) {
        die_at = at;
        n_renames = 0;
        _exit(run(t, checkpoint, bundle));
    }

    assert_int_equal(waitpid(pid, &status, 0), pid);

    if (WIFSIGNALED(status)) {
        assert_int_equal(WTERMSIG(status), SIGKILL);
        return 1;
    }

    assert_int_equal(WEXITSTATUS(status), 0);

    return 0;
}


static void
assert_same_file(const char *one, const char *two)
{
    char    *a, *b;
    size_t   size_a, size_b;

    a = contents(one, &size_a);
    b = contents(two, &size_b);

    assert_int_equal(size_a, size_b);
    assert_memory_equal(a, b, size_a);

    free(a);
    free(b);
}


/*
 * Killed after write 1, 2, 3, ... of the checkpoint, and once more after each
 * of them in turn; writes is at least how many there must have been.
 */
static void
check_kills(training_t *t, unsigned writes)
{
    char      *whole, *bundle, *checkpoint;
    unsigned   at, n;

    whole = strdup(recs_temp_path("whole"));
    bundle = strdup(recs_temp_path("bundle"));
    checkpoint = strdup(recs_temp_path("checkpoint"));

    assert_int_equal(child(t, NULL, whole, 0), 0);

    for (at = 1; child(t, checkpoint, bundle, at); at++) {
        assert_int_equal(child(t, checkpoint, bundle, 0), 0);
        assert_same_file(whole, bundle);
        assert_int_equal(access(checkpoint, F_OK), -1);
        unlink(bundle);
    }

    assert_same_file(whole, bundle);
    assert_true(at > writes);

    die_to = checkpoint;

    for (n = 0; child(t, checkpoint, bundle, 1); n++) {
        assert_true(n <= at);
    }

    die_to = NULL;

    assert_same_file(whole, bundle);
    assert_true(n >= writes);

    unlink(whole);
    unlink(bundle);
    free(whole);
    free(bundle);
    free(checkpoint);
}


static void
test_ials(void **state)
{
    training_t       t;
    recs_dataset_t  *dataset;

    static const char *const  settings[] = {
        "factors=5", "epochs=4", NULL
    };
    static const char *const  validated[] = {
        "factors=5", "epochs=6", "validation=0.2", "patience=2", NULL
    };

    (void) state;

    dataset = recs_tiny_random_dataset(60, 40, 600, 1);

    prepare(&t, dataset, "ials", settings);
    check_kills(&t, 4);
    prepare(&t, dataset, "ials", validated);
    check_kills(&t, 5);

    recs_dataset_close(dataset);
}


static void
test_retrieval(void **state)
{
    training_t       t;
    recs_dataset_t  *dataset;

    static const char *const  bpr[] = { "factors=5", "epochs=4", NULL };
    static const char *const  userknn[] = {
        "factors=5", "epochs=3", "neighbors=4", NULL
    };

    (void) state;

    dataset = recs_tiny_random_dataset(60, 40, 600, 1);

    prepare(&t, dataset, "bpr", bpr);
    check_kills(&t, 4);
    prepare(&t, dataset, "userknn", userknn);
    check_kills(&t, 3);

    recs_dataset_close(dataset);
}


static void
test_blend(void **state)
{
    training_t       t;
    recs_dataset_t  *dataset;

    static const char *const  settings[] = {
        "factors=4", "epochs=2", NULL
    };

    (void) state;

    dataset = recs_tiny_random_dataset(60, 40, 600, 1);

    prepare(&t, dataset, "blend", settings);
    check_kills(&t, 8);

    recs_dataset_close(dataset);
}


static void
test_network(void **state)
{
    training_t       t;
    recs_dataset_t  *dataset;

    (void) state;

    dataset = recs_tiny_random_dataset(60, 40, 600, 1);

    prepare(&t, dataset, "ials", NULL);
    t.train = train_network;
    check_kills(&t, 6);

    recs_dataset_close(dataset);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_states),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_ials),
        cmocka_unit_test(test_retrieval),
        cmocka_unit_test(test_blend),
        cmocka_unit_test(test_network)
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);

    return cmocka_run_group_tests(tests, NULL, NULL);
}
