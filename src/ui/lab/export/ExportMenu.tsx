// The experiment's ways out: all of it as JSON, its table, its charts, its adapters.
import "@mantine/core/styles/Popover.css";
import "@mantine/core/styles/Menu.css";
import { Button, Menu } from "@mantine/core";
import type { LabExport } from "../../../studio/labMessages";
import { download } from "../../../studio/stores/download";
import { isLabActive } from "../../../studio/stores/labActions";
import { useLab } from "../../../studio/stores/labStore";
import type { RaceLook } from "../race/raceLook";
import classes from "../results/Results.module.css";
import { useTransferPlace } from "../transfer/TransferOutcome";
import { type ChartFormat, zipCharts } from "./chartFiles";
import { chartScenes } from "./chartScenes";

const files = [
  { what: "json", name: "Everything, as JSON", note: "can be opened here again and re-run" },
  { what: "csv", name: "Table, as CSV", note: "one line for each cell" },
  { what: "markdown", name: "Table, as Markdown", note: "for a README or a report" },
] as const satisfies readonly { what: LabExport; name: string; note: string }[];

export function ExportMenu({ look }: { readonly look: RaceLook }) {
  const isShown = useLab((lab) => lab.shown !== undefined);
  const hasCharts = useLab(({ shown }) => shown !== undefined && Object.keys(shown.series).length > 0);
  const hasAdapters = useLab(({ shown }) => (shown?.record.keptCells.length ?? 0) > 0);
  const isActive = useLab(isLabActive);
  const isBusy = useLab(({ transfer }) => transfer.busy);
  const exportAs = (what: LabExport) => {
    useTransferPlace.setState({ place: "results" });
    useLab.getState().exportExperiment(what);
  };
  const exportCharts = async (format: ChartFormat) => {
    const { shown, measure } = useLab.getState();
    if (!shown) return;
    useTransferPlace.setState({ place: "results" });
    const fileName = `${fileNameOf(shown.record.name)}-charts-${format}.zip`;
    try {
      const zip = await zipCharts(chartScenes(shown, look, measure), format);
      download(fileName, new Blob([zip], { type: "application/zip" }));
      useLab.setState({ transfer: { busy: false, message: `Exported ${fileName}.` } });
    } catch (error) {
      useLab.setState({ transfer: { busy: false, problem: { message: (error as Error).message } } });
    }
  };
  return (
    <div className={classes.transfer}>
      <Menu position="bottom-end" shadow="sm" width={280} withinPortal={false}>
        <Menu.Target>
          <Button size="xs" variant="default" disabled={!isShown || isBusy}>
            Export experiment
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {files.map(({ what, name, note }) => (
            <Item key={what} name={name} note={note} onClick={() => exportAs(what)} />
          ))}
          <Item
            name="Charts, as SVG"
            note="a zip"
            isDisabled={!hasCharts}
            onClick={() => exportCharts("svg")}
          />
          <Item
            name="Charts, as PNG"
            note="a zip"
            isDisabled={!hasCharts}
            onClick={() => exportCharts("png")}
          />
          <Item
            name="All adapters"
            note="a zip with a PEFT folder for each cell"
            isDisabled={!hasAdapters || isActive}
            onClick={() => exportAs("adapters")}
          />
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}

interface ItemProps {
  readonly name: string;
  readonly note: string;
  readonly isDisabled?: boolean;
  readonly onClick: () => void;
}

function Item({ name, note, isDisabled = false, onClick }: ItemProps) {
  return (
    <Menu.Item disabled={isDisabled} onClick={onClick}>
      {name}
      <span className={classes.extra}>{note}</span>
    </Menu.Item>
  );
}

function fileNameOf(name: string): string {
  return (
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-|-$/g, "") || "experiment"
  );
}
