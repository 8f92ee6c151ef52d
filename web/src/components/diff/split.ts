const HEAD = "diff --git ";
/** Content lines never begin so: each carries its mark (space, +, −, \) first. */
const MARK = `\n${HEAD}`;

/** Cuts `git diff` text that comes in pieces into one part per file, each as soon as it is whole. */
export class PatchSplitter {
  /** What has come of a part, or of what stands before the first. */
  private rest = "";
  private inside = false;
  /** No mark begins before this place. */
  private searched = 0;

  /** The parts that end in what has come by now. */
  push(piece: string): string[] {
    this.rest += piece;
    if (!this.inside && !this.enter()) return [];
    const parts: string[] = [];
    for (let next = this.next(); next !== -1; next = this.next()) {
      parts.push(this.rest.slice(0, next + 1));
      this.begin(next + 1);
    }
    return parts;
  }

  /** The last part. */
  end(): string[] {
    return this.inside && this.rest !== "" ? [this.rest] : [];
  }

  private enter(): boolean {
    if (this.searched === 0 && this.rest.length < HEAD.length) return false;
    if (this.searched === 0 && this.rest.startsWith(HEAD)) this.inside = true;
    const next = this.inside ? -1 : this.next();
    if (next !== -1) {
      this.inside = true;
      this.begin(next + 1);
    }
    return this.inside;
  }

  private begin(at: number): void {
    this.rest = this.rest.slice(at);
    this.searched = 0;
  }

  private next(): number {
    const found = this.rest.indexOf(MARK, this.searched);
    // A mark may have been cut.
    if (found === -1) this.searched = Math.max(0, this.rest.length - MARK.length + 1);
    return found;
  }
}

/** One part per file of a whole patch. */
export function splitPatch(text: string): string[] {
  const splitter = new PatchSplitter();
  return [...splitter.push(text), ...splitter.end()];
}
