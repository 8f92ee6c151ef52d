/**
 * Stands for what the viewer could ask for and never does here: its other highlighter with a file for each language, and
 * its lists of themes. Left in, they would be 9 MB of the package.
 */
function absent(): never {
  throw new Error("This highlighter is not part of Marlin: see web/viewer-parts.ts");
}

export const bundledLanguages = {};
export const themes = {};
export const INITIAL = null;
export const EncodedTokenMetadata = {};
export {
  absent as createCssVariablesTheme,
  absent as createHighlighterCore,
  absent as createJavaScriptRegexEngine,
  absent as createOnigurumaEngine,
  absent as normalizeTheme,
};
