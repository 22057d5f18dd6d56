# An image that serves /data/model, for instance with compose.yaml. It installs the package that `npm pack`
# makes, with the locked versions of what it needs. Debian, because DuckDB needs glibc.
FROM node:22-bookworm-slim
ENV NODE_ENV=production
# Unpacks to /app/package.
ADD seesaw-*.tgz /app/
WORKDIR /app/package
COPY package-lock.json ./
RUN npm ci --omit=dev --omit=peer --ignore-scripts --no-audit --no-fund && npm cache clean --force \
  && mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "build/src/cli/main.js"]
CMD ["serve", "/data/model", "--host", "0.0.0.0", "--drain", "5", "--json"]
