export { type AlignedFile, alignFiles, splitPath } from "./align";
export { DiffPane, type DiffPaneHandle } from "./DiffPane";
export { HighlightPool } from "./HighlightPool";
export type { DiffLook } from "./options";
export { PlainPatch } from "./PlainPatch";
export { type ParsedFile, parsePatch } from "./patch";
