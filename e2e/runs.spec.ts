// A run's life: paused, resumed, cut off by closing the tab, gone on with, renamed, deleted.
import { expect, test } from "@playwright/test";
import { openStudio, prepareShortRun, statusOf } from "./studio";

test("a run survives the closing of its tab", async ({ page, context }) => {
  await openStudio(page);
  await prepareShortRun(page, 60);
  await page.getByRole("button", { name: "Train" }).click();
  await expect(statusOf(page)).toHaveText(/^Step [1-9]/);

  await page.getByRole("button", { name: "Pause" }).click();
  await expect(statusOf(page)).toHaveText(/ · paused$/);
  // Steps that the GPU already has still arrive.
  await page.waitForTimeout(3000);
  const paused = await statusOf(page).innerText();
  await page.waitForTimeout(2000);
  expect(await statusOf(page).innerText()).toBe(paused);
  await page.getByRole("button", { name: "Resume" }).click();
  await expect(page.getByText("autosaved at step 25")).toBeVisible({ timeout: 120_000 });
  await page.close();

  const again = await context.newPage();
  await openStudio(again);
  const row = again.getByRole("listitem").filter({ has: again.getByRole("heading", { level: 3 }) });
  await expect(row).toHaveCount(1);
  await expect(row).toContainText("Interrupted");
  await row.getByRole("button", { name: "Continue" }).click();
  await expect(statusOf(again)).toHaveText(/^Done · 60 steps · loss/, { timeout: 120_000 });
  await expect(row).toContainText("Done");

  await row.getByRole("button", { name: "Rename" }).click();
  await again.getByLabel("Name of the run").fill("Animals");
  await again.keyboard.press("Enter");
  await expect(row.getByRole("heading")).toHaveText("Animals");
  await again.reload();
  await expect(row.getByRole("heading")).toHaveText("Animals");

  await expect(statusOf(again)).toHaveText(/^Ready/);
  await row.getByRole("button", { name: "Use adapter" }).click();
  await expect(again.getByRole("button", { name: "Export adapter" })).toBeEnabled();

  await row.getByRole("button", { name: "Delete" }).click();
  await row.getByRole("button", { name: "Keep" }).click();
  await expect(row).toHaveCount(1);
  await row.getByRole("button", { name: "Delete" }).click();
  await row.getByRole("button", { name: "Delete for good" }).click();
  await expect(row).toHaveCount(0);
});

test("a stopped run ends as Done and leaves its adapter", async ({ page }) => {
  await openStudio(page);
  await prepareShortRun(page, 500);
  await page.getByRole("button", { name: "Train" }).click();
  await expect(statusOf(page)).toHaveText(/^Step [3-9]/);
  await page.getByRole("button", { name: "Stop" }).click();
  await expect(statusOf(page)).toHaveText(/^Done · stopped at step \d+ of 500/);
  await expect(page.getByRole("button", { name: "Train" })).toBeEnabled();
  await expect(page.getByRole("button", { name: "Export adapter" })).toBeEnabled();
});

test("a learning rate that is far too large ends the run with the reason", async ({ page }) => {
  await openStudio(page);
  await prepareShortRun(page, 60);
  await page.getByLabel("Learning rate").fill("1e30");
  await page.getByRole("button", { name: "Train" }).click();
  await expect(statusOf(page)).toHaveText(/^Failed at step \d+ of 60 · .*learning rate/i);
  await page.getByLabel("Learning rate").fill("1e-3");
  await expect(page.getByRole("button", { name: "Train" })).toBeEnabled();
});
