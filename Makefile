# Two commands matter: `make run` and `make test`. `make help` lists the rest.
.DEFAULT_GOAL := help
.PHONY: help run install test test-postgres lint messages soak bench docs clean
SHELL := /bin/sh
BIN := .venv/bin
export TILTH_HOME ?= $(CURDIR)/.tilth

help: ## list what there is to make
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

run: .venv/made-run ## build the demo brand and serve the workbench on http://127.0.0.1:8000, its worker and the collector (8001) beside it
	@$(BIN)/tilth demo
	@$(BIN)/tilth serve

install: .venv/made-all ## .venv with every extra and the development tools

test: install ## all that CI runs: lint, types, import contracts, unit and database tests
	@sh tools/debian.sh
	@$(MAKE) --no-print-directory lint
	$(BIN)/pytest -n 2 --dist loadfile -m "not soak and not browser"
	$(BIN)/pytest -n 2 --dist loadfile tests/browser

test-postgres: install ## the workbench's tests with the control database on PostgreSQL
	@sh tools/debian.sh
	$(BIN)/python -m tests.postgres -q -n 2 --dist loadfile -m "not soak and not browser" tests/workbench

lint: install ## style, types, import contracts, complete translations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/messages.py --check
	$(BIN)/python tools/parts_messages.py --check
	$(BIN)/python tools/build_sdk.py --check

messages: install ## collect messages for translation, and compile them
	$(BIN)/python tools/messages.py
	$(BIN)/python tools/parts_messages.py

soak: install ## long runs: gigabyte loads, kill storms, much fuzzing
	$(BIN)/pytest -m soak -s
	TILTH_FUZZ=20 $(BIN)/pytest -n 2 tests/analysis

bench: install ## speed and memory as ratios against peers, in one run
	@for file in benchmarks/bench_*.py; do $(BIN)/python $$file || exit 1; done

docs: install ## the documentation as a site, in site/
	$(BIN)/mkdocs build --strict

clean: ## remove what was made; data in .tilth stay
	rm -rf .venv site dist .mypy_cache .ruff_cache .pytest_cache

.venv/made-run: uv.lock pyproject.toml
	@sh tools/venv.sh run && touch $@

.venv/made-all: uv.lock pyproject.toml
	@sh tools/venv.sh all && touch .venv/made-run $@
