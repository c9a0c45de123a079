// A real file input stretched over a drop zone takes clicks and drops; a button beside it serves the keyboard.
import { Button } from "@mantine/core";
import { useRef, useState } from "react";
import { UploadIcon } from "../icons";
import classes from "./FilePicker.module.css";

interface FilePickerProps {
  readonly id: string;
  readonly accept: string;
  readonly disabled: boolean;
  /** Id of the message about what was chosen. */
  readonly problemId?: string;
  /** What to drop, in a few words. */
  readonly prompt: string;
  /** Name of the file in use. */
  readonly chosen?: string;
  readonly onChoose: (file: File) => void;
}

export function FilePicker(props: FilePickerProps) {
  const { id, accept, disabled, problemId, prompt, chosen, onChoose } = props;
  const [isOver, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  return (
    <div className={classes.zone} data-over={isOver || undefined} data-disabled={disabled || undefined}>
      <UploadIcon />
      <span className={classes.text}>{chosen ?? prompt}</span>
      {/* As a file input it would be one more button by name: the visible one stands for it. */}
      <input
        ref={input}
        id={id}
        type="file"
        className={classes.input}
        accept={accept}
        disabled={disabled}
        tabIndex={-1}
        aria-hidden="true"
        onDragEnter={() => setOver(true)}
        onDragLeave={() => setOver(false)}
        onDrop={() => setOver(false)}
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          event.currentTarget.value = ""; // The same file, mended, can be chosen again.
          if (file) onChoose(file);
        }}
      />
      <Button
        size="compact-xs"
        variant="default"
        className={classes.browse}
        disabled={disabled}
        aria-describedby={`${id}-label${problemId ? ` ${problemId}` : ""}`}
        onClick={() => input.current?.click()}
      >
        Choose file
      </Button>
    </div>
  );
}
