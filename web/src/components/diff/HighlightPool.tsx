import { useComputedColorScheme } from "@mantine/core";
import { useWorkerPool, WorkerPoolContextProvider } from "@pierre/diffs/react";
import { getOrCreateWorkerPoolSingleton } from "@pierre/diffs/worker";
import { type ReactNode, useEffect } from "react";
import { takeWorker } from "./first-worker";
import { themeFor } from "./themes";

// One of two cores must be left to the page: colouring 33,000 lines would else take the frames of whoever scrolls.
const POOL = {
  workerFactory: takeWorker,
  poolSize: navigator.hardwareConcurrency > 2 ? 2 : 1,
};
const highlighter = (dark: boolean) => ({
  theme: themeFor(dark),
  langs: [],
  lineDiffType: "word-alt" as const,
  preferredHighlighter: "highlights" as const,
});

// Begins with this code, not with the first drawing: nothing is drawn before the pool is ready.
// Where there is no window (rules of this folder under test) nothing is ever drawn.
if (typeof window !== "undefined") {
  const dark = document.documentElement.dataset.mantineColorScheme === "dark";
  getOrCreateWorkerPoolSingleton({ poolOptions: POOL, highlighterOptions: highlighter(dark) });
}

/** Highlights off the main thread, for all panes below it, in the theme of the page. */
export function HighlightPool({ children }: { children: ReactNode }) {
  const dark = useComputedColorScheme("light", { getInitialValueInEffect: false }) === "dark";
  return (
    <WorkerPoolContextProvider poolOptions={POOL} highlighterOptions={highlighter(dark)}>
      <InTheme dark={dark}>{children}</InTheme>
    </WorkerPoolContextProvider>
  );
}

/** The pool outlives a change of the theme: what it has coloured is coloured anew. */
function InTheme({ dark, children }: { dark: boolean; children: ReactNode }) {
  const pool = useWorkerPool();
  useEffect(() => {
    void pool?.setRenderOptions({ theme: themeFor(dark) });
  }, [pool, dark]);
  return children;
}
