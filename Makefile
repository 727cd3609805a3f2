# Two commands do everything: `make demo` and `make test`. They need Python 3.11+, make and the package registries.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Compiled once, not by each of the hundred processes that the tests start (an image of a machine often forbids it).
export PYTHONDONTWRITEBYTECODE :=
# glibc gives each picture's memory back at once and fetches it anew page by page: a quarter of what tests of pictures cost.
export MALLOC_MMAP_THRESHOLD_ := 1073741824
export MALLOC_TRIM_THRESHOLD_ := 4294967296

# The lock files name everything, so there is nothing to resolve for the product itself either.
PIP_INSTALL := $(BIN)/python -m pip install --quiet --no-compile --no-deps

.PHONY: demo serve test programs nightly check bench bench-portrait docs lock clean

$(VENV)/.runtime: requirements/runtime.txt pyproject.toml
	@echo "== setting up (once)"
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python scripts/install_locked requirements/runtime.txt
	$(PIP_INSTALL) -e .
	$(BIN)/gradphoto models install
	touch $@

$(VENV)/.dev: requirements/dev.txt pyproject.toml
	@echo "== setting up the test environment (once)"
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python scripts/install_locked requirements/dev.txt
	$(PIP_INSTALL) -e .
	$(BIN)/gradphoto models install
	@# Help on the phone's camera page that may be missing: its tests then say so and the page hints without a model.
	-$(BIN)/gradphoto models install --live-hints
	touch $(VENV)/.runtime $@

demo: $(VENV)/.runtime
	$(BIN)/gradphoto demo

serve: $(VENV)/.runtime
	$(BIN)/gradphoto serve

# Everything of `make check` but the types, which take longest. No $(MAKE) in such a line: `make -n` would carry it out.
STYLE := $(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/djlint --check --quiet src && $(BIN)/lint-imports && \
	$(BIN)/python scripts/requirements --check && $(BIN)/python scripts/dependencies --check

ADVISED := if [ -n "$(ADVISORIES)" ]; then $(BIN)/python scripts/advisories "$(ADVISORIES)"; else \
	echo "check: known weaknesses of the dependencies were NOT looked up (make check ADVISORIES=FOLDER, docs/security.md)"; fi

check: $(VENV)/.dev
	@$(BIN)/mypy & types=$$!; $(STYLE); rest=$$?; wait $$types && exit $$rest
	@$(ADVISED)

# What the tests drive besides Python; with -j it is fetched while pip works.
programs:
	@scripts/need-chromium
	@scripts/need-nginx || true
	@scripts/need-redis || true

# Ctrl-C ends all of it (a shell lets what it put into the background ignore that key). Two cores are never idle: what is wrong in style
# is told before a test begins; the types, the browser (which waits for pages) and then PostgreSQL go beside SQLite and are told at the end.
# One worker each beside SQLite's two: every worker loads all of the product before its first test.
test:
	@$(MAKE) --no-print-directory -j2 $(VENV)/.dev programs
	@mkdir -p .cache; trap 'trap - INT TERM; kill 0' INT TERM; \
	$(BIN)/mypy >.cache/types.log 2>&1 & types=$$!; \
	{ $(STYLE) && { $(ADVISED); }; } || { kill $$types; exit 1; }; \
	echo "== on SQLite; beside it the types, the browser and PostgreSQL (told at the end)"; \
	{ GRADPHOTO_TEST_DATABASE=file $(BIN)/pytest -n 1 -p no:schemathesis -m "browser and not nightly" \
		$$(grep -rl mark.browser tests --include=test_*.py) >.cache/browser.log 2>&1; browser=$$?; \
	GRADPHOTO_TEST_DATABASE=postgresql $(BIN)/pytest -n 1 -p no:schemathesis \
		-m "both and not browser and not nightly" tests >.cache/postgresql.log 2>&1; postgresql=$$?; \
	exit $$((browser ? browser : postgresql)); } & beside=$$!; \
	nice -n 5 $(BIN)/pytest -n 2 --dist worksteal -m "not browser and not nightly"; sqlite=$$?; \
	wait $$beside; other=$$?; wait $$types; typed=$$?; \
	echo "== in the browser"; cat .cache/browser.log; echo "== on PostgreSQL"; cat .cache/postgresql.log; \
	echo "== types"; cat .cache/types.log; \
	exit $$((sqlite ? sqlite : other ? other : typed))

# What `make test` leaves out: every test on PostgreSQL, two hundred kills, ten times the made-up cases, the end of a year.
nightly: test
	GRADPHOTO_TEST_DATABASE=postgresql $(BIN)/pytest -n 2 -m "not browser and not slow and not engine" tests
	$(BIN)/pytest -n 2 -m "nightly and not browser"
	GRADPHOTO_TEST_DATABASE=file $(BIN)/pytest -m "nightly and browser"
	GRADPHOTO_KILLS=205 GRADPHOTO_EXAMPLES=10 $(BIN)/pytest -n 2 -m "not browser" tests/station tests/fees tests/pairing tests/portrait \
		tests/cards tests/uploads tests/makeup tests/journey tests/documents tests/api tests/pages tests/permissions \
		tests/planning tests/standards tests/devices tests/roster_engine tests/packet tests/core/test_core_jobs_survive_kill.py tests/site/test_site_new_database.py
	@# A year, a day and an hour end behind the first look of each test at the clock; the order is thrown with dice.
	GRADPHOTO_TEST_CLOCK=2026-12-31T15:59:59.9Z GRADPHOTO_TEST_LOOKS=1 GRADPHOTO_TEST_ORDER=$$(date +%j) $(BIN)/pytest -n 2 \
		-m "not browser and not nightly and not slow" \
		$$(grep -rlE "time\.time\(|datetime\.now|timezone\.now|localdate|TODAY|today\(|localtime" tests --include=test_*.py)
	$(BIN)/python scripts/mutations
	scripts/other-pythons

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks

bench-portrait: $(VENV)/.dev
	$(BIN)/python -m benchmarks.portrait_quality
	$(BIN)/python -m benchmarks.portrait

# The manuals and these documents as a static site in ./site; nothing of it is fetched from elsewhere.
docs: $(VENV)/.dev
	$(BIN)/python scripts/build_docs

lock:
	uv pip compile pyproject.toml -c requirements/constraints.in --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header -q -o requirements/runtime.txt
	uv pip compile pyproject.toml -c requirements/constraints.in --extra dev --extra cas --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header -q -c requirements/runtime.txt -o requirements/dev.txt

clean:
	rm -rf $(VENV) .cache var .mypy_cache .ruff_cache .pytest_cache
