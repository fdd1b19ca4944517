# SPDX-License-Identifier: Apache-2.0
#
# make            everything into build/
# make static     the plugin and ringfencectl as static, hardened, stripped programs into build/static/
# make install    those, the manual and completion, to DESTDIR= CNI_BIN_DIR=/opt/cni/bin SBINDIR=/usr/local/sbin MANDIR=/usr/local/share/man
# make uninstall  removes what install installed
# make test       installs what is missing, builds and runs all tests, as root; LEVEL=unit for one level
# make test-kernels     boots Linux 5.10, 6.1 and 6.12 in qemu and runs a pod's life on each; fetches them once
# make test-kubernetes  a whole Kubernetes node with pods, as root; Kubernetes is built once, which takes minutes
# make test-faults      each system call of the plugin fails, or kills it, in turn; as root
# make demo       installs what is missing, builds and shows a pod that is protected, as root
# make bench      measures, as root
# make lint       formats, static analysis, licence lines
# make clean      removes build/
# make help       this list
#
# V=1 shows the commands.
#
# The build itself fetches nothing but, for the static programs, the source of cJSON; what it needs
# is installed by scripts/setup.sh.

CC          ?= gcc
BPF_CLANG   ?= clang
LLVM_STRIP  ?= llvm-strip
BPFTOOL     ?= $(or $(shell for b in bpftool /usr/sbin/bpftool /usr/lib/linux-tools/*/bpftool; do \
	if "$$b" version >/dev/null 2>&1; then echo "$$b"; break; fi; done),bpftool)
PKG_CONFIG  ?= pkg-config
CNI_BIN_DIR ?= /opt/cni/bin
SBINDIR     ?= /usr/local/sbin
MANDIR      ?= /usr/local/share/man
# The shells look there of themselves.
BASH_COMPLETION_DIR ?= /usr/local/share/bash-completion/completions
ZSH_COMPLETION_DIR  ?= /usr/local/share/zsh/site-functions
INSTALL     ?= install
STRIP       ?= strip

# One tree of objects for each variant of the flags; SANITIZE=1 is the one of the tests.
ifeq ($(SANITIZE),1)
B := build/sanitize
VARIANT := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
else
B := build
VARIANT := -O2 -g -D_FORTIFY_SOURCE=2
endif

WARNINGS := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 \
	-Wvla -Wundef -Wimplicit-fallthrough
CFLAGS   := -std=gnu17 $(WARNINGS) $(VARIANT) -fstack-protector-strong -fPIE
# A libbpf that scripts/setup.sh built where the distribution's is too old.
CACHE  := $(or $(RINGFENCE_CACHE),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/ringfence)
LIBBPF := $(wildcard $(CACHE)/libbpf)
ifneq ($(LIBBPF),)
export PKG_CONFIG_PATH := $(LIBBPF)/lib/pkgconfig:$(PKG_CONFIG_PATH)
endif

CPPFLAGS := $(LIBBPF:%=-I%/include) -I. -Ibuild -D_GNU_SOURCE $(shell $(PKG_CONFIG) --cflags libnl-3.0 2>/dev/null)
LDFLAGS  := $(LIBBPF:%=-L%/lib) -pie -Wl,-z,relro,-z,now
LDLIBS   := -lbpf -lcjson -lnl-3 -lelf -lz

MULTIARCH := $(shell $(CC) -print-multiarch 2>/dev/null)
BPF_CFLAGS := -target bpf -mcpu=v3 -O2 -g -Wall -Wextra -Werror $(LIBBPF:%=-I%/include) -I. -I/usr/include/$(MULTIARCH) \
	-ffile-prefix-map=$(CURDIR)=.

NETCONF_OBJS   := $(patsubst %.c,$(B)/%.o,$(wildcard netconf/*.c))
DATAPLANE_OBJS := $(patsubst %.c,$(B)/%.o,$(wildcard dataplane/*.c dataplane/*/*.c))
PLUGIN_OBJS    := $(patsubst %.c,$(B)/%.o,$(wildcard cni-plugin/*.c))
CTL_OBJS       := $(patsubst %.c,$(B)/%.o,$(wildcard ctl/*.c ctl/*/*.c))
SKELETON       := build/bpf/ringfence.skel.h build/bpf/ringfence.build.h

comma := ,

# A line a step; V=1 shows the commands.
ifneq ($(V),1)
.SILENT:
endif
step = @printf '  %-7s %s\n' $(1) $(patsubst $(CURDIR)/%,%,$@)

.DELETE_ON_ERROR:
.PHONY: all help
all: $(B)/ringfence $(B)/ringfencectl build/bpf/ringfence.bpf.o

help:
	@sed -n 's/^# \{0,1\}\(make.*\)/\1/p' Makefile

build/bpf/%.bpf.o: bpf/%.bpf.c $(wildcard bpf/*.h)
	@mkdir -p $(@D)
	$(call step,BPF)
	$(BPF_CLANG) $(BPF_CFLAGS) -c $< -o $@
	$(LLVM_STRIP) -g $@

build/bpf/%.skel.h: build/bpf/%.bpf.o
	$(call step,SKEL)
	$(BPFTOOL) gen skeleton $< name $* > $@

# What tells this build of the programs from another (dataplane/upgrade.h): the same sources give the same.
build/bpf/%.build.h: build/bpf/%.bpf.o
	$(call step,BUILD)
	sha256sum $< | sed 's/^\(.\{16\}\).*/#define RF_BUILD 0x\1ull/' > $@

$(DATAPLANE_OBJS): | $(SKELETON)
EMBEDDING := load constants skeleton upgrade upgrade_programs
$(EMBEDDING:%=$(B)/dataplane/%.o): $(SKELETON)

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(call step,CC)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c $< -o $@

$(B)/libnetconf.a: $(NETCONF_OBJS)
$(B)/libdataplane.a: $(DATAPLANE_OBJS)
$(B)/lib%.a:
	$(call step,AR)
	$(RM) $@
	$(AR) rcs $@ $^

$(B)/ringfence: $(PLUGIN_OBJS) $(B)/libdataplane.a $(B)/libnetconf.a
	$(call step,LINK)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(B)/ringfencectl: $(CTL_OBJS) $(B)/libdataplane.a $(B)/libnetconf.a
	$(call step,LINK)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# Unit tests: each test/unit/*_test.c is a program of its own, linked with the libraries and test/lib.
TEST_LIB_OBJS := $(patsubst %.c,$(B)/%.o,$(wildcard test/lib/*.c))
UNIT_TESTS    := $(patsubst %.c,$(B)/%,$(wildcard test/unit/*_test.c))
BPF_TESTS     := $(patsubst %.c,$(B)/%,$(wildcard test/bpf/*_test.c))
$(TEST_LIB_OBJS) $(BPF_TESTS:=.o): | $(SKELETON)
$(UNIT_TESTS) $(BPF_TESTS): $(B)/%: $(B)/%.o $(TEST_LIB_OBJS) $(B)/libdataplane.a $(B)/libnetconf.a
	$(call step,LINK)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) -lcmocka $(LDLIBS)
# They read the tables of the executables themselves.
$(B)/test/unit/manual_test: $(filter-out %/main.o,$(PLUGIN_OBJS) $(CTL_OBJS))
$(B)/test/unit/ctl_test $(B)/test/unit/flow_memory_test $(B)/test/unit/origins_test \
	$(B)/test/unit/policy_names_test $(B)/test/unit/policy_pods_test: $(filter-out %/main.o,$(CTL_OBJS))
.PHONY: test-programs
test-programs: $(UNIT_TESTS) $(BPF_TESTS)

# What the plugin's tests ask the kernel with, a library that makes it look like an older one, and traffic.
CNI_TEST_TOOLS := build/test/cni/kernel build/test/cni/no_tcx.so build/test/cni/bulk build/test/cni/fill
build/test/cni/kernel build/test/cni/fill build/bench/batch: %: %.o
	$(call step,LINK)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lbpf -lelf -lz
build/test/cni/bulk: build/test/cni/bulk.o
	$(call step,LINK)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^
build/test/cni/no_tcx.so: test/cni/no_tcx.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -fPIC -shared -o $@ $<

# Other builds of ringfence, for the tests of upgrades: one whose programs have one instruction more (and which takes the map
# `events_lost` for one that the ABI did not always have), one whose programs the kernel refuses, and one of the next ABI. Only
# the objects that differ are compiled; the rest is this build's.
VARIANTS := other-build refused-build other-abi
VARIANT_FLAGS_other-build   := -DRF_BUILD_FOR_TEST='"r0 = 1"' -DRF_MAP_EXTENSIONS='(1u << RF_MAP_EVENTS_LOST)'
VARIANT_FLAGS_refused-build := -DRF_BUILD_FOR_TEST='"r0 = *(u64 *)(r10 + 8)"'
VARIANT_FLAGS_other-abi      = -DRF_ABI=$(shell expr 1 + $$(sed -n 's/^#define RF_ABI //p' bpf/abi.h))
VARIANT_SOURCES := $(shell grep -lE 'RF_ABI|RF_PIN_DIRECTORY|rf_map_is_extension|\.(skel|build)\.h' dataplane/*.c dataplane/*/*.c)
VARIANT_PROGRAMS := $(foreach v,$(VARIANTS),$(B)/$(v)/ringfence $(B)/$(v)/ringfencectl)
define VARIANT_RULES
build/$(1)/bpf/ringfence.bpf.o: bpf/ringfence.bpf.c $(wildcard bpf/*.h)
	@mkdir -p $$(@D)
	$$(call step,BPF)
	$$(BPF_CLANG) $$(BPF_CFLAGS) $$(VARIANT_FLAGS_$(1)) -c $$< -o $$@
	$$(LLVM_STRIP) -g $$@
build/$(1)/bpf/ringfence.skel.h: build/$(1)/bpf/ringfence.bpf.o
	$$(call step,SKEL)
	$$(BPFTOOL) gen skeleton $$< name ringfence > $$@
build/$(1)/bpf/ringfence.build.h: build/$(1)/bpf/ringfence.bpf.o
	$$(call step,BUILD)
	sha256sum $$< | sed 's/^\(.\{16\}\).*/#define RF_BUILD 0x\1ull/' > $$@
$(B)/$(1)/%.o: %.c build/$(1)/bpf/ringfence.skel.h build/$(1)/bpf/ringfence.build.h
	@mkdir -p $$(@D)
	$$(call step,CC)
	$$(CC) -Ibuild/$(1) $$(CPPFLAGS) $$(VARIANT_FLAGS_$(1)) $$(CFLAGS) -MMD -MP -c $$< -o $$@
$(B)/$(1)/ringfence: $$(PLUGIN_OBJS)
$(B)/$(1)/ringfencectl: $$(CTL_OBJS)
$(B)/$(1)/ringfence $(B)/$(1)/ringfencectl: $$(VARIANT_SOURCES:%.c=$(B)/$(1)/%.o) $$(B)/libdataplane.a $$(B)/libnetconf.a
	@mkdir -p $$(@D)
	$$(call step,LINK)
	$$(CC) $$(CFLAGS) $$(LDFLAGS) -o $$@ $$(filter %.o,$$^) $$(filter %.a,$$^) $$(LDLIBS)
endef
$(foreach v,$(VARIANTS),$(eval $(call VARIANT_RULES,$(v))))
.PHONY: variant-programs
variant-programs: $(VARIANT_PROGRAMS)

# Benchmarks: bench/run.sh runs them all and prints the table.
build/bench/%.bpf.o: bench/%.bpf.c bpf/abi.h
	@mkdir -p $(@D)
	$(call step,BPF)
	$(BPF_CLANG) $(BPF_CFLAGS) -c $< -o $@
	$(LLVM_STRIP) -g $@
build/bench/%.skel.h: build/bench/%.bpf.o
	$(call step,SKEL)
	$(BPFTOOL) gen skeleton $< name $* > $@
build/bench/packet.o: build/bench/floor.skel.h
build/bench/packet: build/bench/packet.o build/test/lib/programs.o build/test/lib/packet.o \
		build/test/lib/packet_transport.o build/test/lib/few_cpus.o build/test/lib/traces.o \
		build/libdataplane.a build/libnetconf.a
	$(call step,LINK)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# The programs that are copied onto hosts: no library is needed there. They are linked from the same
# objects; only cJSON, which no distribution has as an archive, is built for it. The linker would warn
# about getaddrinfo and getprotobyname, functions of libnl that are never called.
STATIC_PROGRAMS := build/static/ringfence build/static/ringfencectl
STATIC_LDFLAGS  := -static-pie -Wl,-z,relro,-z,now -Wl,-z,noexecstack
STATIC_QUIET     = $(shell $(CC) -shared -Wl,--no-warnings -x c /dev/null -o /dev/null 2>/dev/null && echo -Wl$(comma)--no-warnings)
STATIC_LDLIBS    = $(shell $(PKG_CONFIG) --static --libs libbpf libnl-3.0)
ifneq ($(SANITIZE),1)
.PHONY: static install uninstall
static: $(STATIC_PROGRAMS)
build/static/ringfence: $(PLUGIN_OBJS)
build/static/ringfencectl: $(CTL_OBJS)
$(STATIC_PROGRAMS): $(B)/libdataplane.a $(B)/libnetconf.a
	@mkdir -p $(@D)
	$(call step,LINK)
	cjson=$$(CC='$(CC)' scripts/static-cjson.sh) && \
		$(CC) $(CFLAGS) $(STATIC_LDFLAGS) $(STATIC_QUIET) -o $@.unstripped $(filter %.o,$^) $(filter %.a,$^) "$$cjson" $(STATIC_LDLIBS)
	$(STRIP) -o $@ $@.unstripped

# What shells complete by, as the program prints it.
COMPLETIONS := build/static/ringfencectl.bash build/static/ringfencectl.zsh
$(COMPLETIONS): build/static/ringfencectl.%: build/static/ringfencectl
	$(call step,SHELL)
	build/static/ringfencectl completion $* > $@

install: static $(COMPLETIONS)
	$(INSTALL) -D -m 755 build/static/ringfence '$(DESTDIR)$(CNI_BIN_DIR)/ringfence'
	$(INSTALL) -D -m 755 build/static/ringfencectl '$(DESTDIR)$(SBINDIR)/ringfencectl'
	$(INSTALL) -D -m 644 man/ringfence.8 '$(DESTDIR)$(MANDIR)/man8/ringfence.8'
	$(INSTALL) -D -m 644 man/ringfencectl.8 '$(DESTDIR)$(MANDIR)/man8/ringfencectl.8'
	$(INSTALL) -D -m 644 build/static/ringfencectl.bash '$(DESTDIR)$(BASH_COMPLETION_DIR)/ringfencectl'
	$(INSTALL) -D -m 644 build/static/ringfencectl.zsh '$(DESTDIR)$(ZSH_COMPLETION_DIR)/_ringfencectl'

uninstall:
	$(RM) '$(DESTDIR)$(CNI_BIN_DIR)/ringfence' '$(DESTDIR)$(SBINDIR)/ringfencectl' \
		'$(DESTDIR)$(MANDIR)/man8/ringfence.8' '$(DESTDIR)$(MANDIR)/man8/ringfencectl.8' \
		'$(DESTDIR)$(BASH_COMPLETION_DIR)/ringfencectl' '$(DESTDIR)$(ZSH_COMPLETION_DIR)/_ringfencectl'
endif

# Set-up comes first and make reads its variables again after it: they ask compilers and pkg-config.
LEVEL ?= lint unit bpf cni e2e
JOBS  := $(shell nproc 2>/dev/null || echo 1)
.PHONY: test test-faults test-kernels test-kubernetes test-build lint lint-flags demo bench clean
test:
	scripts/setup.sh build test $(filter e2e kernels kubernetes,$(LEVEL))
	+$(MAKE) --no-print-directory -j$(JOBS) test-build
	LEVEL='$(LEVEL)' test/run.sh

test-kernels test-kubernetes: test-%:
	+$(MAKE) --no-print-directory test LEVEL=$*

test-faults:
	scripts/setup.sh build test
	+$(MAKE) --no-print-directory -j$(JOBS) static $(CNI_TEST_TOOLS)
	test/faults/run.sh

SKELETONS := $(SKELETON) $(patsubst %.bpf.c,build/%.skel.h,$(wildcard bench/*.bpf.c))
test-build: $(addprefix test-build-,$(LEVEL))
.PHONY: test-build-lint test-build-unit test-build-bpf test-build-cni test-build-e2e test-build-kernels \
	test-build-kubernetes sanitized-programs
test-build-lint: $(SKELETONS)
test-build-unit test-build-bpf: sanitized-programs
test-build-cni: static sanitized-programs $(CNI_TEST_TOOLS)
	+$(MAKE) --no-print-directory SANITIZE=1 variant-programs
test-build-e2e test-build-kernels test-build-kubernetes: static
sanitized-programs: $(SKELETON)
	+$(MAKE) --no-print-directory SANITIZE=1 all test-programs

lint: $(SKELETONS)
	scripts/lint.sh
lint-flags:
	@echo '$(CPPFLAGS)'
	@echo '$(BPF_CFLAGS)'

demo:
	scripts/setup.sh build demo
	@echo 'building'
	+@$(MAKE) --no-print-directory -j$(JOBS) all >/dev/null
	scripts/demo.sh

bench:
	scripts/setup.sh build demo
	+$(MAKE) --no-print-directory -j$(JOBS) all static build/bench/packet build/bench/batch build/test/cni/bulk build/test/cni/fill
	bench/run.sh

clean:
	$(RM) -r build

.SECONDARY:
-include $(shell find $(B) -name '*.d' 2>/dev/null)
