import type { Plugin } from "vite";

/**
 * What every page needs, named in the one HTML page: the browser fetches it while it reads that, not when the first
 * script has run and asked for it. What a comparison needs besides is asked for by that script (`src/begin.ts`).
 */
export function headStart(entry: RegExp): Plugin {
  return {
    name: "head-start",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler(html, { bundle }) {
        const chunks = Object.values(bundle ?? {}).filter((file) => file.type === "chunk");
        const app = chunks.find((chunk) => chunk.facadeModuleId && entry.test(chunk.facadeModuleId));
        if (!app) throw new Error(`head-start: no file is made from ${entry}`);
        const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
        const needed = new Set<string>();
        const add = (name: string) => {
          const chunk = byName.get(name);
          if (!chunk || needed.has(name)) return;
          needed.add(name);
          for (const other of chunk.imports) add(other);
        };
        add(app.fileName);
        const styles = [...needed].flatMap((name) => [...(byName.get(name)?.viteMetadata?.importedCss ?? [])]);
        const link = (attrs: Record<string, string | boolean>) => ({ tag: "link", attrs, injectTo: "head" as const });
        return [
          ...[...needed]
            .filter((name) => !html.includes(name))
            .map((name) => link({ rel: "modulepreload", crossorigin: true, href: `/${name}` })),
          ...styles.map((name) => link({ rel: "preload", as: "style", crossorigin: true, href: `/${name}` })),
        ];
      },
    },
  };
}
