#!/bin/sh
# Checks what would be published: package.json, types as others resolve them,
# and the packed size.
set -eu
for manifest in packages/*/package.json; do
  folder=$(dirname "$manifest")
  if grep -q '"private": true' "$manifest"; then
    continue
  fi
  publint --strict "$folder"
  attw --pack "$folder" --profile esm-only --quiet
  size=$(npm pack --dry-run --json --workspace "$folder" 2>/dev/null |
    node -e 'const [p] = Object.values(JSON.parse(require("fs").readFileSync(0, "utf8"))); console.log(p.size)')
  echo "$folder: $size bytes packed"
done
