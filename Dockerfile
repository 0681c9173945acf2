FROM node:24-slim AS packages
WORKDIR /applyd
COPY package.json package-lock.json .npmrc ./
# The one install script there is would fetch a second Node.
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts

FROM packages AS build
COPY tsconfig.json tsconfig.build.json ./
COPY src src
COPY server server
RUN npm run build

FROM packages AS dependencies
# The clients of the queues are optional, and stay.
RUN npm pkg delete devDependencies peerDependenciesMeta && npm prune

FROM node:24-slim
# It listens where others can reach it, so they need keys: `applyd key create ACCOUNT` in the container makes one.
ENV NODE_ENV=production \
    APPLYD_HOST=0.0.0.0 \
    APPLYD_ALGORITHMS=/algorithms \
    APPLYD_STATE=/data
WORKDIR /applyd
# What runs Python algorithms, lets `applyd install` bring in what they need, and walls algorithms in where the container is allowed to.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends bubblewrap python3 python3-venv \
    && rm -rf /var/lib/apt/lists/*
# A volume takes its owner from the folder that it covers.
RUN install --directory --owner=node --group=node /data
# At the root, so that the algorithms find them as they do in a checkout.
COPY --from=dependencies /applyd/node_modules /node_modules
COPY package.json LICENSE ./
COPY docker/healthcheck.js docker/
COPY server/applyd.js server/
COPY algorithms /algorithms
COPY --from=build /applyd/dist dist
# Compiled once, and not at the start of each Python worker.
RUN python3 -m compileall -q dist/src/workers/python \
    && ln -s /applyd/server/applyd.js /usr/local/bin/applyd
# `node`; by its number, as Kubernetes can only tell from a number that it is not root.
USER 1000:1000
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["node", "docker/healthcheck.js"]
CMD ["node", "server/applyd.js", "serve"]
