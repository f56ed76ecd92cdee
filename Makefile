# make run    set everything up and show the demo running     make test   set up and run all tests
# make test-grown  several machines, on PostgreSQL and Redis       make test-postgres  the tests that touch the database, on PostgreSQL
# make models-extra  add Gemma 3 270M, once its terms are agreed to
# make run-grown  the same as several machines would: PostgreSQL, Redis (Debian's packages), Celery, two of each process
# make setup  only set up        make check  formatter, linter, floors        make bench  all benchmarks
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8311
BENCH ?= all
PY := .venv/bin/python

.PHONY: setup run run-grown models-extra test test-postgres test-grown test-long check bench

setup: .venv/.ready

.venv/.ready: requirements.txt constraints.txt scripts/setup.sh
	@PYTHON="$(PYTHON)" scripts/setup.sh

.venv/.ready-dev: .venv/.ready requirements-dev.txt scripts/setup-dev.sh
	@scripts/setup-dev.sh

run: .venv/.ready
	@exec $(PY) manage.py serve --demo --host "$(HOST)" --port "$(PORT)"

run-grown: .venv/.ready
	@exec $(PY) manage.py serve --grown --demo --host "$(HOST)" --port "$(PORT)"

test: .venv/.ready-dev
	$(PY) -m pytest

test-grown: .venv/.ready-dev
	@scripts/setup-grown.sh
	$(PY) -m pytest -m grown tests/grown

test-postgres: .venv/.ready-dev
	@scripts/setup-grown.sh
	$(PY) -m pytest -p tests.on_postgres

models-extra: .venv/.ready
	$(PY) manage.py add_gemma

test-long: .venv/.ready-dev
	$(PY) -m pytest -m long

check: .venv/.ready-dev
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	.venv/bin/lint-imports
	$(PY) manage.py makemigrations --check --dry-run

bench: .venv/.ready
	$(PY) manage.py migrate --verbosity 0
	$(PY) manage.py bench $(BENCH)
