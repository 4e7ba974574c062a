/*
 * bench_search: the exact search beside its rivals, on a bundle, interleaved.
 *
 *     bench_search [-k K,K,...] [-u USERS] [-r ROUNDS] [-t MILLISECONDS]
 *                  [-s SEED] [-e EF] [-g] [-q] BUNDLE
 *
 *     -k    lengths of the lists (10,20,50,200)
 *     -u    users to draw (1000); slow methods are asked with fewer of them
 *     -r    rounds (5): all cases take turns in each
 *     -t    longest turn of a case (50), but for 30 queries
 *     -g    also hnswlib, for the first of the k, up to an ef of EF (2000)
 *     -q    ours and the full int8 scan only
 *
 * One line of JSON.  Times are microseconds of one query; of each query the
 * median over the rounds is taken, and of these the median and the p90.  The
 * answers of ours and of the full scan are compared with a brute force first:
 * any difference ends the program with status 1.
 */

#include "bench_brute.h"
#include "bench_case.h"
#include "bench_engine.h"
#include "bench_graph.h"
#include "bench_int8.h"
#include "bench_stats.h"
#include "bench_users.h"
#include "recs_session_vector.h"
#include "recs_kernel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>


#define BENCH_CASES    256
#define BENCH_LENGTHS  8
#define BENCH_CHECKED  2000000          /* rows, of each case */
#define BENCH_RECALL   0.99


typedef struct {
    uint32_t     lengths[BENCH_LENGTHS];
    uint32_t     n_lengths;
    uint32_t     n_users;
    uint32_t     n_rounds;
    uint64_t     round_ns;
    uint64_t     seed;
    uint32_t     ef_max;
    unsigned     graph:1;
    unsigned     quick:1;
    const char  *path;
} bench_options_t;

typedef struct {
    recs_bundle_t             *bundle;
    const recs_bundle_view_t  *view;
    bench_users_t             *users;
    bench_engine_t            *engine;
    bench_brute_t             *brute;
    bench_int8_t              *int8;
    bench_graph_t             *graphs[2];   /* NULL, or as trained, shuffled */
    bench_case_t               cases[BENCH_CASES];
    uint32_t                   n_cases;
} bench_t;


static void
bench_lengths(bench_options_t *o, const char *text)
{
    char           *end;
    unsigned long   k;

    for (o->n_lengths = 0; o->n_lengths < BENCH_LENGTHS; text = end + 1) {
        k = strtoul(text, &end, 10);

        if (k == 0 || k > BENCH_K_MAX || (*end != ',' && *end != '\0')) {
            break;
        }

        o->lengths[o->n_lengths++] = (uint32_t) k;

        if (*end == '\0') {
            return;
        }
    }

    bench_die("-k: up to %d numbers from 1 to %d", BENCH_LENGTHS,
              BENCH_K_MAX);
}


static uint32_t
bench_number(const char *text)
{
    char           *end;
    unsigned long   n;

    n = strtoul(text, &end, 10);

    if (n == 0 || n > 1000000 || *end != '\0') {
        bench_die("\"%s\" is not a number from 1 to 1000000", text);
    }

    return (uint32_t) n;
}


static void
bench_options(bench_options_t *o, int argc, char **argv)
{
    int  c;

    memset(o, 0, sizeof(*o));
    bench_lengths(o, "10,20,50,200");
    o->n_users = 1000;
    o->n_rounds = 5;
    o->round_ns = 50000000;
    o->seed = 1;
    o->ef_max = 2000;

    while ((c = getopt(argc, argv, "k:u:r:t:s:e:gq")) != -1) {
        switch (c) {
        case 'k': bench_lengths(o, optarg); break;
        case 'u': o->n_users = bench_number(optarg); break;
        case 'r': o->n_rounds = bench_number(optarg); break;
        case 't': o->round_ns = 1000000ull * bench_number(optarg); break;
        case 's': o->seed = bench_number(optarg); break;
        case 'e': o->ef_max = bench_number(optarg); break;
        case 'g': o->graph = 1; break;
        case 'q': o->quick = 1; break;
        default: exit(2);
        }
    }

    if (optind + 1 != argc) {
        fprintf(stderr, "usage: bench_search [-k K,K] [-u USERS] [-r ROUNDS]"
                " [-t MILLISECONDS] [-s SEED] [-e EF] [-g] [-q] BUNDLE\n");
        exit(2);
    }

    o->path = argv[optind];
}


/* Exact answers are equal to the last bit, item by item. */
static void
bench_check(bench_t *b, const bench_case_t *c)
{
    float                  *vector;
    uint32_t                i, j, n;
    recs_topk_t             got, want;
    bench_query_t           query;
    recs_fold_in_t         *fold_in;
    recs_topk_entry_t       got_entries[BENCH_K_MAX];
    recs_topk_entry_t       want_entries[BENCH_K_MAX];
    recs_session_vector_t   session;

    fold_in = recs_fold_in_create(b->view);
    vector = bench_alloc(b->view->stride * sizeof(float));
    n = BENCH_CHECKED / (b->view->n_items + 1) + 3;
    n = c->n_queries < n ? c->n_queries : n;

    for (i = 0; i < n; i++) {
        query = c->queries[c->n_queries / n * i];
        recs_topk_init(&got, got_entries, c->k);
        recs_topk_init(&want, want_entries, c->k);
        c->search(c->context, &query, &got);

        if (query.vector == NULL) {
            session.items = query.history;
            session.n = query.n_history;
            session.half_life = 0;
            session.trained = NULL;
            recs_session_vector(fold_in, &session, vector, NULL);
            query.vector = vector;
        }

        bench_brute_exact(b->brute, &query, &want);

        for (j = 0; j < want.n; j++) {
            if (got.n != want.n
                || got_entries[j].item != want_entries[j].item
                || got_entries[j].score != want_entries[j].score)
            {
                bench_die("%s, %s, k %u: query %u: item %u of %u is wrong",
                          c->method, c->asked, c->k, i, j, want.n);
            }
        }
    }

    recs_fold_in_destroy(fold_in);
    free(vector);
}


/* A case, tight and after a system call. */
static void
bench_add(bench_t *b, const char *method, const char *asked,
    bench_search_pt search, void *context, const bench_query_t *queries,
    uint32_t n_queries, uint32_t k)
{
    bench_case_t  *c;

    if (n_queries == 0) {
        return;
    }

    if (b->n_cases + 4 > BENCH_CASES) {
        bench_die("too many cases");
    }

    c = &b->cases[b->n_cases];
    b->n_cases += 2;
    c->method = method;
    c->asked = asked;
    c->search = search;
    c->context = context;
    c->queries = queries;
    c->n_queries = n_queries;
    c->k = k;
    c->recall = 1;

    c[1] = c[0];
    c[1].after_call = 1;

    if (search != bench_brute_blas) {
        bench_check(b, c);
    }
}


static void
bench_cases(bench_t *b, const bench_options_t *o, uint32_t k)
{
    uint32_t        i;
    bench_case_t    truth;
    bench_users_t  *u;

    u = b->users;

    bench_add(b, "ours", "all", bench_engine_search, b->engine, u->all,
              u->n_all, k);

    truth = b->cases[b->n_cases - 2];

    for (i = 0; o->graph && k == o->lengths[0] && i < 2; i++) {
        b->n_cases += bench_graph_cases(b->graphs[i], &truth, BENCH_RECALL,
                                        o->ef_max, &b->cases[b->n_cases]);
    }

    bench_add(b, "ours", "seen", bench_engine_search, b->engine, u->seen,
              u->n_seen, k);
    bench_add(b, "ours", "blend", bench_engine_search, b->engine, u->blend,
              u->n_blend, k);
    bench_add(b, "int8", "all", bench_int8_search, b->int8, u->all, u->n_all,
              k);
    bench_add(b, "int8", "seen", bench_int8_search, b->int8, u->seen,
              u->n_seen, k);

    if (o->quick) {
        return;
    }

    bench_add(b, "ours", "filter", bench_engine_search, b->engine, u->filter,
              u->n_filter, k);
    bench_add(b, "int8", "filter", bench_int8_search, b->int8, u->filter,
              u->n_filter, k);
    bench_add(b, "ours", "session", bench_engine_session, b->engine,
              u->session, u->n_session, k);
    bench_add(b, "openblas", "all", bench_brute_blas, b->brute, u->all,
              u->n_all, k);
}


static void
bench_print(const bench_t *b)
{
    uint32_t             i;
    recs_str_t           codes;
    const bench_case_t  *c;

    codes = recs_bundle_manifest(b->bundle, "codes");

    printf("{\"items\":%u,\"factors\":%u,\"users\":%u,\"bundle_bytes\":%llu,"
           "\"codes\":\"%.*s\",\"kernel\":\"%s\",\"int8\":\"%s\"",
           b->view->n_items, b->view->n_factors,
           b->users->n_all,
           (unsigned long long) recs_bundle_size(b->bundle),
           (int) codes.len, codes.data, recs_kernel()->name,
           bench_int8_path());

    if (b->graphs[0] != NULL) {
        printf(",\"hnswlib_build_s\":%.2f,\"hnswlib_bytes\":%llu",
               bench_graph_build_seconds(b->graphs[0]),
               (unsigned long long) bench_graph_memory(b->graphs[0]));
    }

    printf(",\"cases\":[");

    for (i = 0; i < b->n_cases; i++) {
        c = &b->cases[i];
        printf("%s{\"method\":\"%s\",\"asked\":\"%s\",\"k\":%u,\"after\":%s,"
               "\"queries\":%u,\"median_us\":%.3f,\"p90_us\":%.3f",
               i > 0 ? "," : "", c->method, c->asked, c->k,
               c->after_call ? "true" : "false", c->n, c->median_us,
               c->p90_us);

        if (c->ef != 0) {
            printf(",\"ef\":%u,\"recall\":%.5f", c->ef, c->recall);
        }

        printf("}");
    }

    printf("]}\n");
}


int
main(int argc, char **argv)
{
    bench_t          *b;
    uint32_t          i;
    recs_error_t      err;
    bench_options_t   o;

    bench_options(&o, argc, argv);
    b = bench_alloc(sizeof(bench_t));

    if (recs_bundle_open(&b->bundle, o.path, 0, &err) != RECS_OK) {
        bench_die("%s", err.message);
    }

    b->view = recs_bundle_view(b->bundle);
    b->users = bench_users_create(b->bundle, o.n_users, o.seed);
    b->engine = bench_engine_create(b->view);
    b->brute = bench_brute_create(b->view);
    b->int8 = bench_int8_create(b->view);

    for (i = 0; o.graph && i < 2; i++) {
        b->graphs[i] = bench_graph_create(b->view, (int) i);

        if (b->graphs[i] == NULL) {
            bench_die("built without hnswlib: script/bootstrap bench");
        }
    }

    for (i = 0; i < o.n_lengths; i++) {
        bench_cases(b, &o, o.lengths[i]);
    }

    bench_cases_run(b->cases, b->n_cases, o.n_rounds, o.round_ns, 30);
    bench_print(b);

    for (i = 0; o.graph && i < 2; i++) {
        bench_graph_destroy(b->graphs[i]);
    }

    bench_int8_destroy(b->int8);
    bench_brute_destroy(b->brute);
    bench_engine_destroy(b->engine);
    bench_users_destroy(b->users);
    recs_bundle_close(b->bundle);
    free(b);

    return 0;
}
