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
  const choice = choices.find(({ value }) => value === chosen);
  return (
    <Select
      label="Base image"
      description={choice?.gone ? undefined : choice?.description || "What both sandboxes have installed before set-up"}
      disabled={disabled}
      allowDeselect={false}
      data={choices}
      value={chosen}
      error={choice?.gone ? `The campaign no longer offers ${chosen}: choose another one.` : undefined}
      onChange={(value) => value && form.set("base_image", value)}
      renderOption={({ option, checked }) => {
        const description = choices.find(({ value }) => value === option.value)?.description;
        return (
          <div>
            <Text size="sm" fw={checked ? 600 : undefined}>
              {option.label}
              {checked && " ✓"}
            </Text>
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
