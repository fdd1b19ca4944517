# SPDX-License-Identifier: Apache-2.0
#
# make          everything into build/
# make static   the static plugin and ringfencectl into build/static/
# make install  DESTDIR= CNI_BIN_DIR=/opt/cni/bin
# make help     all targets

CC          ?= gcc
BPF_CLANG   ?= clang
LLVM_STRIP  ?= llvm-strip
BPFTOOL     ?= bpftool
PKG_CONFIG  ?= pkg-config
CNI_BIN_DIR ?= /opt/cni/bin
SBINDIR     ?= /usr/local/sbin

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
CPPFLAGS := -I. -Ibuild -D_GNU_SOURCE $(shell $(PKG_CONFIG) --cflags libnl-3.0)
LDFLAGS  := -pie -Wl,-z,relro,-z,now
LDLIBS   := -lbpf -lcjson -lnl-3 -lelf -lz

MULTIARCH := $(shell $(CC) -print-multiarch)
BPF_CFLAGS := -target bpf -mcpu=v3 -O2 -g -Wall -Wextra -Werror -I. -I/usr/include/$(MULTIARCH)

NETCONF_OBJS   := $(patsubst %.c,$(B)/%.o,$(wildcard netconf/*.c))
DATAPLANE_OBJS := $(patsubst %.c,$(B)/%.o,$(wildcard dataplane/*.c))
PLUGIN_OBJS    := $(patsubst %.c,$(B)/%.o,$(wildcard cni-plugin/*.c))
CTL_OBJS       := $(patsubst %.c,$(B)/%.o,$(wildcard ctl/*.c))
SKELETON       := build/bpf/ringfence.skel.h

.DELETE_ON_ERROR:
.PHONY: all help
all: $(B)/ringfence $(B)/ringfencectl build/bpf/ringfence.bpf.o

help:
	@sed -n 's/^# \{0,1\}\(make.*\)/\1/p' Makefile

build/bpf/%.bpf.o: bpf/%.bpf.c $(wildcard bpf/*.h)
	@mkdir -p $(@D)
	$(BPF_CLANG) $(BPF_CFLAGS) -c $< -o $@
	$(LLVM_STRIP) -g $@

build/bpf/%.skel.h: build/bpf/%.bpf.o
	$(BPFTOOL) gen skeleton $< name $* > $@

$(DATAPLANE_OBJS): | $(SKELETON)
$(B)/dataplane/objects.o: $(SKELETON)

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c $< -o $@

$(B)/libnetconf.a: $(NETCONF_OBJS)
$(B)/libdataplane.a: $(DATAPLANE_OBJS)
$(B)/lib%.a:
	$(AR) rcs $@ $^

$(B)/ringfence: $(PLUGIN_OBJS) $(B)/libdataplane.a $(B)/libnetconf.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(B)/ringfencectl: $(CTL_OBJS) $(B)/libdataplane.a $(B)/libnetconf.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# Unit tests: each test/unit/*_test.c is a program of its own, linked with the libraries and test/lib.
TEST_LIB_OBJS := $(patsubst %.c,$(B)/%.o,$(wildcard test/lib/*.c))
UNIT_TESTS    := $(patsubst %.c,$(B)/%,$(wildcard test/unit/*_test.c))
BPF_TESTS     := $(patsubst %.c,$(B)/%,$(wildcard test/bpf/*_test.c))
$(TEST_LIB_OBJS) $(BPF_TESTS:=.o): | $(SKELETON)
$(UNIT_TESTS) $(BPF_TESTS): $(B)/%: $(B)/%.o $(TEST_LIB_OBJS) $(B)/libdataplane.a $(B)/libnetconf.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lcmocka $(LDLIBS)
.PHONY: test-programs
test-programs: $(UNIT_TESTS) $(BPF_TESTS)

.SECONDARY:
-include $(shell find $(B) -name '*.d' 2>/dev/null)
