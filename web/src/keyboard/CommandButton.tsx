import { Button } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { currentCommands } from "./commands";
import { KeyCaps } from "./KeyCaps";

/** The palette and the help for the mouse, and so that they can be found at all. */
export function CommandButton() {
  const narrow = useMediaQuery("(max-width: 700px)", false, { getInitialValueInEffect: false });
  const run = (id: string) =>
    currentCommands()
      .find((command) => command.id === id)
      ?.run();
  if (narrow) return null;
  return (
    <Button.Group>
      <Button
        size="compact-sm"
        variant="default"
        onClick={() => run("palette")}
        rightSection={<KeyCaps keys="Mod+k" />}
      >
        Commands
      </Button>
      <Button size="compact-sm" variant="default" aria-label="Keys" title="Keys" onClick={() => run("help")}>
        ?
      </Button>
    </Button.Group>
  );
}
