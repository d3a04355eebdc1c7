# The project's commands; `make` alone lists them. Everything lives in .venv, and each command sets up what it needs.

.DEFAULT_GOAL := help
.PHONY: help setup setup-models setup-dev setup-bench demo serve test check bench lock docs clean

BIN := .venv/bin

help:  ## list these commands
	@echo "livetranslate: speech in, translated text and speech out"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 14
	@echo "Then: .venv/bin/livetranslate --help"

setup:  ## install all that is missing: Debian packages (as root), then the locked Python packages into .venv
	@scripts/setup.sh

setup-models:  ## install what runs open models in this process as well: faster-whisper, CTranslate2
	@scripts/setup.sh models

setup-dev:
	@scripts/setup.sh dev

setup-bench:
	@scripts/setup.sh dev bench

demo:  ## translate a real English recording into Spanish text and speech, through the real server (ARGS="--to fr --no-play")
	@scripts/setup.sh demo
	@$(BIN)/python scripts/demo.py $(ARGS)

serve: setup  ## serve the API on http://127.0.0.1:8000 (ARGS="--port 9000 --profile scripted")
	@$(BIN)/livetranslate serve $(ARGS)

test:  ## run all tests (ARGS="-k cli" for some)
	@scripts/setup.sh dev clients browser
	@$(BIN)/python -m pytest --numprocesses=logical --maxprocesses=4 --dist=loadfile $(ARGS)

check: setup-dev  ## lint, types, formatting, generated docs, house rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python scripts/docs.py --check
	$(BIN)/python -m pytest -q tests/house

bench: setup-bench  ## measure ratios against the committed baseline (ARGS="--only a")
	@$(BIN)/python -m bench.run $(ARGS)

lock:  ## write the lock files anew (needs uv)
	@scripts/lock.sh

docs: setup  ## write the reference pages of docs/ from the code
	@$(BIN)/python scripts/docs.py

clean:  ## remove .venv and all that was made here
	rm -rf .venv build dist out .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
