// A model from this machine: a folder or files, picked or dropped. They are read where they lie.
import { Button } from "@mantine/core";
import { useRef, useState } from "react";
import { useStudio } from "../../../studio/stores/studioStore";
import { UploadIcon } from "../../icons";
import {
  type ChosenFiles,
  filesOfDrop,
  filesOfInput,
  givesHandles,
  pickFiles,
  pickFolder,
} from "./chosenFiles";
import classes from "./model.module.css";
import { useModelBlocker } from "./useModelBlocker";

export function DiskTab() {
  const [isOver, setOver] = useState(false);
  const isLoading = useStudio(({ model }) => model.status === "loading");
  const disabled = useModelBlocker() !== undefined || isLoading;
  const folderInput = useRef<HTMLInputElement>(null);
  const filesInput = useRef<HTMLInputElement>(null);
  const load = async (chosen: ChosenFiles | undefined) => {
    if (chosen) await useStudio.getState().loadModel({ kind: "files", ...chosen });
  };
  return (
    <div className={classes.models}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the buttons in it do the same with the keyboard */}
      <div
        className={classes.dropZone}
        data-over={isOver || undefined}
        data-disabled={disabled || undefined}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          if (!disabled) void filesOfDrop(event.dataTransfer.items).then(load);
        }}
      >
        <UploadIcon />
        <p>Drop a model folder here, or its files</p>
        <div className={classes.dropActions}>
          <Button
            size="compact-sm"
            variant="default"
            disabled={disabled}
            onClick={async () => {
              const chosen = await pickFolder();
              if (chosen === null) folderInput.current?.click();
              else await load(chosen);
            }}
          >
            Choose folder
          </Button>
          <Button
            size="compact-sm"
            variant="default"
            disabled={disabled}
            onClick={async () => {
              const chosen = await pickFiles();
              if (chosen === null) filesInput.current?.click();
              else await load(chosen);
            }}
          >
            Choose files
          </Button>
        </div>
        <FileInput label="Model folder" inputRef={folderInput} onChoose={load} folder />
        <FileInput label="Model files" inputRef={filesInput} onChoose={load} />
      </div>
      <dl className={classes.kinds}>
        <dt>Hugging Face folder</dt>
        <dd>config.json, tokenizer.json, tokenizer_config.json and model.safetensors, whole or in shards.</dd>
        <dt>ONNX export</dt>
        <dd>
          The same folder with model.onnx in place of model.safetensors; codes of 8 or 4 bits are dequantised.
        </dd>
        <dt>llama2.c checkpoint</dt>
        <dd>The model's .bin and its tokenizer's .bin, together.</dd>
      </dl>
      <p className={classes.listEnd}>
        The files are read where they lie and not copied.{" "}
        {givesHandles()
          ? "A run on them goes on later as soon as you allow them to be read again."
          : "To go on with a run on them later, choose them again."}
      </p>
    </div>
  );
}

interface FileInputProps {
  readonly label: string;
  readonly inputRef: React.RefObject<HTMLInputElement | null>;
  readonly folder?: boolean;
  readonly onChoose: (chosen: ChosenFiles | undefined) => void;
}

function FileInput({ label, inputRef, folder = false, onChoose }: FileInputProps) {
  return (
    <input
      ref={inputRef}
      type="file"
      multiple
      hidden
      aria-label={label}
      {...(folder && { webkitdirectory: "" })}
      onChange={(event) => {
        const chosen = filesOfInput([...(event.currentTarget.files ?? [])]);
        event.currentTarget.value = ""; // The same files, mended, can be chosen again.
        onChoose(chosen);
      }}
    />
  );
}
