import type { CodeViewReactOptions } from "@pierre/diffs/react";
import { FIND_CSS } from "./find-marks";
import type { LineNote } from "./items";

export interface DiffLook {
  layout: "unified" | "split";
  wrap: boolean;
  dark: boolean;
}

/** High-contrast themes, because the default ones narrowly miss 4.5:1 on changed lines. */
export const THEMES = { light: "github-light-high-contrast", dark: "github-dark-high-contrast" } as const;

const CSS = `
[data-diffs-header] { border-bottom: 1px solid var(--app-line); background: var(--app-surface); }
[data-expand-button]:focus-visible, [data-unmodified-lines]:focus-visible {
  outline: 2px solid var(--mantine-primary-color-filled); outline-offset: -2px;
}
[data-column-number] { cursor: pointer; }
:host([data-binary]) [data-line], :host([data-binary]) [data-column-number] { visibility: hidden; }
${FIND_CSS}`;

/** Height of a file's head; its own style sheet must agree. */
export const HEAD_HEIGHT = 38;

export function diffOptions(look: DiffLook): CodeViewReactOptions<LineNote, undefined> {
  return {
    theme: THEMES,
    themeType: look.dark ? "dark" : "light",
    diffStyle: look.layout,
    overflow: look.wrap ? "wrap" : "scroll",
    diffIndicators: "classic",
    hunkSeparators: "line-info",
    lineDiffType: "word-alt",
    stickyHeaders: true,
    expansionLineCount: 20,
    itemMetrics: { lineHeight: 19, diffHeaderHeight: HEAD_HEIGHT },
    lineHoverHighlight: "number",
    tokenizeMaxLineLength: 2000,
    layout: { paddingTop: 0, paddingBottom: 24, gap: 10 },
    unsafeCSS: CSS,
  };
}
