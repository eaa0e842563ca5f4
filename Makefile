# make quickstart | test | test-slurm | bench | evidence | install | format | reference | stubs | fuzz | asan | tsan | clean
#   TORCH=torch==2.12.0   another torch to install and to build against than that of constraints.txt
#   TORCH_INDEX=          where to get it: https://download.pytorch.org/whl/cpu has builds without CUDA
#   PYTHON=python3        the interpreter that .venv is made from
#   SCALE=                a scale of studies/quickstart.toml for `make quickstart`
#   FUZZ_SECONDS=60       for each target of `make fuzz`; TARGET= for one of them (tests/fuzz)
#   CLANG=14              the version of clang for `make fuzz`, as Debian's packages are named
#   TESTS=                some of the tests of `make asan` or `make tsan`: "desk_store_test engine_gram_test"
#   SLURM=1               adds the tests of `make test-slurm` to those of `make test`
#   OUT=results/quickstart   where `make quickstart` writes; each scale wants a folder of its own
TORCH ?= $(shell sed -n '/^torch/p' constraints.txt)
TORCH_INDEX ?=
PYTHON ?= python3
SCALE ?=
OUT ?= results/quickstart
FUZZ_SECONDS ?= 60
TARGET ?=
TESTS ?=
CLANG ?= 14
BUILD := build/wheel
BIN := .venv/bin
PIP := PIP_CONSTRAINT=$(CURDIR)/build/constraints.txt $(BIN)/python -m pip --disable-pip-version-check
SOURCES := CMakeLists.txt pyproject.toml $(shell find src python cmake studies -type f ! -name '*.pyc' ! -name '*.so')
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c
.DEFAULT_GOAL := install
.DELETE_ON_ERROR:

.PHONY: install test test-slurm quickstart bench evidence format reference stubs fuzz asan tsan clean build-tests

build/system-packages: scripts/system-packages
	@echo "making crosstalk from nothing: about nine minutes on two cores, six of them to compile; the rest loads and installs"
	@mkdir -p build
	@scripts/system-packages build $(PYTHON)
	@touch $@

build/constraints.txt: constraints.txt Makefile
	@mkdir -p build
	@sed 's/^torch.*/$(TORCH)/' constraints.txt > $@

$(BIN)/python: | build/system-packages
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "crosstalk needs Python 3.11 or newer: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv .venv

.venv/environment: build/constraints.txt pyproject.toml | $(BIN)/python
	@echo "installing into .venv: $(TORCH), then SciPy, pandas, Altair and build tools (about 200 MB to load)"
	@echo "  torch is 190 MB to load and 800 MB on disk without CUDA; what PyPI has for Linux on x86 is a CUDA build, gigabytes with NVIDIA's"
	@echo "  libraries. For the small one: make TORCH_INDEX=https://download.pytorch.org/whl/cpu (or a pip that is configured so)"
	@$(PIP) install $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) $(TORCH)
	@$(PIP) install 'scikit-build-core>=1.1' 'pybind11>=2.13' cmake ninja pytest scikit-learn \
	  $$($(BIN)/python -c 'import sys; sys.path.insert(0, "cmake"); import requirements; print(*requirements.PYTHON)') \
	  | { grep -v '^Requirement already satisfied' || true; }
	@touch $@

.venv/installed: $(SOURCES) .venv/environment
	@echo "compiling crosstalk: from nothing about six minutes on two cores, later what has changed (all that is said: build/install.log)"
	@rm -rf build/dist
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python scripts/build-progress build/install.log env $(PIP) wheel --verbose \
	  --no-build-isolation --no-deps --wheel-dir build/dist --config-settings=build-dir=$(BUILD) .
	@$(PIP) uninstall --quiet --yes crosstalk 2> /dev/null || true  # as the distribution was called before it had a name of its own
	@$(PIP) install --quiet --no-deps --force-reinstall build/dist/*.whl
	@touch $@

# What a shell needs that does not find the command yet.
define say_path
	@case ":$$PATH:" in *":$(CURDIR)/$(BIN):"*) ;; *) printf '\n%s\n\n    %s\n\n' \
	  "crosstalk is installed in .venv. Type this line, so that this shell finds it:" \
	  'export PATH="$(CURDIR)/$(BIN):'"\$$PATH\"" ;; esac
endef

install: .venv/installed
	$(say_path)

build/test-packages: scripts/system-packages
	@scripts/system-packages test $(PYTHON)
	@touch $@

build-tests: .venv/installed | build/test-packages
	@$(BIN)/cmake -S . -B $(BUILD) -DCROSSTALK_TESTS=ON -DCMAKE_MAKE_PROGRAM=$(CURDIR)/$(BIN)/ninja > build/configure.log || { cat build/configure.log; exit 1; }
	@$(BIN)/cmake --build $(BUILD) --target all

.venv/backpack: .venv/environment
	@echo "installing into .venv: BackPACK, beside which Gram matrices are tested and timed, and torchvision, which it needs (about 10 MB to load)"
	@$(PIP) install --quiet 'backpack-for-pytorch>=1.6' && touch $@ || echo "  it cannot be had here: what is compared with it is skipped"

# MinAtar asks for what draws its games; crosstalk does not look at them.
.venv/gym: .venv/environment
	@echo "installing into .venv: Gymnasium and MinAtar, in whose environments agents are tested (about 1 MB to load)"
	@$(PIP) install --quiet 'gymnasium>=1.0' && $(PIP) install --quiet --no-deps 'minatar>=1.0.15' && touch $@ \
	  || echo "  they cannot be had here: what acts in them is skipped"

.venv/atari: .venv/environment
	@echo "installing into .venv: ale-py, the Atari games in which agents are tested (about 3 MB to load)"
	@$(PIP) install --quiet 'ale-py>=0.12' && touch $@ || echo "  it cannot be had here: what plays them is skipped"

.venv/minari: .venv/environment
	@echo "installing into .venv: Minari and h5py, with which stored trajectories are exchanged (about 10 MB to load)"
	@$(PIP) install --quiet 'minari>=0.5.4' 'h5py>=3.8' && touch $@ || echo "  they cannot be had here: what needs them is skipped"

.venv/pyarrow: .venv/environment
	@echo "installing into .venv: pyarrow, which writes Parquet files (about 50 MB to load)"
	@$(PIP) install --quiet 'pyarrow>=15' && touch $@ || echo "  it cannot be had here: what needs it is skipped"

test: build-tests .venv/backpack .venv/gym .venv/atari .venv/minari .venv/pyarrow $(if $(SLURM),build/slurm-packages)
	@$(BIN)/python tests/run.py $(BUILD) $(if $(SLURM),tests/slurm/on_slurm.py)

build/slurm-packages: scripts/system-packages
	@scripts/system-packages slurm $(PYTHON) && touch $@ || echo "  Slurm cannot be had here: what needs it is skipped"

# Studies through a Slurm that is started on this machine, as root.
test-slurm: install .venv/gym build/slurm-packages
	@CROSSTALK_SLURM_MUST_RUN=1 $(BIN)/python -m pytest -rs -s tests/slurm/on_slurm.py

quickstart: .venv/installed
	@$(BIN)/crosstalk run studies/quickstart.toml --out $(OUT) $(if $(SCALE),--scale $(SCALE))
	@$(BIN)/crosstalk report $(OUT)
	@echo
	@echo "the report:    $(abspath $(OUT))/report.html"
	@echo "vary the study: crosstalk run studies/quickstart.toml --set learner.optimizer=sgd --set learner.rate=0.01 --out results/with-sgd"
	$(say_path)

bench: install .venv/backpack
	@$(BIN)/cmake -S . -B $(BUILD) -DCROSSTALK_BENCH=ON -DCMAKE_MAKE_PROGRAM=$(CURDIR)/$(BIN)/ninja > build/configure.log || { cat build/configure.log; exit 1; }
	@$(BIN)/cmake --build $(BUILD) --target crosstalk-bench-update crosstalk-bench-agent
	@$(BIN)/python bench/run.py --build $(BUILD)

# DATA=DIR has the files of docs/data.md; STUDIES=, JOBS= as scripts/reproduction has them.
evidence: install .venv/gym .venv/atari
	@scripts/reproduction $(DATA)

.venv/formatters: build/constraints.txt | $(BIN)/python
	@echo "installing into .venv: clang-format and ruff (about 15 MB to load)"
	@$(PIP) install --quiet 'clang-format==23.1.*' 'ruff==0.17.*'
	@touch $@

format: .venv/formatters
	@$(BIN)/clang-format -i $$(git ls-files '*.cpp' '*.hpp')
	@$(BIN)/ruff format python tests bench cmake examples

reference: install
	@$(BIN)/python scripts/reference

# The types of the extension modules, after a change in python/*.cpp.
stubs: install
	@$(BIN)/python scripts/stubs.py

.venv/atheris: .venv/environment
	@echo "installing into .venv: Atheris, which drives the fuzz targets in Python (about 30 MB to load)"
	@$(PIP) install --quiet 'atheris>=2.3' && touch $@ || echo "  it cannot be had here: the readers in Python are not fuzzed"

build/fuzz-packages: scripts/system-packages
	@CLANG=$(CLANG) scripts/system-packages fuzz $(PYTHON)
	@touch $@

# Every reader of ours, with libFuzzer and the address and undefined-behaviour sanitizers; then foreign readers.
fuzz: .venv/installed .venv/atheris .venv/minari | build/fuzz-packages
	@CC=clang-$(CLANG) CXX=clang++-$(CLANG) $(BIN)/cmake --preset fuzz > build/configure.log || { cat build/configure.log; exit 1; }
	@$(BIN)/cmake --build build/fuzz --target fuzz-targets
	@$(BIN)/python tests/fuzz/run.py build/fuzz --seconds $(FUZZ_SECONDS) $(addprefix --target ,$(TARGET))

# The C++ tests under a sanitizer, those of the desk first: all of them, or TESTS.
asan tsan: %: .venv/environment | build/test-packages
	@$(BIN)/cmake --preset $@ > build/configure.log || { cat build/configure.log; exit 1; }
	@$(BIN)/python tests/sanitized.py $@ $(TESTS)

clean:
	rm -rf build .venv
