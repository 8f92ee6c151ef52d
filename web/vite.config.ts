import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { mockApi } from "./dev/mock.ts";

/**
 * Built pages go into the Python package. In development the API is that of a running `marlin up`; with `--mode mock`
 * (`npm run mock`) it is the made-up one of dev/, which never gets into a build.
 */
export default defineConfig(({ mode }) => ({
  plugins: [react(), ...(mode === "mock" ? [mockApi()] : [])],
  build: {
    outDir: "../src/marlin/web_dist",
    emptyOutDir: true,
    target: "es2022",
    chunkSizeWarningLimit: 900,
  },
  server: mode === "mock" ? {} : { proxy: { "/api": { target: "http://127.0.0.1:8420" } } },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
}));
