import { getHighlighterIfLoaded, preloadHighlighter, renderDiffWithHighlighter } from "@pierre/diffs";
import type { WorkerStats } from "@pierre/diffs/worker";
import { WorkerPoolManager } from "@pierre/diffs/worker";

type Parameters_ = ConstructorParameters<typeof WorkerPoolManager>;

/**
 * The viewer's pool of workers, ready as soon as lines can be drawn plain. As it comes, the viewer draws nothing before
 * every worker has answered: reading the colours' code would stand between a reader and code that needs no colours.
 * What is to be coloured meanwhile waits in the pool's own queue.
 */
export class EarlyPool extends WorkerPoolManager {
  readonly #theme: Parameters_[1]["theme"];
  readonly #plain: Promise<void>;
  readonly #asking = new Map<unknown, { diff: unknown; timer: ReturnType<typeof setTimeout> }>();

  constructor(options: Parameters_[0], highlighter: Parameters_[1]) {
    super(options, highlighter);
    this.#theme = highlighter.theme;
    const themes = typeof this.#theme === "string" ? [this.#theme] : [];
    this.#plain = preloadHighlighter({
      themes,
      langs: ["text"],
      preferredHighlighter: highlighter.preferredHighlighter,
    });
  }

  /** Colours are asked for in a task of their own: handing 33,000 lines over takes as long as drawing those in view. */
  override highlightDiffAST(...wanted: Parameters<WorkerPoolManager["highlightDiffAST"]>): void {
    const [instance, diff] = wanted;
    const asked = this.#asking.get(instance);
    if (asked?.diff === diff) return;
    clearTimeout(asked?.timer);
    const timer = setTimeout(() => {
      this.#asking.delete(instance);
      super.highlightDiffAST(...wanted);
    });
    this.#asking.set(instance, { diff, timer });
  }

  override cleanUpTasks(instance: Parameters<WorkerPoolManager["cleanUpTasks"]>[0]): void {
    clearTimeout(this.#asking.get(instance)?.timer);
    this.#asking.delete(instance);
    super.cleanUpTasks(instance);
  }

  override isInitialized(): boolean {
    return super.isInitialized() || getHighlighterIfLoaded({ theme: this.getFileRenderOptions().theme }) !== undefined;
  }

  override getStats(): WorkerStats {
    const stats = super.getStats();
    return this.isInitialized() ? { ...stats, managerState: "initialized" } : stats;
  }

  override subscribeToStatChanges(callback: (stats: WorkerStats) => unknown): () => void {
    const stop = super.subscribeToStatChanges(callback);
    let stopped = false;
    void this.#plain.then(() => !stopped && callback(this.getStats()));
    return () => {
      stopped = true;
      stop();
    };
  }

  /**
   * Plain lines say nothing of the words that differ: their colours do, a moment later, from the worker. Comparing words is
   * a third of drawing a line, and each line that scrolls in is first drawn plain.
   */
  override getPlainDiffAST(...wanted: Parameters<WorkerPoolManager["getPlainDiffAST"]>) {
    const [diff, startingLine, totalLines, expandedHunks, collapsedContextThreshold] = wanted;
    const options = this.getDiffRenderOptions();
    const highlighter = getHighlighterIfLoaded({ theme: options.theme });
    if (highlighter === undefined) return super.getPlainDiffAST(...wanted);
    return renderDiffWithHighlighter(
      diff,
      highlighter,
      { ...options, lineDiffType: "none" },
      { forcePlainText: true, startingLine, totalLines, expandedHunks, collapsedContextThreshold },
    );
  }

  /** Workers can be told of another theme once they have begun. */
  override async setRenderOptions(options: Parameters<WorkerPoolManager["setRenderOptions"]>[0]): Promise<void> {
    await this.initialize().catch(() => undefined); // told by whoever began it
    return super.setRenderOptions(options);
  }
}
