import { Anchor, Button, Code, CopyButton, Group, Modal, Stack, Text, Title } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useEffect } from "react";
import { makeCheckout } from "../../../api/terminals";
import type { Checkout } from "../../../api/types";
import { ErrorNotice } from "../../../components/feedback/ErrorNotice";
import { Loading } from "../../../components/feedback/Loading";
import classes from "./FetchDialog.module.css";

export interface FetchDialogProps {
  comparison: string;
  turn: number;
  opened: boolean;
  onClose: () => void;
}

/** Both results as branches for one's own git: an address that works once, and the commands to copy. */
export function FetchDialog({ comparison, turn, opened, onClose }: FetchDialogProps) {
  const make = useMutation({ mutationFn: () => makeCheckout(comparison, turn) });
  const { mutate, reset } = make;
  useEffect(() => {
    if (opened) mutate();
    else reset();
  }, [opened, mutate, reset]);
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Fetch with git"
      size="xl"
      closeButtonProps={{ "aria-label": "Close" }}
    >
      {make.isError && (
        <ErrorNotice error={make.error} title="No address could be made" onRetry={() => make.mutate()} />
      )}
      {!make.data && !make.isError && <Loading label="Making an address" height={548} />}
      {make.data && <Commands made={make.data} onAgain={() => make.mutate()} />}
    </Modal>
  );
}

function Commands({ made, onAgain }: { made: Checkout; onAgain: () => void }) {
  const until = new Date(made.expires_at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  return (
    <Stack gap="md">
      <Text size="sm">
        This address is good for <b>one</b> clone or fetch, until <b>{until}</b>. Once the files have arrived it is used
        up; a transfer that breaks off can be tried again until then. Whoever has the address can fetch: keep it to
        yourself.
      </Text>
      <Part
        title="A new clone"
        text={`It starts at the base commit. The branches: ${made.branches.map((branch) => branch.name).join(", ")}.`}
        commands={made.clone}
      />
      <Part
        title="Into a clone of the repository that you have"
        text="It takes what your clone lacks, as local branches. The clone must hold the base commit."
        commands={made.fetch}
      />
      <section>
        <Title order={3} size="h4">
          Visual Studio Code
        </Title>
        <Text size="sm" mb={6}>
          Needs Visual Studio Code and git on this computer; it asks for a folder, then clones.
        </Text>
        <Button component="a" href={made.vscode} variant="default" size="xs">
          Open in VS Code
        </Button>
      </section>
      <details>
        <summary className={classes.summary}>Branches and their commits</summary>
        <ul className={classes.branches}>
          {made.branches.map((branch) => (
            <li key={branch.name}>
              <Code>{branch.name}</Code> <span>{branch.commit}</span>
            </li>
          ))}
        </ul>
      </details>
      <Text size="sm" c="dimmed">
        Used it already?{" "}
        <Anchor component="button" type="button" size="sm" onClick={onAgain}>
          Make a new address
        </Anchor>
      </Text>
    </Stack>
  );
}

function Part({ title, text, commands }: { title: string; text: string; commands: string[] }) {
  const all = commands.join("\n");
  return (
    <section>
      <Group justify="space-between" align="flex-end">
        <Title order={3} size="h4">
          {title}
        </Title>
        <CopyButton value={all} timeout={1500}>
          {({ copied, copy }) => (
            <Button size="compact-xs" variant="default" onClick={copy}>
              {copied ? "Copied" : "Copy the commands"}
            </Button>
          )}
        </CopyButton>
      </Group>
      <Text size="sm" mb={6}>
        {text}
      </Text>
      <pre className={classes.commands}>{all}</pre>
    </section>
  );
}
