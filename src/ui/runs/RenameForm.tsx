// A run's name while it is changed. Enter or leaving keeps it, Escape does not.
import { TextInput } from "@mantine/core";
import { useState } from "react";

interface RenameFormProps {
  readonly name: string;
  /** Gets the new name, or nothing when it stays. */
  readonly onDone: (name: string | undefined) => void;
}

export function RenameForm({ name, onDone }: RenameFormProps) {
  const [draft, setDraft] = useState(name);
  const finish = () => {
    const trimmed = draft.trim();
    onDone(trimmed === "" || trimmed === name ? undefined : trimmed);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        finish();
      }}
    >
      <TextInput
        size="xs"
        aria-label="Name of the run"
        autoFocus
        maxLength={120}
        value={draft}
        onChange={(event) => setDraft(event.currentTarget.value)}
        onBlur={finish}
        onKeyDown={(event) => {
          if (event.key === "Escape") onDone(undefined);
        }}
      />
    </form>
  );
}
