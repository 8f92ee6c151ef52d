import { Buffer } from "node:buffer";
import { deflateSync } from "node:zlib";
import type { Tree, TreeName } from "./repository.ts";

/** Everything that makes a diff hard to show, in one comparison: /comparisons/odd. */

const CODE = Array.from({ length: 40 }, (_, i) => `line_${i} = ${i}\n`).join("");
const TROJAN = `access = "user"
if access != "none\u202e\u2066# only for admins\u2069\u2066":
    grant()
print("\u001b[31mred?\u001b[0m\u0007")
name\u200b = "zero width"
`;

/** A PNG of one colour. */
function png(size: number, rgb: [number, number, number]): Buffer {
  const crcTable = Array.from({ length: 256 }, (_, n) => {
    let c = n;
    for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
    return c >>> 0;
  });
  const crc = (bytes: Buffer) => {
    let c = 0xffffffff;
    for (const byte of bytes) c = (crcTable[(c ^ byte) & 0xff] ?? 0) ^ (c >>> 8);
    return (c ^ 0xffffffff) >>> 0;
  };
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
    const head = Buffer.alloc(4);
    head.writeUInt32BE(data.length);
    const tail = Buffer.alloc(4);
    tail.writeUInt32BE(crc(body));
    return Buffer.concat([head, body, tail]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const row = Buffer.concat([Buffer.from([0]), ...Array.from({ length: size }, () => Buffer.from(rgb))]);
  const data = deflateSync(Buffer.concat(Array.from({ length: size }, () => row)));
  const magic = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([magic, chunk("IHDR", header), chunk("IDAT", data), chunk("IEND", Buffer.alloc(0))]);
}

const svg = (colour: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><script>document.title = "run"</script><rect width="64" height="64" fill="${colour}"/></svg>\n`;
const lock = (n: number) =>
  `${JSON.stringify({ packages: Object.fromEntries(Array.from({ length: n }, (_, i) => [`p${i}`, { version: `1.${i}.${n}` }])) }, null, 2)}\n`;
const pointer = (size: number) =>
  `version https://git-lfs.github.com/spec/v1\noid sha256:${"4d7a".repeat(16)}\nsize ${size}\n`;

const base: Tree = {
  "assets/logo.png": png(48, [40, 90, 200]),
  "assets/icon.svg": svg("teal"),
  "assets/model.bin": Buffer.from([0, 1, 2, 3, 0, 255]),
  "assets/weights.lfs": pointer(1000),
  "src/old_name.py": CODE,
  "src/crlf.py": "one\r\ntwo\r\nthree\r\n",
  "src/endings.py": "one\ntwo\nthree\n",
  "src/no_newline.py": "first\nlast",
  "src/latin1.py": Buffer.from("caf\u00e9 = 1\n", "latin1"),
  "scripts/run.sh": "#!/bin/sh\necho hi\n",
  "package-lock.json": lock(30),
  "gone.py": "print('gone')\n",
  "tests/test_all.py": "def test():\n    assert True\n",
};

const A: Tree = {
  ...base,
  "assets/logo.png": png(64, [220, 60, 40]),
  "assets/icon.svg": svg("crimson"),
  "assets/model.bin": Buffer.from([0, 1, 2, 3, 0, 254, 7, 7]),
  "assets/weights.lfs": pointer(2000),
  "src/new_name.py": CODE.replace("line_7 = 7", "line_7 = 'seven'"),
  "src/crlf.py": "one\r\n2\r\nthree\r\n",
  "src/endings.py": "one\r\ntwo\nthree\n",
  "src/no_newline.py": "first\nlast line",
  "src/latin1.py": Buffer.from("caf\u00e9 = 2\n", "latin1"),
  "src/trojan.py": TROJAN,
  "src/one_long_line.js": `const data = "${"x".repeat(1_000_000)}";\nconst after = 1;\n`,
  "src/<img src=x onerror=alert(1)>.py": "hostile = True\n",
  "src/\u202egnp.py": "reversed = True\n",
  "src/tab\tname.py": "tab = True\n",
  "src/empty.py": "",
  "package-lock.json": lock(32),
};
delete A["src/old_name.py"];
delete A["gone.py"];

const B: Tree = { ...base, "src/trojan.py": "access = 'user'\n", "assets/logo.png": png(48, [20, 160, 90]) };

export const ODD: Record<TreeName, Tree> = { base, A, B };
export const ODD_EXECUTABLE: Partial<Record<TreeName, string[]>> = { A: ["scripts/run.sh"] };
