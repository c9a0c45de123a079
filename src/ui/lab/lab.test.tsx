// The lab's parts on the page: what a person reads, presses and types.
import { afterEach, describe, expect, test } from "vitest";
import { page, userEvent } from "vitest/browser";
import { useLab } from "../../studio/stores/labStore";
import { render } from "../testing/render";
import { Answers } from "./answers/Answers";
import { Cells } from "./cells/Cells";
import { Interrupted } from "./experiments/Interrupted";
import { RacePanel } from "./race/RacePanel";
import { firstLook } from "./race/raceLook";
import { RankResults } from "./results/RankResults";
import { Ranks } from "./setup/Ranks";
import { cellsOfDraft, resultOf, seriesOf, shownOf } from "./testing/experiment";

const first = useLab.getState();
afterEach(() => useLab.setState(first, true));

const cells = cellsOfDraft({ ranks: [1, 8], targetSets: [{ modules: ["q_proj"] }], seeds: "0, 1" });
const [a, b, c, d] = cells.map(({ id }) => id) as [string, string, string, string];

describe("Ranks", () => {
  test("any rank can be added, and only ranks", async () => {
    render(<Ranks />);
    const field = page.getByLabelText("Another rank");
    await userEvent.fill(field, "0");
    await expect.element(field).toHaveAccessibleDescription(/expected a whole number from 1 to 4096/);
    await userEvent.fill(field, "3");
    await userEvent.keyboard("{Enter}");
    expect(useLab.getState().draft.ranks).toEqual([1, 3, 4, 8]);
    await expect.element(field).toHaveValue("");
    // Switched off it stays, to be switched on again.
    await userEvent.click(page.getByRole("checkbox", { name: "3", exact: true }));
    expect(useLab.getState().draft.ranks).toEqual([1, 4, 8]);
    await expect.element(page.getByRole("checkbox", { name: "3", exact: true })).not.toBeChecked();
  });

  test("what is wrong with them is said in the group", async () => {
    const problems = [{ field: "ranks", message: "ranks: expected at least one, got none." }];
    const estimate = { cells: [], races: [], budgetBytes: 1, totalSteps: 0, problems };
    useLab.setState({ estimate });
    render(<Ranks />);
    await expect
      .element(page.getByRole("group", { name: "Ranks" }))
      .toHaveAccessibleDescription("ranks: expected at least one, got none.");
  });
});

describe("RankResults", () => {
  test("a clear best is bold, and costs can be sorted by in the other layout", async () => {
    const results = [resultOf(a, 2), resultOf(b, 2.2), resultOf(c, 1), resultOf(d, 1.1)].map((result) => ({
      ...result,
      trainableParameters: result.id.startsWith("r8") ? 20_480 : 2560,
    }));
    useLab.setState({ status: "done", shown: shownOf(cells, { results }) });
    render(<RankResults look={firstLook} />);
    const best = page.getByRole("cell", { name: /^1\.0500 ± 0\.0707/ }).element();
    expect(getComputedStyle(best.querySelector("span")!).fontWeight).toBe("700");
    await expect.element(page.getByText(/^Best: rank 8 · q\./)).toBeVisible();

    await userEvent.selectOptions(page.getByLabelText("Layout"), "one line each");
    const parameters = page.getByRole("columnheader", { name: "Parameters" });
    await userEvent.click(parameters.getByRole("button"));
    await userEvent.click(parameters.getByRole("button"));
    expect(parameters.element().ariaSort).toBe("descending");
    const rows = page.getByRole("row").elements();
    expect(rows[1]!.textContent).toContain("20,480");
  });

  test("settings that share no row are listed one below the other", async () => {
    const budget = cellsOfDraft({
      ranks: [],
      targetSets: [
        { modules: ["q_proj"], rank: 4 },
        { modules: ["q_proj", "v_proj"], rank: 2 },
      ],
    });
    useLab.setState({ status: "done", shown: shownOf(budget) });
    render(<RankResults look={firstLook} />);
    await expect.element(page.getByRole("columnheader", { name: "Parameters" })).toBeVisible();
    await userEvent.selectOptions(page.getByLabelText("Layout"), "ranks side by side");
    await expect.element(page.getByRole("columnheader", { name: "r = 2" })).toBeVisible();
  });

  test("overlapping settings have no winner, and say so", async () => {
    const results = [resultOf(a, 2), resultOf(b, 1.05), resultOf(c, 1), resultOf(d, 1.1)];
    useLab.setState({ status: "done", shown: shownOf(cells, { results }) });
    const { container } = render(<RankResults look={firstLook} />);
    await expect.element(page.getByText(/^Within noise: rank 8 · q has the lowest mean/)).toBeVisible();
    for (const cell of container.querySelectorAll("td")) {
      expect(cell.textContent).toContain("within noise");
      expect(getComputedStyle(cell.querySelector("span")!).fontWeight).not.toBe("700");
    }
  });
});

describe("an early end", () => {
  test("the table and the list say which step was kept", async () => {
    const results = [resultOf(a, 1, { outcome: "stopped", step: 60, keptStep: 40 }), resultOf(b, 1.5)];
    const states = { [a]: { status: "stopped", step: 60, reason: "validation loss: no lower" } } as const;
    useLab.setState({ status: "done", shown: shownOf(cells, { results, states }) });
    render(<RankResults look={firstLook} />);
    await expect.element(page.getByText("best at step 40, 100")).toBeVisible();
    render(<Cells />);
    await expect
      .element(page.getByRole("listitem").first())
      .toHaveTextContent("Stoppedstep 60 of 100 · kept from step 40, its best · validation 1.0000");
  });
});

test("an interrupted experiment is offered until another is on show", async () => {
  const record = { ...shownOf(cells).record, status: "interrupted" } as const;
  useLab.setState({ kept: [record] });
  render(<Interrupted />);
  const offer = page.getByRole("region", { name: "Interrupted experiment" });
  await expect.element(offer).toHaveTextContent("Rank experiment was interrupted");
  await expect.element(offer.getByRole("button", { name: "Look at it" })).toBeEnabled();
  useLab.setState({ status: "interrupted", shown: shownOf(cells, { record }) });
  await expect.element(offer).not.toBeInTheDocument();
});

test("answers are shown as they are being written", async () => {
  const record = { ...shownOf(cells).record, keptCells: [a, b] };
  const answers = [
    { cellId: null, text: "A cat.", stopped: "endOfText" },
    { cellId: a, text: "A c", stopped: null },
  ] as const;
  const asked = { prompt: "?", maxNewTokens: 8, busy: true, answers };
  useLab.setState({ status: "done", shown: shownOf(cells, { record }), answers: asked });
  render(<Answers />);
  const items = page.getByRole("listitem");
  await expect.element(items.nth(1)).toHaveTextContent("A cwriting…");
  await expect.element(items.nth(2)).toHaveTextContent("waits");
  const said = [answers[0], { cellId: a, text: "A cat.", stopped: "length" }] as const;
  useLab.setState({ answers: { ...asked, answers: said } });
  await expect.element(items.nth(1)).toHaveTextContent("A cat.cut at the limit · the same as the base");
});

describe("Cells", () => {
  test("where each stands, why one failed, and what can be done", async () => {
    const record = { ...shownOf(cells).record, keptCells: [a] };
    const states = {
      [a]: { status: "done", step: 100 },
      [b]: { status: "failed", step: 7, reason: "Step 7: the loss is NaN." },
      [c]: { status: "running", step: 40 },
      [d]: { status: "queued", step: 0 },
    } as const;
    const shown = shownOf(cells, { record, states, results: [resultOf(a, 1.25)] });
    useLab.setState({ status: "running", shown });
    render(<Cells />);
    const rows = page.getByRole("listitem");
    await expect
      .element(rows.nth(0))
      .toHaveTextContent("Donestep 100 of 100 · validation 1.2500 · 50 % exact");
    await expect.element(rows.nth(1)).toHaveTextContent("Step 7: the loss is NaN.");
    expect(page.getByRole("button", { name: "Use this adapter" }).elements()).toHaveLength(1);
    // Waiting and training cells can be left out; ended ones cannot.
    expect(page.getByRole("button", { name: "Skip" }).elements()).toHaveLength(2);
  });
});

test("the race is isolated by its legend, and read with the keyboard", async () => {
  const series = { [a]: seriesOf([4, 3]), [c]: seriesOf([2, 1]) };
  const changes: unknown[] = [];
  render(
    <RacePanel
      cells={cells}
      series={series}
      lost={[]}
      plannedSteps={2}
      look={{ ...firstLook, smoothing: 0 }}
      onLook={(change) => changes.push(change)}
    />,
  );
  await userEvent.click(page.getByRole("button", { name: "rank 8 · q" }));
  expect(changes).toEqual([{ isolated: ["r8_q"] }]);
  const chart = page.getByRole("slider", { name: /^Values of all curves/ });
  (chart.element() as HTMLElement).focus();
  await userEvent.keyboard("{Home}");
  expect(chart.element().ariaValueText).toBe(
    "step 1: rank 8 · q · seed 0 2.0000; rank 1 · q · seed 0 4.0000",
  );
  await userEvent.keyboard("{ArrowRight}");
  expect(chart.element().ariaValueText).toMatch(/^step 2: rank 8 · q · seed 0 1\.0000/);
});
