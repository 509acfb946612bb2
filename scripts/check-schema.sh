#!/bin/sh
# Checks the schema: lint, format, no breaking change since the previous commit,
# and generated code that is what `npm run generate` makes.
set -eu
buf lint
buf format --diff --exit-code
if git rev-parse --quiet --verify HEAD~1:buf.yaml >/dev/null; then
  buf breaking --against '.git#ref=HEAD~1'
fi
npm run --silent generate
changed=$(git status --porcelain -- gen 'packages/*/src/gen' conformance/src/gen)
if [ -n "$changed" ]; then
  echo "generated code differs from what is committed: run npm run generate" >&2
  echo "$changed" >&2
  exit 1
fi
