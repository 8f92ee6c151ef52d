import type { components } from "./schema";
import type * as hand from "./types";

/** A shape written by hand may know more of a field than the schema does, but it has no field that is not served. */

type Schemas = components["schemas"];
type Unserved<Hand, Served> = Exclude<keyof Hand, keyof Served>;
/** An error here names the field that the service no longer has: rename or remove it in `types.ts`. */
type None<Field extends never> = Field;

export type Contract = [
  None<Unserved<hand.Anchor, Schemas["Anchor"]>>,
  None<Unserved<hand.BaseCheck, Schemas["BaseCheckOut"]>>,
  None<Unserved<hand.Brief, Schemas["BriefOut"]>>,
  None<Unserved<hand.BriefFields, Schemas["BriefEdit"]>>,
  None<Unserved<hand.Campaign, Schemas["CampaignOut"]>>,
  None<Unserved<hand.CampaignSummary, Schemas["CampaignListed"]>>,
  None<Unserved<hand.Check, Schemas["CheckOut"]>>,
  None<Unserved<hand.Comment, Schemas["CommentOut"]>>,
  None<Unserved<hand.CommentBody, Schemas["CommentBody"]>>,
  None<Unserved<hand.Comparison, Schemas["ComparisonOut"]>>,
  None<Unserved<hand.Comparison["brief"], Schemas["BriefSummary"]>>,
  None<Unserved<hand.Comparison["campaign"], Schemas["CampaignTerms"]>>,
  None<Unserved<hand.Comparison["actions"], Schemas["Actions"]>>,
  None<Unserved<hand.ComparisonSummary, Schemas["ComparisonRow"]>>,
  None<Unserved<hand.FollowUpDraft, Schemas["FollowUpDraftOut"]>>,
  None<Unserved<hand.Preparation, Schemas["PreparationOut"]>>,
  None<Unserved<hand.Rating, Schemas["RatingOut"]>>,
  None<Unserved<hand.RatingAnswers, Schemas["Answers"]>>,
  None<Unserved<hand.RatingDraft, Schemas["DraftOut"]>>,
  None<Unserved<hand.Ratings, Schemas["RatingsOut"]>>,
  None<Unserved<hand.ReviewQueueEntry, Schemas["QueueEntry"]>>,
  None<Unserved<hand.Rollout, Schemas["RolloutOut"]>>,
  None<Unserved<hand.Rubric, Schemas["RubricOut"]>>,
  None<Unserved<hand.Turn, Schemas["TurnOut"]>>,
];
