import { NumberInput, Radio, Select, SimpleGrid, Stack } from "@mantine/core";
import type { QuestionWish } from "../../../api/evidence-types";
import type { Campaign } from "../../../api/types";
import * as words from "../words";
import classes from "./QuestionForm.module.css";
import { CONTROLS, type Control, type Draft, type Field } from "./wish";

interface FieldsProps {
  draft: Draft;
  put: (part: Partial<Draft>) => void;
  wrong: Partial<Record<Field, string>>;
  tried: boolean;
  arms: string[];
  campaign: Campaign;
}

/** What is asked, and what is expected of the votes; all but the reason of an amendment. */
export function QuestionFields({ draft, put, wrong, tried, arms, campaign }: FieldsProps) {
  const axes = ["overall", ...campaign.rubric.axes.map((axis) => axis.name)];
  const cap =
    wrong.most || draft.most === ""
      ? ""
      : ` At ${words.usd(campaign.price_cents / 100)} each: ${words.usd((Number(draft.most) * campaign.price_cents) / 100)}.`;
  const number = (field: "smallest" | "alpha" | "power" | "most" | "looks" | "contributors" | "icc" | "equal") => ({
    value: draft[field],
    error: wrong[field],
    onChange: (value: number | string) => put({ [field]: value }),
  });
  return (
    <>
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <Select
          label="First arm"
          description="The one you have"
          data={arms}
          searchable
          allowDeselect={false}
          value={draft.first}
          error={tried || draft.first ? wrong.first : undefined}
          onChange={(first) => put({ first })}
        />
        <Select
          label="Second arm"
          description="The one that may be better"
          data={arms}
          searchable
          allowDeselect={false}
          value={draft.second}
          error={tried || draft.second ? wrong.second : undefined}
          onChange={(second) => put({ second })}
        />
      </SimpleGrid>
      <Select
        label="Axis"
        description="Overall is the preference itself"
        data={axes.map((name) => ({ value: name, label: words.axisLabel(name, campaign.rubric) }))}
        allowDeselect={false}
        value={draft.axis}
        onChange={(axis) => put({ axis: axis ?? "overall" })}
      />
      <NumberInput
        label="Smallest effect of interest"
        description="Of 100 preferences, how many the better arm must get for you to act on it"
        suffix=" %"
        decimalScale={2}
        step={1}
        {...number("smallest")}
      />
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <NumberInput
          label="Error (α)"
          description="Chance of a wrong preference"
          suffix=" %"
          decimalScale={3}
          step={1}
          {...number("alpha")}
        />
        <NumberInput
          label="Power"
          description="Chance of finding the effect"
          suffix=" %"
          decimalScale={2}
          step={5}
          {...number("power")}
        />
      </SimpleGrid>
      <NumberInput
        label="Cap"
        description={`Accepted comparisons, at most; empty: as many as the power needs.${cap}`}
        thousandSeparator=","
        allowDecimal={false}
        step={50}
        {...number("most")}
      />
      <NumberInput
        label="Looks"
        description="How often the rule may stop the campaign, evenly spread"
        allowDecimal={false}
        step={1}
        {...number("looks")}
      />
      <Radio.Group
        label="Directions"
        value={String(draft.sides)}
        onChange={(value) => put({ sides: value === "1" ? 1 : 2 })}
      >
        <Stack gap={6} mt={6}>
          <Radio value="2" label="Which of the two is better?" />
          <Radio value="1" label="Is the second better? (needs fewer; never says that the first is)" />
        </Stack>
      </Radio.Group>
      <Radio.Group
        label="What counts of a vote"
        value={draft.counts}
        onChange={(value) => put({ counts: value === "strength" ? "strength" : "side" })}
      >
        <Stack gap={6} mt={6}>
          <Radio value="side" label="Which side is preferred" />
          <Radio
            value="strength"
            label="How strongly (needs fewer; a few strong preferences can outweigh many slight ones)"
          />
        </Stack>
      </Radio.Group>
      <details>
        <summary className={classes.more}>What is expected of the votes</summary>
        <Stack gap="md" mt="sm">
          <NumberInput
            label="Contributors"
            description="How many will take part; empty: not known"
            allowDecimal={false}
            {...number("contributors")}
          />
          <NumberInput
            label="Likeness of one person’s votes (ICC)"
            description="0: as different as those of two people. Agreement in earlier campaigns tells; 0.05 is common"
            decimalScale={3}
            step={0.01}
            {...number("icc")}
          />
          <NumberInput
            label="Equal verdicts"
            description="Of 100, how many say equal: they tell less"
            suffix=" %"
            decimalScale={1}
            {...number("equal")}
          />
          <Select
            label="Control variate"
            description="Of each pair of results, known from checks: its luck is taken out of the votes’. It helps with pairs that nobody has rated yet, as far as people prefer what has more or less of it"
            data={Object.entries(CONTROLS).map(([value, label]) => ({ value, label }))}
            allowDeselect={false}
            value={draft.control}
            onChange={(control) => put({ control: (control ?? "none") as Control })}
          />
        </Stack>
      </details>
      <Radio.Group
        label="When it is decided"
        value={draft.whenDecided}
        onChange={(value) => put({ whenDecided: value as QuestionWish["when_decided"] })}
      >
        <Stack gap={6} mt={6}>
          <Radio value="tell" label="Tell me, and go on until I stop it" />
          <Radio value="pause" label="Pause new assignments by itself" />
        </Stack>
      </Radio.Group>
    </>
  );
}
