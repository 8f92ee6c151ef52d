import { counted } from "../text/counted";
/** What a file's bytes are, told from the bytes; and how they can be shown without being run. Pure. */

export type Content =
  | { kind: "text"; text: string; undecoded: boolean }
  | { kind: "image"; type: string }
  | { kind: "lfs"; id: string; size: number }
  | { kind: "binary" }
  | { kind: "empty" };

const MAGIC: [type: string, at: number, bytes: number[]][] = [
  ["image/png", 0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ["image/jpeg", 0, [0xff, 0xd8, 0xff]],
  ["image/gif", 0, [0x47, 0x49, 0x46, 0x38]],
  ["image/webp", 8, [0x57, 0x45, 0x42, 0x50]],
  ["image/bmp", 0, [0x42, 0x4d]],
  ["image/x-icon", 0, [0, 0, 1, 0]],
  ["image/avif", 4, [0x66, 0x74, 0x79, 0x70, 0x61, 0x76, 0x69, 0x66]],
];

export function imageType(bytes: Uint8Array): string | null {
  const found = MAGIC.find(([, at, magic]) => magic.every((byte, index) => bytes[at + index] === byte));
  return found?.[0] ?? null;
}

export function isSvg(path: string): boolean {
  return /\.svg$/i.test(path);
}

/** Names under which images come; whether it is one, the bytes say. */
export function mayBeImage(path: string): boolean {
  return /\.(?:png|jpe?g|gif|webp|bmp|ico|avif|svg)$/i.test(path);
}

export function contentOf(buffer: ArrayBuffer): Content {
  const bytes = new Uint8Array(buffer);
  if (bytes.length === 0) return { kind: "empty" };
  const image = imageType(bytes);
  if (image) return { kind: "image", type: image };
  if (bytes.subarray(0, 8000).includes(0)) return { kind: "binary" };
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  const pointer =
    bytes.length < 1024 && /^version https:\/\/git-lfs\.github\.com\/spec\/v1\noid (\S+)\nsize (\d+)\n$/.exec(text);
  if (pointer) return { kind: "lfs", id: pointer[1] ?? "", size: Number(pointer[2]) };
  return { kind: "text", text, undecoded: text.includes("\ufffd") };
}

export function bytesInWords(bytes: number): string {
  if (bytes < 1000) return counted(bytes, "byte");
  const units = ["kB", "MB", "GB"];
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}
