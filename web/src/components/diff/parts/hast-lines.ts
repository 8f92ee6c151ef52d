/**
 * Coloured lines as the worker sends them, made when they are asked for. The viewer's own way gives each line of the
 * file a property that makes it, at once: for 33,000 lines the page stands still for the better part of 100 ms.
 */
export interface EncodedLines {
  ops: Int32Array;
  /** Where each line's operations and its text begin. */
  offsets: Uint32Array;
  strings: string[];
  text: string;
  extras: unknown[];
}

const HOLE = 0;
const TEXT = 1;
const ELEMENT = 2;
const [STRING, INTEGER, EXTRA] = [4, 5, 6];
const PLAIN = [undefined, null, true, false];

/** Reads as the array of its lines. One that was written stays as it was written. */
export function decodeHastLines(encoded: EncodedLines | unknown[]): unknown[] {
  if (Array.isArray(encoded)) return encoded;
  const { ops, offsets } = encoded;
  const lines: unknown[] = new Array(offsets.length / 2);
  const isLine = (index: number) => index < offsets.length / 2 && ops[offsets[index * 2] ?? 0] !== HOLE;
  const read = (index: number) => new LineReader(encoded, index).nodes(1)[0];
  return new Proxy(lines, {
    get(own, name, receiver) {
      const index = indexOf(name);
      return index === -1 || index in own || !isLine(index) ? Reflect.get(own, name, receiver) : read(index);
    },
    has: (own, name) => Reflect.has(own, name) || (indexOf(name) !== -1 && isLine(indexOf(name))),
  });
}

function indexOf(name: string | symbol): number {
  return typeof name === "string" && /^\d+$/.test(name) ? Number(name) : -1;
}

class LineReader {
  #at: number;
  #text: number;

  constructor(
    private readonly encoded: EncodedLines,
    index: number,
  ) {
    this.#at = encoded.offsets[index * 2] ?? 0;
    this.#text = encoded.offsets[index * 2 + 1] ?? 0;
  }

  #next(): number {
    return this.encoded.ops[this.#at++] ?? 0;
  }

  nodes(count: number): unknown[] {
    const nodes: unknown[] = new Array(count);
    for (let index = 0; index < count; index++) {
      const kind = this.#next();
      if (kind === HOLE) continue;
      nodes[index] = kind === TEXT ? this.#readText() : kind === ELEMENT ? this.#readElement() : this.#extra();
    }
    return nodes;
  }

  #readText() {
    const end = this.#text + this.#next();
    const value = this.encoded.text.slice(this.#text, end);
    this.#text = end;
    return { type: "text", value };
  }

  #readElement() {
    const tagName = this.encoded.strings[this.#next()];
    const properties: [string, unknown][] = [];
    for (let left = this.#next(); left > 0; left--) {
      const key = this.encoded.strings[this.#next()] ?? "";
      properties.push([key, this.#value()]);
    }
    // Unlike an assignment, this takes "__proto__" for a name like any other.
    return { type: "element", tagName, properties: Object.fromEntries(properties), children: this.nodes(this.#next()) };
  }

  #value(): unknown {
    const type = this.#next();
    if (type === STRING) return this.encoded.strings[this.#next()];
    if (type === INTEGER) return this.#next();
    return type === EXTRA ? this.#extra() : PLAIN[type];
  }

  #extra(): unknown {
    return this.encoded.extras[this.#next()];
  }
}
