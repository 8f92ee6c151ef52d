import { preloadHighlighter } from "@pierre/diffs";
import { WorkerPoolContextProvider } from "@pierre/diffs/react";
import { getOrCreateWorkerPoolSingleton } from "@pierre/diffs/worker";
import type { ReactNode } from "react";
import { takeWorker } from "./first-worker";
import { THEMES } from "./themes";

// One of two cores must be left to the page: colouring 33,000 lines would else take the frames of whoever scrolls.
const POOL = {
  workerFactory: takeWorker,
  poolSize: navigator.hardwareConcurrency > 2 ? 2 : 1,
};
const HIGHLIGHTER = { theme: THEMES, langs: [], lineDiffType: "word-alt" as const };

// Begins with this code, not with the first drawing: nothing is drawn before the pool is ready. It waits for no language.
// Where there is no window (rules of this folder under test) nothing is ever drawn.
if (typeof window !== "undefined") {
  getOrCreateWorkerPoolSingleton({ poolOptions: POOL, highlighterOptions: HIGHLIGHTER });
  void preloadHighlighter({ themes: Object.values(THEMES), langs: ["python"] });
}

/** Highlights off the main thread, for all panes below it. */
export function HighlightPool({ children }: { children: ReactNode }) {
  return (
    <WorkerPoolContextProvider poolOptions={POOL} highlighterOptions={HIGHLIGHTER}>
      {children}
    </WorkerPoolContextProvider>
  );
}
