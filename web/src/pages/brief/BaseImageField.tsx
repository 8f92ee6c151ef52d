import { Select, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { campaignQuery } from "../../api/campaigns";
import { imageChoices } from "./fields";
import type { BriefForm } from "./use-brief-form";

/** What the sandboxes of this task have installed: asked only where the campaign offers more than one. */
export function BaseImageField({
  campaignId,
  form,
  disabled,
}: {
  campaignId: string;
  form: BriefForm;
  disabled: boolean;
}) {
  const campaign = useQuery(campaignQuery(campaignId));
  const chosen = form.fields.base_image;
  const choices = imageChoices(campaign.data?.base_images ?? [], chosen);
  if (choices.length < 2) return null;
  const gone = choices.find((choice) => choice.value === chosen)?.gone;
  return (
    <Select
      label="Base image"
      description="What both sandboxes have installed before set-up"
      disabled={disabled}
      allowDeselect={false}
      checkIconPosition="right"
      data={choices}
      value={chosen}
      error={gone ? `The campaign no longer offers ${chosen}: choose another one.` : undefined}
      onChange={(value) => value && form.set("base_image", value)}
      renderOption={({ option }) => {
        const description = choices.find((choice) => choice.value === option.value)?.description;
        return (
          <div>
            <Text size="sm">{option.label}</Text>
            {description && (
              <Text size="xs" c="dimmed">
                {description}
              </Text>
            )}
          </div>
        );
      }}
    />
  );
}
