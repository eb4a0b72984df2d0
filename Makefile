PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEV := $(VENV)/.installed-dev
PIP := $(BIN)/pip --quiet --disable-pip-version-check

.PHONY: setup demo test test-long check measures bench faults mutants wheel deb rehearse lock clean

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
	touch $(DEV)

demo: setup
	$(BIN)/triaged demo

test: $(DEV)
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

# SEED, COUNT, JOBS, ROOMS, ONLY, TIMEOUT: tests/mutants/__init__.py. Takes hours; the checkout is not touched.
mutants: $(DEV)
	nice -n 10 $(BIN)/python -m tests.mutants

wheel: setup
	$(BIN)/pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation -w dist .

# A package for Debian 12 into dist/, made by Debian's own Python and dpkg-deb; root is not needed.
deb: setup
	packaging/deb/build

# As root: install, acknowledge, back up, upgrade and roll back the package in a root of its own (tests/rehearsal.py).
rehearse: deb $(DEV)
	$(BIN)/python -m tests.rehearsal dist/triaged_*.deb

# Development only: needs `uv` on the PATH. No registry's address enters the files.
LOCKED := uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
lock:
	$(LOCKED) --extra postgres --extra alerts --extra oidc --extra build pyproject.toml -o requirements.lock
	$(LOCKED) --all-extras -c requirements.lock pyproject.toml -o requirements-dev.lock

clean:
	rm -rf $(VENV) dist
