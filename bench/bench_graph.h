/*
 * bench_graph: hnswlib over the items of a bundle, and the smallest ef that
 * reaches a recall.
 */

#ifndef _BENCH_GRAPH_H_INCLUDED_
#define _BENCH_GRAPH_H_INCLUDED_


#include "bench_case.h"


typedef struct bench_graph_s  bench_graph_t;


/*
 * Items are added in the order of training, or shuffled: a graph for inner
 * products is sensitive to that.  NULL: the program has no hnswlib.
 */
bench_graph_t *bench_graph_create(const recs_bundle_view_t *view,
    int shuffled);
void bench_graph_destroy(bench_graph_t *graph);

double bench_graph_build_seconds(const bench_graph_t *graph);
uint64_t bench_graph_memory(const bench_graph_t *graph);        /* bytes */

/*
 * Makes cases of the points around a recall of `recall` at k, in steps of 5 %
 * of ef: the last below and the first that reaches it, or of the best that
 * was found up to ef_max.  truth answers exactly.  Returns how many, 1 or 2.
 */
uint32_t bench_graph_cases(bench_graph_t *graph, const bench_case_t *truth,
    double recall, uint32_t ef_max, bench_case_t cases[2]);


#endif /* _BENCH_GRAPH_H_INCLUDED_ */
