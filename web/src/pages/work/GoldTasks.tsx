import { Anchor, Button, Group, Radio, Select, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { assignmentsQuery } from "../../api/operator";
import { type Gold, useMarkGold, useRevokeGold } from "../../api/work";
import { Empty } from "../../components/feedback/Empty";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { VisibleText } from "../../components/text/VisibleText";
import { Section, Skeleton, TableBox } from "../evidence/parts";
import classes from "./Work.module.css";
import { comparisonIn, percent } from "./words";

const CLEARLY = [
  { value: "1", label: "slightly, or more" },
  { value: "2", label: "clearly, or more" },
  { value: "3", label: "much" },
];

/** Results whose answer is known, how people fare with them, and a way to name another. */
export function GoldTasks({ campaign, axes, asked }: { campaign: string; axes: string[]; asked?: string }) {
  const found = useQuery(assignmentsQuery(campaign));
  const revoke = useRevokeGold(campaign);
  if (found.data === undefined)
    return found.error ? (
      <ErrorNotice error={found.error} onRetry={() => void found.refetch()} />
    ) : (
      <Skeleton label="Loading the gold tasks" heights={[260, 380]} />
    );
  const { gold, policy } = found.data;
  const rate = policy.gold_rate || policy.gold_to_qualify;
  return (
    <Stack gap="md">
      <Section
        title="Gold tasks"
        lead="Results whose better side is known. They come among others, and nobody who judges can tell; so nothing here may be told to contributors."
      >
        {gold.length > 0 && !rate && (
          <Text size="sm">
            None of them is handed out: the policy’s gold rate is 0, and nobody has to qualify. See the Policy tab.
          </Text>
        )}
        {revoke.error && <ErrorNotice error={revoke.error} title="It is still a gold task" />}
        {gold.length === 0 ? (
          <Empty title="No answer is known yet">
            Name an accepted comparison below whose better side you can prove: a failing check, a missing requirement.
          </Empty>
        ) : (
          <TableBox label="Gold tasks" tall>
            <thead>
              <tr>
                <th scope="col" className={classes.text}>
                  Task
                </th>
                <th scope="col" className={classes.text}>
                  Known answer
                </th>
                <th scope="col" className={classes.text}>
                  Why
                </th>
                <th scope="col">Judged</th>
                <th scope="col">Agree</th>
                <th scope="col" className={classes.act}>
                  <span className="visually-hidden">Take back</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {gold.map((task) => (
                <Row
                  key={task.id}
                  task={task}
                  pending={revoke.isPending && revoke.variables === task.comparison_id}
                  onRevoke={() => revoke.mutate(task.comparison_id)}
                />
              ))}
            </tbody>
          </TableBox>
        )}
      </Section>
      <MarkForm key={asked} campaign={campaign} axes={axes} asked={asked} />
    </Stack>
  );
}

function Row({ task, pending, onRevoke }: { task: Gold; pending: boolean; onRevoke: () => void }) {
  const clearly = CLEARLY.find((one) => one.value === String(task.min_strength))?.label;
  return (
    <tr>
      <th scope="row" className={classes.text}>
        <Anchor
          underline="always"
          size="sm"
          renderRoot={(props) => <Link {...props} to="/comparisons/$id" params={{ id: task.comparison_id }} />}
        >
          <VisibleText text={task.title || "A comparison without a title"} />
        </Anchor>
      </th>
      <td className={classes.text}>
        {task.expected} is better
        <span className={classes.sub}>
          {task.axis ?? "overall"}, {clearly}
        </span>
      </td>
      <td className={classes.text} style={{ minWidth: "14em" }}>
        <VisibleText text={task.reason} />
      </td>
      <td>{task.judged}</td>
      <td>{task.judged ? `${task.agreed} (${percent(task.agreed / task.judged)})` : "–"}</td>
      <td className={classes.act}>
        <Button size="compact-xs" variant="default" loading={pending} onClick={onRevoke}>
          Take back<span className="visually-hidden"> {task.title}</span>
        </Button>
      </td>
    </tr>
  );
}

function MarkForm({ campaign, axes, asked }: { campaign: string; axes: string[]; asked?: string }) {
  const mark = useMarkGold(campaign);
  const [where, setWhere] = useState(asked ?? "");
  const [expected, setExpected] = useState<"A" | "B" | "">("");
  const [strength, setStrength] = useState("1");
  const [axis, setAxis] = useState("");
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const comparison = comparisonIn(where);
  const send = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (!comparison || !expected || !reason.trim()) return;
    mark.mutate(
      { comparison, expected, min_strength: Number(strength), axis: axis || null, reason: reason.trim() },
      {
        onSuccess: () => {
          setWhere("");
          setExpected("");
          setReason("");
          setTried(false);
        },
      },
    );
  };
  return (
    <Section
      title="Name a known answer"
      lead="An accepted comparison of somebody’s own task. The answer is about its first turn, on the sides as its page shows them; each person who judges it sees sides of their own."
    >
      <form onSubmit={send} noValidate>
        <Stack maw="62em">
          {mark.error && <ErrorNotice error={mark.error} title="It was not made a gold task" />}
          {mark.isSuccess && !where && (
            <Text size="sm" role="status">
              It is a gold task now.
            </Text>
          )}
          <TextInput
            label="Comparison"
            description="Its address, or its id"
            value={where}
            onChange={(event) => setWhere(event.currentTarget.value)}
            error={tried && !comparison && "Paste the address of the comparison’s page."}
            required
          />
          <Radio.Group
            label="The better side"
            value={expected}
            onChange={(value) => setExpected(value as "A" | "B")}
            error={tried && !expected && "Choose one."}
            required
          >
            <Group gap="lg" mt={6}>
              <Radio value="A" label="A" />
              <Radio value="B" label="B" />
            </Group>
          </Radio.Group>
          <Group grow align="flex-start">
            <Select
              label="Asked of"
              allowDeselect={false}
              value={axis}
              onChange={(value) => setAxis(value ?? "")}
              data={[{ value: "", label: "the overall preference" }, ...axes]}
            />
            <Select
              label="How clearly it must be said"
              allowDeselect={false}
              value={strength}
              onChange={(value) => setStrength(value ?? "1")}
              data={CLEARLY}
            />
          </Group>
          <Textarea
            label="How it is known"
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
            error={tried && !reason.trim() && "Say how, in a few words."}
            maxLength={5000}
            autosize
            minRows={2}
            required
          />
          <Group>
            <Button type="submit" loading={mark.isPending}>
              Make it a gold task
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}
