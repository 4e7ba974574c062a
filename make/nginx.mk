# The module in nginx: against Debian's nginx-dev, or against an nginx source
# tree of the caller's (NGINX_SRC), which is copied and never written to.

B              := $(abspath $(BUILD))
debian_nginx   := /usr/share/nginx/src
module_sources := config $(wildcard core/*.[ch] ngx_recs_module/*.[ch])

# What t/ needs of an nginx that we build ourselves.
NGINX_OPTIONS  := --with-compat --with-debug --with-threads \
                  --with-http_ssl_module --with-http_v2_module \
                  --with-http_realip_module --with-http_addition_module \
                  --with-http_sub_module --with-http_gunzip_module \
                  --with-http_gzip_static_module --with-http_slice_module \
                  --with-http_auth_request_module \
                  --with-http_stub_status_module

# For all of a static nginx, for the module in it alone, for the linker.
NGINX_CC_OPT   ?= $(OPT)
NGINX_OWN_OPT  ?=
NGINX_LD_OPT   ?=

# An empty answer where the package is missing: the message is in the recipe.
ifneq ($(NGINX_SRC),)
nginx_sources  := $(NGINX_SRC)
else
nginx_sources  := $(shell script/nginx-source --cached)
endif


# Another file or compiler means a new configure, another tree a new copy:
# these two change when, and only when, what they hold does.
$(B)/module-files: force
	@mkdir -p $(@D)
	@echo '$(CC) $(nginx_sources) $(module_sources)' | cmp -s - $@ \
	    || echo '$(CC) $(nginx_sources) $(module_sources)' > $@

$(B)/nginx-src-from: force
	@mkdir -p $(@D)
	@echo '$(nginx_sources)' | cmp -s - $@ || echo '$(nginx_sources)' > $@

.PHONY: force
force:


## module: build/ngx_http_recs_module.so (NGINX_SRC=DIR: for that nginx)
.PHONY: module
module: $(B)/ngx_http_recs_module.so

$(B)/ngx_http_recs_module.so: $(B)/module/Makefile $(module_sources)
ifneq ($(NGINX_SRC),)
	$(MAKE) -f $< -C $(B)/nginx-src modules
else
	$(MAKE) -f $< -C $(debian_nginx) modules
endif
	cp $(B)/module/$(@F) $@.new
	mv $@.new $@

ifneq ($(NGINX_SRC),)

$(B)/module/Makefile: config $(B)/module-files $(B)/nginx-src/configure
	cd $(B)/nginx-src && ./configure --builddir=$(B)/module \
	    --with-cc=$(CC) --with-cc-opt='$(OPT) -fPIC' \
	    --with-ld-opt='-fPIC' $(NGINX_OPTIONS) \
	    --add-dynamic-module=$(CURDIR) > $(B)/module-configure.log \
	    || { tail -n 5 $(B)/module-configure.log; exit 1; }

else

$(B)/module/Makefile: config $(B)/module-files
	@test -e $(debian_nginx)/conf_flags \
	    || { echo "make: no $(debian_nginx): apt-get install nginx-dev," \
	              "or make NGINX_SRC=DIR" >&2; exit 1; }
	cd $(debian_nginx) && bash -c '. ./conf_flags; ./configure \
	    --with-cc=$(CC) --with-cc-opt="$(OPT) -fPIC" \
	    --with-ld-opt="-fPIC" "$${NGX_CONF_FLAGS[@]}" \
	    --builddir=$(B)/module --add-dynamic-module=$(CURDIR)' \
	    > $(B)/module-configure.log \
	    || { tail -n 5 $(B)/module-configure.log; exit 1; }

endif


# A repository of nginx has auto/configure, a release has ./configure; auto/
# expects to be run from the top of the tree in both.
$(B)/nginx-src/configure: $(B)/nginx-src-from
	@test -n '$(nginx_sources)' \
	    || { echo "make: no nginx source: run script/nginx-source," \
	              "or make NGINX_SRC=DIR" >&2; exit 1; }
	@test -e '$(nginx_sources)/src/core/nginx.c' \
	    || { echo "make: NGINX_SRC=$(nginx_sources) is not" \
	              "an nginx source tree" >&2; exit 1; }
	rm -rf $(B)/nginx-src
	mkdir -p $(B)/nginx-src
	cp -R $(addprefix $(nginx_sources)/,auto src conf) $(B)/nginx-src/
	chmod -R u+w $(B)/nginx-src
	cp $(firstword $(wildcard $(nginx_sources)/configure \
	                          $(nginx_sources)/auto/configure)) $@


## static: build/nginx, an nginx with the module built in
.PHONY: static
static: $(B)/nginx

$(B)/nginx: $(B)/static/Makefile $(module_sources)
	$(MAKE) -f $< -C $(B)/nginx-src binary
	cp $(B)/static/nginx $@.new
	mv $@.new $@

$(B)/static/Makefile: config $(B)/module-files $(B)/nginx-src/configure
	cd $(B)/nginx-src && ASAN_OPTIONS=detect_leaks=0 ./configure \
	    --builddir=$(B)/static --with-cc=$(CC) \
	    --with-cc-opt='$(NGINX_CC_OPT)' --with-ld-opt='$(NGINX_LD_OPT)' \
	    --prefix=/usr/share/nginx $(NGINX_OPTIONS) \
	    --add-module=$(CURDIR) > $(B)/static-configure.log \
	    || { tail -n 5 $(B)/static-configure.log; exit 1; }
	echo '$(B)/static/addon/%.o: CFLAGS += $(NGINX_OWN_OPT)' >> $@
