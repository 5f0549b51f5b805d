# Two commands matter: `make run` and `make test`. `make help` lists the rest.
SHELL := /bin/bash
PYTHON ?= python3
PORT ?= 8000
export PORT
# The product starts six processes at once; with no compiled code kept, each would compile all of
# Django and pandas for itself, 4 s of processor every time.
unexport PYTHONDONTWRITEBYTECODE

BIN := .venv/bin
SETUP := $(PYTHON) tools/setup.py

.DEFAULT_GOAL := help
.PHONY: help run setup setup-dev setup-bench demo test test-services check format bench drills features lock stop

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: setup ## the product: database, demo company, pages, live updates, jobs (PORT=8000)
	@exec $(BIN)/python -m tools.up

setup: ## virtual environment, packages, front end; quick when nothing changed
	@$(SETUP)

setup-dev:
	@$(SETUP) --dev

setup-bench:
	@$(SETUP) --bench

demo: setup ## fill an empty database with the demo company
	@$(BIN)/python manage.py migrate --verbosity 0 && $(BIN)/python manage.py demo

test: setup-dev ## every test, the browser's included (ARGS="-k words" for some)
	@$(BIN)/python -m tools.browser
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not services" $(ARGS)

test-services: setup-dev ## the tests that need this machine's PostgreSQL, Redis and RabbitMQ
	@$(BIN)/python -m tools.services $(ARGS)

check: setup-dev ## style, types, layers, migrations, deployment settings
	@$(BIN)/python -m tools.check

format: setup-dev ## put the code into house style
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

bench: setup-bench ## what is fast and what is accurate, each against a peer
	@$(BIN)/python -m bench $(ARGS)

drills: setup-dev ## races, kills and crashes at full size, with the table of docs/reliability.md
	@$(BIN)/python -m tools.drills $(ARGS)

features: setup-dev ## which features have tests that pass
	@$(BIN)/python -m tools.features $(ARGS)

lock: setup-dev ## compile requirements/*.txt and package-lock.json anew
	@$(BIN)/python -m tools.lock $(ARGS)

stop: ## end a `make run` of this copy that was left behind, and its database
	@$(BIN)/python -m tools.up --stop
