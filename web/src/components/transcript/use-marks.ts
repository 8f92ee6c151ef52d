import { type RefObject, useEffect } from "react";

const NAME = "marlin-found";

/**
 * Marks the words searched for in what is on the screen, by the browser's own highlights: the text itself is not touched.
 * A browser without them shows the rows found, unmarked.
 */
export function useMarks(box: RefObject<HTMLElement | null>, words: string, drawn: unknown): void {
  useEffect(() => {
    const node = box.current;
    const wanted = words.trim().toLowerCase();
    if (!node || wanted === "" || drawn === null || !("highlights" in CSS)) return;
    const ranges: Range[] = [];
    const walker = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
    for (let text = walker.nextNode(); text !== null && ranges.length < 2000; text = walker.nextNode()) {
      const content = (text.nodeValue ?? "").toLowerCase();
      for (let at = content.indexOf(wanted); at !== -1; at = content.indexOf(wanted, at + wanted.length)) {
        const range = new Range();
        range.setStart(text, at);
        range.setEnd(text, Math.min(at + wanted.length, text.nodeValue?.length ?? 0));
        ranges.push(range);
      }
    }
    const all = CSS.highlights.get(NAME) ?? new Highlight();
    CSS.highlights.set(NAME, all);
    for (const range of ranges) all.add(range);
    return () => {
      for (const range of ranges) all.delete(range);
    };
  }, [box, words, drawn]);
}
