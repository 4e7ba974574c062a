/*
 * `recs recommend` against a float64 ranking of `recs export`'s arrays, for
 * every user, ties by row.
 *
 * Where the two orders may differ: the engine ranks by float32 scores in a
 * fixed order of summation, each within
 *
 *     tolerance = (n_factors / 16 + 6) * 2^-24 * sum |u_f v_f|
 *
 * of the exact product.  So at each rank the answer's item must be the one of
 * the float64 ranking, or both items' float64 scores must agree within the
 * sum of their tolerances; and every reported score must be within its
 * tolerance of the float64 one.  Equal reported scores (%.9g tells all
 * float32 apart) must stand by rising row, without any tolerance; and where
 * all products are small integers, float32 is exact and no tolerance is
 * given at all.
 */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recs_id_lines.h"
#include "recs_npy.h"
#include "recs_temp.h"


#define K  20


typedef struct {
    double    score;
    double    tolerance;
    uint32_t  row;
} scored_t;

typedef struct {
    recs_npy_t        items;
    recs_npy_t        users;
    recs_id_lines_t   item_ids;
    recs_id_lines_t   user_ids;
    scored_t         *scores;             /* [n_items] by row */
    scored_t         *ranking;            /* [n_items], best first */
    uint8_t          *seen;               /* [n_items] */
    int               exact;
    uint32_t          n_lists;
    uint32_t          n_reordered;
} expected_t;


static char  dir[64];


/* Runs "recs ARGUMENTS" in dir; the format sees the path of recs first. */
static void
run(const char *arguments)
{
    int          rc;
    char         command[2048], cwd[512];
    const char  *build;

    build = getenv("RECS_BUILD");
    assert_non_null(getcwd(cwd, sizeof(cwd)));

    snprintf(command, sizeof(command), "cd %s && R='%s%s%s/recs' && %s", dir,
             build != NULL && build[0] == '/' ? "" : cwd,
             build != NULL && build[0] == '/' ? "" : "/",
             build != NULL ? build : "build", arguments);

    rc = system(command);

    if (rc != 0) {
        fail_msg("%s", command);
    }
}


static const char *
in_dir(const char *name)
{
    static char  path[256];

    snprintf(path, sizeof(path), "%s/%s", dir, name);

    return path;
}


static int
by_score(const void *one, const void *two)
{
    const scored_t  *a, *b;

    a = one;
    b = two;

    if (a->score != b->score) {
        return a->score < b->score ? 1 : -1;
    }

    return (a->row > b->row) - (a->row < b->row);
}


static void
expect_create(expected_t *e, int exact)
{
    recs_error_t      err;

    memset(e, 0, sizeof(expected_t));

    assert_int_equal(recs_npy_read(&e->items, in_dir("e/items.npy"), &err),
                     RECS_OK);
    assert_int_equal(recs_npy_read(&e->users, in_dir("e/users.npy"), &err),
                     RECS_OK);
    assert_int_equal(recs_id_lines_read(&e->item_ids,
                                        in_dir("e/item_ids.txt"), &err),
                     RECS_OK);
    assert_int_equal(recs_id_lines_read(&e->user_ids,
                                        in_dir("e/user_ids.txt"), &err),
                     RECS_OK);

    assert_int_equal(e->item_ids.n, e->items.n_rows);
    assert_int_equal(e->user_ids.n, e->users.n_rows);
    assert_int_equal(e->items.n_cols, e->users.n_cols);

    e->exact = exact;
    e->scores = calloc(e->items.n_rows, sizeof(scored_t));
    e->ranking = calloc(e->items.n_rows, sizeof(scored_t));
    e->seen = calloc(e->items.n_rows, 1);
}


static void
expect_destroy(expected_t *e)
{
    free(e->items.values);
    free(e->users.values);
    free(e->scores);
    free(e->ranking);
    free(e->seen);
    recs_id_lines_free(&e->item_ids);
    recs_id_lines_free(&e->user_ids);
}


static uint32_t
row_of(expected_t *e, json_t *id)
{
    uint32_t    row;
    recs_str_t  text;

    text.data = json_string_value(id);
    text.len = json_string_length(id);
    row = recs_id_map_find(e->item_ids.map, text);
    assert_int_not_equal(row, RECS_ID_MAP_NONE);

    return row;
}


/* Fills scores and ranking; returns the ranking's length. */
static uint32_t
rank_user(expected_t *e, uint32_t user)
{
    double        product, sum, magnitude;
    uint32_t      f, n, row, n_factors;
    const float  *u, *v;

    n_factors = e->items.n_cols;
    u = e->users.values + (size_t) user * n_factors;
    n = 0;

    for (row = 0; row < e->items.n_rows; row++) {
        v = e->items.values + (size_t) row * n_factors;
        sum = magnitude = 0.0;

        for (f = 0; f < n_factors; f++) {
            product = (double) u[f] * v[f];
            sum += product;
            magnitude += fabs(product);
        }

        e->scores[row].row = row;
        e->scores[row].score = sum;
        e->scores[row].tolerance = e->exact ? 0.0
            : (n_factors / 16 + 6) * ldexp(magnitude, -24);

        if (!e->seen[row]) {
            e->ranking[n++] = e->scores[row];
        }
    }

    qsort(e->ranking, n, sizeof(scored_t), by_score);

    return n;
}


static void
compare_list(expected_t *e, const char *user, json_t *list, uint32_t n)
{
    size_t           i;
    double           score, last;
    uint32_t         row, last_row;
    const scored_t  *got, *wanted;

    assert_int_equal(json_array_size(list), n < K ? n : K);

    last = INFINITY;
    last_row = 0;

    for (i = 0; i < json_array_size(list); i++) {
        row = row_of(e, json_object_get(json_array_get(list, i), "id"));
        score = json_real_value(json_object_get(json_array_get(list, i),
                                                "score"));
        got = &e->scores[row];
        wanted = &e->ranking[i];

        /* Seen, or there already: no item may stand twice. */
        assert_false(e->seen[row]);
        e->seen[row] = 1;

        if (fabs(score - got->score) > got->tolerance + 1e-9 * fabs(score)) {
            fail_msg("user %s, row %u: score %.17g, float64 %.17g", user, row,
                     score, got->score);
        }

        if (row != wanted->row) {
            e->n_reordered++;

            if (fabs(got->score - wanted->score)
                >= got->tolerance + wanted->tolerance)
            {
                fail_msg("user %s, rank %zu: row %u (%.17g), float64 has row "
                         "%u (%.17g)", user, i + 1, row, got->score,
                         wanted->row, wanted->score);
            }
        }

        assert_true(score <= last);
        assert_true(score < last || row > last_row);
        last = score;
        last_row = row;
    }
}


static int
all_zero(const expected_t *e, uint32_t user)
{
    uint32_t  f;

    for (f = 0; f < e->users.n_cols; f++) {
        if (e->users.values[(size_t) user * e->users.n_cols + f] != 0) {
            return 0;
        }
    }

    return 1;
}


static json_t *
read_line(FILE *file)
{
    char          *line;
    size_t         size;
    json_t        *object;
    json_error_t   error;

    line = NULL;
    size = 0;

    assert_true(getline(&line, &size, file) > 0);
    object = json_loads(line, JSON_DECODE_INT_AS_REAL, &error);
    assert_non_null(object);
    free(line);

    return object;
}


/* Compares answers.jsonl in dir, a line a user, with e/. */
static void
compare(int exact)
{
    FILE        *answers, *seen;
    size_t       i;
    json_t      *answer, *line, *item, *items;
    uint32_t     user, n;
    expected_t   e;
    const char  *name;

    expect_create(&e, exact);

    answers = fopen(in_dir("answers.jsonl"), "r");
    seen = fopen(in_dir("e/seen.jsonl"), "r");
    assert_non_null(answers);
    assert_non_null(seen);

    for (user = 0; user < e.users.n_rows; user++) {
        answer = read_line(answers);
        line = read_line(seen);
        name = json_string_value(json_object_get(answer, "user"));

        assert_int_equal(strlen(name), e.user_ids.ids[user].len);
        assert_memory_equal(name, e.user_ids.ids[user].data, strlen(name));
        assert_string_equal(name, json_string_value(json_object_get(line,
                                                                    "user")));

        memset(e.seen, 0, e.items.n_rows);
        items = json_object_get(line, "items");

        json_array_foreach(items, i, item) {
            e.seen[row_of(&e, item)] = 1;
        }

        n = rank_user(&e, user);

        if (!all_zero(&e, user)) {
            assert_string_equal(json_string_value(json_object_get(answer,
                                    "source")), "personal");
            compare_list(&e, name, json_object_get(answer, "items"), n);
            e.n_lists++;
        }

        json_decref(answer);
        json_decref(line);
    }

    assert_int_equal(fgetc(answers), EOF);
    fclose(answers);
    fclose(seen);

    assert_true(e.n_lists > 0);
    assert_true(!exact || e.n_reordered == 0);
    print_message("# %u lists, %u places reordered by rounding\n", e.n_lists,
                  e.n_reordered);
    expect_destroy(&e);
}


static void
rank(const char *bundle)
{
    char  command[256];

    snprintf(command, sizeof(command), "$R export %s -o e >/dev/null && "
             "$R recommend %s --users e/user_ids.txt -k %d --json "
             "> answers.jsonl", bundle, bundle, K);
    run(command);
}


static void
test_trained(void **state)
{
    (void) state;

    run("$R simulate -o shop --items 400 --users 300 --seed 7 >/dev/null && "
        "$R import --format csv --items shop/items.csv -o data "
        "shop/events.csv >/dev/null && "
        "$R train --model ials --data data --set factors=24 -o b --quiet "
        ">/dev/null");
    rank("b");
    compare(0);
}


static void
test_movielens(void **state)
{
    char         command[2048];
    const char  *folder;

    (void) state;

    folder = recs_temp_data("ml-latest-small");
    if (folder == NULL) {
        print_message("# no ml-latest-small\n");
        skip();
    }

    snprintf(command, sizeof(command),
             "D=\"%s%s\"; $R import --format movielens -o data \"$D\" "
             ">/dev/null && $R split data --split last=0.2 -o d1 --test f "
             ">/dev/null && $R train --model ials --data d1 --quiet "
             "--set factors=64 -o b >/dev/null",
             folder[0] == '/' ? "" : "$OLDPWD/", folder);
    run(command);
    rank("b");
    compare(0);
}


static void
write_npy(const char *name, uint32_t n_rows, uint32_t n_cols,
    float (*value)(uint32_t row, uint32_t col))
{
    float          v;
    uint32_t       r, c;
    recs_file_t   *file;
    recs_error_t   err;

    file = malloc(sizeof(recs_file_t));
    assert_non_null(file);
    assert_int_equal(recs_file_create(file, in_dir(name), &err), RECS_OK);
    assert_int_equal(recs_npy_write_header(file, n_rows, n_cols, &err),
                     RECS_OK);

    for (r = 0; r < n_rows; r++) {
        for (c = 0; c < n_cols; c++) {
            v = value(r, c);
            assert_int_equal(recs_file_write(file, &v, sizeof(v), &err),
                             RECS_OK);
        }
    }

    assert_int_equal(recs_file_commit(file, &err), RECS_OK);
    free(file);
}


static uint64_t  random_state = 88172645463325252u;

static uint32_t
random_below(uint32_t n)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;

    return (uint32_t) ((random_state >> 20) % n);
}


/* Norms from 1e-4 to about 1. */
static float
random_value(uint32_t row, uint32_t col)
{
    (void) col;

    return ((float) random_below(2000001) / 1000000 - 1)
           * powf(10, -(float) (row % 5));
}


/* Few values, so that most scores are tied; every seventh row is zero. */
static float
integer_value(uint32_t row, uint32_t col)
{
    (void) col;

    return row % 7 == 3 ? 0.0f : (float) random_below(5) - 2;
}


static void
pack(float (*value)(uint32_t row, uint32_t col), uint32_t n_items,
    uint32_t n_users, uint32_t n_factors)
{
    char  command[256];

    write_npy("v.npy", n_items, n_factors, value);
    write_npy("u.npy", n_users, n_factors, value);

    /* Ids whose order is not that of the rows. */
    snprintf(command, sizeof(command),
             "seq %u -1 1 | sed 's/^/i/' > i.txt && seq %u -1 1 > u.txt && "
             "$R pack --items v.npy --item-ids i.txt --users u.npy "
             "--user-ids u.txt -o b >/dev/null", n_items, n_users);
    run(command);
    rank("b");
}


static void
test_packed(void **state)
{
    (void) state;

    pack(random_value, 3000, 60, 37);
    run("cmp v.npy e/items.npy && cmp i.txt e/item_ids.txt && "
        "cmp u.npy e/users.npy");
    compare(0);
}


static void
test_ties(void **state)
{
    (void) state;

    pack(integer_value, 2000, 100, 5);
    run("cmp v.npy e/items.npy && cmp i.txt e/item_ids.txt");
    compare(1);
}


static int
setup(void **state)
{
    (void) state;

    strcpy(dir, "/tmp/recs_brute_XXXXXX");

    return mkdtemp(dir) != NULL ? 0 : -1;
}


static int
teardown(void **state)
{
    char  command[128];

    (void) state;

    snprintf(command, sizeof(command), "rm -rf %s", dir);

    return system(command);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test_setup_teardown(test_packed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_ties, setup, teardown),
        cmocka_unit_test_setup_teardown(test_trained, setup, teardown),
        cmocka_unit_test_setup_teardown(test_movielens, setup, teardown)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
