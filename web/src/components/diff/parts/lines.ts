/**
 * The viewer copies each line, so that a line does not keep the text alive that it was cut from. This page keeps that text
 * anyhow (it can be shown plain, and downloaded): a copy is the greater part of the time of reading a patch, and memory.
 */
export function detachString(line: string): string {
  return line;
}

export function releaseStringDetachBuffer(): void {}
