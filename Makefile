# The commands for working on Tusk; `make help` lists them. Those that build install what they need first.

PRESET ?= gcc
PREFIX ?= /usr/local
SECONDS ?= 60
TARGET ?= calls directory segment record
jobs := $(shell nproc)

build_packages := g++ cmake ninja-build ccache libboost1.81-dev liblz4-dev libzstd-dev liburing-dev libprotozero-dev rapidjson-dev libcli11-dev libfmt-dev
test_packages := $(build_packages) jq librapidcheck-dev libprotobuf-dev protobuf-compiler pkg-config \
    python3 python3-protobuf e2fsprogs xfsprogs btrfs-progs
clang_packages := clang-16 libclang-rt-16-dev llvm-16
bench_packages := $(build_packages) nlohmann-json3-dev python3 python3-matplotlib python3-venv \
    librocksdb-dev libleveldb-dev libsqlite3-dev liblmdb-dev $(if $(shell command -v cargo),,cargo-web)
lint_packages := $(test_packages) $(clang_packages) clang-format-16 clang-tidy-16
package_packages := g++ clang-16 cmake make libboost1.81-dev liblz4-dev libzstd-dev liburing-dev libprotozero-dev rapidjson-dev pkg-config python3-venv

benches := $(basename $(notdir $(wildcard bench/*.cpp)))
sources = $(shell find include test bench example -name '*.[ch]pp')

.PHONY: help
help: ## lists the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' Makefile
	@for name in $(benches); do printf '  make %-14s %s\n' bench-$$name "runs bench/$$name.cpp"; done

.PHONY: quickstart
quickstart: ## builds and runs the first two examples
	@.ci/packages $(build_packages)
	@cmake --preset gcc -D TUSK_BUILD_TESTS=OFF -D TUSK_BUILD_EXAMPLES=ON --log-level=WARNING
	@cmake --build --preset gcc --target example_quickstart example_journal
	@for name in quickstart journal; do echo "== example/$$name"; \
	    (cd build/gcc/example/run/$$name && ../../$$name) || exit; done

.PHONY: test
test: ## builds and runs all tests; PRESET=clang, asan or tsan for others than gcc, SUITES=<regex> for a part
	@.ci/packages $(test_packages) $(if $(filter-out gcc,$(PRESET)),$(clang_packages))
	cmake --preset $(PRESET) -D TUSK_BUILD_TESTS=ON -D TUSK_TEST_SUITES='$(SUITES)' -D TUSK_BUILD_EXAMPLES=$(if $(SUITES),OFF,ON)
	cmake --build --preset $(PRESET) --parallel $(jobs)
	ctest --preset $(PRESET) --parallel $(jobs)

# What the tests' program, the fuzzers' corpora and the real file systems take; of some suites, their part of the first.
coverage_programs := tusk_test $(if $(SUITES),,$(addprefix fuzz/fuzz_,record segment directory calls limits) filesystem/tusk_filesystem protobuf/tusk_protobuf_test)

.PHONY: coverage
coverage: ## shows which branches of the headers the tests take; SHOW=uncovered for each that they do not
	@.ci/packages $(test_packages) $(clang_packages)
	@rm -rf build/coverage/profiles
	cmake --preset coverage -D TUSK_BUILD_EXAMPLES=OFF -D TUSK_TEST_SUITES='$(SUITES)' --log-level=WARNING
	cmake --build --preset coverage --parallel $(jobs) --target $(notdir $(coverage_programs))
	ctest --preset coverage --parallel $(jobs)
	@llvm-profdata-16 merge -failure-mode=all -sparse build/coverage/profiles/*.profraw -o build/coverage/profile
	@python3 test/coverage.py llvm-cov-16 . build/coverage/profile $(coverage_programs:%=build/coverage/test/%) $(SHOW)

.PHONY: fuzz
fuzz: ## runs the fuzz targets side by side; SECONDS=<of each>, TARGET=<record, segment, directory or calls>, SEED=<number>
	@.ci/packages $(build_packages) $(clang_packages)
	@cmake --preset fuzz --log-level=WARNING
	@cmake --build --preset fuzz --parallel $(jobs)
	@printf '%s\n' $(TARGET) | xargs -P $(jobs) -I{} test/fuzz/run build/fuzz/test/fuzz {} $(SECONDS) $(SEED)

.PHONY: crash
crash: ## looks for crashes that a log does not survive, on all cores: HOURS=<1>, KILLS=<1000> on each backend; or SEED=<number>
	@.ci/packages $(build_packages)
	@cmake --preset release -B build/crash -D TUSK_BUILD_CRASH=ON -D TUSK_BUILD_EXAMPLES=OFF --log-level=WARNING
	@cmake --build build/crash
	@build/crash/test/crash/long_run/long_run $(if $(SEED),seed=$(SEED),$(HOURS:%=hours=%) $(KILLS:%=kills=%))

.PHONY: bench
bench: bench-include $(benches:%=bench-%) bench-peers bench-scale ## runs all benchmarks

.PHONY: bench-build
bench-build:
	@.ci/packages $(bench_packages)
	@cmake --preset bench --log-level=WARNING
	@cmake --build --preset bench

.PHONY: bench-include
bench-include: ## measures what each policy header costs the compiler and a program
	@.ci/packages $(bench_packages)
	@python3 bench/include_cost.py

.PHONY: $(benches:%=bench-%)
$(benches:%=bench-%): bench-%: bench-build
	build/bench/bench/$*

.PHONY: bench-peers
bench-peers: bench-build ## runs Tusk beside its peers and the machine's limits; OPTIONS='--quick --seconds N --rounds N --workloads REGEX --peers REGEX'
	@bench/peers/build build/peers
	@bench/peers/run.py $(OPTIONS)

.PHONY: bench-scale
bench-scale: bench-build ## shows how cost grows with sizes, threads, logs and segments; OPTIONS='--quick --seconds N --rounds N --only REGEX'
	@bench/peers/scale.py $(OPTIONS)

.PHONY: bench-peers-results
bench-peers-results: bench-build ## runs the last two, and puts their tables and plots into bench/; OPTIONS=<of the first>, SCALE=<of the second>
	@bench/peers/build build/peers
	@bench/peers/run.py $(OPTIONS) --out build/peers/results >/dev/null
	@bench/peers/scale.py $(SCALE) --out build/peers/results >build/peers/results/scale.md
	@bench/peers/publish build/peers/results bench

.PHONY: bench-results
bench-results: bench-build ## runs append and open, and puts their tables into bench/README.md
	@{ build/bench/bench/append && echo && build/bench/bench/open; } > build/bench/results
	@sed -i -e '/^<!-- results -->$$/,/^<!-- end -->$$/{//!d}' -e '/^<!-- results -->$$/r build/bench/results' bench/README.md

.PHONY: format
format: ## formats all sources
	@.ci/packages $(lint_packages)
	@clang-format-16 -i $(sources)

.PHONY: lint
lint: ## checks the format of all sources, and the headers and examples with clang-tidy
	@.ci/packages $(lint_packages)
	@clang-format-16 --dry-run --Werror $(sources)
	@cmake --preset clang --log-level=WARNING
	@printf '%s\n' test/house/odr_first.cpp $(wildcard example/*.cpp example/*/*.cpp) \
	    | xargs -P $(jobs) -n 1 clang-tidy-16 --quiet -p build/clang

.PHONY: package
package: ## makes the Conan package and uses it, with GCC and Clang
	@.ci/packages $(package_packages)
	@test/install/conan/run

.PHONY: install
install: ## installs the headers and package files into PREFIX, which is /usr/local
	@.ci/packages g++ cmake ninja-build libboost1.81-dev
	@cmake -G Ninja -B build/install -D TUSK_BUILD_TESTS=OFF -D TUSK_BUILD_EXAMPLES=OFF --log-level=WARNING
	@cmake --install build/install --prefix $(PREFIX)

.PHONY: clean
clean: ## removes what was built
	@rm -rf build
