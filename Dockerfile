# syntax=docker/dockerfile:1
# The images of Dr. Assistant: targets migrate, api (serves the apps as well), worker and bots. fhir-server/docs/operations.md, "Docker".
# `npm run containers` follows these instructions in a temporary folder; RUN lines name no absolute path, so that it can.

# The version of Node that package.json pins.
FROM node:24.21.0-bookworm-slim AS base
WORKDIR /app

# What npm needs to know, and nothing that changes with each commit.
FROM base AS manifests
COPY package.json package-lock.json .npmrc ./
COPY fhir-server/package.json fhir-server/
COPY ai-bots/package.json ai-bots/
COPY smart-apps/ui/package.json smart-apps/ui/
COPY smart-apps/scribe/package.json smart-apps/scribe/
COPY smart-apps/ehr/package.json smart-apps/ehr/
COPY smart-apps/portal/package.json smart-apps/portal/
COPY smart-apps/console/package.json smart-apps/console/

FROM manifests AS server-dependencies
RUN npm ci --omit=dev --workspace fhir-server --no-audit --no-fund

FROM manifests AS bots-dependencies
RUN npm ci --omit=dev --workspace ai-bots --no-audit --no-fund

FROM manifests AS apps
RUN npm ci --workspace smart-apps/ui --workspace smart-apps/scribe --workspace smart-apps/ehr --workspace smart-apps/portal --workspace smart-apps/console --no-audit --no-fund
COPY tsconfig.base.json ./
COPY smart-apps smart-apps
RUN npm run build --workspace smart-apps/scribe --workspace smart-apps/ehr --workspace smart-apps/portal --workspace smart-apps/console

# The server's code with the compact definitions, which a read-only file system would make anew at each start.
FROM server-dependencies AS server-code
COPY fhir-server/src fhir-server/src
COPY scripts/migrate.ts scripts/generate-definitions.ts scripts/
RUN node scripts/generate-definitions.ts
RUN mkdir empty

FROM base AS server
LABEL org.opencontainers.image.title="Dr. Assistant server" \
      org.opencontainers.image.description="FHIR R4 server with SMART on FHIR apps" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production DATA_DIR=/data
COPY --from=server-code /app/package.json ./
COPY --from=server-code /app/node_modules node_modules
COPY --from=server-code /app/fhir-server fhir-server
COPY --from=server-code /app/scripts/migrate.ts scripts/
# Binary content and exports; a volume is mounted here, and takes over whose it is.
COPY --from=server-code --chown=1000:1000 /app/empty /data
USER 1000:1000

FROM server AS migrate
# It ends by itself, so there is no health to ask for.
HEALTHCHECK NONE
CMD ["node", "scripts/migrate.ts"]

FROM server AS worker
ENV WORKER_PORT=8105
EXPOSE 8105
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=6 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8105/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "fhir-server/src/worker.ts"]

FROM server AS api
ENV HOST=0.0.0.0 PORT=8103
COPY --from=apps /app/smart-apps/scribe/dist smart-apps/scribe/dist
COPY --from=apps /app/smart-apps/ehr/dist smart-apps/ehr/dist
COPY --from=apps /app/smart-apps/portal/dist smart-apps/portal/dist
COPY --from=apps /app/smart-apps/console/dist smart-apps/console/dist
EXPOSE 8103
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=6 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8103/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# The arguments are those of scripts/server-runtime.ts.
CMD ["node", "--max-semi-space-size=4", "--initial-old-space-size=64", "--heap-growing-percent=75", "fhir-server/src/api.ts"]

FROM base AS bots
LABEL org.opencontainers.image.title="Dr. Assistant bots" \
      org.opencontainers.image.description="AI bots of Dr. Assistant" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production BOT_HOST=0.0.0.0 BOT_PORT=8104
COPY --from=bots-dependencies /app/package.json ./
COPY --from=bots-dependencies /app/node_modules node_modules
# Where two versions of a package are needed, one lies in the folder of the workspace.
COPY --from=bots-dependencies /app/ai-bots ai-bots
COPY ai-bots ai-bots
USER 1000:1000
EXPOSE 8104
# Ready is a bot whose Subscriptions are registered; without the FHIR server it is alive, and waits.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=6 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8104/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "ai-bots/runtime/main.ts"]
