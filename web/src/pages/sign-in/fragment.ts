/** The token after "#": kept out of the path so that no server log or Referer header ever holds it. */
export function fragmentToken(hash: string): string {
  const text = hash.replace(/^#/, "");
  try {
    return decodeURIComponent(text.startsWith("token=") ? text.slice("token=".length) : text);
  } catch {
    return text;
  }
}

/** Where to go after signing in; only within this app. */
export function safeNext(next: string | undefined): string {
  if (!next?.startsWith("/") || next.startsWith("//") || next.startsWith("/\\")) return "/";
  return next;
}

/** The page a person's roles make the natural start. */
export function startFor(roles: readonly string[]): string {
  if (roles.includes("contributor")) return "/";
  if (roles.includes("reviewer")) return "/reviews";
  return "/operator";
}
