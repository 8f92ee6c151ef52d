import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useRoles } from "../api/session";
import { Later } from "../components/layout/Later";
import { CommandPalette } from "./CommandPalette";
import { useCommands } from "./commands";
import { HelpOverlay } from "./HelpOverlay";
import { listenForKeys } from "./listen";

/** The app's keys, the palette and the help. Mounted once, for whoever is signed in. */
export function Keyboard() {
  const [shown, setShown] = useState<"palette" | "help" | null>(null);
  const navigate = useNavigate();
  const roles = useRoles();
  useEffect(listenForKeys, []);
  const close = () => setShown(null);
  useCommands([
    { id: "palette", run: () => setShown((before) => (before === "palette" ? null : "palette")) },
    { id: "help", run: () => setShown("help") },
    ...(roles.includes("contributor") ? [{ id: "go-tasks", run: () => void navigate({ to: "/" }) }] : []),
    ...(roles.includes("reviewer") ? [{ id: "go-reviews", run: () => void navigate({ to: "/reviews" }) }] : []),
    ...(roles.includes("operator") ? [{ id: "go-operate", run: () => void navigate({ to: "/operator" }) }] : []),
  ]);
  return (
    <Later turn="keyboard">
      <CommandPalette opened={shown === "palette"} onClose={close} />
      <HelpOverlay opened={shown === "help"} onClose={close} />
    </Later>
  );
}
