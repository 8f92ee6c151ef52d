import "@mantine/core/styles.css";
import "./app.css";
import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode, startTransition } from "react";
import { createRoot } from "react-dom/client";
import { firstAnswers } from "./pages/comparison/begin";
import { queryClient } from "./query-client";
import { router } from "./router";
import { theme } from "./theme";

/** As long as nothing is drawn of what then would be drawn anew. */
const PATIENCE_MS = 250;

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
const known = Promise.allSettled([router.load(), firstAnswers(window.location)]);
await Promise.race([known, new Promise((done) => setTimeout(done, PATIENCE_MS))]);
// In small steps, between which the patches are read.
startTransition(() =>
  createRoot(root).render(
    <StrictMode>
      <MantineProvider theme={theme} defaultColorScheme="auto">
        <QueryClientProvider client={queryClient}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  ),
);
