import { defineConfig } from "vite";

/** Built when it is measured, into a folder that is named then. */
export default defineConfig({
  root: import.meta.dirname,
  base: "/bare/",
  build: { target: "es2022", emptyOutDir: true },
});
