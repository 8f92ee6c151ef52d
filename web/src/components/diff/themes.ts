import { registerCustomTheme, resolveTheme } from "@pierre/diffs";

/** High-contrast themes, because the default ones narrowly miss 4.5:1 on changed lines. */
export const THEMES = { light: "marlin-light", dark: "github-dark-high-contrast" } as const;

/** One of them colours at a time: each is a whole reading of the code, and every word would carry the colours of both. */
export function themeFor(dark: boolean): string {
  return dark ? THEMES.dark : THEMES.light;
}

const LIGHT = "github-light-high-contrast";
/** Its comments reach 4.5:1 on white alone; these do on the darkest that a changed word stands on. */
const COMMENT = /#66707b/gi;
const DARKER = "#4a525c";

registerCustomTheme(
  THEMES.light,
  async () => {
    const theme = JSON.parse(JSON.stringify(await resolveTheme(LIGHT)).replace(COMMENT, DARKER));
    return { ...theme, name: THEMES.light, textmate: { ...theme.textmate, name: THEMES.light } };
  },
  "diffs",
);
