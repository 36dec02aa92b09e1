/** A draft of what came and is not planned: YAML, to be put among the files of the plan. */

import { Modal, Text } from "@mantine/core";
import { useDraft } from "../api/plan";
import { Copied } from "../parts/explain";
import { Failure, Waiting } from "../parts/states";

/** Of one event, or of all of them. */
export function Draft({ event }: { event?: string | undefined }) {
  const { data, error, refetch } = useDraft(event);
  return (
    <>
      <Text size="sm" c="dimmed" mb="xs">
        Made from what came in the last 30 days. Say when it is sent and who answers for it, put it among the files of
        your plan, and push.
      </Text>
      {error && <Failure error={error} again={() => refetch()} />}
      {data === undefined && !error && <Waiting height={120} label="Loading the draft" />}
      {data !== undefined && <Copied name="the draft" text={data} />}
    </>
  );
}

export function DraftDialog({ event, close }: { event?: string | undefined; close: () => void }) {
  return (
    <Modal
      opened
      onClose={close}
      title={event === undefined ? "A draft of a plan" : `A draft of “${event}”`}
      size="xl"
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <Draft event={event} />
    </Modal>
  );
}
