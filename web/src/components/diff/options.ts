import type { CodeViewReactOptions } from "@pierre/diffs/react";
import { ABOUT_CSS } from "./about-marks";
import { FIND_CSS } from "./find-marks";
import type { LineNote } from "./items";
import { themeFor } from "./themes";

export interface DiffLook {
  layout: "unified" | "split";
  wrap: boolean;
  dark: boolean;
}

/**
 * Lines are nearly all of the page's elements, and drawing new ones is paid while someone scrolls. As the viewer styles
 * them, a line, its number and its sign are each a layer of their own for painting and hit tests, five backgrounds lie
 * on each other, and each file is a container for queries: half of a frame's work.
 */
const LIGHT_CSS = `
pre, code, [data-gutter], [data-content] { background: none; }
[data-line], [data-column-number], [data-line-number-content] { position: static; }
[data-column-number]:is([data-hovered], [data-selected-line]) { position: relative; }
[data-line] span { color: inherit; }
[data-line] span:not([data-diff-span]) { background-color: transparent; }
[data-indicators=classic] [data-line]:is([data-line-type=change-addition], [data-line-type=change-deletion])::before {
  position: static; float: left; width: 2ch; margin-left: -2ch;
}
[data-container-size] { container-type: normal; }
`;

const CSS = `
[data-diffs-header] { background: var(--app-surface); }
[data-expand-button]:focus-visible, [data-unmodified-lines]:focus-visible {
  outline: 2px solid var(--mantine-primary-color-filled); outline-offset: -2px;
}
[data-column-number] { cursor: pointer; }
/* A click selects the line, and drawing over it selects text, as it says. */
[data-interactive-lines] [data-line] { cursor: text; }
:host([data-binary]) [data-line], :host([data-binary]) [data-column-number] { visibility: hidden; }
/* Nothing is here: the file is in the pane beside alone. */
:host([data-lacking]) pre {
  background: repeating-linear-gradient(
    -45deg, transparent 0 7px, color-mix(in srgb, var(--app-line) 55%, transparent) 7px 8px
  );
}
${LIGHT_CSS}
${ABOUT_CSS}
${FIND_CSS}`;

/** Height of a file's head; its own style sheet must agree, else the viewer draws everything twice. */
export const HEAD_HEIGHT = 38;
export const LINE_HEIGHT = 19;
/** Below the last line of a file. */
export const SPACE_BELOW = 8;
/** Between files. */
export const GAP = 10;

export function diffOptions(look: DiffLook): CodeViewReactOptions<LineNote, undefined> {
  return {
    theme: themeFor(look.dark),
    themeType: look.dark ? "dark" : "light",
    diffStyle: look.layout,
    overflow: look.wrap ? "wrap" : "scroll",
    diffIndicators: "classic",
    hunkSeparators: "line-info",
    lineDiffType: "word-alt",
    stickyHeaders: true,
    expansionLineCount: 20,
    // New lines come two dozen at a time: laying a file out anew costs more than the lines that are added to it.
    itemMetrics: { hunkLineCount: 24, lineHeight: LINE_HEIGHT, diffHeaderHeight: HEAD_HEIGHT, spacing: SPACE_BELOW },
    lineHoverHighlight: "number",
    tokenizeMaxLineLength: 2000,
    // Switching them off and on again finds the styles of every element of the pane anew.
    pointerEventsOnScroll: true,
    layout: { paddingTop: 0, paddingBottom: 24, gap: GAP },
    unsafeCSS: CSS,
  };
}
