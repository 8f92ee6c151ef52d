import { Kbd } from "@mantine/core";
import { isMac } from "./listen";

/** "g t" as two keys, "Mod+k" as a chord, named as on the reader's keyboard. */
export function KeyCaps({ keys }: { keys: string }) {
  const parts = keys === "1 … 7" ? [keys] : keys.split(" ");
  return (
    <span style={{ whiteSpace: "nowrap" }}>
      {parts.map((part, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: keys of a sequence never change places
        <span key={at}>
          {at > 0 && <span aria-hidden> </span>}
          {at > 0 && <span className="visually-hidden"> then </span>}
          {chord(part).map((key, place) => (
            <span key={key}>
              {place > 0 && "+"}
              <Kbd>{key}</Kbd>
            </span>
          ))}
        </span>
      ))}
    </span>
  );
}

function chord(part: string): string[] {
  if (part.startsWith("Mod+")) return [isMac() ? "⌘" : "Ctrl", part.slice(4).toUpperCase()];
  if (/^[A-Z]$/.test(part)) return ["Shift", part];
  return [part];
}
