/** Commands to copy: names of other people's things are in them, and must not become more of the command. Pure. */

const PLAIN = /^[\w@%+=:,./-]+$/;

/** A word as a POSIX shell reads it, whatever is in it. */
export function shellWord(text: string): string {
  return PLAIN.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`;
}

/** A text as Python reads it: JSON's notation of one is among Python's. */
export function pythonText(text: string): string {
  return JSON.stringify(text);
}
