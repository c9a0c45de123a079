// What the adapter learned: two short runs of different seeds, looked at, compared, read by keyboard and taken away.
import { readFile } from "node:fs/promises";
import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { openStudio, prepareShortRun, statusOf } from "./studio";

const figure = (page: Page, name: string) => page.getByRole("figure", { name, exact: true });

async function trainWith(page: Page, seed: number): Promise<void> {
  await page.getByLabel("Seed").fill(String(seed));
  await page.getByRole("button", { name: "Train" }).click();
  // The line follows a moment later: until then it may still speak of the run before.
  await expect(statusOf(page)).not.toHaveText(/^(Ready|Done)/);
  await expect(statusOf(page)).toHaveText(/^Done · \d+ steps/, { timeout: 180_000 });
}

/** What a figure's button hands to the browser. */
async function saved(page: Page, name: string, button: string): Promise<Buffer> {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    figure(page, name).getByRole("button", { name: button }).click(),
  ]);
  return readFile(await download.path());
}

test("two seeds of one rank are compared", async ({ page }) => {
  await openStudio(page);
  await prepareShortRun(page, 10);
  await trainWith(page, 1);
  // While training, the same is on the live map.
  await expect(figure(page, "Change of each weight")).toContainText(/layer/);
  await trainWith(page, 2);

  await page.getByRole("link", { name: "Analysis" }).click();
  const section = page.getByRole("region", { name: "What the adapter learned" });
  await section.getByLabel("Adapter", { exact: true }).selectOption({ index: 0 });
  const others = section.getByLabel("Compare with");
  // The current adapter is the second run: the last choice is the first run.
  await others.selectOption({ index: (await others.locator("option").count()) - 1 });
  await section.getByRole("button", { name: "Analyse" }).click();
  await expect(figure(page, "Change as an image")).toBeVisible();

  await test.step("every weight has its figures", async () => {
    const layers = figure(page, "Change by layer");
    await layers.getByRole("slider").focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowRight");
    await expect(layers).toContainText(/layer 1, v_proj: ‖ΔW‖ ÷ ‖W‖ 0?\.?\d/);
    await page.keyboard.press("Enter");
    await expect(section.getByLabel("Weight on show")).toHaveValue("model.layers.1.self_attn.v_proj");
    await expect(figure(page, "Change as an image")).toBeVisible();
    await expect(figure(page, "Amplification")).toContainText("amplification factor");
  });

  await test.step("φ of two seeds is there as numbers, and A of two seeds has little in common", async () => {
    const { phi } = JSON.parse(String(await saved(page, "Similarity of A", "JSON"))) as { phi: number[][] };
    expect(phi).toHaveLength(8);
    expect(phi[7]![7]).toBeLessThan(0.5);
    const similarity = figure(page, "Similarity of A");
    await similarity.getByRole("slider").focus();
    await page.keyboard.press("End");
    await expect(similarity).toContainText("i = 1, j = 1: φ = ");
    await page.keyboard.press("End");
    await expect(similarity).toContainText(`i = 1, j = 8: φ = ${phi[0]![7]!.toFixed(3)}`);
    await similarity.getByRole("button", { name: "Table" }).click();
    await expect(similarity.getByRole("cell").first()).toHaveText(phi[0]![0]!.toFixed(3));
  });

  await test.step("pictures leave the page", async () => {
    expect(String(await saved(page, "Similarity of B", "SVG"))).toMatch(/^<svg .*<path /s);
    const png = await saved(page, "Change as an image", "PNG");
    expect(png.subarray(1, 4).toString()).toBe("PNG");
  });

  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target)}`)).toEqual([]);
  }
});
