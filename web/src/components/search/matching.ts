import { matchesIn } from "./pattern";

/** What the page asks its worker, and what it hears. */
export interface MatchRequest {
  id: number;
  source: string;
  flags: string;
  /** Lines, in parts: each is answered when it is done, so that the page knows where a slow pattern stands. */
  parts: readonly (readonly string[])[];
}

export interface MatchAnswer {
  id: number;
  part: number;
  /** Line within the part, place in the line, length: three numbers a match. */
  found: Int32Array;
}

/** Answers a request part by part. It may take for ever: that is why it is a worker's work. */
export function answer(request: MatchRequest, tell: (answer: MatchAnswer) => void): void {
  const pattern = new RegExp(request.source, request.flags);
  request.parts.forEach((lines, part) => {
    const found: number[] = [];
    lines.forEach((line, index) => {
      for (const { at, length } of matchesIn(line, pattern)) found.push(index, at, length);
    });
    tell({ id: request.id, part, found: Int32Array.from(found) });
  });
}
