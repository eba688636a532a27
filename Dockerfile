# One image a service: docker build --target items .
# Both bases can be others: NODE_IMAGE needs npm, Node in /usr/local/bin and glibc; BASE_IMAGE needs glibc, libstdc++ and
# root certificates, no shell and no Node. By default that is what a service does not need, left out.
ARG NODE_IMAGE=node:24.21.0-bookworm-slim
ARG BASE_IMAGE=gcr.io/distroless/cc-debian12:nonroot

# --- What the lock file says, for one service after the other -------------------
FROM ${NODE_IMAGE} AS manifests
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY clients/typescript/package.json clients/typescript/
COPY clients/dashboard/package.json clients/dashboard/
COPY libs/common/package.json libs/common/
COPY services/gateway/package.json services/gateway/
COPY services/auth/package.json services/auth/
COPY services/items/package.json services/items/
COPY services/notifier/package.json services/notifier/
# No install script runs: bcrypt brings its program along, and link-node.js is for machines without Node 24.
ENV npm_config_ignore_scripts=true npm_config_audit=false npm_config_fund=false

# The peers are redoc's, for those who build it into a page of their own; the dashboard needs two of them, when it is built.
# Source maps are for a browser's debugger.
FROM manifests AS gateway-modules
RUN npm ci --omit=dev --omit=peer --workspace services/gateway && find node_modules -name '*.map' -delete && \
    rm -rf node_modules/react node_modules/react-dom node_modules/scheduler
FROM manifests AS auth-modules
RUN npm ci --omit=dev --omit=peer --workspace services/auth && find node_modules -name '*.map' -delete
FROM manifests AS items-modules
RUN npm ci --omit=dev --omit=peer --workspace services/items && find node_modules -name '*.map' -delete
FROM manifests AS notifier-modules
RUN npm ci --omit=dev --omit=peer --workspace services/notifier && find node_modules -name '*.map' -delete

# The server of the dashboard's own container: what all services share, and nothing of a documentation page.
FROM manifests AS dashboard-modules
RUN npm ci --omit=dev --omit=peer --workspace libs/common && find node_modules -name '*.map' -delete

# --- The sources without their types -------------------------------------------
# Otherwise each process loads Node's type stripper, which takes 17 MB. The preloaded module finds a source by its hash.
FROM manifests AS stripped
COPY tools/strip-types.ts ./tools/
COPY tools/strip-types/load-stripped.js ./tools/strip-types/
COPY services ./services
COPY libs/common ./libs/common
RUN node --disable-warning=ExperimentalWarning tools/strip-types.ts /stripped

# --- The dashboard: static files -------------------------------------------------
FROM manifests AS dashboard-built
RUN npm ci --omit=dev --workspace clients/dashboard
COPY tsconfig.json ./
COPY clients/typescript ./clients/typescript
COPY clients/dashboard ./clients/dashboard
RUN NODE_ENV=production npx vite build clients/dashboard --configLoader native

# --- What all images have in common ------------------------------------------
FROM ${BASE_IMAGE} AS runtime
COPY --from=manifests /usr/local/bin/node /usr/local/bin/node
COPY --from=stripped /stripped /stripped
WORKDIR /app
# tools/stack/node-process.ts says why these; a test compares them.
ENV NODE_ENV=production MALLOC_ARENA_MAX=1 MALLOC_TRIM_THRESHOLD_=131072
ENTRYPOINT ["/usr/local/bin/node", "--expose-gc", "--max-semi-space-size=8", "--heap-growing-percent=100", "--import=/stripped/load.js"]
# Another user may be chosen at the start: nothing here is written to.
USER 65532:65532
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["/usr/local/bin/node", "--import=/stripped/load.js", "libs/common/src/probe/main.ts"]
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.vendor="Quartet" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

# --- The images -----------------------------------------------------------------
# All stays where it is in the repository: Node strips types through the links of the workspaces, not in a copy.
FROM runtime AS gateway
LABEL org.opencontainers.image.title="quartet-gateway"
ENV PORT=8000 PRIVATE_PORT=9000
EXPOSE 8000 9000
COPY --from=gateway-modules /app ./
COPY libs/common ./libs/common
COPY services/services.ts ./services/
COPY services/gateway ./services/gateway
COPY --from=dashboard-built /app/clients/dashboard/dist ./clients/dashboard/dist
CMD ["services/gateway/src/main.ts"]

FROM runtime AS auth
LABEL org.opencontainers.image.title="quartet-auth"
ENV PORT=8001 PRIVATE_PORT=9001
EXPOSE 8001 9001
COPY --from=auth-modules /app ./
COPY libs/common ./libs/common
COPY services/services.ts ./services/
COPY services/auth ./services/auth
CMD ["services/auth/src/main.ts"]

FROM runtime AS items
LABEL org.opencontainers.image.title="quartet-items"
ENV PORT=8002 PRIVATE_PORT=9002
EXPOSE 8002 9002
COPY --from=items-modules /app ./
COPY libs/common ./libs/common
COPY services/services.ts ./services/
COPY services/items ./services/items
CMD ["services/items/src/main.ts"]

FROM runtime AS notifier
LABEL org.opencontainers.image.title="quartet-notifier"
ENV PORT=8003 PRIVATE_PORT=9003
EXPOSE 8003 9003
COPY --from=notifier-modules /app ./
COPY libs/common ./libs/common
COPY services/services.ts ./services/
COPY services/notifier ./services/notifier
CMD ["services/notifier/src/main.ts"]

# The dashboard at an origin of its own; the gateway's image has it too.
FROM runtime AS dashboard
LABEL org.opencontainers.image.title="quartet-dashboard"
ENV PORT=8080 PRIVATE_PORT=9080
EXPOSE 8080 9080
COPY --from=dashboard-modules /app ./
COPY libs/common ./libs/common
COPY services/gateway ./services/gateway
COPY --from=dashboard-built /app/clients/dashboard/dist ./clients/dashboard/dist
CMD ["services/gateway/src/dashboard/server/main.ts"]
