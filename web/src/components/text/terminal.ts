import { pieces } from "./visible";

/**
 * Terminal output as lines that can be drawn one by one. Pure.
 *
 * Colours (SGR sequences) stay; every other control is written out, so that nothing a program printed can move, hide or
 * overwrite what another printed. A line takes over the colours that the line before it left switched on.
 */

const ESC = "\u001b";
// biome-ignore lint/suspicious/noControlCharactersInRegex: terminal controls are what this file is about
const COLOUR = /\u001b\[[0-9;:]*m/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: terminal controls are what this file is about
const RESET = /\u001b\[(?:0*)m/;
/** Characters of one line that are drawn; a minified file has millions. */
export const LONGEST_LINE = 2000;

export interface TerminalPiece {
  /** For fancy-ansi: colours are the only sequences left in it, and those that hold there come first. */
  text: string;
  /** A character that is not drawn as itself. */
  hidden: boolean;
}

/** A line cut at its hidden characters. */
export function terminalPieces(line: string): TerminalPiece[] {
  const found: TerminalPiece[] = [];
  let state = "";
  let text = "";
  const end = () => {
    if (text !== state) found.push({ text, hidden: false });
    text = state;
  };
  const colours = line.match(COLOUR) ?? [];
  line.split(COLOUR).forEach((part, index) => {
    for (const piece of pieces(part)) {
      if (piece.hidden) {
        end();
        found.push(piece);
      } else text += piece.text;
    }
    const colour = colours[index] ?? "";
    text += colour;
    state = RESET.test(colour) ? "" : state + colour;
  });
  end();
  return found;
}

/** Without colours, for searching and for a screen reader's label. */
export function withoutColours(text: string): string {
  return text.includes(ESC) ? text.replace(COLOUR, "") : text;
}

/** The lines of an output, each starting in the colours that hold there, and shortened where it is too long to draw. */
export function terminalLines(text: string): string[] {
  // Not by one expression: on a long run of carriage returns it would begin anew at each.
  const lines = text.split("\n").flatMap((line) => (line.includes("\r") ? rewritten(line) : line));
  if (lines.at(-1) === "") lines.pop();
  if (!text.includes(ESC)) return lines.map(shortened);
  let state = "";
  return lines.map((line) => {
    const begun = state + line;
    for (const sequence of line.match(COLOUR) ?? []) state = RESET.test(sequence) ? "" : state + sequence;
    // A program that never resets would make every line longer than the one before.
    if (state.length > 120) state = state.slice(state.lastIndexOf(ESC));
    return shortened(begun);
  });
}

function shortened(line: string): string {
  if (line.length <= LONGEST_LINE) return line;
  return `${line.slice(0, LONGEST_LINE)}${ESC}[0m … ${(line.length - LONGEST_LINE).toLocaleString()} more characters in this line`;
}

/** The states of a line that a program wrote over and over, one below the other. */
function rewritten(line: string): string[] {
  let end = line.length;
  while (end > 0 && line[end - 1] === "\r") end -= 1;
  return line.slice(0, end).split("\r");
}
