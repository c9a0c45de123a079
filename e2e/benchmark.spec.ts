// The benchmark's page and a step's profile: asked for, shown, taken away; nothing of other engines before it is.
import { readFile } from "node:fs/promises";
import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import type { BenchReport } from "../bench/report";
import { openStudio, prepareShortRun } from "./studio";

async function expectAccessible(page: Page): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target)}`)).toEqual([]);
  }
}

test("the benchmark runs in the page, can be cancelled, and leaves a file", async ({ page }) => {
  const fetched: string[] = [];
  page.on("request", (request) => fetched.push(request.url()));
  await page.goto("/#benchmark");
  const run = page.getByRole("button", { name: "Run benchmark" });
  await expect(run).toBeEnabled();
  expect(fetched.filter((url) => /jax|tensorflow|tf[A-Z]|onnx|ort[A-Z-]/.test(url))).toEqual([]);

  await page.getByLabel("Other engines").uncheck();
  await run.click();
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByText("Cancelled; what was timed before stays")).toBeVisible();

  await page.getByLabel("What to time").selectOption({ label: "One LoRA layer" });
  await run.click();
  await expect(page.getByText(/^Done in \d+ s$/)).toBeVisible({ timeout: 60_000 });
  const table = page.getByRole("table", { name: /LoRA linear, value and gradients/ });
  await expect(table.getByRole("row", { name: /^LoRA Studio \d/ })).toBeVisible();
  await expectAccessible(page);

  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Save JSON" }).click(),
  ]);
  const report = JSON.parse(await readFile(await download.path(), "utf8")) as BenchReport;
  expect(report.machine.adapter).not.toBe("");
  expect(report.cases).toHaveLength(1);
  expect(report.cases[0]!.contestants[0]).toMatchObject({ contestant: "LoRA Studio", ratio: 1 });
});

test("a step is profiled while a run goes on", async ({ page }) => {
  await openStudio(page);
  const speed = page.getByRole("region", { name: "Speed" });
  const profile = speed.getByRole("button", { name: "Profile a step" });
  await expect(profile).toBeDisabled();
  await prepareShortRun(page, 400);
  await page.getByRole("button", { name: "Train" }).click();
  await profile.click();
  const forward = speed.getByRole("row", { name: /^linear_forward/ }).first();
  await expect(forward.or(speed.getByText(/does not offer timestamp queries/))).toBeVisible({
    timeout: 60_000,
  });
  await expect(speed.getByText("CPU time to encode")).toBeVisible();
  await page.getByRole("button", { name: "Stop" }).click();
  await expectAccessible(page);
});
