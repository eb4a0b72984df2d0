PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: setup demo test check measures bench faults mutants lock clean

setup: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $(STAMP)

demo: setup
	$(BIN)/triaged demo

test: setup
	$(BIN)/python -m pytest

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

measures: setup
	$(BIN)/python -m tests.measures

bench: setup
	$(BIN)/python -m tests.bench

# One seed on SQLite (one daemon) and on PostgreSQL (three); the same SEED is the same plan (tests/faults).
SEED ?= 1
KILLS ?= 100
faults: setup
	nice -n 10 $(BIN)/python -m tests.faults --seed $(SEED) --kills $(KILLS)

# SEED, COUNT, JOBS, ROOMS, ONLY, TIMEOUT: tests/mutants/__init__.py. Takes hours; the checkout is not touched.
mutants: setup
	nice -n 10 $(BIN)/python -m tests.mutants

# Development only: needs `uv` on the PATH. No registry's address enters the file.
lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	    --all-extras pyproject.toml -o requirements.lock

clean:
	rm -rf $(VENV)
