import { CodeView, parsePatchFiles } from "@pierre/diffs";
import { getOrCreateWorkerPoolSingleton } from "@pierre/diffs/worker";
import workerUrl from "@pierre/diffs/worker/worker-portable.js?url";

/**
 * The viewer alone, as it comes, with the same patches: what a page that does nothing else gets out of this machine.
 * `?of=` a comparison, `?panes=` 1 or 2.
 */
const wanted = new URLSearchParams(location.search);
const theme = { light: "github-light", dark: "github-dark" } as const;
const pool = getOrCreateWorkerPoolSingleton({
  poolOptions: { workerFactory: () => new Worker(workerUrl, { type: "module" }), poolSize: 1 },
  highlighterOptions: { theme, langs: [] },
});
const sides = wanted.get("panes") === "2" ? ["A", "B"] : ["A"];
await Promise.all(
  sides.map(async (side) => {
    const root = document.createElement("div");
    root.className = "view";
    document.querySelector("#panes")?.append(root);
    const answer = await fetch(`/api/v1/comparisons/${wanted.get("of")}/turns/1/patch?from=base&to=${side}`);
    const files = parsePatchFiles(await answer.text(), { cacheKeyPrefix: side }).flatMap((patch) => patch.files);
    const view = new CodeView({ theme, diffStyle: "split" }, pool);
    view.setup(root);
    view.setItems(files.map((fileDiff, index) => ({ id: `${index}`, type: "diff", fileDiff })));
  }),
);
