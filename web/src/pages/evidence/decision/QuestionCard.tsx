import { Text, Timeline } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { questionsQuery } from "../../../api/evidence";
import type { Question } from "../../../api/evidence-types";
import type { Campaign } from "../../../api/types";
import { ErrorNotice } from "../../../components/feedback/ErrorNotice";
import { Time } from "../../../components/text/Time";
import { VisibleText } from "../../../components/text/VisibleText";
import { Section, Warning } from "../parts";
import * as words from "../words";
import { changes } from "./changes";
import { CONTROLS } from "./wish";

/** What was asked, when, and every change since. */
export function QuestionCard(props: { id: string; campaign: Campaign; question: Question; children: ReactNode }) {
  const { id, campaign, question, children } = props;
  const versions = useQuery(questionsQuery(id));
  const axis = words.axisLabel(question.axis, campaign.rubric);
  const all = versions.data ?? [question];
  return (
    <Section title="The question" lead={words.questionWords(question, axis)} aside={children}>
      {question.accepted_before > 0 && (
        <Warning title="Registered after votes were in">
          {words.comparisons(question.accepted_before)} of these arms had been accepted when{" "}
          {question.version > 1 ? "this version" : "it"} was registered. A question that could be chosen by its answer
          proves less: say so wherever you report it.
        </Warning>
      )}
      {versions.error && (
        <ErrorNotice
          error={versions.error}
          title="Earlier versions can’t be shown"
          onRetry={() => void versions.refetch()}
        />
      )}
      <Timeline active={0} bulletSize={16} lineWidth={2} aria-label="Versions of the question">
        {all.map((version, index) => (
          <Timeline.Item
            key={version.version}
            title={index === all.length - 1 ? "Registered" : `Amended (version ${version.version})`}
          >
            <Text size="sm" c="dimmed">
              <Time iso={version.created_at} /> · {words.comparisons(version.accepted_before)} accepted before ·{" "}
              {version.control !== "none" && `control variate: ${CONTROLS[version.control].toLowerCase()} · `}
              {version.when_decided === "pause" ? "pauses the campaign when decided" : "tells when decided"}
            </Text>
            {version.reason && (
              <Text size="sm" mt={2} style={{ overflowWrap: "anywhere" }}>
                Because: <VisibleText text={version.reason} />
              </Text>
            )}
            {index + 1 < all.length && (
              <Text size="sm" mt={2}>
                {changes(version, all[index + 1] as Question).join("; ") || "Nothing but the reason was changed."}
              </Text>
            )}
          </Timeline.Item>
        ))}
      </Timeline>
    </Section>
  );
}
