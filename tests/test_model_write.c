/*
 * A model becomes a bundle: renumbered, padded, in shards or not; where it
 * cannot be written, nothing is left behind.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recs_bundle_private.h"
#include "recs_bundle_write.h"
#include "recs_fixture.h"
#include "recs_temp.h"


static recs_error_t  err;


static double
exact_norm(const recs_model_t *m, uint32_t index)
{
    double    sum;
    uint32_t  f;

    for (f = 0, sum = 0; f < m->n_factors; f++) {
        sum += (double) m->item_factors[(size_t) index * m->n_factors + f]
               * m->item_factors[(size_t) index * m->n_factors + f];
    }

    return sqrt(sum);
}


static void
compare_row(const recs_table_t *t, uint32_t number, uint32_t stride,
    const float *want, uint32_t n_factors)
{
    uint32_t      f;
    const float  *row;

    row = recs_table_row(t, number);
    assert_int_equal((uintptr_t) row % 64, 0);
    assert_memory_equal(row, want, n_factors * sizeof(float));

    for (f = n_factors; f < stride; f++) {
        assert_true(row[f] == 0.0f);
    }
}


static void
compare_items(const recs_bundle_t *b, const recs_model_t *m)
{
    double                     norm, former;
    uint32_t                   item, index, last;
    recs_str_t                 record, got;
    const recs_bundle_view_t  *v;

    v = recs_bundle_view(b);
    assert_int_equal(v->n_items, m->items.n);
    assert_int_equal(v->n_factors, m->n_factors);
    assert_int_equal(v->stride % 16, 0);

    former = INFINITY;
    last = 0;

    for (item = 0; item < v->n_items; item++) {
        index = v->item_order[item];
        record = m->items.record(m->items.data, index);

        assert_int_equal(recs_bundle_item(b, recs_record_id(record)), item);
        got = recs_bundle_item_record(b, item);
        assert_int_equal(got.len, record.len);
        assert_memory_equal(got.data, record.data, got.len);

        if (m->popularity != NULL) {
            assert_true(v->popularity[item] == m->popularity[index]);
        }

        if (m->n_factors == 0) {
            continue;
        }

        compare_row(&v->item_factors, item, v->stride,
                    m->item_factors + (size_t) index * m->n_factors,
                    m->n_factors);

        norm = exact_norm(m, index);
        assert_true(norm <= former);
        assert_true(norm < former || item == 0 || index > last);
        assert_true((double) v->item_norms[item] >= norm);
        assert_true(v->item_norms[item] <= norm * (1 + 1e-6) + 1e-30);
        former = norm;
        last = index;
    }
}


static int
has_seen(const recs_model_t *m, uint32_t index, uint32_t item_index)
{
    uint64_t  i;

    for (i = m->seen_offsets[index]; i < m->seen_offsets[index + 1]; i++) {
        if (m->seen_items[i] == item_index) {
            return 1;
        }
    }

    return 0;
}


static void
compare_seen(const recs_bundle_t *b, const recs_model_t *m, uint32_t user,
    uint32_t index)
{
    uint32_t         i, n, item, distinct;
    const uint32_t  *seen;

    seen = recs_bundle_seen(b, user, &n);
    distinct = 0;

    for (item = 0; item < m->items.n; item++) {
        distinct += has_seen(m, index, item);
    }

    assert_int_equal(n, distinct);

    for (i = 0; i < n; i++) {
        assert_true(i == 0 || seen[i] > seen[i - 1]);
        assert_true(has_seen(m, index,
                             recs_bundle_view(b)->item_order[seen[i]]));
    }
}


static int
known(const recs_model_t *m, uint32_t index)
{
    uint32_t  f;

    if (m->seen_offsets != NULL
        && m->seen_offsets[index + 1] > m->seen_offsets[index])
    {
        return 1;
    }

    for (f = 0; m->user_factors != NULL && f < m->n_factors; f++) {
        if (m->user_factors[(size_t) index * m->n_factors + f] != 0.0f) {
            return 1;
        }
    }

    return 0;
}


static void
compare_users(const recs_bundle_t *b, const recs_model_t *m)
{
    uint32_t                   index, user;
    recs_str_t                 record;
    const recs_bundle_view_t  *v;

    v = recs_bundle_view(b);
    user = 0;

    for (index = 0; index < m->users.n; index++) {
        record = m->users.record(m->users.data, index);

        if (!known(m, index)) {
            assert_int_equal(recs_bundle_user(b, recs_record_id(record)),
                             RECS_USER_NO);
            continue;
        }

        assert_int_equal(recs_bundle_user(b, recs_record_id(record)), user);
        assert_memory_equal(recs_bundle_user_record(b, user).data,
                            record.data, record.len);

        if (m->n_factors > 0 && m->user_factors != NULL) {
            compare_row(&v->user_factors, user, v->stride,
                        m->user_factors + (size_t) index * m->n_factors,
                        m->n_factors);
        }

        if (m->seen_offsets != NULL) {
            compare_seen(b, m, user, index);
        }

        user++;
    }

    assert_int_equal(v->n_users, user);
}


static void
compare_popular(const recs_bundle_t *b)
{
    uint32_t                   i, a, c;
    const recs_bundle_view_t  *v;

    v = recs_bundle_view(b);

    for (i = 1; v->popular_items != NULL && i < v->n_items; i++) {
        a = v->popular_items[i - 1];
        c = v->popular_items[i];

        assert_true(v->popularity[a] > v->popularity[c]
                    || (v->popularity[a] == v->popularity[c]
                        && v->item_order[a] < v->item_order[c]));
    }
}


static void
round_trip(const recs_fixture_params_t *p)
{
    char             path[512];
    recs_bundle_t   *b;
    recs_fixture_t  *fixture;

    strcpy(path, recs_temp_path("round.mdb"));
    fixture = recs_fixture_create(p);
    recs_fixture_write(fixture, path);

    if (recs_bundle_open(&b, path, 0, &err) != RECS_OK) {
        fail_msg("%s", err.message);
    }

    compare_items(b, &fixture->model);
    compare_users(b, &fixture->model);
    compare_popular(b);

    if (fixture->model.fold_in != NULL) {
        assert_memory_equal(b->view.gram, fixture->gram,
                            p->n_factors * sizeof(float));
        assert_true(b->view.unobserved_weight == 0.1);
        assert_true(b->view.regularization == 0.003);
        assert_true(b->view.regularization_exponent == 0.5);

    } else {
        assert_null(b->view.gram);
    }

    recs_bundle_close(b);
    recs_fixture_destroy(fixture);
    assert_int_equal(recs_temp_count(), 1);
    unlink(path);
}


static void
test_round_trip(void **state)
{
    recs_fixture_params_t  p = { .n_items = 500, .n_users = 80,
                                 .n_factors = 20 };

    (void) state;

    round_trip(&p);
    p.n_factors = 64;
    p.no_seen = 1;
    round_trip(&p);
    p.no_fold_in = 1;
    p.no_popularity = 1;
    p.no_attributes = 1;
    round_trip(&p);
    p.no_user_factors = 1;
    p.no_seen = 0;
    round_trip(&p);
}


static void
test_corners(void **state)
{
    size_t  i;

    static const recs_fixture_params_t  corners[] = {
        { .n_items = 1 },
        { .n_items = 1, .n_factors = 1 },
        { .n_items = 1, .n_users = 1, .n_factors = 1 },
        { .n_items = 300, .n_users = 40 },
        { .n_items = 300, .n_factors = 16 },
        { .n_items = 9, .n_users = 9, .no_seen = 1 },
        { .n_items = 9, .n_users = 9, .no_popularity = 1 },
        { .n_items = 9, .n_users = 9, .n_factors = 1024 },
        { .n_items = 5, .no_popularity = 1, .no_attributes = 1 }
    };

    (void) state;

    for (i = 0; i < sizeof(corners) / sizeof(corners[0]); i++) {
        round_trip(&corners[i]);
    }
}


static void
test_shards(void **state)
{
    size_t                 i;
    uint64_t               size;
    recs_fixture_params_t  p = { .n_items = 200, .n_users = 60,
                                 .n_factors = 20 };

    static const uint64_t  sizes[] = { 1, 128, 129, 1000, 25600, 25599 };

    (void) state;

    size = recs_bundle_shard_size;

    for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        recs_bundle_shard_size = sizes[i];
        round_trip(&p);
    }

    recs_bundle_shard_size = size;
}


static void
assert_manifest(const recs_bundle_t *b, const char *name, const char *want)
{
    recs_str_t  value;

    value = recs_bundle_manifest(b, name);
    assert_int_equal(value.len, strlen(want));
    assert_memory_equal(value.data, want, value.len);
}


static void
test_manifest(void **state)
{
    uint32_t               pos, n;
    recs_str_t             name, value, former;
    recs_bundle_t         *b;
    recs_fixture_params_t  p = { .n_items = 50, .n_users = 10,
                                 .n_factors = 8 };

    (void) state;

    b = recs_fixture_open(&p);

    assert_manifest(b, "algorithm", "fixture");
    assert_manifest(b, "reader", "1");
    assert_manifest(b, "n_items", "50");
    assert_manifest(b, "n_factors", "8");
    assert_manifest(b, "param.epochs", "16");
    assert_manifest(b, "data.interactions", "1000");
    assert_manifest(b, "trained_from", "2017-07-14T02:40:00Z");
    assert_manifest(b, "trained_to", "2020-09-13T12:26:40Z");
    assert_int_equal(recs_bundle_manifest(b, "created").len, 20);
    assert_null(recs_bundle_manifest(b, "none").data);

    pos = n = 0;
    former.len = 0;

    while (recs_bundle_manifest_next(b, &pos, &name, &value)) {
        assert_true(n == 0
                    || memcmp(former.data, name.data,
                              former.len < name.len ? former.len : name.len)
                       <= 0);
        former = name;
        n++;
    }

    assert_true(n > 12);
    recs_bundle_close(b);
}


static recs_fixture_t *
small(void)
{
    recs_fixture_params_t  p = { .n_items = 50, .n_users = 10,
                                 .n_factors = 8 };

    return recs_fixture_create(&p);
}


static void
test_bad_paths(void **state)
{
    size_t           i;
    recs_fixture_t  *f;

    static const char *const  paths[] = {
        "/dev/null", "/tmp", "/no/such/folder/b.mdb", ""
    };

    (void) state;

    f = small();

    for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        assert_int_equal(recs_model_write(&f->model, paths[i], &err),
                         RECS_IO);
        assert_non_null(strstr(err.message, "cannot write"));
    }

    recs_fixture_destroy(f);
}


/* A full disk at every stage: one sentence, and the former file stays. */
static void
test_full_disk(void **state)
{
    char                   path[512];
    struct stat            before, after;
    struct rlimit          limit, low;
    recs_status_t          rc;
    recs_fixture_t        *f;
    recs_fixture_params_t  p = { .n_items = 2000, .n_users = 500,
                                 .n_factors = 32 };

    (void) state;

    signal(SIGXFSZ, SIG_IGN);

    f = recs_fixture_create(&p);
    strcpy(path, recs_temp_path("full.mdb"));
    recs_fixture_write(f, path);
    assert_int_equal(stat(path, &before), 0);

    getrlimit(RLIMIT_FSIZE, &limit);
    low = limit;

    for (low.rlim_cur = 4096; (off_t) low.rlim_cur < before.st_size;
         low.rlim_cur += 40960)
    {
        setrlimit(RLIMIT_FSIZE, &low);
        rc = recs_model_write(&f->model, path, &err);
        setrlimit(RLIMIT_FSIZE, &limit);

        assert_int_equal(rc, RECS_IO);

        if (strstr(err.message, "File too large") == NULL
            && strstr(err.message, "No space left") == NULL
            && strstr(err.message, "the disk is full") == NULL)
        {
            fail_msg("%s", err.message);
        }

        assert_int_equal(recs_temp_count(), 1);
        assert_int_equal(stat(path, &after), 0);
        assert_int_equal(after.st_ino, before.st_ino);
    }

    assert_int_equal(recs_model_write(&f->model, path, &err), RECS_OK);
    recs_fixture_destroy(f);
    unlink(path);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_corners),
        cmocka_unit_test(test_shards),
        cmocka_unit_test(test_manifest),
        cmocka_unit_test(test_bad_paths),
        cmocka_unit_test(test_full_disk)
    };

    return cmocka_run_group_tests_name("model_write", tests, NULL, NULL);
}
