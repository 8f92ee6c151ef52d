import type { Place } from "../search/pattern";

/**
 * Marks what was searched for in the lines that are on screen, by the browser's highlight registry: nothing is added to
 * the page, so the viewer's own nodes stay as it made them. Lines that scroll in are marked when they are rendered.
 */
export interface Find {
  /** Where it stands in each of these lines. Told later, or never (null), by a pattern that may take its time. */
  places: (lines: readonly string[]) => Places | Promise<Places | null>;
  current: { path: string; which: "old" | "new"; line: number; at: number } | null;
}

type Places = readonly (readonly Place[])[];

const ALL = "marlin-find";
const CURRENT = "marlin-find-current";

/** Styles of the two highlights; they must stand in the same tree as the text. */
export const FIND_CSS = `
::highlight(${ALL}) { background-color: #ffdf5d; color: #1b1f23; }
::highlight(${CURRENT}) { background-color: #f66a0a; color: #ffffff; text-decoration: underline; }
`;

function registered(name: string): Highlight | null {
  if (typeof Highlight === "undefined" || !CSS.highlights) return null;
  let highlight = CSS.highlights.get(name);
  if (!highlight) {
    highlight = new Highlight();
    highlight.priority = name === CURRENT ? 1 : 0;
    CSS.highlights.set(name, highlight);
  }
  return highlight;
}

/** The marks of one pane. */
export class FindMarks {
  #find: Find | null = null;
  #rendered = new Map<HTMLElement, string>();
  #ranges = new Map<HTMLElement, { all: Range[]; current: Range[] }>();

  set(find: Find | null): void {
    this.#find = find;
    for (const node of this.#rendered.keys()) this.#mark(node);
  }

  rendered(node: HTMLElement, path: string): void {
    this.#rendered.set(node, path);
    if (this.#find) this.#mark(node);
  }

  gone(node: HTMLElement): void {
    this.#rendered.delete(node);
    this.#unmark(node);
  }

  clear(): void {
    for (const node of [...this.#rendered.keys()]) this.gone(node);
  }

  #unmark(node: HTMLElement): void {
    const ranges = this.#ranges.get(node);
    if (!ranges) return;
    for (const range of ranges.all) registered(ALL)?.delete(range);
    for (const range of ranges.current) registered(CURRENT)?.delete(range);
    this.#ranges.delete(node);
  }

  #mark(node: HTMLElement): void {
    const find = this.#find;
    if (!find) {
      this.#unmark(node);
      return;
    }
    const lines = [...(node.shadowRoot ?? node).querySelectorAll<HTMLElement>("[data-line]")];
    const texts = lines.map((line) => line.textContent ?? "");
    const places = find.places(texts);
    if (!(places instanceof Promise)) {
      this.#put(node, find, lines, places);
      return;
    }
    // What was marked stays so meanwhile: it would else flicker while somebody scrolls.
    void places.then((told) => {
      const fits = this.#find === find && lines.every((line, index) => line.textContent === texts[index]);
      if (fits && this.#rendered.has(node)) this.#put(node, find, lines, told ?? []);
    });
  }

  #put(node: HTMLElement, find: Find, lines: readonly HTMLElement[], places: Places): void {
    this.#unmark(node);
    const path = this.#rendered.get(node);
    const [all, current] = [registered(ALL), registered(CURRENT)];
    if (path === undefined || !all || !current) return;
    const own = { all: [] as Range[], current: [] as Range[] };
    lines.forEach((line, index) => {
      for (const { at, length } of places[index] ?? []) {
        const range = rangeIn(line, at, length);
        if (!range) continue;
        if (isCurrent(find, path, line, at)) {
          own.current.push(range);
          current.add(range);
        } else {
          own.all.push(range);
          all.add(range);
        }
      }
    });
    this.#ranges.set(node, own);
  }
}

function isCurrent(find: Find, path: string, line: HTMLElement, at: number): boolean {
  const { current } = find;
  if (!current || current.path !== path || current.at !== at) return false;
  const old = line.dataset.lineType === "change-deletion" || line.closest("[data-deletions]") !== null;
  if (old !== (current.which === "old")) return false;
  return line.dataset.line === String(current.line);
}

function rangeIn(line: HTMLElement, at: number, length: number): Range | null {
  const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  let seen = 0;
  let started = false;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const size = node.textContent?.length ?? 0;
    if (!started && at < seen + size) {
      range.setStart(node, at - seen);
      started = true;
    }
    if (started && at + length <= seen + size) {
      range.setEnd(node, at + length - seen);
      return range;
    }
    seen += size;
  }
  return null;
}
