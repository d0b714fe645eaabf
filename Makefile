# Two commands do everything on a machine with Python 3.11 and make:
#   make refresh   sets up and runs the night's work on the bundled sample (or on CYP_EXTRACTS)
#   make test      sets up and runs the tests
PYTHON ?= python3
BIN := .venv/bin

.PHONY: refresh open test test-spark lint format serve figures doctor docs performance lock hooks clean

refresh: .venv/ready
	$(BIN)/cyp refresh

open: .venv/ready
	$(BIN)/cyp page --open

test: .venv/ready
	$(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder

# The same models on Apache Spark, in an environment of its own; Java 17 or later is needed.
test-spark: .venv-spark/ready
	.venv-spark/bin/pytest tests/spark -s

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/sqlfluff lint models macros tests/sql --processes 2

format: .venv/ready
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/sqlfluff fix models macros tests/sql

serve figures doctor docs: .venv/ready
	$(BIN)/cyp $@

# Every table of docs/performance.md, measured anew where it stands, which takes 30 GB of disk and
# as long as that page says. PARTS="landing_csv curves" measures those alone.
performance: .venv/ready
	$(BIN)/python -m benchmarks.performance $(PARTS)

# One lock file with hashes, for every platform; pip or uv can both install from it.
lock: .venv/ready
	$(BIN)/uv pip compile pyproject.toml --universal --generate-hashes --group dev -q \
	  --custom-compile-command "make lock" -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --universal --generate-hashes --group dev --extra spark -q \
	  --constraint requirements.lock --custom-compile-command "make lock" -o requirements-spark.lock

hooks: .venv/ready
	$(BIN)/pre-commit install

# Bytecode is compiled once here, or every later start would pay for it. A set-up that was
# interrupted is begun again.
.venv/ready: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --compile-bytecode -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	touch $@

.venv-spark/ready: requirements-spark.lock pyproject.toml
	java -version
	$(PYTHON) -m venv .venv-spark
	.venv-spark/bin/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
	.venv-spark/bin/uv pip install --quiet --python .venv-spark/bin/python --require-hashes -r requirements-spark.lock
	.venv-spark/bin/uv pip install --quiet --python .venv-spark/bin/python --no-deps --no-build-isolation -e .
	touch $@

clean:
	rm -rf .venv .venv-spark .cyp target logs
