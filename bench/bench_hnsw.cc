#include "bench_hnsw.h"

#include <hnswlib/hnswlib.h>

#include <exception>


struct bench_hnsw_s {
    hnswlib::InnerProductSpace       space;
    hnswlib::HierarchicalNSW<float>  graph;

    bench_hnsw_s(uint32_t d, uint32_t n)
        : space(d), graph(&space, n, BENCH_HNSW_M, BENCH_HNSW_EFC)
    {
    }
};


bench_hnsw_t *
bench_hnsw_create(uint32_t d, uint32_t n)
{
    try {
        return new bench_hnsw_s(d, n);

    } catch (const std::exception &) {
        return nullptr;
    }
}


void
bench_hnsw_destroy(bench_hnsw_t *hnsw)
{
    delete hnsw;
}


void
bench_hnsw_add(bench_hnsw_t *hnsw, const float *row, uint32_t item)
{
    hnsw->graph.addPoint(row, item);
}


void
bench_hnsw_set_ef(bench_hnsw_t *hnsw, uint32_t ef)
{
    hnsw->graph.setEf(ef);
}


uint32_t
bench_hnsw_search(bench_hnsw_t *hnsw, const float *vector, uint32_t k,
    uint32_t *items)
{
    uint32_t  n;

    auto best = hnsw->graph.searchKnn(vector, k);

    for (n = 0; !best.empty(); n++) {
        items[n] = (uint32_t) best.top().second;
        best.pop();
    }

    return n;
}
