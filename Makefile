# Two commands: `make serve` and `make test`. Both install what they need into .venv first.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help serve test covered full check types unused architecture docs pictures bench walk soak format system languages bench-system clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
PORT ?= 8000
WORKERS ?= 3
COVERED ?= 95
ARGS ?=
BASE ?=

# Every process of a test run would compile all that it imports, where the environment (a container's, often) says so.
unexport PYTHONDONTWRITEBYTECODE

# command:Debian package
TEST_TOOLS := ffprobe:ffmpeg chromium:chromium node:nodejs npm:npm curl:curl wget:wget git:git redis-server:redis-server
# What `mockserver exec` is tried with besides, where it is there; `make full` installs it. php needs both packages.
LANGUAGE_TOOLS := java:default-jdk-headless ruby:ruby php:php-cli php:php-curl go:golang-go
BENCH_TOOLS := wrk:wrk redis-server:redis-server

help:
	@echo 'make serve    serve all APIs on http://$(HOST):$(PORT) (PORT=, HOST=, ARGS="--clock x60")'
	@echo 'make test     run the tests (ARGS="-k webhook" for some of them)'
	@echo 'make check    style, types, unused code, architecture'
	@echo 'make covered  the tests, the slow ones too, with coverage; .ci/run is check and covered'
	@echo 'make full     everything: check, covered, long fuzzing, soak, other Pythons'
	@echo 'make docs     build the documentation into build/docs'
	@echo 'make pictures make the pictures of the documentation anew, from the page itself'
	@echo 'make bench    measure the speed against a bare Starlette route, what the plugin costs, and a store'
	@echo '              (BASE=<commit> compares what a request costs with that commit)'
	@echo 'make walk     count the calls and files on the way of a request'
	@echo 'make soak     the slow tests of resilience, with their figures (ARGS="-k flood")'
	@echo 'make format   format the source'
	@echo 'make clean    remove .venv and everything that was built'

# pip learned --group in 25.1, and a new .venv has the pip of its Python.
$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo 'Python 3.11 or newer is needed: make PYTHON=/path/to/python3'; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo 'The module venv is needed: apt-get install python3-venv'; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	@touch $@

$(VENV)/.serve: $(VENV)/.made pyproject.toml
	@$(BIN)/python -m pip install --quiet --editable '.[ui,tls]'
	@touch $@

$(VENV)/.test: $(VENV)/.made pyproject.toml
	@$(BIN)/python -m pip install --quiet --editable '.[fuzz,ui,tls,pytest]' --group dev
	@touch $@ $(VENV)/.serve

$(VENV)/.docs: $(VENV)/.test
	@$(BIN)/python -m pip install --quiet --group docs
	@touch $@

# Vendors' own clients, which tests drive against the gallery.
$(VENV)/.sdks: $(VENV)/.test
	@$(BIN)/python -m pip install --quiet --group sdks
	@touch $@

# What tests ask with from Node; without npm they say so.
NODE := tests/files/node
$(VENV)/.node: $(NODE)/package-lock.json | $(VENV)/.made system
	@if command -v npm > /dev/null; then npm ci --prefix $(NODE) --prefer-offline --silent --no-audit --no-fund && touch $@; \
	  else echo 'npm is missing; tests that need axios will say so'; fi

serve: $(VENV)/.serve
	@exec $(BIN)/mockserver serve --host $(HOST) --port $(PORT) $(ARGS)

test: $(VENV)/.test system $(VENV)/.node
	@$(BIN)/python tests/run_tier.py test -n $(WORKERS) $(ARGS)

# What `.ci/run` runs after `make check`: as `make test`, with the tests marked slow, more examples and coverage.
covered: $(VENV)/.test $(VENV)/.docs $(VENV)/.sdks system $(VENV)/.node
	@COVERED=$(COVERED) $(BIN)/python tests/run_tier.py ci -n $(WORKERS) $(ARGS)

full: check $(VENV)/.docs $(VENV)/.sdks system languages $(VENV)/.node
	@COVERED=$(COVERED) $(BIN)/python tests/run_tier.py full -n $(WORKERS) $(ARGS)

# Two at a time: the type checker takes as long as all others together.
check: $(VENV)/.test
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(MAKE) --jobs=2 types unused architecture

types: $(VENV)/.test
	@$(BIN)/mypy

unused: $(VENV)/.test
	@$(BIN)/vulture

architecture: $(VENV)/.test
	@$(BIN)/python -m pytest -q -n 0 tests/test_architecture.py

# Warnings and links that lead nowhere are errors; nothing is fetched once the group is installed.
docs: $(VENV)/.docs
	@$(BIN)/python -m sphinx -n -W --keep-going -q -c docs . build/docs $(ARGS)
	@echo build/docs/index.html

pictures: $(VENV)/.test system
	@$(BIN)/python tests/page/pictures.py

bench: $(VENV)/.test bench-system
	@$(BIN)/python bench/$(if $(BASE),against.py $(BASE),run.py) $(ARGS)

walk: $(VENV)/.test
	@$(BIN)/python bench/walk.py

soak: $(VENV)/.test
	@$(BIN)/python -m pytest -m soak -n 0 -s -v -o faulthandler_timeout=0 $(ARGS)

format: $(VENV)/.test
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

# $(call tools,command:package …) installs what is missing when we are root on Debian, else names it.
define tools
	@missing=; \
	for tool in $(1); do command -v "$${tool%%:*}" > /dev/null || missing="$$missing $${tool##*:}"; done; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
	  echo "installing$$missing"; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $$missing > /dev/null || \
	    echo "could not install$$missing; tests that need them will say so"; \
	else \
	  echo "missing:$$missing (apt-get install$$missing); tests that need them will say so"; \
	fi
endef

system:
	$(call tools,$(TEST_TOOLS))

languages:
	$(call tools,$(LANGUAGE_TOOLS))

bench-system:
	$(call tools,$(BENCH_TOOLS))

clean:
	rm -rf $(VENV) build dist .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
