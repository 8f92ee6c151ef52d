import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { Loading } from "./components/feedback/Loading";
import { PageFailed } from "./components/feedback/PageFailed";
import { AppFrame } from "./components/layout/AppFrame";
import { NotFound } from "./components/layout/NotFound";
import { beginComparison } from "./pages/comparison/begin";
import { type ChangesSearch, readChangesSearch } from "./pages/comparison/links";
import { readStep } from "./pages/comparison/transcript-link";
import { readEvidenceSearch } from "./pages/evidence/search";
import { readAmong, readRowSearch } from "./pages/operator/datasets/row/search";
import { AcceptInvitationPage } from "./pages/sign-in/AcceptInvitationPage";
import { LinkPage } from "./pages/sign-in/LinkPage";
import { SignInPage } from "./pages/sign-in/SignInPage";

const root = createRootRoute({ component: AppFrame, notFoundComponent: NotFound });

/** The named parts of an address that are words; a number that was typed as one is one, too. */
function words<Name extends string>(search: Record<string, unknown>, ...names: Name[]): { [name in Name]?: string } {
  const found: { [name in Name]?: string } = {};
  for (const name of names) {
    const value = search[name];
    if (typeof value === "string" || typeof value === "number") found[name] = String(value);
  }
  return found;
}

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: (search: Record<string, unknown>): { next?: string } =>
    typeof search.next === "string" ? { next: search.next } : {},
  component: SignInPage,
});
const signInLink = createRoute({ getParentRoute: () => root, path: "/sign-in/link", component: LinkPage });
const invite = createRoute({ getParentRoute: () => root, path: "/invite", component: AcceptInvitationPage });
const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  validateSearch: (search: Record<string, unknown>) => words(search, "q", "status", "briefs", "campaign"),
  component: lazyRouteComponent(() => import("./pages/home/HomePage"), "HomePage"),
});
const brief = createRoute({
  getParentRoute: () => root,
  path: "/briefs/$id",
  component: lazyRouteComponent(() => import("./pages/brief/BriefPage"), "BriefPage"),
});
const comparison = createRoute({
  getParentRoute: () => root,
  path: "/comparisons/$id",
  validateSearch: (
    search: Record<string, unknown>,
  ): { turn?: number; view?: string; step?: number } & ChangesSearch => ({
    ...(Number.isInteger(search.turn) ? { turn: search.turn as number } : {}),
    ...(typeof search.view === "string" ? { view: search.view } : {}),
    ...readChangesSearch(search),
    ...readStep(search),
  }),
  loader: ({ params, location }) => beginComparison(params.id, location.search),
  component: lazyRouteComponent(() => import("./pages/comparison/ComparisonPage"), "ComparisonPage"),
});
const reviews = createRoute({
  getParentRoute: () => root,
  path: "/reviews",
  validateSearch: (search: Record<string, unknown>) =>
    words(search, "tab", "q", "decision", "campaign", "accepted", "returned", "rejected"),
  component: lazyRouteComponent(() => import("./pages/review/QueuePage"), "QueuePage"),
});
const operator = createRoute({
  getParentRoute: () => root,
  path: "/operator",
  validateSearch: (search: Record<string, unknown>) => ({
    ...words(search, "tab", "q", "role", "status", "run", "dataset"),
    ...readAmong(search),
  }),
  component: lazyRouteComponent(() => import("./pages/operator/OperatorPage"), "OperatorPage"),
});
const heldValues = createRoute({
  getParentRoute: () => root,
  path: "/operator/datasets/held",
  validateSearch: (search: Record<string, unknown>) => words(search, "campaign", "q"),
  component: lazyRouteComponent(() => import("./pages/operator/datasets/HeldPage"), "HeldPage"),
});
const datasetRow = createRoute({
  getParentRoute: () => root,
  path: "/operator/datasets/$id/row",
  validateSearch: readRowSearch,
  component: lazyRouteComponent(() => import("./pages/operator/datasets/row/RowPage"), "RowPage"),
});
const evidence = createRoute({
  getParentRoute: () => root,
  path: "/operator/campaigns/$id/evidence",
  validateSearch: readEvidenceSearch,
  // No loader: each look at standings is audited, and pointing at a link is no look.
  component: lazyRouteComponent(() => import("./pages/evidence/EvidencePage"), "EvidencePage"),
});
const work = createRoute({
  getParentRoute: () => root,
  path: "/operator/campaigns/$id/work",
  validateSearch: (search: Record<string, unknown>) => words(search, "tab", "item", "q", "became"),
  component: lazyRouteComponent(() => import("./pages/work/WorkPage"), "WorkPage"),
});
const campaignComparisons = createRoute({
  getParentRoute: () => root,
  path: "/operator/campaigns/$id/comparisons",
  validateSearch: (search: Record<string, unknown>) => words(search, "q", "status"),
  component: lazyRouteComponent(() => import("./pages/operator/ComparisonsPage"), "ComparisonsPage"),
});
const tokens = createRoute({
  getParentRoute: () => root,
  path: "/account/tokens",
  component: lazyRouteComponent(() => import("./pages/account/TokensPage"), "TokensPage"),
});

export const router = createRouter({
  routeTree: root.addChildren([
    signIn,
    signInLink,
    invite,
    home,
    brief,
    comparison,
    reviews,
    operator,
    heldValues,
    datasetRow,
    evidence,
    work,
    campaignComparisons,
    tokens,
  ]),
  defaultPreload: "intent",
  defaultPendingComponent: () => <Loading label="Loading the page" />,
  defaultErrorComponent: PageFailed,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
