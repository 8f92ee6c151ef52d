import { useMantineColorScheme } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { briefsQuery } from "../api/briefs";
import { comparisonsQuery } from "../api/comparisons";
import { useRoles } from "../api/session";
import { COMPARISON_STATUS } from "../components/feedback/status";
import { type NamedCommand, useCurrentCommands } from "./commands";
import { setSingleKeys, singleKeys } from "./listen";

/** What the page offers, then pages and switches, then one's own tasks. */
export function usePaletteCommands(): NamedCommand[] {
  const current = useCurrentCommands();
  const navigate = useNavigate();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const contributor = useRoles().includes("contributor");
  const comparisons = useQuery({ ...comparisonsQuery, enabled: contributor, refetchInterval: false });
  const briefs = useQuery({ ...briefsQuery, enabled: contributor });
  return useMemo(() => {
    const command = (id: string, group: string, label: string, run: () => void): NamedCommand => ({
      ...{ id, group, label, run, keys: null },
    });
    const on = singleKeys();
    return [
      ...current.filter((entry) => entry.id !== "palette"),
      command("tokens", "Everywhere", "Go to my API tokens", () => void navigate({ to: "/account/tokens" })),
      ...(["light", "dark", "auto"] as const)
        .filter((scheme) => scheme !== colorScheme)
        .map((scheme) =>
          command(
            `theme-${scheme}`,
            "Appearance",
            scheme === "auto" ? "Colours as the system has them" : `${scheme === "dark" ? "Dark" : "Light"} colours`,
            () => setColorScheme(scheme),
          ),
        ),
      command(
        "single-keys",
        "Keys",
        on ? "Switch off keys without Ctrl or Cmd" : "Switch on keys without Ctrl or Cmd",
        () => setSingleKeys(!on),
      ),
      ...(comparisons.data ?? []).map((entry) =>
        command(
          `comparison-${entry.id}`,
          "Comparison",
          `${entry.title} · ${COMPARISON_STATUS[entry.status].label}`,
          () => void navigate({ to: "/comparisons/$id", params: { id: entry.id } }),
        ),
      ),
      ...(briefs.data ?? [])
        .filter((entry) => entry.status !== "used")
        .map((entry) =>
          command(
            `brief-${entry.id}`,
            "Brief",
            entry.title || "Untitled brief",
            () => void navigate({ to: "/briefs/$id", params: { id: entry.id } }),
          ),
        ),
    ];
  }, [current, navigate, colorScheme, setColorScheme, comparisons.data, briefs.data]);
}
