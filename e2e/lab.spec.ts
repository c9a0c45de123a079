// The rank lab: a real race of twelve cells from the click to the table, the adapter and the file; and the page itself.
import { readFile } from "node:fs/promises";
import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { strFromU8, unzipSync } from "fflate";
import { dataFile, smallSet, statusOf } from "./studio";

async function openLab(page: Page): Promise<void> {
  await page.goto("/#lab");
  await expect(statusOf(page)).toHaveText(/^Ready to run \d+ cells/);
  await expect(page.getByRole("button", { name: "Run experiment" })).toBeEnabled();
}

async function openAllDetails(page: Page) {
  await page.evaluate(() => {
    for (const details of document.querySelectorAll("details")) details.open = true;
  });
}

const table = (page: Page) => page.getByRole("table", { name: "Rank results" });

async function downloadOf(page: Page, item: string): Promise<{ name: string; bytes: Buffer }> {
  await page.getByRole("button", { name: "Export experiment" }).click();
  const download = page.waitForEvent("download");
  await page.getByRole("menuitem", { name: item }).click();
  const file = await download;
  return { name: file.suggestedFilename(), bytes: await readFile(await file.path()) };
}

test("a person races three ranks on two target sets, keeps one, and opens the experiment again", async ({
  page,
}) => {
  await openLab(page);
  await page.getByLabel("Training data").setInputFiles(dataFile("animals.jsonl", smallSet(20)));
  await openAllDetails(page);
  await page.getByLabel("Steps").fill("6");
  await page.getByLabel("Batch size").fill("1");
  await page.getByLabel("Sequence length").fill("16");
  await page.getByLabel("Completions to score").fill("1");
  await page.getByLabel("Seeds").fill("0, 1");
  await expect(statusOf(page)).toHaveText(/^Ready to run 12 cells · fable-1m · animals/);
  await expect(page.getByText("fits in one race")).toBeVisible();

  await page.getByRole("button", { name: "Run experiment" }).click();
  await expect(statusOf(page)).toHaveText(/^Step [1-9]\d* of 6 · 12 of 12 cells training/);
  const chart = page
    .getByRole("figure", { name: "Rank race" })
    .getByRole("slider", { name: /Values of all/ });
  await chart.focus();
  await page.keyboard.press("Home");
  await expect(chart).toHaveAttribute("aria-valuetext", /^step 1: .*rank 4 · q, v · seed 1 \d+\.\d{4}/);
  await expect(statusOf(page)).toHaveText(/^Done · 12 cells/, { timeout: 8 * 60_000 });

  await test.step("the table has mean and deviation of each setting", async () => {
    const settings = table(page).getByRole("cell");
    await expect(settings).toHaveCount(6);
    for (const text of await settings.allInnerTexts()) expect(text).toMatch(/^\d+\.\d{4} ± \d+\.\d{4}/);
    await expect(page.getByText(/^(Best|Within noise): /)).toBeVisible();
    await expect(page.getByRole("figure", { name: "Metric by rank" }).getByRole("img")).toHaveAccessibleName(
      /rank 8 · q, v: \d/,
    );
  });
  const before = await table(page).innerText();

  await test.step("a cell becomes the studio's adapter", async () => {
    await page.getByRole("button", { name: "Use this adapter" }).nth(5).click();
    await expect(page.getByText(/is the current adapter/)).toBeVisible();
    await page.getByRole("link", { name: "Studio" }).click();
    await expect(page.getByRole("button", { name: "Export adapter" })).toBeEnabled();
    await page.getByRole("link", { name: "Rank lab" }).click();
  });

  await test.step("every cell and the base answer one prompt", async () => {
    const answers = page.getByRole("region", { name: "Answers by rank" });
    await answers.getByLabel("Longest answer").fill("2");
    await answers.getByRole("button", { name: "Ask every cell" }).click();
    await expect(answers.getByRole("listitem")).toHaveCount(13);
    await expect(answers.getByText(/^(writing…|waits)$/)).toHaveCount(0, { timeout: 120_000 });
  });

  await test.step("charts come as SVG", async () => {
    const files = unzipSync((await downloadOf(page, "Charts, as SVG")).bytes);
    expect(Object.keys(files).sort()).toEqual(
      ["metric-by-parameters.svg", "metric-by-rank.svg", "rank-race.svg"].sort(),
    );
    expect(strFromU8(files["rank-race.svg"]!)).toContain("rank 8 · q, v");
  });

  const json = await downloadOf(page, "Everything, as JSON");
  await page.reload();
  await expect(statusOf(page)).toHaveText(/^Ready/);
  await expect(page.getByLabel("Seeds")).toHaveValue("0");
  await page.getByLabel("Open an experiment’s JSON").setInputFiles(dataFile(json.name, json.bytes));
  await expect(statusOf(page)).toHaveText(/^Opened/);
  expect(await table(page).innerText()).toBe(before);
  // Its settings are in the forms again, to be run to the same numbers.
  await expect(page.getByLabel("Seeds")).toHaveValue("0, 1");
  await expect(page.getByLabel("Steps")).toHaveValue("6");
});

test("the lab's names, and the studio's where they were", async ({ page }) => {
  await openLab(page);
  await expect(page).toHaveTitle("Rank lab · LoRA Studio");
  for (const name of ["Ranks", "Target sets"]) await expect(page.getByRole("group", { name })).toHaveCount(1);
  for (const name of ["Seeds", "Steps", "Learning rate", "Training data", "Prompt"])
    await expect(page.getByLabel(name)).toHaveCount(1);
  for (const name of ["Run experiment", "Pause", "Stop", "Export experiment"])
    await expect(page.getByRole("button", { name })).toHaveCount(1);
  for (const name of ["Rank race", "Metric by rank"])
    await expect(page.getByRole("figure", { name })).toHaveCount(1);
  await expect(table(page)).toHaveCount(1);
  await expect(page.getByRole("region", { name: "Answers by rank" })).toHaveCount(1);
  await expect(statusOf(page)).toHaveCount(1);

  await page.getByLabel("Seeds").fill("0, 1, 2");
  await page.getByRole("group", { name: "Ranks" }).getByText("64", { exact: true }).click();
  await expect(statusOf(page)).toHaveText(/^Ready to run 24 cells/);
  await page.getByRole("link", { name: "Studio" }).click();
  await expect(page.getByRole("button", { name: "Train" })).toBeEnabled();
  for (const name of ["Rank", "Alpha", "Learning rate", "Seed", "Prompt"])
    await expect(page.getByLabel(name)).toHaveCount(1);
  await expect(statusOf(page)).toHaveCount(1);
  await page.goBack();
  await expect(page.getByLabel("Seeds")).toHaveValue("0, 1, 2");
});

test("what is wrong is said beside the field", async ({ page }) => {
  await openLab(page);
  const run = page.getByRole("button", { name: "Run experiment" });
  await page.getByLabel("Seeds").fill("0, one");
  await expect(page.getByLabel("Seeds")).toHaveAccessibleDescription(/seeds: expected/);
  await expect(run).toBeDisabled();
  await page.getByLabel("Seeds").fill("0");
  await expect(run).toBeEnabled();
  const ranks = page.getByRole("group", { name: "Ranks" });
  for (const rank of ["1", "4", "8"]) await ranks.getByText(rank, { exact: true }).click();
  await expect(ranks).toContainText(/ranks: expected at least one/);
  await expect(run).toBeDisabled();
  await page.getByRole("button", { name: "How small can r be?" }).click();
  await expect(statusOf(page)).toHaveText(/^Ready to run 15 cells/);
  const file = dataFile("notes.json", '{"a": 1}');
  await page.getByLabel("Open an experiment’s JSON").setInputFiles(file);
  await expect(page.getByRole("region", { name: "Experiments" }).getByRole("alert")).toContainText(
    /notes\.json/,
  );
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`no accessibility violations, ${colorScheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    await openLab(page);
    await openAllDetails(page);
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(
      violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(", ")}`),
    ).toEqual([]);
  });
}

test("a phone shows the lab in one column", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await openLab(page);
  await openAllDetails(page);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(overflow).toBeLessThanOrEqual(0);
  const run = await page.getByRole("button", { name: "Run experiment" }).boundingBox();
  expect(run!.y + run!.height, "Run experiment stays in view").toBeLessThanOrEqual(844);
});

test("the keyboard reaches the lab", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await openLab(page);
  await page.getByRole("link", { name: "Rank lab" }).focus();
  const wanted = new Set([
    ...["How small can r be?", "64", "q, k, v, o", "Seeds", "Run experiment", "Smoothing", "Log axis"],
    ...["Values of all curves; the arrow keys go along the axis", "rank 8 · q, v"],
  ]);
  for (let press = 0; press < 140 && wanted.size > 0; press++) {
    await page.keyboard.press("Tab");
    wanted.delete(await page.evaluate(nameOfFocus));
  }
  expect([...wanted], "not reached with Tab").toEqual([]);
});

/** The focused control's name. Runs in the page. */
function nameOfFocus(): string {
  const element = document.activeElement as HTMLInputElement;
  return (element.ariaLabel ?? element.labels?.[0]?.textContent ?? element.textContent ?? "").trim();
}
