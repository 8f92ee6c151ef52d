import type { components } from "./schema";

/** Shapes of a campaign's evidence: questions, decisions, leaderboards, agreement. Operators alone are served them. */

type Schemas = components["schemas"];

export type Provenance = Schemas["Provenance"];
export type Interval = Schemas["Interval"];
export type Counts = Schemas["Counts"];

export type QuestionWish = Schemas["QuestionWish"];
export type Question = Schemas["QuestionOut"];
export type Look = Schemas["Look"];
export type PathPoint = Schemas["PathPoint"];
export type Decision = Schemas["DecisionOut"];
export type Changes = Schemas["ChangesOut"];
export type Plan = Schemas["PlanOut"];
export type PowerPoint = Schemas["PowerPoint"];

export type Standing = Schemas["Standing"];
export type Pairing = Schemas["Pairing"];
export type Effect = Schemas["Effect"];
export type ArmSize = Schemas["ArmSize"];
export type AxisStandings = Schemas["AxisStandings"];
export type Leaderboard = Schemas["LeaderboardOut"];

export type AxisAgreement = Schemas["AxisAgreement"];
export type ContributorReliability = Schemas["ContributorReliability"];
export type Week = Schemas["WeekOut"];
export type Drift = Schemas["DriftOut"];
export type Agreement = Schemas["AgreementOut"];
export type Allocation = Schemas["AllocationOut"];

/** Which votes are counted; what is absent is all. */
export interface SliceWish {
  axis?: string;
  category?: string;
  language?: string;
  agent?: string;
  turn?: "first" | "later";
}
