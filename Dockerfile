# Any image with Node.js 20.19 or newer and npm. A release builds on a digest: docs/dependencies.md.
ARG BASE=node:24-bookworm-slim

FROM ${BASE} AS packages
WORKDIR /build
COPY package.json package-lock.json ./
# No package runs a script of its own while it is installed.
RUN npm ci --ignore-scripts

FROM packages AS build
COPY tsconfig.base.json ./
COPY src src
RUN npx tsc -b src src/ui && node src/ui/build.js \
  && rm -r dist/ui && find dist -type f \( -name '*.d.ts' -o -name '*.map' -o -name '*.tsbuildinfo' \) -delete

FROM packages AS production-packages
# Types and source maps are for those who develop with a package.
RUN npm prune --omit=dev --ignore-scripts \
  && find node_modules -type f \( -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.map' \) -delete

FROM ${BASE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Sentio" \
  org.opencontainers.image.description="Foresight for Prometheus: forecasts, prediction intervals and anomaly scores for its series" \
  org.opencontainers.image.licenses="MIT" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}"
ENV NODE_ENV=production
WORKDIR /sentio
COPY --from=production-packages /build/node_modules node_modules
COPY --from=build /build/dist dist
COPY proto proto
COPY package.json LICENSE ./
# A volume that is new takes over the owner of the folder it is mounted on.
RUN install --directory --owner=1000 --group=1000 /var/lib/sentio
VOLUME /var/lib/sentio
# A number, so that Kubernetes' runAsNonRoot can see that it is not root.
USER 1000:1000
EXPOSE 9201
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["node", "-e", \
  "fetch('http://127.0.0.1:9201/-/ready').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/sentio/dist/main.js"]
# Every interface, without a login: nobody reaches the loopback interface of a container. Who may come in is decided by the
# ports that are published.
CMD ["serve", "--web.listen-address=0.0.0.0:9201", "--storage.path=/var/lib/sentio"]
