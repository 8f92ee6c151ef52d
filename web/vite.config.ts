import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { mockApi } from "./dev/mock.ts";
import { headStart } from "./head-start.ts";
import { viewerParts } from "./viewer-parts.ts";

const LIBRARIES = /node_modules[\\/](@mantine|@tanstack|@floating-ui|react|react-dom|scheduler|clsx)[\\/]/;
// What the files of a comparison's first view share: small parts, which the bundler would give a file each. The viewer is
// fetched with them: nothing belongs here that a page without code needs.
const READING =
  /web[\\/]src[\\/](components[\\/](diff|tree|search|repository)[\\/]|pages[\\/]comparison[\\/](evidence[\\/]|SideTag|line-hooks|use-patch))/;
const SHARED =
  /web[\\/]src[\\/](api|autosave|keyboard|components[\\/](feedback|text|layout|list|drafts|repository[\\/]content)|pages[\\/](comparison[\\/](transcript-)?links?|evidence[\\/]search|sign-in[\\/]fragment)\.ts)/;

/**
 * Built pages go into the Python package. In development the API is that of a running `marlin up`; with `--mode mock`
 * (`npm run mock`) it is the made-up one of dev/, which never gets into a build.
 */
export default defineConfig(({ mode }) => ({
  plugins: [react(), viewerParts("page"), headStart(/src[\\/]app\.tsx$/), ...(mode === "mock" ? [mockApi()] : [])],
  worker: {
    format: "es",
    plugins: () => [viewerParts("worker")],
    rolldownOptions: { output: { codeSplitting: false } },
  },
  build: {
    outDir: "../src/marlin/web_dist",
    emptyOutDir: true,
    target: "es2022",
    chunkSizeWarningLimit: 900,
    // What several pages share comes in two files, not in forty: a browser fetches six at a time. What runs before the app
    // is left out, else it would wait for all of them.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            {
              name: "first",
              test: /web[\\/]src[\\/](main|begin|opening|api[\\/](begun|first-patches)|components[\\/]diff[\\/]first-worker)\.ts/,
              priority: 3,
            },
            { name: "react", test: /node_modules[\\/](react|react-dom|scheduler)[\\/]/, priority: 4 },
            // What draws the lines is fetched with the viewer, not when the viewer asks for it.
            { name: "viewer", test: /node_modules[\\/]@pierre[\\/]|diff[\\/]parts[\\/]/, priority: 2 },
            { name: "libraries", test: LIBRARIES, minShareCount: 2, priority: 2 },
            { name: "shared", test: SHARED, minShareCount: 2, priority: 2 },
            { name: "reading", test: READING, minShareCount: 2, priority: 1 },
          ],
        },
      },
    },
  },
  server: mode === "mock" ? {} : { proxy: { "/api": { target: "http://127.0.0.1:8420" } } },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
}));
