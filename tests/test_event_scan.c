/* recs_event_scan and recs_event_seen: each event once, in one order. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <zlib.h>

#include "recs_event_scan.h"
#include "recs_temp.h"


#define NOW  1800000000000


typedef struct {
    uint64_t  order;                   /* a digest of the users, in order */
    uint64_t  n;
    uint64_t  stop_at;                 /* apply() then fails; 0: never */
} seen_t;


static void
pack(void *data, const recs_event_t *event, recs_event_pack_t *pack)
{
    char  *user;

    (void) data;

    if (event->user.len == 0) {
        return;
    }

    user = recs_event_pack(pack, event->user.len + 1);
    if (user != NULL) {
        memcpy(user, event->user.data, event->user.len);
        user[event->user.len] = '\0';
    }
}


static recs_status_t
apply(void *data, const void *packed, size_t size, recs_error_t *err)
{
    seen_t      *seen;
    const char  *p;

    seen = data;
    assert_int_equal(size % 8, 0);

    for (p = packed; *p != '\0'; p++) {
        seen->order = (seen->order ^ (unsigned char) *p) * 1099511628211u;
    }

    if (++seen->n == seen->stop_at) {
        return recs_error(err, RECS_REFUSED, "enough");
    }

    return RECS_OK;
}


static recs_status_t
scan(const char *const *paths, uint32_t n_paths, uint32_t n_threads,
    seen_t *seen, recs_event_counts_t *counts, recs_error_t *err)
{
    recs_event_scan_t  options;
    recs_event_sink_t  sink;

    memset(&options, 0, sizeof(options));
    options.paths = paths;
    options.n_paths = n_paths;
    options.n_threads = n_threads;
    options.now_ms = NOW;

    sink.pack = pack;
    sink.prepare = NULL;
    sink.apply = apply;
    sink.data = seen;

    return recs_event_scan(&options, &sink, counts, err);
}


/* The path, in a text of its own: recs_temp_path()'s is reused. */

static char *
written(const char *name, const char *text, size_t len)
{
    char  *path;

    path = strdup(recs_temp_write(name, text, len));
    assert_non_null(path);

    return path;
}


static void
test_counts(void **state)
{
    char                 *path;
    seen_t                seen;
    recs_error_t          err;
    recs_event_counts_t   counts;

    static const char  text[] =
        "{\"event\":\"a\",\"ts\":1700000000000,\"user\":1}\r\n"
        "{\"event\":\"a\",\"ts\":1700000000000,\"us\n"
        "\n"
        "GET / HTTP/1.1\n"
        "{\"level\":\"info\"}\n"
        "{\"event\":\"a\",\"user\":2}\n"
        "{\"event\":\"a\",\"ts\":1800086400000,\"user\":3}\n"
        "{\"event\":\"a\",\"ts\":1800086400001,\"user\":4}\n"
        "{\"event\":\"a\",\"ts\":1700000000000,\"user\":5,\"id\":\"x\","
            "\"verified\":false}\n"
        "{\"event\":\"a\",\"ts\":1700000000000,\"user\":6,\"id\":\"x\"}\n"
        "{\"event\":\"a\",\"ts\":1700000000000,\"user\":7,\"id\":\"x\"}\n"
        "{\"event\":\"a\",\"ts\":1700000000000,\"id\":\"b-0-1\",\"boot\":\"b\","
            "\"worker\":0,\"seq\":1,\"user\":8}\n"
        "{\"event\":\"a\",\"ts\":1700000000000,\"id\":\"b-0-1\",\"boot\":\"b\","
            "\"worker\":0,\"seq\":1,\"user\":9}\n"
        "{\"event\":\"a\",\"ts\":1700000000000,\"id\":\"b-1-1\",\"boot\":\"b\","
            "\"worker\":1,\"seq\":1,\"user\":10}\n"
        "{\"event\":\"a\",\"ts\":1700000000000,\"id\":\"y\",\"boot\":\"b\","
            "\"worker\":1,\"seq\":2,\"user\":11}\n"
        "{\"event\":\"a\",\"ts\":1700000000000,\"id\":\"y\",\"boot\":\"b\","
            "\"worker\":1,\"seq\":3,\"user\":12}\n"
        "{\"event\":\"a\",\"ts\":1700000000000,\"id\":\"b-1-9\",\"boot\":\"b\","
            "\"worker\":1,\"seq\":4,\"user\":13}\n"
        "{\"event\":\"a\",\"ts\":1700000000000,\"id\":\"b-1-9\",\"boot\":\"b\","
            "\"worker\":1,\"seq\":5,\"user\":14}\n"
        "{\"event\":\"a\",\"ts\":1700000000000}";

    (void) state;

    memset(&seen, 0, sizeof(seen));
    path = written("counts", text, sizeof(text) - 1);

    assert_int_equal(scan((const char *const *) &path, 1, 1, &seen, &counts,
                          &err), RECS_OK);

    assert_int_equal(counts.n_lines, 18);
    assert_int_equal(counts.n_torn, 2);
    assert_int_equal(counts.n_foreign, 1);
    assert_int_equal(counts.n_no_time, 1);
    assert_int_equal(counts.n_future, 1);
    assert_int_equal(counts.n_unverified, 1);
    assert_int_equal(counts.n_duplicates, 4);
    assert_int_equal(counts.n_events, 8);
    assert_int_equal(counts.n_bytes, sizeof(text) - 1);

    /* 1, 3, 6, 8, 10, 11, 13; the last has no user, and packs nothing. */
    assert_int_equal(seen.n, 7);

    free(path);
}


/* n events of a worker; long ones, so that there are several blocks. */

static size_t
events(char *text, unsigned worker, unsigned n)
{
    size_t    len;
    unsigned  i;

    len = 0;

    for (i = 0; i < n; i++) {
        len += (size_t) sprintf(text + len,
                   "{\"event\":\"a\",\"ts\":%ld,\"user\":\"u%u-%u\",\"boot\":"
                   "\"b\",\"worker\":%u,\"seq\":%u,\"id\":\"b-%u-%u\","
                   "\"padding\":\"%0500d\"}\n", 1700000000000L + i, worker, i,
                   worker, i, worker, i, 0);
    }

    return len;
}


static void
test_order(void **state)
{
    char                 *text, *paths[11], name[8];
    size_t                len;
    gzFile                gz;
    seen_t                seen, first;
    uint32_t              i, n;
    recs_error_t          err;
    recs_event_counts_t   counts;

    (void) state;

    text = malloc(8 << 20);
    assert_non_null(text);

    for (i = 0; i < 10; i++) {
        len = events(text, i, i == 3 ? 0 : 1000 + 700 * i);
        sprintf(name, "e%u", i);

        if (i % 2 == 1) {
            gz = gzopen(recs_temp_path(name), "wb1");
            assert_int_equal(gzwrite(gz, text, (unsigned) len), len);
            gzclose(gz);
            paths[i] = strdup(recs_temp_path(name));

        } else {
            paths[i] = written(name, text, len);
        }
    }

    paths[10] = strdup(paths[9]);                 /* the same once more */

    for (n = 1; n <= 5; n++) {
        memset(&seen, 0, sizeof(seen));
        assert_int_equal(scan((const char *const *) paths, 11, n, &seen,
                              &counts, &err), RECS_OK);

        if (n == 1) {
            first = seen;
        }

        assert_int_equal(counts.n_duplicates, 1000 + 700 * 9);
        assert_int_equal(counts.n_events, 10000 + 700 * 45 - 1000 - 2100);
        assert_int_equal(counts.n_torn, 0);
        assert_int_equal(seen.n, counts.n_events);
        assert_true(seen.order == first.order);
    }

    /* What apply() says ends it. */

    memset(&seen, 0, sizeof(seen));
    seen.stop_at = 5000;
    assert_int_equal(scan((const char *const *) paths, 11, 3, &seen, &counts,
                          &err), RECS_REFUSED);
    assert_string_equal(err.message, "enough");
    assert_int_equal(seen.n, 5000);

    for (i = 0; i < 11; i++) {
        free(paths[i]);
    }

    free(text);
}


/* An over-long line is torn, and reading goes on behind it. */

static void
test_long(void **state)
{
    char                 *text, *path;
    size_t                len, k;
    seen_t                seen;
    recs_error_t          err;
    recs_event_counts_t   counts;

    static const size_t  lengths[] = {
        RECS_EVENT_LINE_MAX - 100, RECS_EVENT_LINE_MAX + 100,
        3 * RECS_EVENT_LINE_MAX
    };

    (void) state;

    text = malloc(4 * RECS_EVENT_LINE_MAX);
    assert_non_null(text);

    for (k = 0; k < 3; k++) {
        len = events(text, 0, 10);
        text[len++] = '{';
        memset(text + len, ' ', lengths[k]);
        len += lengths[k];
        len += (size_t) sprintf(text + len, "\"event\":\"long\",\"ts\":"
                                "1700000000000,\"user\":\"long\"}\n");
        len += events(text + len, 1, 10);

        path = written("long", text, len);
        memset(&seen, 0, sizeof(seen));

        assert_int_equal(scan((const char *const *) &path, 1, 2, &seen,
                              &counts, &err), RECS_OK);
        assert_int_equal(counts.n_lines, 21);
        assert_int_equal(counts.n_torn, k > 0);
        assert_int_equal(seen.n, k > 0 ? 20 : 21);

        free(path);
    }

    free(text);
}


static void
test_files(void **state)
{
    char                 *paths[2], *text;
    size_t                len;
    seen_t                seen;
    gzFile                gz;
    recs_error_t          err;
    recs_event_counts_t   counts;

    (void) state;

    text = malloc(1 << 20);
    assert_non_null(text);
    len = events(text, 0, 1000);
    paths[0] = written("whole", text, len);
    paths[1] = strdup(recs_temp_path("none"));

    /* Said before anything is read. */

    memset(&seen, 0, sizeof(seen));
    assert_int_equal(scan((const char *const *) paths, 2, 2, &seen, &counts,
                          &err), RECS_IO);
    assert_non_null(strstr(err.message, "none"));
    assert_int_equal(seen.n, 0);

    gz = gzopen(paths[1], "wb");
    assert_int_equal(gzwrite(gz, text, (unsigned) len), len);
    gzclose(gz);
    assert_int_equal(truncate(paths[1], 5000), 0);

    assert_int_equal(scan((const char *const *) paths, 2, 2, &seen, &counts,
                          &err), RECS_INVALID);
    assert_non_null(strstr(err.message, "none"));

    free(paths[0]);
    free(paths[1]);
    free(text);
}


static void
test_seen(void **state)
{
    uint64_t             i, k;
    recs_event_key_t     key;
    recs_event_seen_t   *seen;

    (void) state;

    seen = recs_event_seen_create();
    assert_non_null(seen);

    /* 777 goes through all numbers of two runs, out of order. */

    for (k = 0; k < 2; k++) {
        for (i = 0; i < 20000; i++) {
            key.run = 1 + i % 2;
            key.seq = i / 2 * 777 % 10000;
            key.id = 0;

            assert_int_equal(recs_event_seen_add(seen, &key), k == 0);
        }
    }

    /* A page for each: more than there may be. */

    for (k = 0; k < 2; k++) {
        for (i = 0; i < RECS_EVENT_PAGES_MAX + 1000; i++) {
            key.run = 3;
            key.seq = i << 40;
            key.id = 0;

            assert_int_equal(recs_event_seen_add(seen, &key), k == 0);
        }
    }

    memset(&key, 0, sizeof(key));
    assert_int_equal(recs_event_seen_add(seen, &key), 1);
    assert_int_equal(recs_event_seen_add(seen, &key), 1);

    /* Ids are there for a generation at least, and not for ever. */

    for (i = 0; i <= 2 * RECS_EVENT_IDS_MIN; i++) {
        key.id = (i + 1) * 0x9e3779b97f4a7c15;
        assert_int_equal(recs_event_seen_add(seen, &key), 1);
    }

    key.id = (uint64_t) (RECS_EVENT_IDS_MIN + 1) * 0x9e3779b97f4a7c15;
    assert_int_equal(recs_event_seen_add(seen, &key), 0);
    key.id = 0x9e3779b97f4a7c15;
    assert_int_equal(recs_event_seen_add(seen, &key), 1);

    recs_event_seen_destroy(seen);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_long),
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_seen)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
