import type { Check, SizeData } from "../../api/types";
import { counted } from "../../components/text/counted";
import { spelledOut } from "../../components/text/visible";
import classes from "./ChecksView.module.css";
import { sizeData } from "./checks";
import { SideTag } from "./SideTag";

interface Fact {
  name: string;
  of: (size: SizeData) => number;
  signed?: boolean;
}

const FACTS: Fact[] = [
  { name: "Files changed", of: (size) => size.files },
  { name: "Lines added", of: (size) => size.added_lines },
  { name: "of them in tests", of: (size) => size.added_test_lines },
  { name: "Lines removed", of: (size) => size.removed_lines },
  { name: "Cyclomatic complexity, change", of: (size) => size.complexity, signed: true },
  { name: "Most complex function written or changed", of: (size) => size.most_complex },
  { name: "Duplicated lines", of: (size) => size.duplicated_lines },
];

/** How large both results are, and what sets them apart. Simple is not a matter of taste alone. */
export function SizeTable({ A, B }: { A: Check | null; B: Check | null }) {
  const sizes = { A: sizeData(A), B: sizeData(B) };
  const unread = (["A", "B"] as const).filter((side) => (sizes[side]?.unread ?? 0) > 0);
  const uncounted = (["A", "B"] as const).filter((side) => (sizes[side]?.uncounted ?? 0) > 0);
  return (
    <section className={classes.size} aria-label="Size of the change">
      <h2>Size of the change</h2>
      <table>
        <thead>
          <tr>
            <th scope="col" className={classes.fact}>
              Against the base
            </th>
            {(["A", "B"] as const).map((side) => (
              <th key={side} scope="col" className={classes.fact} data-number>
                <SideTag side={side} />
              </th>
            ))}
            <th scope="col" className={classes.fact} data-number>
              B − A
            </th>
          </tr>
        </thead>
        <tbody>
          {FACTS.map((fact) => (
            <tr key={fact.name}>
              <th scope="row" className={classes.fact}>
                {fact.name}
              </th>
              {(["A", "B"] as const).map((side) => (
                <td key={side} className={classes.fact} data-number>
                  {written(sizes[side], fact)}
                </td>
              ))}
              <td className={classes.fact} data-number>
                {difference(sizes.A, sizes.B, fact)}
              </td>
            </tr>
          ))}
          <tr>
            <th scope="row" className={classes.fact}>
              New dependencies
            </th>
            {(["A", "B"] as const).map((side) => (
              <td key={side} className={classes.fact} data-number>
                {sizes[side] ? spelledOut(sizes[side].new_dependencies.join(", ")) || "none" : "–"}
              </td>
            ))}
            <td className={classes.fact} />
          </tr>
        </tbody>
      </table>
      {unread.map((side) => (
        <p key={side} className={classes.muted}>
          {counted(sizes[side]?.unread ?? 0, `file of ${side} is`, `files of ${side} are`)} too large or not text: of
          these only lines and files count.
        </p>
      ))}
      {uncounted.map((side) => (
        <p key={side} className={classes.muted}>
          The functions of {counted(sizes[side]?.uncounted ?? 0, "file")} of {side} could not be counted in time: their
          complexity is left out.
        </p>
      ))}
    </section>
  );
}

function signed(value: number): string {
  return value > 0 ? `+${value.toLocaleString()}` : value < 0 ? `−${(-value).toLocaleString()}` : "0";
}

function written(size: SizeData | null, { of, signed: plus }: Fact): string {
  if (!size) return "–";
  return plus ? signed(of(size)) : of(size).toLocaleString();
}

function difference(a: SizeData | null, b: SizeData | null, { of }: Fact): string {
  return a && b ? signed(of(b) - of(a)) : "–";
}
