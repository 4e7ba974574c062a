# ngx_recs: the recs command, the nginx module, their tests.

BUILD     ?= build
ifeq ($(origin CC),default)
CC        := gcc
endif
ifeq ($(origin CXX),default)
CXX       := $(if $(findstring clang,$(CC)),clang++,g++)
endif
OPT       ?= -O2 -g
WARN      := -Wall -Wextra -Werror
NGINX_SRC ?=

CPPFLAGS  += -D_GNU_SOURCE -Icore -Idataset -Imodels -Ireport -Icli
# No contraction: scores are bit-equal on every machine (core/recs_search.h).
CFLAGS    += -std=c11 $(OPT) $(WARN) -fPIC -ffp-contract=off -fno-math-errno
CXXFLAGS  += -std=c++17 $(OPT) $(WARN) -fPIC -fno-exceptions -fno-rtti \
             -DSIMDJSON_EXCEPTIONS=0
LDLIBS    += -llmdb -lxxhash -licuuc -lstemmer -lopenblas -ljansson -lzstd \
             -lz -lpthread -lm -Wl,--as-needed -lsimdjson -lxgboost \
             -lstdc++ -Wl,--no-as-needed

core_objs    := $(patsubst %.c,$(BUILD)/%.o,$(wildcard core/*.c))
dataset_objs := $(patsubst %.c,$(BUILD)/%.o,$(wildcard dataset/*.c))
models_objs  := $(patsubst %.c,$(BUILD)/%.o,$(wildcard models/*.c))
report_objs  := $(patsubst %.c,$(BUILD)/%.o,$(wildcard report/*.c)) \
                $(BUILD)/report/recs_event_json.o
cli_objs     := $(patsubst %.c,$(BUILD)/%.o,$(wildcard cli/*.c))
libs         := $(BUILD)/libmodels.a $(BUILD)/libreport.a \
                $(BUILD)/libdataset.a $(BUILD)/libcore.a

.DEFAULT_GOAL := all

include make/nginx.mk make/test.mk make/bench.mk

## all: build/recs and build/ngx_http_recs_module.so (the default)
.PHONY: all
all: $(BUILD)/recs module

## recs: build/recs alone
.PHONY: recs
recs: $(BUILD)/recs

$(BUILD)/recs: LDLIBS += -lcrypto
$(BUILD)/recs: $(BUILD)/cli/recs.o $(BUILD)/libcli.a $(libs)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/libcore.a: $(core_objs)
$(BUILD)/libdataset.a: $(dataset_objs)
$(BUILD)/libmodels.a: $(models_objs)
$(BUILD)/libreport.a: $(report_objs)
$(BUILD)/libcli.a: $(filter-out $(BUILD)/cli/recs.o,$(cli_objs))
$(libs) $(BUILD)/libcli.a:
	@mkdir -p $(@D)
	rm -f $@
	ar crs $@ $^

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/%.o: %.cc
	@mkdir -p $(@D)
	$(CXX) $(CPPFLAGS) $(CXXFLAGS) -MMD -MP -c -o $@ $<

# Register tiles want unrolling; training, unlike scoring, may contract.
$(BUILD)/models/recs_lanes.o: CFLAGS += -O3 -ffp-contract=fast
$(BUILD)/models/recs_ease_lists.o: CFLAGS += -O3
$(BUILD)/models/recs_mlp_adam.o: CFLAGS += -O3
$(BUILD)/models/recs_mlp_network.o: CFLAGS += -O3
$(BUILD)/models/recs_bpr_fit.o: CFLAGS += -O3

-include $(wildcard $(BUILD)/*/*.d)

PREFIX  ?= /usr/local
# Where nginx itself looks for modules, if one is installed.
MODULES ?= $(or $(shell nginx -V 2>&1 \
             | sed -n 's/.*--modules-path=\([^ ]*\).*/\1/p'),\
             $(PREFIX)/lib/nginx/modules)

## install: recs to PREFIX/bin (/usr/local), the module to nginx's MODULES
.PHONY: install
install: all
	install -D -m 0755 $(BUILD)/recs $(DESTDIR)$(PREFIX)/bin/recs
	install -D -m 0644 $(BUILD)/ngx_http_recs_module.so \
	    $(DESTDIR)$(MODULES)/ngx_http_recs_module.so

## clean: remove the build folder
.PHONY: clean
clean:
	rm -rf $(BUILD)

## help: this list
.PHONY: help
help:
	@sed -n 's/^## \([a-z-]*\): /\1\t/p' $(MAKEFILE_LIST) | expand -t 14
