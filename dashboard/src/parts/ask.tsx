/** Small dialogs: one that asks once before something is gone, and one that shows what is shown only once. */

import { Alert, Button, Code, CopyButton, Group, Modal, Stack, Text } from "@mantine/core";
import { Check, Copy } from "lucide-react";
import { type FormEvent, type ReactNode, useState } from "react";
import { Failure } from "./states";

interface AskProps {
  title: string;
  children?: ReactNode;
  /** What is done, as the button says it. */
  deed: string;
  act: () => Promise<unknown>;
  close: () => void;
}

/** Says what will be gone, and does it when told so. Why it did not work stands in the dialog. */
export function Ask({ title, children, deed, act, close }: AskProps) {
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const go = async () => {
    setBusy(true);
    try {
      await act();
      close();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={close} title={title} closeButtonProps={{ "aria-label": "Close" }}>
      <Stack gap="sm">
        <Text size="sm" component="div">
          {children}
        </Text>
        {error !== null && <Failure error={error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={close} data-autofocus>
            Cancel
          </Button>
          <Button color="red.8" loading={busy} onClick={go}>
            {deed}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

interface FormDialogProps {
  title: string;
  children: ReactNode;
  deed: string;
  act: () => Promise<unknown>;
  close: () => void;
  /** What would be sent is not whole yet. */
  unready?: boolean;
  size?: string;
}

/** A form in a dialog: Enter sends it, what is wrong stands over its button, and it closes when it was taken. */
export function FormDialog({ title, children, deed, act, close, unready = false, size = "md" }: FormDialogProps) {
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const send = async (submitted: FormEvent) => {
    submitted.preventDefault();
    if (unready || busy) return;
    setBusy(true);
    setError(null);
    try {
      await act();
    } catch (problem) {
      setError(problem);
    }
    setBusy(false);
  };
  return (
    <Modal opened onClose={close} title={title} size={size} closeButtonProps={{ "aria-label": "Close" }}>
      <form onSubmit={send}>
        <Stack gap="sm">
          {children}
          {error !== null && <Failure error={error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button type="submit" loading={busy} disabled={unready}>
              {deed}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** A key or a link that nobody shows again. */
export function Once({ name, value, children }: { name: string; value: string; children?: ReactNode }) {
  return (
    <Alert color="teal" title={`${name}: shown this once`}>
      <Stack gap={6}>
        {children && (
          <Text size="sm" component="div">
            {children}
          </Text>
        )}
        <Code block aria-label={name} tabIndex={0} style={{ overflowWrap: "anywhere", whiteSpace: "pre-wrap" }}>
          {value}
        </Code>
        <CopyButton value={value}>
          {({ copied, copy }) => (
            <Button
              w="fit-content"
              variant="default"
              leftSection={copied ? <Check size={14} /> : <Copy size={14} />}
              onClick={copy}
              aria-live="polite"
            >
              {copied ? "Copied" : "Copy"}
            </Button>
          )}
        </CopyButton>
      </Stack>
    </Alert>
  );
}
