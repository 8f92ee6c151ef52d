import { Button, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Link } from "@tanstack/react-router";
import type { LintData, Side } from "../../api/types";
import { counted } from "../../components/text/counted";
import { VisibleText } from "../../components/text/VisibleText";
import classes from "./ChecksView.module.css";
import { changesLink } from "./links";

const FIRST = 6;

export interface LintFindingsProps {
  data: LintData;
  comparison: string;
  turn: number;
  side: Side;
}

/** What the linters newly say of a side; each finding leads to its line in the changes. */
export function LintFindings({ data, comparison, turn, side }: LintFindingsProps) {
  const [all, { open }] = useDisclosure(false);
  const shown = all ? data.findings : data.findings.slice(0, FIRST);
  const beyond = data.new - data.findings.length;
  return (
    <>
      <ol className={classes.findings}>
        {shown.map((finding) => (
          <li key={`${finding.path}:${finding.line}:${finding.column}:${finding.rule}`}>
            <Link {...changesLink({ comparison, turn, path: finding.path, side, line: finding.line })}>
              <VisibleText text={finding.path} />:{finding.line}
            </Link>{" "}
            <code>{finding.rule}</code> <VisibleText text={finding.message} />
            {!finding.on_changed_line && <span className={classes.muted}> (a line it did not touch)</span>}
          </li>
        ))}
      </ol>
      {shown.length < data.findings.length && (
        <Button size="compact-xs" variant="subtle" onClick={open}>
          Show all {data.findings.length}
        </Button>
      )}
      {all && beyond > 0 && (
        <Text size="xs" c="dimmed">
          {beyond.toLocaleString()} more are counted and not listed.
        </Text>
      )}
      <LintTerms data={data} />
    </>
  );
}

const RULES = {
  repository: "the repository’s rules",
  marlin: "Marlin’s rules (the repository has none for it)",
  both: "the repository’s rules where it has some, else Marlin’s",
};

/** By what and under whose rules, and everything that was not linted: no linter is never the same as no finding. */
function LintTerms({ data }: { data: LintData }) {
  const unlinted = Object.entries(data.unlinted);
  return (
    <div className={classes.terms}>
      {data.linters.map((linter) => (
        <p key={linter.name}>
          {linter.name} {linter.version} read {counted(linter.files, "file")} by {RULES[linter.rules]}.
          {linter.note && <VisibleText text={` ${linter.note}`} />}
        </p>
      ))}
      {unlinted.length > 0 && (
        <p>No linter for {unlinted.map(([ending, count]) => `${ending} (${count})`).join(", ")}.</p>
      )}
      {data.unread > 0 && <p>{counted(data.unread, "file was", "files were")} too large or too many to read.</p>}
      {data.rules_changed.length > 0 && (
        <p className={classes.strong}>
          The side changed the rules in <VisibleText text={data.rules_changed.join(", ")} />. The base’s applied.
        </p>
      )}
    </div>
  );
}
