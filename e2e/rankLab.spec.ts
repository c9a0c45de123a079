// The rank lab with the embedded model: a race of ranks, target sets and seeds, its table, a cell made the studio's
// adapter, the experiment taken away as one file and opened again.
import { readFile } from "node:fs/promises";
import { expect, test } from "@playwright/test";
import { strFromU8 } from "fflate";
import { dataFile, openStudio, prepareShortRun, statusOf } from "./studio";

test("a person races ranks, reads the table, keeps the best and opens the experiment again", async ({
  page,
}) => {
  await openStudio(page);
  await prepareShortRun(page, 3);
  await page.getByRole("link", { name: "Rank lab" }).click();
  const ranks = page.getByRole("group", { name: "Ranks" });
  for (const rank of [1, 4, 8]) await expect(ranks.getByLabel(String(rank), { exact: true })).toBeChecked();
  const sets = page.getByRole("group", { name: "Target sets" });
  for (const set of ["q", "q, v"]) await expect(sets.getByLabel(set, { exact: true })).toBeChecked();
  await page.getByLabel("Seeds").fill("0, 1");
  await page.getByText("More to compare").click();
  await page.getByLabel("Prompts to score").fill("1");
  await expect(statusOf(page)).toHaveText(/^Ready to run 12 cells/);

  const clicked = Date.now();
  await page.getByRole("button", { name: "Run experiment" }).click();
  await expect(statusOf(page)).toHaveText(/12 of 12 cells|Step \d+ of 3/, { timeout: 120_000 });
  await expect(statusOf(page)).toHaveText(/^Done/, { timeout: 9 * 60_000 });
  console.info(`12 cells × 3 steps and their scores: ${Math.round((Date.now() - clicked) / 1000)} s`);

  const table = page.getByRole("table", { name: "Rank results" });
  await expect(table.getByRole("row")).toHaveCount(3);
  const values = await table.getByRole("cell").allInnerTexts();
  expect(values).toHaveLength(6);
  for (const value of values) expect(value).toMatch(/^\d\.\d+\s*±\s*\d\.\d+/);
  expect(new Set(values).size).toBeGreaterThan(1);
  for (const name of ["Rank race", "Metric by rank"]) {
    await expect(page.getByRole("figure", { name })).toBeVisible();
  }

  await test.step("every cell answers, and one becomes the studio's adapter", async () => {
    await page.getByLabel("Longest answer").fill("4");
    await page.getByRole("button", { name: "Ask every cell" }).click();
    const answers = page.getByRole("region", { name: "Answers by rank" }).getByRole("listitem");
    await expect(answers).toHaveCount(13);
    await expect(answers.last()).not.toContainText(/waits|writing/, { timeout: 120_000 });
    const cell = page.getByRole("listitem").filter({ hasText: "rank 8 · q, v · seed 1" });
    await cell.getByRole("button", { name: "Use this adapter" }).click();
    await page.getByRole("link", { name: "Studio" }).click();
    await expect(page.getByText(/rank 8 · q, v · seed 1/).first()).toBeVisible();
    await page.getByRole("link", { name: "Rank lab" }).click();
  });

  await test.step("the experiment leaves as one file and is opened again", async () => {
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Export experiment" }).click();
    await page.getByRole("menuitem", { name: /JSON/ }).click();
    const file = await download;
    const bytes = await readFile(await file.path());
    const content = JSON.parse(strFromU8(bytes));
    expect(content).toMatchObject({ format: "lora-studio-experiment", experiment: { run: { steps: 3 } } });
    expect(content.results).toHaveLength(12);
    for (const { outcome, task } of content.results) expect([outcome, task.count]).toEqual(["done", 1]);

    await page.reload();
    await expect(page.getByRole("button", { name: "Run experiment" })).toBeVisible();
    await expect(table.getByText("±")).toHaveCount(0);
    await page
      .getByLabel("Open an experiment’s JSON")
      .setInputFiles(dataFile(file.suggestedFilename(), bytes));
    await expect(statusOf(page)).toHaveText(/^Opened/);
    expect(await table.getByRole("cell").allInnerTexts()).toEqual(values);
    // Run where it was made and kept: both are on the list.
    await expect(page.getByRole("heading", { name: "Rank experiment" })).toHaveCount(2);
  });
});
