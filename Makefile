# Everything a user or contributor runs. `make help` lists it.
GO       ?= go
# One way to compile all that runs without the race detector, so that each package is compiled once.
PLAIN    := CGO_ENABLED=0 GOFLAGS="$$($(GO) env GOFLAGS) -trimpath" $(GO)
# Its own cache in each checkout: findings kept from another checkout name files that may be gone, so their nolint lines are not seen.
LINT     := GOLANGCI_LINT_CACHE=$(CURDIR)/.lint-cache $(PLAIN) tool -modfile=tools/go.mod golangci-lint
FUZZTIME ?= 20s
BENCH    ?= .
# .ci/setup puts a newer Node.js there when the system's is too old.
export PATH := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/waihu-node/node_modules/.bin:$(PATH)
PAGES    := $(shell find frontend/src frontend/public frontend/index.html frontend/vite.config.ts frontend/tsconfig.json -type f 2>/dev/null)
MODULES  := frontend/node_modules/.waihu
.DEFAULT_GOAL := help
.PHONY: help build demo test check frontend pages e2e setup audit bench pacing halfhour fuzz cover clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z0-9]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build ./waihu (needs Go alone; holds the web application if `make frontend` was run)
	$(PLAIN) build -o waihu .

frontend: frontend/dist/index.html ## build the web application (needs Node.js, installed when missing)

$(MODULES): frontend/package-lock.json
	@.ci/setup node
	cd frontend && npm ci --engine-strict --no-audit --no-fund && touch node_modules/.waihu

frontend/dist/index.html: $(MODULES) $(PAGES)
	cd frontend && npm run build
	@touch frontend/dist/.keep frontend/dist/index.html

demo: frontend build ## everything in the browser, on SQLite and the simulated switch: http://127.0.0.1:8080
	./waihu demo

# Nothing in these packages starts a goroutine but two functions, whose tests (…TheSameAgain) run under the race detector; all the
# rest only computes, which the detector makes eight times slower (TestComputingPackages).
COMPUTES := ./controller/campaign ./controller/pacing ./controller/rehearse/contest ./controller/rehearse/stage

# check has vetted every file, so go test need not. trial mostly waits, so that several of its tests run at a time; nothing
# else runs beside it, because it looks at times.
test: setup check pages ## everything CI runs: check, pages, all tests on SQLite and MariaDB (race detector where goroutines meet), browser tests
	$(GO) test -race -vet=off -shuffle=on -timeout 25m $$($(GO) list ./... | grep -v -x -F -e waihu/trial $(COMPUTES:./%=-e waihu/%))
	$(GO) test -race -vet=off -run 'TheSameAgain$$' ./controller/rehearse/contest ./controller/rehearse/stage
	$(PLAIN) test -vet=off -shuffle=on $(COMPUTES)
	$(PLAIN) test -vet=off -run 'TestBroadcastOfTenThousand$$' ./cmd
	$(GO) test -race -vet=off -shuffle=on -parallel 6 -timeout 20m ./trial
	@$(MAKE) --no-print-directory e2e

pages: frontend ## the web application: types, lint, unit tests
	cd frontend && npm run types && npm run lint && npm run test

# live and load look at times: nothing runs beside them.
e2e: frontend build ## browser tests against the program and its simulated switch (Chromium)
	cd frontend && node --test --test-concurrency=2 $$(ls e2e/*.test.mjs | grep -v -E '/(live|load)\.')
	cd frontend && node --test --test-concurrency=1 e2e/live.test.mjs e2e/load.test.mjs

check: ## gofmt, vet, golangci-lint, go.mod complete; needs no network once the modules are there
	@out="$$(gofmt -l $$(git ls-files '*.go'))"; if [ -n "$$out" ]; then echo "not gofmt'ed:"; echo "$$out"; exit 1; fi
	$(PLAIN) vet ./...
	$(LINT) run ./...
	$(GO) mod verify

setup: ## install what the tests need beside Go (Debian, Ubuntu), or say how
	@.ci/setup

audit: ## known vulnerabilities of our dependencies (needs the network)
	$(GO) tool -modfile=tools/go.mod govulncheck ./...
	@if [ -f frontend/package-lock.json ]; then cd frontend && npm audit; fi

bench: ## the figures of docs/performance.md in one table, within 10 minutes; BENCH=regexp selects
	$(GO) test -run '^$$' -bench '$(BENCH)' -benchtime 1x -timeout 20m ./bench

pacing: ## docs/pacing.md: every pacing policy in every model town, within 10 minutes on two cores
	$(GO) run . pace table --out docs/pacing.md

halfhour: ## half an hour of predictive dialling at the speed of life, beside its rehearsal
	WAIHU_HALF_HOUR=1 $(GO) test -run 'TestHalfAnHour$$' -timeout 45m -v ./trial

fuzz: ## every fuzz target for FUZZTIME (20s)
	@.ci/fuzz '$(FUZZTIME)'

cover: ## test coverage by package, coverage.html
	$(GO) test -coverprofile=coverage.out ./...
	$(GO) tool cover -html=coverage.out -o coverage.html

clean: ## delete what was built and the demo's data
	rm -rf waihu coverage.out coverage.html dist frontend/dist/assets frontend/dist/index.html
