# Benches (bench/README.md).  What they need beyond the build is not in
# script/bootstrap but in script/bootstrap bench.

RECS_TEST_DATA ?= ../shared/data
DATA           ?= $(BUILD)/gowalla.data

bench_dir      := $(BUILD)/bench
bench_env      := RECS_BUILD=$(BUILD) RECS_TEST_DATA=$(RECS_TEST_DATA)

## bench: all benches, one after the other; copies as build/bench-*.json
.PHONY: bench
bench:
	+$(MAKE) bench-search
	+$(MAKE) bench-train
	+$(MAKE) bench-serve
	+$(MAKE) bench-reload
	+$(MAKE) bench-report

## bench-models: every model's figures on MovieLens and Gowalla, as a table
.PHONY: bench-models
bench-models: $(BUILD)/recs
	$(bench_env) bench/bench-models $(BENCH_OPTIONS)

# hnswlib, where it is installed, with all that the compiler can do for it.
bench_search_objs := $(patsubst %,$(bench_dir)/bench_%.o,\
                         brute case engine graph int8 stats users)
bench_hnsw        := $(if $(and $(wildcard /usr/include/hnswlib/hnswlib.h),\
                               $(shell command -v $(CXX))),\
                         $(bench_dir)/bench_hnsw.o)

bench_programs    := $(addprefix $(bench_dir)/bench_,search open catalogue \
                                  fold_in load session assign \
                                  train slate rules rank explain)

.PHONY: bench-programs
bench-programs: $(bench_programs)

## bench-search: the search beside OpenBLAS, full int8 and hnswlib
.PHONY: bench-search
bench-search: $(BUILD)/recs bench-programs
	@test -n '$(bench_hnsw)' \
	    || { echo "make: no hnswlib: script/bootstrap bench" >&2; exit 1; }
	$(bench_env) bench/bench-search $(BENCH_OPTIONS)

bench_stats_of    := $(addprefix $(bench_dir)/bench_,open train fold_in \
                                  session assign slate rules rank explain)
$(bench_stats_of): $(bench_dir)/bench_stats.o
$(bench_dir)/bench_search: $(bench_search_objs) $(bench_hnsw)
$(bench_dir)/bench_search: LDLIBS += $(if $(bench_hnsw),-lstdc++)

$(bench_dir)/bench_hnsw.o: bench/bench_hnsw.cc bench/bench_hnsw.h
	@mkdir -p $(@D)
	$(CXX) -std=c++11 -O3 -march=native $(WARN) -Ibench \
	    -c -o $@ $<

## bench-train: an exact epoch of ials against sgemm (DATA=DATASET, or Gowalla)
.PHONY: bench-train
bench-train: $(bench_dir)/bench_train $(DATA)
	$(bench_env) bench/bench-train $(DATA)

$(BUILD)/gowalla.data: $(BUILD)/recs
	$(BUILD)/recs import --format lightgcn -o $@ \
	    $(RECS_TEST_DATA)/gowalla/train.txt $(RECS_TEST_DATA)/gowalla/valid.txt

$(bench_dir)/bench_load: $(addprefix $(bench_dir)/bench_,request.o response.o)

## bench-serve: requests a second, beside return 200 and sub_filter
.PHONY: bench-serve
bench-serve: all $(bench_dir)/bench_load $(bench_dir)/bench_catalogue
	$(bench_env) bench/bench-serve $(BENCH_OPTIONS)

## bench-reload: what a reload costs with a million items, beside a bare one
.PHONY: bench-reload
bench-reload: all $(bench_dir)/bench_load $(bench_dir)/bench_catalogue
	$(bench_env) bench/bench-reload $(BENCH_OPTIONS)

## bench-assign: what an assignment to a variant costs
.PHONY: bench-assign
bench-assign: $(bench_dir)/bench_assign
	taskset -c 1 $< | tee $(BUILD)/bench-assign.json

## bench-report: lines/s and memory of recs report over ten million lines
.PHONY: bench-report
bench-report: $(BUILD)/recs $(bench_dir)/bench_events
	$(bench_env) bench/bench-report $(BENCH_OPTIONS)

$(bench_dir)/bench_%: $(bench_dir)/bench_%.o $(libs)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(libs) \
	    $(LDLIBS)

.SECONDARY: $(bench_search_objs)
