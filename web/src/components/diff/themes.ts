import { registerCustomTheme } from "@pierre/diffs";
import dark from "@pierre/highlights/themes/github-dark-high-contrast";
import light from "@pierre/highlights/themes/github-light-high-contrast";

/** High-contrast themes, because the default ones narrowly miss 4.5:1 on changed lines. */
export const THEMES = { light: "marlin-light", dark: "marlin-dark" } as const;

/** One of them colours at a time: each is a whole reading of the code, and every word would carry the colours of both. */
export function themeFor(dark: boolean): string {
  return dark ? THEMES.dark : THEMES.light;
}

/** Its comments reach 4.5:1 on white alone; these do on the darkest that a changed word stands on. */
const COMMENT = /#59636eff/gi;
const DARKER = "#4a525cff";

// With this code, not fetched when asked for: a file more would be a wait more before the first line is drawn.
registerCustomTheme(THEMES.light, async () => JSON.parse(JSON.stringify(light).replace(COMMENT, DARKER)), "zed");
registerCustomTheme(THEMES.dark, async () => dark, "zed");
