ARG NODE_IMAGE=node:24.21.0-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
COPY toolchain/package.json toolchain/
RUN npm ci --ignore-scripts
COPY . .
RUN node scripts/package.ts

# What the program needs besides itself: Temporal's SDK in the locked versions, for this platform alone.
FROM ${NODE_IMAGE} AS modules
WORKDIR /modules
COPY package.json package-lock.json .npmrc ./
COPY toolchain/package.json toolchain/
COPY deploy/pruneModules.sh /pruneModules.sh
RUN npm ci --omit=dev --omit=optional --ignore-scripts && sh /pruneModules.sh node_modules

# The simulated cloud of the profile `lab`; never a part of the product.
FROM build AS lab
RUN apt-get update && apt-get install --yes --no-install-recommends iproute2 && rm -rf /var/lib/apt/lists/*
EXPOSE 5000 8774 8778 9292 9696 9100 9374
CMD ["sh", "-c", "ip route add local 10.77.128.0/24 dev lo && exec node lab/cloud/main.ts"]

FROM ${NODE_IMAGE} AS innervisor
RUN apt-get update && apt-get install --yes --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production
WORKDIR /opt/innervisor
COPY package.json LICENSE ./
COPY --from=modules /modules/node_modules node_modules
COPY examples/innervisor.yaml examples/
COPY guest/root guest/root
COPY --from=build /build/dist dist
RUN chmod +x dist/bin/innervisor.js && ln -s /opt/innervisor/dist/bin/innervisor.js /usr/local/bin/innervisor
USER node
# Garbage is collected early, which keeps a busy worker small.
ENTRYPOINT ["node", "--max-semi-space-size=2", "--optimize-for-size", "/opt/innervisor/dist/bin/innervisor.js"]
CMD ["worker"]
