# Türöffner. `make help` lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
BIN := .venv/bin
PYTEST := $(BIN)/pytest -q
LOCK := $(BIN)/uv pip compile pyproject.toml --generate-hashes --no-emit-index-url --quiet

.PHONY: help setup python packages jars demo up down test lint fmt types arch unit contract integration faults chaos e2e \
        check schemas lock

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: python packages ## .venv with the locked dependencies, the jars of the local stack
	@$(MAKE) -s -j2 .venv/.installed jars

python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Python 3.11 or later is needed; name one with: make PYTHON=/path/to/python3" >&2; exit 1; }

packages: python
	@$(PYTHON) -m deploy.local.packages

jars: python
	@$(PYTHON) -m deploy.local prepare

.venv/.installed: requirements/all.txt pyproject.toml
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/all.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

demo: ## the main job on the real stack; files under build/demo
	@began=$$(date +%s%3N); $(MAKE) setup; took=$$(( $$(date +%s%3N) - began )); \
	  TUEROEFFNER_DEMO_SETUP_SECONDS=$$(printf '%d.%03d' $$((took / 1000)) $$((took % 1000))) $(BIN)/python -m deploy.demo

up: setup ## the local stack and the four services, kept running
	@$(BIN)/python -m deploy.up start

down: setup ## stop what `make up` started
	@$(BIN)/python -m deploy.up stop

bench: setup ## measure against bare peers: all, or ONLY=name; ROUNDS=1 SECONDS=1 for a quick try
	@$(BIN)/python -m deploy.bench $(ONLY) $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(SECONDS),--seconds $(SECONDS))

test: setup ## all stages of the tests, up to the first failure
	@$(BIN)/python -m deploy.local.stages

check: setup ## everything that needs no broker
	@$(BIN)/python -m deploy.local.stages lint types arch unit contract

lint: setup ## style and formatting
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .

fmt: setup ## format and repair what can be repaired
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .

types: setup ## mypy, strict
	@$(BIN)/mypy

arch: setup ## rules for imports and for the house
	@$(BIN)/lint-imports
	@$(PYTEST) tests/architecture

unit: setup ## rules without a stack
	@$(PYTEST) tests/unit

contract: setup ## events, API and manifests against their schemas
	@$(PYTEST) tests/contract

integration: setup ## against real MongoDB and Kafka
	@$(PYTEST) tests/integration

faults: setup ## parts of the stack are killed, frozen, restarted: the short ones
	@$(PYTEST) tests/chaos -m "not long"

chaos: setup ## all of the fault laboratory; WRITES= acknowledged writes a test, SEED=; build/chaos/report.html
	@CHAOS_WRITES=$(or $(WRITES),10000) CHAOS_SEED=$(or $(SEED),1) $(PYTEST) tests/chaos

e2e: setup ## services and stack from end to end
	@$(PYTEST) tests/end_to_end

schemas: setup ## write the generated schemas and documents anew
	@$(BIN)/python -m deploy.documents

lock: setup ## resolve the dependencies anew, and those of the images out of them
	@$(LOCK) --all-extras -o requirements/all.txt
	@$(LOCK) --extra matching --extra registry --extra reporting -c requirements/all.txt -o requirements/services.txt
