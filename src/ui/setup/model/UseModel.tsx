// Takes a model into use, unless it is, or the engine is busy with another one.
import { Button } from "@mantine/core";
import type { ModelSource } from "../../../studio/messages";
import { useStudio } from "../../../studio/stores/studioStore";
import { useModelBlocker } from "./useModelBlocker";

export function UseModel({ source }: { readonly source: ModelSource }) {
  const inUse = useStudio(({ model }) => model.info && isSame(model.source, source));
  const isLoading = useStudio(({ model }) => model.status === "loading");
  const blocker = useModelBlocker();
  const { loadModel } = useStudio.getState();
  return (
    <Button
      size="compact-sm"
      variant={inUse ? "default" : "filled"}
      aria-label={inUse ? `${source.name} is in use` : `Use ${source.name}`}
      disabled={inUse || isLoading || blocker !== undefined}
      onClick={() => loadModel(source)}
    >
      {inUse ? "In use" : "Use"}
    </Button>
  );
}

export function isSame(a: ModelSource | undefined, b: ModelSource): boolean {
  if (a?.kind === "kept" && b.kind === "kept") return a.folder === b.folder;
  return a?.kind === b.kind && a.name === b.name && a.kind !== "files";
}
