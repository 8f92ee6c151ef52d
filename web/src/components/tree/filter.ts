/**
 * What a person types to find files: parts that must all be in the path, in any case; with `*`, `?` or `{a,b}` a glob,
 * and with `!` in front whatever must not be there. The pattern is built, never taken: no text can make it slow.
 */
export function pathFilter(text: string): (path: string) => boolean {
  const tests = text
    .trim()
    .split(/\s+/)
    .filter(Boolean)
    .map((part) => {
      const not = part.startsWith("!") && part.length > 1;
      const test = onePart(not ? part.slice(1) : part);
      return not ? (path: string) => !test(path) : test;
    });
  return (path) => tests.every((test) => test(path));
}

function onePart(part: string): (path: string) => boolean {
  const wanted = part.toLowerCase();
  if (!/[*?{]/.test(wanted)) return (path) => path.toLowerCase().includes(wanted);
  const choices = alternatives(wanted).map((choice) => choice.replace(/\*+/g, "*"));
  return (path) => {
    const whole = path.toLowerCase();
    const name = whole.slice(whole.lastIndexOf("/") + 1);
    // Without a folder in it, the pattern is about the name.
    return choices.some((choice) => matches(choice.includes("/") ? whole : name, choice));
  };
}

/** "*.{py,ts}" → "*.py", "*.ts". One level, at most eight: this is a text field. */
function alternatives(pattern: string): string[] {
  const found = /\{([^{}]*)\}/.exec(pattern);
  if (!found) return [pattern];
  return (found[1] ?? "")
    .split(",")
    .slice(0, 8)
    .map((choice) => pattern.replace(found[0], choice));
}

/** Does all of `text` fit `pattern` (`*` any run, `?` one character)? Goes back to the last star only: linear enough. */
export function matches(text: string, pattern: string): boolean {
  let at = 0;
  let p = 0;
  let star = -1;
  let resume = 0;
  while (at < text.length) {
    if (p < pattern.length && (pattern[p] === "?" || pattern[p] === text[at]) && pattern[p] !== "*") {
      at += 1;
      p += 1;
    } else if (pattern[p] === "*") {
      star = p;
      resume = at;
      p += 1;
    } else if (star !== -1) {
      p = star + 1;
      resume += 1;
      at = resume;
    } else {
      return false;
    }
  }
  while (pattern[p] === "*") p += 1;
  return p === pattern.length;
}
