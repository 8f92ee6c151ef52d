import { useNavigate, useSearch } from "@tanstack/react-router";
import type { Comparison, Turn } from "../../api/types";
import { RepositoryBrowser } from "../../components/repository/RepositoryBrowser";

/** All files at the turn's points: what there was, and what each side made of it. */
export function FilesView({ comparison, turn }: { comparison: Comparison; turn: Turn }) {
  const search = useSearch({ from: "/comparisons/$id" });
  const navigate = useNavigate({ from: "/comparisons/$id" });
  const points = [
    { at: "base" as const, label: "Base" },
    ...(turn.number > 1 && turn.continued_from !== "own" ? [{ at: "start" as const, label: "Start of the turn" }] : []),
    ...(["A", "B"] as const).filter((side) => turn.sides[side].commit).map((side) => ({ at: side, label: side })),
  ];
  const at = points.find((point) => point.at === search.at)?.at ?? search.side ?? "base";
  return (
    <RepositoryBrowser
      comparison={comparison.id}
      turn={turn.number}
      points={points}
      place={{
        at,
        path: search.file ?? null,
        lines: search.line === undefined ? null : { from: search.line, to: search.to ?? search.line },
      }}
      onPlace={({ at: next, path, lines }) =>
        void navigate({
          replace: true,
          search: ({ file: _, line: __, to: ___, ...old }) => ({
            ...old,
            at: next,
            ...(path === null ? {} : { file: path }),
            ...(lines ? { line: lines.from } : {}),
            ...(lines && lines.to !== lines.from ? { to: lines.to } : {}),
          }),
        })
      }
    />
  );
}
