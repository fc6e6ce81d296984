# The study in two commands: `make study` and `make test`. The README says the same without make.
.DEFAULT_GOAL := help
.NOTPARALLEL:
.SUFFIXES:
.PHONY: help setup study test lint types unit notebooks-check lab notebooks lock bench clean

# The first Python that is new enough; `make PYTHON=/path/to/python study` overrides it.
PYTHON ?= $(firstword $(foreach p,python3 python3.14 python3.13 python3.12 python3.11 python,\
    $(shell $(p) -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $(p))))
VENV := .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
PY := $(BIN)/python
READY := $(VENV)/ready
SOURCES := analysis tests

help:
	@echo "make study      set up and run the baseline; says where to look"
	@echo "make test       set up and run every check: ruff, mypy, pytest, nbval"
	@echo "make lab        open JupyterLab on the notebooks"
	@echo "make notebooks  run the committed notebooks again, in place, at the baseline"
	@echo "make bench      time the set-up, evaluate, a whole run, sweeps and kernels, beside peers"
	@echo "make lock       resolve the dependencies again into requirements.lock"
	@echo "make clean      remove everything that the commands above made, except runs/"

setup: $(READY)

# Every package comes from the lock by hash; uv is ten times as fast as pip, which steps in where
# uv finds no package index (behind a mirror that only pip is told about). Bytecode is compiled here
# because some machines forbid Python to write it later, and imports then take three times as long;
# the packages' own tests are left out, and a file that is no Python (a template) is no failure.
$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "error: no Python >= 3.11 found; next: make PYTHON=/path/to/python" >&2; exit 1; }
	@$(PY) -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv $(VENV)
	@awk '/^[^ #]/ {keep = /^uv==/} keep' requirements.lock > $(VENV)/uv.lock
	@$(PY) -m pip install -qq --disable-pip-version-check --require-hashes --requirement $(VENV)/uv.lock
	@$(PY) -m uv pip sync --quiet --python $(PY) --require-hashes requirements.lock || { \
	    echo "uv could not install from here; using pip"; \
	    $(PY) -m pip install -qq --disable-pip-version-check --require-hashes --requirement requirements.lock; }
	@$(PY) -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --no-index --editable .
	@$(PY) -m compileall -q -j 0 -x '[\\/]tests?[\\/]' $(VENV) analysis >$(VENV)/compile.log || true
	@touch $@
	@echo "set up in $(VENV)"

study: setup
	@$(BIN)/study run

test: setup
	@$(PY) -m tests.every_check

lab: setup
	@$(BIN)/jupyter lab --notebook-dir notebooks

notebooks: setup
	@$(PY) -m analysis.study.refresh

bench: setup
	@$(PY) tests/benchmarks
	@$(PY) tests/benchmarks/sweep.py
	@$(PY) tests/benchmarks/kernels_peer.py

# One version of each package for all platforms and Pythons, so that two machines compute the same.
lock:
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@$(PY) -m uv --version >/dev/null 2>&1 || $(PY) -m pip install --quiet uv
	@$(PY) -m uv pip compile --quiet --upgrade --universal --fork-strategy fewest --python-version 3.11 \
	    --generate-hashes --no-emit-index-url --custom-compile-command "make lock" \
	    --extra test --group setup pyproject.toml --output-file requirements.lock

clean:
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks *.egg-info
	@find analysis tests -name __pycache__ -type d -prune -exec rm -rf {} +
