FROM node:24.11.1-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
COPY web ./web
RUN npm run build
RUN npm prune --omit=dev

FROM node:24.11.1-bookworm-slim
# glibc gives large buffers back to the system when they are freed, and keeps few arenas.
ENV NODE_ENV=production MALLOC_ARENA_MAX=2 MALLOC_MMAP_THRESHOLD_=131072
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
# The command line: docs/cli.md.
RUN ln -s /app/dist/cli.js /usr/local/bin/tasker
COPY docker/entrypoint.sh docker/health.mjs /usr/local/lib/tasker/
# Not root. Docker lets every user of a container bind 443 (net.ipv4.ip_unprivileged_port_start=0).
USER node
EXPOSE 443 8001
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
  CMD ["/usr/local/lib/tasker/entrypoint.sh", "node", "/usr/local/lib/tasker/health.mjs"]
ENTRYPOINT ["/usr/local/lib/tasker/entrypoint.sh"]
CMD ["node", "dist/main.js"]
