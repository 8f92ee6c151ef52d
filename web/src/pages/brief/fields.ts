import type { BaseImage, Brief, BriefFields, Category } from "../../api/types";
import type { Difference } from "../../components/drafts/MergeDrafts";
import { CATEGORY } from "../../components/feedback/status";

/** The editable part of a brief, and how two versions of it differ. Pure. */

export const FIELD_NAMES = [
  "source",
  "commit",
  "category",
  "title",
  "prompt",
  "acceptance_criteria",
  "set_up_command",
  "test_command",
  "base_image",
  "effort_minutes",
] as const satisfies readonly (keyof BriefFields)[];

/** Fields that decide the environment: changing one makes an earlier preparation worthless. */
export const ENVIRONMENT_FIELDS: ReadonlySet<keyof BriefFields> = new Set([
  "source",
  "commit",
  "set_up_command",
  "test_command",
  "base_image",
]);

export function fieldsOf(brief: Brief): BriefFields {
  return {
    source: brief.source ?? "",
    commit: brief.commit ?? "",
    category: brief.category,
    title: brief.title ?? "",
    prompt: brief.prompt ?? "",
    acceptance_criteria: brief.acceptance_criteria ?? "",
    set_up_command: brief.set_up_command ?? "",
    test_command: brief.test_command ?? "",
    base_image: brief.base_image,
    effort_minutes: brief.effort_minutes,
  };
}

export function changedFields(before: BriefFields, after: BriefFields): Partial<BriefFields> {
  return Object.fromEntries(
    FIELD_NAMES.filter((name) => before[name] !== after[name]).map((name) => [name, after[name]]),
  ) as Partial<BriefFields>;
}

const LABELS: Record<keyof BriefFields, string> = {
  source: "Repository",
  commit: "Commit",
  category: "Category",
  title: "Title",
  prompt: "Prompt",
  acceptance_criteria: "Acceptance criteria",
  set_up_command: "Set-up command",
  test_command: "Test command",
  base_image: "Base image",
  effort_minutes: "Effort for an engineer",
};

/** What two versions say in the fields where somebody has to choose, in the order of the form. */
export function briefDifferences(fields: readonly string[], mine: BriefFields, theirs: BriefFields): Difference[] {
  return FIELD_NAMES.filter((name) => fields.includes(name)).map((name) => ({
    ...{ field: name, label: LABELS[name], mine: mine[name], theirs: theirs[name] },
    ...(name === "category" ? { words: (value: unknown) => CATEGORY[value as Category] } : {}),
    ...(name === "base_image" ? { words: String } : {}),
    ...(name === "effort_minutes" ? { words: (value: unknown) => (value === null ? "not said" : `${value} min`) } : {}),
  }));
}

/** What still has to be filled in before the brief can be prepared, in words. */
export function missing(fields: BriefFields): string[] {
  const lacks: string[] = [];
  if (!fields.source.trim()) lacks.push("a repository");
  if (!fields.title.trim()) lacks.push("a title");
  if (!fields.prompt.trim()) lacks.push("a prompt");
  return lacks;
}

/** The base images to choose from, and the chosen one although the campaign no longer offers it. */
export function imageChoices(offered: BaseImage[], chosen: string) {
  const choices = offered.map(({ name, description }) => ({ value: name, label: name, description, gone: false }));
  if (offered.length === 0 || offered.some(({ name }) => name === chosen)) return choices;
  return [...choices, { value: chosen, label: chosen, description: "No longer offered", gone: true }];
}
