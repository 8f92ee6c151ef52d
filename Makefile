# Marlin. `make demo` and `make test` do all the set-up themselves; `make help` lists the rest.
SHELL := /bin/bash
.DEFAULT_GOAL := help
VENV := .venv
PY := $(VENV)/bin/python
BIN := $(VENV)/bin

.PHONY: help
help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

.PHONY: setup
setup: ## Install everything: system packages, Python, Node, the web pages
	@bash scripts/setup

.PHONY: test
test: setup ## Lint, type-check and run every test
	@bash scripts/test

.PHONY: setup-tune
setup-tune: setup ## Install torch and the trainers into .venv-tune, for `marlin tune` (330 MB, or 3 GB with GPUs)
	@bash scripts/setup-tune

.PHONY: test-tune
test-tune: setup-tune ## The tests of tuning alone: tiny models are really trained
	@bash scripts/test-tune

.PHONY: test-mission
test-mission: setup ## The second brief of the mission (papermill) through the whole platform; takes minutes
	@MARLIN_TEST_BRIEFS=papermill-execution-metadata $(PY) -m pytest -q tests/acceptance/test_mission_briefs.py

.PHONY: test-agents
test-agents: setup ## The contract tests of every shipped agent, OpenCode included (1.2 GB of memory)
	@MARLIN_TEST_AGENTS=opencode $(PY) -m pytest -q tests/integration/agents

.PHONY: test-images
test-images: setup ## Build every recipe of a base image and run its smoke script in a sandbox; takes half an hour
	@bash scripts/test-images

.PHONY: kill-matrix
kill-matrix: setup ## Kill every kind of process at every moment, and print what was recovered
	@bash scripts/kill-matrix

.PHONY: demo
demo: setup ## Start Marlin with a campaign of two scripted arms, and print links to sign in
	@$(BIN)/marlin demo

.PHONY: loop
loop: setup-tune ## Judgement, dataset, a tiny model tuned, and new comparisons with its parent; takes minutes
	@.venv-tune/bin/marlin loop --demo

.PHONY: lint
lint: ## Formatting, lint, types, import contracts
	@bash scripts/lint

.PHONY: format
format: ## Format Python and TypeScript
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix-only -q . && cd web && ../$(BIN)/npm run -s format

.PHONY: lock
lock: ## Resolve the dependencies again (versions and hashes only)
	@$(BIN)/uv pip compile pyproject.toml --group dev --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --upgrade -q -o requirements.lock
	@$(PY) scripts/lock-tune

.PHONY: bench
bench: setup ## Measure speed; prints the table of docs/reference/benchmarks.md
	@$(PY) -m tests.benchmarks

.PHONY: docs
docs: ## Build the documentation into site/
	@$(BIN)/mkdocs build --strict -q
