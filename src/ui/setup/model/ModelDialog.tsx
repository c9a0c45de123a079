// Where the person chooses what to fine-tune: from the Hub, from what this browser keeps, or from disk. Loaded when it
// is first opened.
import "@mantine/core/styles/ModalBase.layer.css";
import "@mantine/core/styles/Modal.layer.css";
import "@mantine/core/styles/Overlay.layer.css";
import "@mantine/core/styles/Paper.layer.css";
import "@mantine/core/styles/CloseButton.layer.css";
import "@mantine/core/styles/Tabs.layer.css";
import { Modal, Tabs } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useEffect, useRef } from "react";
import { useHub } from "../../../studio/stores/hubStore";
import { useStudio } from "../../../studio/stores/studioStore";
import { DialogFoot } from "./DialogFoot";
import { DiskTab } from "./DiskTab";
import { HubTab } from "./HubTab";
import { KeptTab } from "./KeptTab";
import classes from "./model.module.css";

interface ModelDialogProps {
  readonly opened: boolean;
  readonly onClose: () => void;
}

export default function ModelDialog({ opened, onClose }: ModelDialogProps) {
  const isNarrow = useMediaQuery("(max-width: 40rem)");
  useCloseWhenChosen(opened, onClose);
  useEffect(() => {
    if (opened) void useHub.getState().listKept();
  }, [opened]);
  return (
    <Modal.Root
      opened={opened}
      onClose={onClose}
      size="44rem"
      fullScreen={isNarrow}
      transitionProps={{ duration: 0 }}
      classNames={{ content: classes.dialog, title: classes.dialogTitle, body: classes.dialogBody }}
    >
      <Modal.Overlay />
      <Modal.Content>
        {/* Modal's own header is a page's banner to a screen reader. */}
        <div className={classes.dialogHead}>
          <Modal.Title>Choose a model</Modal.Title>
          <Modal.CloseButton aria-label="Close" />
        </div>
        <Modal.Body>
          <Tabs defaultValue="hub" className={classes.tabs} classNames={{ tab: classes.tab }}>
            <Tabs.List>
              <Tabs.Tab value="hub">Hugging Face Hub</Tabs.Tab>
              <Tabs.Tab value="kept">In this browser</Tabs.Tab>
              <Tabs.Tab value="disk">From disk</Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="hub" className={classes.panel}>
              <HubTab />
            </Tabs.Panel>
            <Tabs.Panel value="kept" className={classes.panel}>
              <KeptTab />
            </Tabs.Panel>
            <Tabs.Panel value="disk" className={classes.panel}>
              <DiskTab />
            </Tabs.Panel>
          </Tabs>
          <DialogFoot />
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

/** A model that came into use is what the dialog was opened for. */
function useCloseWhenChosen(opened: boolean, onClose: () => void): void {
  const info = useStudio(({ model }) => (model.status === "ready" ? model.info : undefined));
  const before = useRef(info);
  useEffect(() => {
    if (!info || info === before.current) return;
    before.current = info;
    if (opened) onClose();
  }, [info, opened, onClose]);
}
