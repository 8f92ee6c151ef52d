import { SegmentedControl } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useState } from "react";
import type { Comparison, Turn } from "../../api/types";
import classes from "./ChangesView.module.css";
import type { SideChoice } from "./sides";
import { TranscriptView } from "./TranscriptView";

export function TranscriptTab({ comparison, turn }: { comparison: Comparison; turn: Turn }) {
  const narrow = useMediaQuery("(max-width: 900px)", false, { getInitialValueInEffect: false });
  const [chosen, setChosen] = useState<SideChoice>("both");
  const sides = narrow && chosen === "both" ? "A" : chosen;
  const choices = [
    ...(narrow ? [] : [{ value: "both", label: "A | B" }]),
    { value: "A", label: "A" },
    { value: "B", label: "B" },
  ];
  return (
    <div className={classes.view}>
      <div>
        <SegmentedControl
          size="xs"
          aria-label="What to show"
          data={choices}
          value={sides}
          onChange={(value) => setChosen(value as SideChoice)}
        />
      </div>
      <div className={classes.main}>
        <TranscriptView comparison={comparison} turn={turn} sides={sides} />
      </div>
    </div>
  );
}
