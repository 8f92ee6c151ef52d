import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

const ours = (name: string) => fileURLToPath(new URL(`./src/components/diff/parts/${name}`, import.meta.url));

interface Part {
  asked: RegExp;
  file: string;
  /** Where the viewer asks for it: on the page, in its worker. One that is asked for no more was renamed by an update. */
  on: ("page" | "worker")[];
}

const PARTS: Part[] = [
  { asked: /(?:^|\/)detachString\.js$/, file: ours("lines.ts"), on: ["page"] },
  { asked: /(?:^|\/)createGutterUtilityElement\.js$/, file: ours("act-button.ts"), on: ["page"] },
  { asked: /(?:^|\/)hastLinesTransport\.js$/, file: ours("hast-lines.ts"), on: ["page"] },
  { asked: /^diff$/, file: ours("words.ts"), on: ["page", "worker"] },
  { asked: /^shiki\//, file: ours("absent.ts"), on: ["page", "worker"] },
  {
    asked: /^@pierre\/(?:theming\/themes|highlights\/themes\/loader)$/,
    file: ours("absent.ts"),
    on: ["page", "worker"],
  },
];
const COLOURS = /^@pierre\/highlights$/;

/**
 * Parts of @pierre/diffs that are ours: the page colours nothing itself, no language and no theme is fetched, lines are
 * not copied, coloured ones are made when they are drawn, words are marked where that tells something, and a button has a name. See docs/decisions/0018.
 */
export function viewerParts(where: "page" | "worker"): Plugin {
  const parts = [
    ...PARTS.filter((part) => part.on.includes(where)),
    { asked: COLOURS, file: ours(where === "page" ? "plain.ts" : "colours.ts") },
  ];
  const replaced = new Set<RegExp>();
  let seen = false; // other workers know no viewer
  return {
    name: `viewer-parts-${where}`,
    enforce: "pre",
    apply: "build",
    resolveId(source, importer) {
      if (!importer?.includes("/node_modules/@pierre/diffs/")) return null;
      seen = true;
      const part = parts.find(({ asked }) => asked.test(source));
      if (!part) return null;
      replaced.add(part.asked);
      return part.file;
    },
    buildEnd(error) {
      const missed = parts.filter(({ asked }) => !replaced.has(asked)).map(({ asked }) => `${asked}`);
      if (!error && seen && missed.length > 0)
        this.error(`@pierre/diffs asks no more for ${missed.join(", ")}: mend web/viewer-parts.ts (${where})`);
    },
  };
}
