// The whole job with defaults: open, train, compare, take the adapter away, find the run again.
import { readFile } from "node:fs/promises";
import { expect, type Page, test } from "@playwright/test";
import { strFromU8, unzipSync } from "fflate";
import { dataFile, openStudio, statusOf } from "./studio";

test("a person trains, compares, exports and comes back", async ({ page, baseURL }) => {
  const outside: string[] = [];
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(baseURL!) && !/^(blob|data):/.test(url)) outside.push(url);
  });
  await openStudio(page);
  await expect(page.getByText(/ % of the model, in 10 modules/)).toBeVisible();

  await recordLongTasks(page);
  const clicked = Date.now();
  await page.getByRole("button", { name: "Train" }).click();
  await expect(statusOf(page)).toHaveText(/^Step \d+ of 100 · loss \d+\.\d{4} · /);
  await expect(page.getByRole("button", { name: "Train" })).toBeDisabled();
  const chart = page.getByRole("figure", { name: "Loss chart" });
  await expect(chart.locator('path[data-curve="train"]')).toHaveAttribute("d", /^M.+L/);

  await expect(statusOf(page)).toHaveText(/^Done/, { timeout: 9 * 60_000 });
  const done = await statusOf(page).innerText();
  const longTasks = await page.evaluate(() => (globalThis as { longTasksMs?: number[] }).longTasksMs);
  console.info(
    `default run: ${Math.round((Date.now() - clicked) / 1000)} s after the click: ${done}; ` +
      `main-thread tasks over 50 ms: ${JSON.stringify(longTasks)}`,
  );
  const [, before, after] = /validation (\d+\.\d+) → (\d+\.\d+)/.exec(done) ?? [];
  expect(Number(after), done).toBeLessThan(0.8 * Number(before));
  // Two modules in five layers; the axes' labels come after the values.
  const change = page.getByRole("figure", { name: "Change of each weight" });
  const norms = (await change.locator("svg text").allTextContents()).slice(0, 10);
  expect(norms).toHaveLength(10);
  for (const norm of norms) expect(Number(norm)).toBeGreaterThan(0);

  await test.step("base model and adapter answer differently", async () => {
    await expect(page.getByLabel("Prompt")).not.toHaveValue("");
    await page.getByRole("button", { name: "Generate" }).click();
    const base = page.getByRole("region", { name: "Base model output" });
    const adapter = page.getByRole("region", { name: "Adapter output" });
    await expect(base).toContainText(/\d+ tokens/);
    await expect(adapter).toContainText(/\d+ tokens/);
    const [left, right] = [
      await base.locator("p").last().innerText(),
      await adapter.locator("p").last().innerText(),
    ];
    expect(left.length).toBeGreaterThan(0);
    expect(right.length).toBeGreaterThan(0);
    expect(left).not.toBe(right);
  });

  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export adapter" }).click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/\.zip$/);
  const zipBytes = await readFile(await file.path());

  await test.step("the zip is a PEFT adapter", () => {
    const files = unzipSync(zipBytes);
    expect(Object.keys(files).sort()).toEqual([
      "README.md",
      "adapter_config.json",
      "adapter_model.safetensors",
      "run.json",
    ]);
    expect(JSON.parse(strFromU8(files["adapter_config.json"]!))).toMatchObject({
      peft_type: "LORA",
      task_type: "CAUSAL_LM",
      r: 8,
      lora_alpha: 16,
    });
    const { header, tensor } = readTensors(files["adapter_model.safetensors"]!);
    expect(header.__metadata__).toMatchObject({ format: "pt" });
    const keys = Object.keys(header).filter((key) => key !== "__metadata__");
    expect(keys).toHaveLength(20);
    for (const key of keys) {
      expect(key).toMatch(/^base_model\.model\.model\.layers\.\d\.self_attn\.[qv]_proj\.lora_[AB]\.weight$/);
      const values = tensor(key);
      expect(values.every(Number.isFinite), key).toBe(true);
      expect(
        values.some((value) => value !== 0),
        key,
      ).toBe(true);
    }
    const run = JSON.parse(strFromU8(files["run.json"]!));
    expect(JSON.stringify(run)).toContain('"learningRate":0.005');
    const card = strFromU8(files["README.md"]!);
    expect(card).toContain("PeftModel.from_pretrained");
    expect(card).toContain("calendar");
    expect(card).toContain(before);
  });

  await test.step("the zip comes back in", async () => {
    await page.getByLabel("Adapter files").setInputFiles(dataFile(file.suggestedFilename(), zipBytes));
    await expect(page.getByText(/^Imported /)).toBeVisible();
  });

  await test.step("the run is there after a reload, with its curve and configuration", async () => {
    await openStudio(page);
    await expect(chart.locator('path[data-curve="train"]')).toHaveCount(0);
    await page.getByRole("button", { name: "Open", exact: true }).click();
    await expect(statusOf(page)).toContainText(done.split(" · took")[0]!);
    await expect(chart.locator('path[data-curve="train"]')).toHaveAttribute("d", /^M.+L/);
    await page.getByText("How it was made").click();
    await expect(page.getByText("q_proj, v_proj", { exact: true })).toBeVisible();
  });
  expect(outside, "requests that left the machine").toEqual([]);
});

/** Header and float32 tensors of a safetensors file, read here on purpose without the product's own reader. */
function readTensors(bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = 8 + Number(view.getBigUint64(0, true));
  const header = JSON.parse(strFromU8(bytes.subarray(8, start)));
  const tensor = (key: string) => {
    const { dtype, data_offsets } = header[key];
    expect(dtype).toBe("F32");
    const [from, to] = data_offsets as [number, number];
    return Array.from({ length: (to - from) / 4 }, (_, index) =>
      view.getFloat32(start + from + 4 * index, true),
    );
  };
  return { header, tensor };
}

/** Keeps the length of every main-thread task over 50 ms from now on. */
function recordLongTasks(page: Page): Promise<void> {
  return page.evaluate(() => {
    const durations: number[] = [];
    Object.assign(globalThis, { longTasksMs: durations });
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) durations.push(Math.round(duration));
    }).observe({ type: "longtask" });
  });
}
