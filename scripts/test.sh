#!/bin/sh
# Runs every test of the workspace from its compiled form, so that what is
# tested is what is shipped. Arguments go to node's test runner.
# The list comes from the sources: a test that was deleted leaves its compiled
# form behind.
set -eu
tests=$(find packages services e2e conformance bench verify -path '*/src/*' -name '*.test.ts' | sort |
  sed 's#/src/#/dist/#; s#ts$#js#')
# shellcheck disable=SC2086 # one argument per file; no path here has a blank
exec node --test --test-reporter=spec --test-timeout=300000 "$@" $tests
