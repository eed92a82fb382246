# One door to all three languages. `make help` lists what it opens; what is longer than a few lines lives in tools/.
# Nothing is made twice: every step leaves a file, and runs again only when something it was made of is newer.

PORT ?= 8080
UDP_PORT ?= 7882
DATA ?= ./data
HOST ?= 127.0.0.1

VENV := .venv
STATIC := server/convivium/static/index.html
ENGINE_SOURCES := $(shell find engine/Cargo.toml engine/Cargo.lock engine/crates/engine engine/crates/python -type f \
	\( -name '*.rs' -o -name '*.toml' -o -name '*.lock' \))
WEB_SOURCES := $(shell find web -type f -not -path '*/node_modules/*' -not -path '*/tests/*' -not -name '*.test.ts')
STEP := python3 tools/step.py
NPM := node $(VENV)/node/lib/node_modules/npm/bin/npm-cli.js
UV := $(or $(shell command -v uv),.tools/bin/uv)
INSTALL := $(UV) pip install --quiet --python $(VENV)/bin/python

export PATH := $(CURDIR)/$(VENV)/bin:$(CURDIR)/$(VENV)/node/bin:$(CURDIR)/node_modules/.bin:$(PATH)
export UV_PYTHON_DOWNLOADS := never
# Certificates of the machine, so that a company's or a laboratory's own mirror is trusted.
export UV_SYSTEM_CERTS := 1
export NODE_USE_SYSTEM_CA := 1
# Cargo and maturin ask for the same interpreter, so that neither compiles the other's work again.
export PYO3_PYTHON := $(CURDIR)/$(VENV)/bin/python

.PHONY: help run build dev test lint fix e2e e2e-clients bench bench-peers lock lint-words lint-server lint-engine lint-web
.DELETE_ON_ERROR:
.NOTPARALLEL:

help: ## Show this list
	@sed -n 's/^\([a-z0-9-]*\):.*## /  make \1\t/p' Makefile | expand -t 16

run: build ## Build what is missing, then serve (PORT=8080 UDP_PORT=7882 DATA=./data HOST=127.0.0.1)
	@test -e "$(DATA)" || convivium demo --data "$(DATA)"
	@exec convivium serve --data "$(DATA)" --host "$(HOST)" --port "$(PORT)" --udp-port "$(UDP_PORT)"

build: $(VENV)/.engine $(VENV)/.server $(STATIC) ## Build everything that `make run` needs

dev: build $(VENV)/.dev

test: dev ## Run every test of all three languages, then print one total
	@python tools/chromium.py
	@python tools/postgres.py
	@python tools/run_tests.py

e2e: dev ## Run only the tests in real browsers (ONLY="part of a name" picks some)
	@python tools/chromium.py
	@playwright test --config e2e/playwright.config.ts $(if $(ONLY),--grep "$(ONLY)")

e2e-clients: dev ## Let Firefox and other WebRTC stacks visit a real server (heavy to set up; ONLY="Pion werift" picks some; PAGE=docs/clients.md writes the table down)
	@$(STEP) "Compile the synthetic people" sh -c "cd engine && cargo build --quiet --locked --package convivium-testbed --bins"
	@UV="$(abspath $(UV))" NPM="$(NPM)" python -m e2e.clients $(if $(ONLY),--only $(ONLY)) $(if $(PAGE),--page "$(PAGE)")
	@test ! -d e2e/clients/node_modules || $(STEP) "Types of the clients in TypeScript" tsc --project e2e/clients/tsconfig.json

bench: dev ## Measure what we claim, print a table (QUICK=1: at most 8 minutes; MIDDLE=1: about 40; PAGE=docs/bench.md writes it down)
	@python tools/chromium.py
	@python tools/postgres.py
	@$(STEP) "Compile the synthetic people" sh -c "cd engine && cargo build --quiet --locked --package convivium-testbed --bins"
	@NPM="$(NPM)" python -m bench $(if $(QUICK),--quick,$(if $(MIDDLE),--middle)) $(if $(PAGE),--page "$(PAGE)")

bench-peers: dev ## Measure other servers beside ours: Janus, Icecast, Murmur from Debian (QUICK=1: at most 4 minutes)
	@$(STEP) "Compile the synthetic people" sh -c "cd engine && cargo build --quiet --locked --package convivium-testbed --bins"
	@python -m bench.peers $(if $(QUICK),--quick)

lint: lint-words lint-server lint-engine lint-web ## Check style, types, import rule and lock files; a warning is an error

lint-words: dev
	@$(STEP) "Spelling" codespell
	@$(STEP) "Lock files name no registry" python tools/check_locks.py
	@$(STEP) "What is pinned is what is asked for" $(UV) pip check --python $(VENV)/bin/python
	@$(STEP) "Paths named in the documents exist" python tools/check_paths.py *.md docs/*.md docs/decisions/*.md

lint-server: dev
	@$(STEP) "Python style" sh -c "ruff check . && ruff format --check ."
	@$(STEP) "Python types" sh -c "cd server && mypy && cd ../tools && mypy --config-file ../server/pyproject.toml . && cd .. && mypy --config-file server/pyproject.toml --explicit-package-bases --exclude programs bench e2e/clients"
	@$(STEP) --tell "Analyzed|Contracts:" "Import rule of the server" sh -c "cd server && lint-imports"
	@$(STEP) "Import rules catch planted faults" python tools/planted_fault.py
	@$(STEP) "Settings are described as they are" python tools/write_settings.py --check

lint-engine: dev
	@$(STEP) "Rust style" sh -c "cd engine && cargo fmt --all --check"
	@$(STEP) "Rust lints" sh -c "cd engine && cargo clippy --quiet --locked --workspace --all-targets -- -D warnings"
	@$(STEP) "The engine's Python face is what _engine.pyi says" stubtest convivium_engine._engine

lint-web: dev
	@$(STEP) "The page's types are what the server sends" python tools/write_api_types.py --check
	@$(STEP) "Web style" biome check --colors=off --error-on-warnings .
	@$(STEP) "Web types" sh -c "$(NPM) run --silent check --workspace web && $(NPM) run --silent check --workspace e2e"
	@$(STEP) --tell "sentences" "Every language says everything" node web/words/check.ts
	@$(STEP) --tell "kB" "First load is small" python tools/check_first_load.py

fix: dev ## Let the formatters and linters put right what they can
	@ruff check --fix . && ruff format . && python tools/write_settings.py && python tools/write_api_types.py
	@cd engine && cargo fmt --all
	@biome check --write --colors=off .

lock: $(VENV)/.run ## Renew all pinned versions
	@UV=$(UV) NPM="$(NPM)" sh tools/lock.sh

# The environment, piece by piece.

.tools/bin/uv: requirements/tools.txt
	@sh tools/require.sh
	@$(STEP) "Fetch uv" sh tools/fetch_uv.sh

$(VENV)/.run: requirements/run.txt $(filter .tools/%,$(UV))
	@sh tools/require.sh
	@$(STEP) "Make the Python environment" sh tools/make_venv.sh $(UV) $(VENV)
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	@$(STEP) "Add the tools for tests and lint" $(INSTALL) --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/.engine: $(ENGINE_SOURCES) engine/crates/python/pyproject.toml $(VENV)/.run
	@$(STEP) "Compile the media engine (minutes the first time)" \
		$(INSTALL) --no-deps --no-build-isolation --reinstall --editable engine/crates/python
	@touch $@

$(VENV)/.server: server/pyproject.toml $(VENV)/.run
	@$(STEP) "Install the server" $(INSTALL) --no-deps --no-build-isolation --reinstall --editable server
	@touch $@

node_modules/.package-lock.json: package.json package-lock.json .npmrc web/package.json e2e/package.json $(VENV)/.run
	@$(STEP) "Fetch the web packages" $(NPM) ci --loglevel=error
	@touch $@

$(STATIC): $(WEB_SOURCES) node_modules/.package-lock.json
	@$(STEP) "Build the web app" $(NPM) run --silent build --workspace web
	@touch $@
