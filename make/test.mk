# Unit tests, end-to-end tests, sanitizers, fuzzing, checks of the source.

test_sources := $(wildcard tests/test_*.c)
fuzz_sources := $(wildcard tests/fuzz_*.c)
test_names   := $(patsubst tests/%.c,%,$(test_sources))
fuzz_names   := $(patsubst tests/%.c,%,$(fuzz_sources))

# The module's files that know nothing of nginx, and the shared fixture.
test_common  := $(patsubst %.c,$(BUILD)/%.o,\
                    $(wildcard ngx_recs_module/recs_*.c tests/recs_*.c))

TESTS        ?= $(test_names)
T            ?= t/
FUZZERS      ?= $(fuzz_names)
FUZZ_SECONDS ?= 60

SANITIZE     := -fsanitize=address,undefined -fno-omit-frame-pointer
ASAN_OPT     := -O1 -g1 $(SANITIZE)
# Each pool allocation is a malloc, so that an overrun is seen; what nginx does
# by itself that is undefined is its own affair.
ASAN_NGINX   := -O0 -g1 -fsanitize=address -DNGX_DEBUG_PALLOC=1
ASAN_OWN     := $(ASAN_OPT) -fno-sanitize=nonnull-attribute
ASAN_MAKE    := $(MAKE) BUILD=$(BUILD)/asan \
                OPT='$(ASAN_OPT) -fno-sanitize-recover=undefined' \
                NGINX_CC_OPT='$(ASAN_NGINX)' NGINX_OWN_OPT='$(ASAN_OWN)' \
                NGINX_LD_OPT='$(SANITIZE)'

# Leaks count in the units.  nginx leaves its own to the end of the process.
ASAN_ENV     := UBSAN_OPTIONS=print_stacktrace=1
FUZZ_OPT     := -O1 -g1 -fsanitize=address,undefined,fuzzer-no-link \
                -fno-sanitize-recover=undefined -fno-sanitize=function
FUZZ_MAKE    := $(MAKE) BUILD=$(BUILD)/fuzz CC=clang OPT='$(FUZZ_OPT)'

# A hundred programs are linked: by the linker that takes a third of the time,
# where it is there.
TEST_LDFLAGS := $(if $(shell command -v ld.gold),-fuse-ld=gold)

$(BUILD)/tests/%.o $(BUILD)/ngx_recs_module/%.o: \
    CPPFLAGS += -Ingx_recs_module -Itests

# What takes longer to compile than to run; not so where a test has arithmetic
# of its own.
$(BUILD)/tests/test_%.o: OPT = -O0 -g
$(patsubst %,$(BUILD)/tests/test_%.o,brute_force codes ials_solve \
                                     search_exact): OPT = -O2 -g

$(BUILD)/tests/test_%: $(BUILD)/tests/test_%.o $(test_common) \
                       $(BUILD)/libcli.a $(libs)
	$(CC) $(CFLAGS) $(TEST_LDFLAGS) $(LDFLAGS) -o $@ $^ -lcmocka $(LDLIBS)

# Kernels for instructions that this processor may lack, by SIMDe.
ifneq ($(wildcard /usr/include/simde/x86/avx512.h),)
ifeq ($(shell uname -m),x86_64)
$(BUILD)/tests/test_kernel: $(BUILD)/tests/simde_avx512.o \
                            $(BUILD)/tests/simde_avxvnni.o
endif
endif

$(BUILD)/tests/simde_%.o: core/recs_kernel_%.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -Wno-psabi -include tests/recs_simde.h \
	    -Drecs_kernel_$*=recs_kernel_$*_simde -MMD -MP -c -o $@ $<

# For LD_PRELOAD: nothing of the library, and no sanitizer.
$(BUILD)/faults.so: tests/faults.c
	@mkdir -p $(@D)
	$(CC) -D_GNU_SOURCE -std=c11 -O2 -g $(WARN) -fPIC -shared -o $@ $<

.SECONDARY: $(patsubst tests/%.c,$(BUILD)/tests/%.o,\
                $(test_sources) $(fuzz_sources)) $(test_common)


## units: build the unit tests
.PHONY: units
units: $(addprefix $(BUILD)/tests/,$(test_names))

## check-units: run them (TESTS="test_topk test_id": only these)
.PHONY: check-units
check-units: $(addprefix $(BUILD)/tests/,$(TESTS)) $(BUILD)/recs
	RECS_BUILD=$(BUILD) tools/run-tap --totals $(BUILD)/totals-units \
	    $(addprefix $(BUILD)/tests/,$(TESTS))

## check-neon: the AArch64 kernel, cross-compiled, under qemu
NEON_CC      ?= aarch64-linux-gnu-gcc
NEON_RUN     ?= qemu-aarch64 -cpu max
NEON_MAKE    := $(MAKE) BUILD=$(BUILD)/neon CC=$(NEON_CC) LDFLAGS=-static
kernel_objs  := $(patsubst %.c,$(BUILD)/%.o,\
                    $(wildcard core/recs_kernel*.c core/recs_codes*.c) \
                    core/recs_rotate.c core/recs_bundle_format.c \
                    core/recs_status.c dataset/recs_rng.c tests/recs_coded.c \
                    tests/recs_kernel_check.c tests/run_kernels.c)

.PHONY: check-neon
check-neon: $(BUILD)/tests/run_kernels
	+$(NEON_MAKE) $(BUILD)/neon/tests/run_kernels
	$(NEON_RUN) $(BUILD)/neon/tests/run_kernels neon \
	    | tee $(BUILD)/kernels-neon
	$< > $(BUILD)/kernels
	grep -q '^neon: as portable' $(BUILD)/kernels-neon
	grep '^digest' $(BUILD)/kernels | grep -qxf - $(BUILD)/kernels-neon

$(BUILD)/tests/run_kernels: $(kernel_objs)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lm

## check-t: end-to-end tests with Debian's nginx (T=t/recs_fill.t: only this)
.PHONY: check-t
check-t: all bench-programs $(BUILD)/faults.so
	RECS_BUILD=$(BUILD) tools/run-tap --totals $(BUILD)/totals-t $(T)

## asan: nginx, recs and the units with ASan and UBSan, in build/asan
.PHONY: asan
asan:
	+$(ASAN_MAKE) static recs units bench-programs

## check-asan: run the units and t/ with them
.PHONY: check-asan
check-asan: check-asan-units check-asan-t

.PHONY: check-asan-units
check-asan-units:
	+$(ASAN_ENV) $(ASAN_MAKE) check-units

.PHONY: check-asan-t
check-asan-t: asan
	$(ASAN_ENV) ASAN_OPTIONS=detect_leaks=0 RECS_BUILD=$(BUILD)/asan \
	    RECS_NGINX=$(BUILD)/asan/nginx RECS_MODULE= \
	    tools/run-tap --totals $(BUILD)/asan/totals-t $(T)

# Of the command only what fuzzers are for.
fuzz_cli     := cli/recs_nginx_words.c cli/recs_npy.c

## fuzz: tests/fuzz_*.c with libFuzzer (FUZZERS=fuzz_x, FUZZ_SECONDS=60 each)
.PHONY: fuzz
fuzz:
	+$(FUZZ_MAKE) force $(FUZZERS:%=fuzz-run-%)

.PHONY: fuzzers
fuzzers:
	+$(FUZZ_MAKE) force $(FUZZERS:%=$(BUILD)/fuzz/tests/%)

$(BUILD)/tests/fuzz_%: $(BUILD)/tests/fuzz_%.o $(test_common) \
                       $(fuzz_cli:%.c=$(BUILD)/%.o) $(libs)
	$(CC) $(CFLAGS) -fsanitize=fuzzer $(TEST_LDFLAGS) $(LDFLAGS) -o $@ $^ \
	    -lcmocka $(LDLIBS)

.PRECIOUS: $(BUILD)/tests/fuzz_%

# New inputs go to the build; what is worth keeping is copied to tests/corpus.
fuzz-run-%: $(BUILD)/tests/% force
	@mkdir -p $(BUILD)/corpus/$*
	$< -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=2048 \
	    -verbosity=0 -artifact_prefix=$(BUILD)/corpus/$*- \
	    $(BUILD)/corpus/$* $(wildcard tests/corpus/$*)

# The fuzzers' build has compiled the library; of the rest only warnings count.
## check-clang: all by clang, but for the module (make module CC=clang)
clang_reads  := $(filter-out $(fuzz_cli),$(wildcard cli/*.c)) \
                $(wildcard bench/*.c) tests/run_kernels.c $(test_sources)

.PHONY: check-clang
check-clang: fuzzers
	@printf '%s\n' $(clang_reads) | xargs -n 16 -P $$(nproc) \
	    clang $(CPPFLAGS) -Ingx_recs_module -Itests $(CFLAGS) -fsyntax-only

## check-layers: who includes whom (DESIGN section 1's table)
.PHONY: check-layers
check-layers:
	tools/check-layers --self-test
	tools/check-layers

## check-style: columns, tabs, trailing blanks, length of files
.PHONY: check-style
check-style:
	tools/check-style
