import { useComputedColorScheme } from "@mantine/core";
import { WorkerPoolContext } from "@pierre/diffs/react";
import { type ReactNode, useEffect } from "react";
import { EarlyPool } from "./early-pool";
import { takeWorker } from "./first-worker";
import { themeFor } from "./themes";

let pool: EarlyPool | undefined;

/** One for the page, as long as the page: reading the colours' code again would delay whoever comes back to the changes. */
function thePool(dark: boolean): EarlyPool {
  // One of two cores must be left to the page: colouring 33,000 lines would else take the frames of whoever scrolls.
  pool ??= new EarlyPool(
    { workerFactory: takeWorker, poolSize: navigator.hardwareConcurrency > 2 ? 2 : 1 },
    { theme: themeFor(dark), langs: [], lineDiffType: "word-alt", preferredHighlighter: "highlights" },
  );
  return pool;
}

// Begins with this code, not with the first drawing.
// Where there is no window (rules of this folder under test) nothing is ever drawn.
if (typeof window !== "undefined") thePool(document.documentElement.dataset.mantineColorScheme === "dark");

/** Highlights off the main thread, for all panes below it, in the theme of the page. */
export function HighlightPool({ children }: { children: ReactNode }) {
  const dark = useComputedColorScheme("light", { getInitialValueInEffect: false }) === "dark";
  const own = thePool(dark);
  // The pool outlives a change of the theme: what it has coloured is coloured anew.
  useEffect(() => void own.setRenderOptions({ theme: themeFor(dark) }), [own, dark]);
  return <WorkerPoolContext.Provider value={own}>{children}</WorkerPoolContext.Provider>;
}
