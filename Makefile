# Fresh clone -> a decision: make demo        Fresh clone -> tests: make test
# Needs python3 >= 3.11, git, make; a C compiler makes the kernels fast. All else comes from PyPI, into this folder only.
PY ?= python3
export UV_PYTHON_DOWNLOADS := never
export UV_SYSTEM_CERTS := 1
VENV := .venv
BIN := $(CURDIR)/$(VENV)/bin
TOOLS := .tools
MATRIX := .venv-matrix
UV := $(TOOLS)/bin/uv
KERNELS := $(wildcard src/tidegate/windows/*.py src/tidegate/windows/*.pxd)
CHECKED := $(CURDIR)/build/boundscheck
COMPILE := uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate
MAKEFLAGS += --no-print-directory

.PHONY: setup demo test test-matrix test-enforcement lint docs bench fuzz crash boundscheck lock clean
.DELETE_ON_ERROR:

setup: build/kernels.stamp
	@:

$(TOOLS)/uv.stamp: locks/uv.txt locks/bootstrap.sh
	@sh locks/bootstrap.sh "$(PY)" $(TOOLS) locks/uv.txt
	@touch $@

# the environment: exactly what the lock names, then the project itself (editable, its kernels come next)
$(VENV)/.stamp: locks/dev.txt pyproject.toml $(TOOLS)/uv.stamp
	@rm -rf build/cython $(CHECKED)
	@$(UV) venv -q --allow-existing --python "$(PY)" $(VENV)
	@$(UV) pip sync -q --require-hashes --python $(BIN)/python locks/dev.txt
	@TIDEGATE_PURE=1 $(UV) pip install -q --no-deps --no-build-isolation --python $(BIN)/python -e .
	@touch $@

# kernels are built beside their sources; only the changed ones are compiled again
build/kernels.stamp: $(KERNELS) setup.py $(VENV)/.stamp
	@$(BIN)/python setup.py -q build_ext --inplace
	@mkdir -p build && touch $@

demo: setup
	@$(BIN)/tidegate demo

test: lint
	$(BIN)/pytest -q -n 2 --dist worksteal

# webhooks from a real server that is killed again and again
test-enforcement: setup
	TIDEGATE_KILLS=10 $(BIN)/pytest -q tests/service/enforcement/test_kill.py

# a real Synapse with the third-party module, matrix-nio clients, and `tidegate serve` between them
test-matrix: setup $(MATRIX)/.stamp
	$(CURDIR)/$(MATRIX)/bin/pytest -q -c e2e/matrix/pytest.ini e2e/matrix

# a homeserver has an environment of its own, as it has in life
$(MATRIX)/.stamp: locks/matrix.txt $(TOOLS)/uv.stamp
	@$(UV) venv -q --allow-existing --python "$(PY)" $(MATRIX)
	@$(UV) pip sync -q --require-hashes --python $(MATRIX)/bin/python locks/matrix.txt
	@touch $@

lint: setup
	$(BIN)/ruff check -q
	$(BIN)/ruff format -q --check
	$(BIN)/mypy --strict src
	$(BIN)/lint-imports --no-logo

# pages made from the code: events, rules with their examples, coverage of the catalogue's rows
docs: setup
	$(BIN)/python -m tidegate.events.reference > build/events.md && mv build/events.md docs/reference/events.md
	$(BIN)/python -m tests.policies.messenger.harvest
	$(BIN)/tidegate policy docs docs/rules
	$(BIN)/python -m tests.docs.coverage > build/coverage.md && mv build/coverage.md docs/coverage.md
	$(BIN)/python examples/report_pictures.py docs/pictures
	@if [ -d ../shared/data/collegemsg ]; then \
	  $(BIN)/python examples/honest_people.py ../shared/data > build/honest.md && mv build/honest.md docs/honest-people.md; fi
	@if [ -d ../shared/data/sichuan_telecom_fraud ]; then \
	  $(BIN)/python examples/screening_accuracy.py ../shared/data --picture docs/pictures/screening-accuracy.png > build/accuracy.md \
	  && mv build/accuracy.md docs/screening-accuracy.md; fi

bench: setup
	$(BIN)/python -m benchmarks

# a thousand processes killed at any moment; a failure prints the seed that shows it again
CRASH_KILLS ?= 1000
CRASH_SEED ?= 1
crash: setup
	$(BIN)/python -m tests.journal.crash --kills $(CRASH_KILLS) --seed $(CRASH_SEED)

boundscheck: $(CHECKED)/kernels.stamp

# the same kernels with every index checked, in a folder of their own
$(CHECKED)/kernels.stamp: $(KERNELS) setup.py $(VENV)/.stamp
	@TIDEGATE_BOUNDSCHECK=1 $(BIN)/python setup.py -q build_ext --build-lib build/boundscheck --build-temp build/boundscheck/temp
	@touch $@

fuzz: setup boundscheck
	TIDEGATE_KERNELS=$(CHECKED)/tidegate/windows $(BIN)/pytest -q -n 2 --dist worksteal tests/windows

lock: $(TOOLS)/uv.stamp
	$(TOOLS)/bin/$(COMPILE) --group dev --extra serve --extra screen pyproject.toml -o locks/dev.txt
	$(TOOLS)/bin/$(COMPILE) --extra serve --extra screen -c locks/dev.txt pyproject.toml -o locks/serve.txt
	$(TOOLS)/bin/$(COMPILE) locks/build.in -o locks/build.txt
	$(TOOLS)/bin/$(COMPILE) locks/uv.in -o locks/uv.txt
	$(TOOLS)/bin/$(COMPILE) locks/matrix.in -o locks/matrix.txt

clean:
	rm -rf $(VENV) $(MATRIX) $(TOOLS) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	rm -rf src/tidegate.egg-info src/tidegate/windows/*.so
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
