# Thin wrappers: each target sets up what it needs in .venv and runs one command.
PYTHON ?= python3
VENV   ?= .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
STAMP := $(VENV)/.installed
TRAINING := $(VENV)/.training

.PHONY: install test check quality bench demo screenshots clean

install: $(STAMP)
$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	@echo "Installing Mien and what it needs into $(VENV) / 正在把 Mien 及其依赖安装到 $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[test,check]' || { \
		code=$$?; echo "pip could not install Mien: check the network, or set PIP_INDEX_URL to a mirror, and run the same again." \
		"/ pip 未能安装 Mien：请检查网络，或将 PIP_INDEX_URL 设为镜像地址，然后重新运行。" >&2; exit $$code; }
	$(BIN)/python -c "import pathlib; pathlib.Path('$(STAMP)').touch()"

# The tests of training and of M2FP's conversion need PyTorch, OpenVINO and an independent implementation to compare with.
$(TRAINING): $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[train,m2fp,m2fp-test]'
	$(BIN)/python -c "import pathlib; pathlib.Path('$(TRAINING)').touch()"

test: $(STAMP) $(TRAINING)
	$(BIN)/python -m pytest -n auto

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_docs.py tests/test_house.py

quality: $(STAMP) $(TRAINING)
	$(BIN)/python -m pytest -m quality -s tests/quality tests/parsing/m2fp

bench: $(STAMP)
	$(BIN)/python -m benchmarks

# Mien at work on an album of real photos, or on a folder of yours (PHOTOS=~/Pictures); SERVE=0 stops after the summary.
ifneq ($(origin PHOTOS),undefined)
override export PHOTOS := $(value PHOTOS)
endif
demo: $(STAMP)
	$(BIN)/mien demo --home .demo $(if $(filter undefined,$(origin PHOTOS)),,--photos="$$PHOTOS") \
		$(if $(filter 0,$(SERVE)),--no-serve) $(if $(PORT),--port $(PORT))

# The pictures in the README; needs Chromium and the network (for one photo).
screenshots: $(STAMP)
	$(BIN)/python -m screenshots

clean:
	rm -rf $(VENV) .demo build dist
