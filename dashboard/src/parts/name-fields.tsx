/** What something that is kept is called, and what it is for. */

import { Textarea, TextInput } from "@mantine/core";

interface NameFieldsProps {
  name: string;
  setName: (name: string) => void;
  description: string;
  setDescription: (description: string) => void;
}

export function NameFields({ name, setName, description, setDescription }: NameFieldsProps) {
  return (
    <>
      <TextInput
        label="Name"
        data-autofocus
        maxLength={200}
        value={name}
        onChange={(typed) => setName(typed.currentTarget.value)}
      />
      <Textarea
        label="Description"
        autosize
        minRows={2}
        maxLength={2000}
        value={description}
        onChange={(typed) => setDescription(typed.currentTarget.value)}
      />
    </>
  );
}
