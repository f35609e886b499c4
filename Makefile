# Two commands for everybody: `make run` and `make test`. The rest is for builders.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
FLASK := $(BIN)/flask --app app
WORKERS ?= 2

.PHONY: run demo test pytest bench bench-peers lint format lock clean

run: .venv/.compiled       ## the demo districts, served on http://127.0.0.1:8080
	$(FLASK) serve --demo

demo: .venv/.compiled      ## the whole chain headless; workbooks in out/
	$(FLASK) demo

# Lint beside compiling, each on a core; the tests then have both.
test: .venv/.dev           ## everything that is checked
	$(BIN)/python -m tests.browser
	$(MAKE) --no-print-directory -j2 lint .venv/.compiled
	$(MAKE) --no-print-directory pytest

pytest: .venv/.dev .venv/.compiled
	$(BIN)/python -m pytest -n $(WORKERS)

lint: .venv/.dev           ## style, types, who may import whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PYTHONPATH=. $(BIN)/lint-imports --no-cache

format: .venv/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/.dev .venv/.compiled .venv/peers/.made  ## JSON lines: ours, the other, the ratio, measured in one run
	$(BIN)/python -m benchmarks

# Loops of whole packs, compiled once, not while somebody waits for their first plan.
.venv/.compiled: .venv/.run $(wildcard supply/allocation/packs/*.py supply/allocation/flows/*.py)
	@echo "Biên dịch lần đầu (một phút) / compiling once (a minute)"
	$(BIN)/python -m supply.allocation.packs
	touch $@

bench-peers: .venv/.dev .venv/peers/.made  ## the same work by other people's systems
	$(BIN)/python -m benchmarks.peers .venv/peers/bin/python
	$(BIN)/python -m benchmarks.peers.projection .venv/peers/bin/python

.venv/peers/.made: benchmarks/peers/requirements.txt | .venv/bin/python
	$(BIN)/python -m venv .venv/peers || $(BIN)/python -m virtualenv .venv/peers
	.venv/peers/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	touch $@

lock: .venv/.dev           ## compile the pinned requirements from pyproject.toml
	$(BIN)/pip-compile -q --strip-extras --no-emit-index-url --no-emit-find-links --no-header -o requirements.txt pyproject.toml
	$(BIN)/pip-compile -q --strip-extras --no-emit-index-url --no-emit-find-links --no-header --extra dev -c requirements.txt -o requirements-dev.txt pyproject.toml

clean:
	rm -rf .venv .data out .build

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed"; exit 1; }
	$(PYTHON) -m venv .venv 2>/dev/null || $(MAKE) --no-print-directory venv-without-ensurepip

# Debian's python3 comes without ensurepip: take its own package where we may, virtualenv otherwise.
.PHONY: venv-without-ensurepip
venv-without-ensurepip:
	rm -rf .venv
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then apt-get update -q && apt-get install -y -q python3-venv && $(PYTHON) -m venv .venv; \
	else $(PYTHON) -m pip install --user --quiet virtualenv && $(PYTHON) -m virtualenv .venv; fi

.venv/.run: requirements.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

.venv/.dev: requirements.txt requirements-dev.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@ .venv/.run
