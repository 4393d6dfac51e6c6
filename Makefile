# Everything a user or contributor runs. `make help` lists it.
GO       ?= go
LINT     := $(GO) tool -modfile=tools/go.mod golangci-lint
FUZZTIME ?= 20s
BENCH    ?= .
.DEFAULT_GOAL := help
.PHONY: help build demo test check setup audit bench fuzz cover clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build ./waihu (needs Go alone)
	CGO_ENABLED=0 $(GO) build -trimpath -o waihu .

demo: ## a sample mass call on SQLite and the simulated switch, with a progress bar
	$(GO) run . demo --shell

test: setup check ## everything CI runs: check, then all tests with the race detector, on SQLite and MariaDB
	$(GO) test -race -shuffle=on -timeout 15m ./...

check: ## gofmt, vet, golangci-lint, go.mod complete; needs no network once the modules are there
	@out="$$(gofmt -l $$(git ls-files '*.go'))"; if [ -n "$$out" ]; then echo "not gofmt'ed:"; echo "$$out"; exit 1; fi
	$(GO) vet ./...
	$(LINT) run ./...
	$(GO) mod verify

setup: ## install what the tests need beside Go (Debian, Ubuntu), or say how
	@.ci/setup

audit: ## known vulnerabilities of our dependencies (needs the network)
	$(GO) tool -modfile=tools/go.mod govulncheck ./...
	@if [ -f frontend/package-lock.json ]; then cd frontend && npm audit; fi

bench: ## the figures of docs/performance.md in one table, within 10 minutes; BENCH=regexp selects
	$(GO) test -run '^$$' -bench '$(BENCH)' -benchtime 1x -timeout 20m ./bench

fuzz: ## every fuzz target for FUZZTIME (20s)
	@.ci/fuzz '$(FUZZTIME)'

cover: ## test coverage by package, coverage.html
	$(GO) test -coverprofile=coverage.out ./...
	$(GO) tool cover -html=coverage.out -o coverage.html

clean: ## delete what was built and the demo's data
	rm -rf waihu coverage.out coverage.html dist
