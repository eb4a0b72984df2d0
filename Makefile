PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEV := $(VENV)/.installed-dev
PIP := $(BIN)/pip --quiet --disable-pip-version-check

.PHONY: setup dev demo test test-long check measures bench faults mutants mutants-map docs wheel deb rehearse lock clean

# What runs in production, and nothing else.
setup: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --no-compile --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	packaging/slim $(VENV)
	touch $(STAMP)

# The tests' tools beside it; the versions of both files agree (tests/test_packaging.py).
$(DEV): $(STAMP) requirements-dev.lock
	$(PIP) install --require-hashes -r requirements-dev.lock
	$(BIN)/python -m compileall -q -j 0 $(VENV)/lib
	touch $(DEV)

dev: $(DEV)

demo: setup
	$(BIN)/triaged demo

# Byte code first: where Python is told to write none, each of the hundreds of processes would compile all of it anew.
test: $(DEV)
	$(BIN)/python -m compileall -q triaged tests
	$(BIN)/python -m pytest

# Those that take minutes too: fail-over at every point, the fault bench, a whole day at the console.
test-long: $(DEV)
	TRIAGED_LONG=1 $(BIN)/python -m pytest

check: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

measures: $(DEV)
	$(BIN)/python -m tests.measures

bench: $(DEV)
	$(BIN)/python -m tests.bench

# One seed on SQLite (one daemon) and on PostgreSQL (three); the same SEED is the same plan (tests/faults).
SEED ?= 1
KILLS ?= 100
faults: $(DEV)
	nice -n 10 $(BIN)/python -m tests.faults --seed $(SEED) --kills $(KILLS)

# SEED, COUNT, JOBS, ROOMS, ONLY, TIMEOUT: tests/mutants/__init__.py. The checkout is not touched.
mutants: $(DEV)
	nice -n 10 $(BIN)/python -m tests.mutants

# Which tests run which line, and how long each takes: with it `make mutants` asks these alone. Takes half an hour.
mutants-map: $(DEV)
	rm -rf .mutants && mkdir -p .mutants/data
	-MUTANTS_TREE=$(CURDIR) COVERAGE_PROCESS_START=$(CURDIR)/tests/mutants/coverage.ini \
	    $(BIN)/python -m pytest -p tests.mutants.measuring -k "not postgresql"
	$(BIN)/coverage combine --quiet --rcfile=/dev/null --data-file=.mutants/.coverage .mutants/data

# The documentation as a site, dist/site/index.html; a link that leads nowhere is a fault.
docs: $(DEV)
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

wheel: setup
	$(BIN)/pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation -w dist .

# A package for Debian 12 into dist/, made by Debian's own Python and dpkg-deb; root is not needed.
deb: setup
	packaging/deb/build

# As root: install, acknowledge, back up, upgrade and roll back the package in a root of its own (tests/rehearsal.py).
# ROOT: a bare Debian 12 (`mmdebstrap --variant=apt bookworm ROOT`), which is booted too where systemd-nspawn is there.
rehearse: deb $(DEV)
	$(BIN)/python -m tests.rehearsal dist/triaged_*.deb $(ROOT)

# Development only: needs `uv` on the PATH. No registry's address enters the files.
LOCKED := uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
lock:
	$(LOCKED) --extra postgres --extra alerts --extra oidc --extra build pyproject.toml -o requirements.lock
	$(LOCKED) --all-extras -c requirements.lock pyproject.toml -o requirements-dev.lock

clean:
	rm -rf $(VENV) dist
