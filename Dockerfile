# One image for every process: the command says which service and which role, for example
#   docker run both-ends services/time/dist/main.js server
ARG NODE_VERSION=24.21.0

FROM node:${NODE_VERSION}-bookworm-slim AS base
WORKDIR /app

# --- manifests: what npm reads, and nothing else ------------------------------
# The stages below copy from here by content: a change of sources leaves their
# installed dependencies cached, and a new workspace needs no new line.
FROM base AS manifests
COPY . .
RUN find . -type f ! -name package.json ! -name package-lock.json -delete \
 && find . -type d -empty -delete

# --- dependencies: what runs in production ------------------------------------
FROM base AS dependencies
COPY --from=manifests /app ./
# Optional is the embedded database alone, which no container starts. Types, their
# sources, source maps and read-me files of others are half of what is installed.
RUN --mount=type=cache,target=/root/.npm \
    npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund \
      $(printf -- '--workspace=%s ' services/*) \
 && find . -path '*/node_modules/*' -type f \
      \( -name '*.ts' -o -name '*.[cm]ts' -o -name '*.map' -o -name '*.md' \) -delete

# --- build: TypeScript to JavaScript ------------------------------------------
FROM base AS build
COPY --from=manifests /app ./
RUN --mount=type=cache,target=/root/.npm \
    npm ci --ignore-scripts --no-audit --no-fund
COPY . .
# Source maps stay, for stack traces; declarations and build records do not run.
RUN npx tsc -b services/* \
 && node packages/console/build.mjs \
 && mkdir /out \
 && find gen packages services -name node_modules -prune -o -type f \
      \( -path '*/dist/*' -o -path 'gen/es/*' \) \
      ! -name '*.d.ts' ! -name '*.tsbuildinfo' -exec cp --parents -t /out {} +

# --- the image ----------------------------------------------------------------
FROM base
COPY --from=dependencies /app ./
COPY --from=build /out ./

# A new volume for secrets takes the owner of this folder.
RUN install --directory --owner=node --group=node /run/secrets

ENV NODE_ENV=production
# Files belong to root, the process does not: it cannot change what it runs. It
# writes no files, so the root file system may be read-only.
USER node
ENTRYPOINT ["node", "--enable-source-maps"]
CMD ["services/edge/dist/main.js", "--help"]

# A worker is given WORKER_METRICS_PORT, a server METRICS_PORT alone.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --start-interval=1s --retries=3 \
  CMD ["node", "-e", "const { WORKER_METRICS_PORT, METRICS_PORT } = process.env; fetch(`http://127.0.0.1:${WORKER_METRICS_PORT ?? METRICS_PORT}/readyz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]

ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="both-ends" \
      org.opencontainers.image.description="Connect and gRPC services on Node that show every call from both ends" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
