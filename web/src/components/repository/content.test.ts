import { expect, test } from "vitest";
import { bytesInWords, contentOf } from "./content";

const encode = (text: string) => new TextEncoder().encode(text).buffer as ArrayBuffer;

test("bytes say what they are, whatever the file is called", () => {
  expect(contentOf(encode(""))).toEqual({ kind: "empty" });
  expect(contentOf(encode("hello\n"))).toEqual({ kind: "text", text: "hello\n", undecoded: false });
  expect(contentOf(new Uint8Array([0x63, 0xe9, 0x0a]).buffer)).toMatchObject({ kind: "text", undecoded: true });
  expect(contentOf(new Uint8Array([1, 2, 0, 4]).buffer)).toEqual({ kind: "binary" });
  expect(contentOf(new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0]).buffer)).toEqual({
    kind: "image",
    type: "image/png",
  });
  // An image that only says so is none: markup that calls itself a picture stays text.
  expect(contentOf(encode("<svg onload='alert(1)'/>")).kind).toBe("text");
  expect(contentOf(encode("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"))).toEqual({
    kind: "lfs",
    id: "sha256:4d7a",
    size: 12345,
  });
});

test("sizes are told in words", () => {
  expect([1, 999, 1500, 12_000, 3_400_000].map(bytesInWords)).toEqual([
    ...["1 byte", "999 bytes", "1.5 kB", "12 kB", "3.4 MB"],
  ]);
});
