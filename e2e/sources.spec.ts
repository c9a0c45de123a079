// Models and data from elsewhere: a real checkpoint from disk and one from a Hub whose line is cut, each fine-tuned on
// real examples and exported; and what the Hub refuses, beside the field.
import { existsSync, readFileSync } from "node:fs";
import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { unzipSync } from "fflate";
import { HubServer } from "../src/hub/testing/hubServer";
import { gateToken, testRepositories } from "../src/hub/testing/repositories";
import { dataFile, openStudio, statusOf } from "./studio";

const shared = "../shared/data";
const isShared = existsSync(shared);

let hub: HubServer;
let page: Page;
test.beforeAll(async ({ browser }) => {
  hub = await HubServer.start(testRepositories(process.cwd()));
  page = await (await browser.newContext()).newPage(); // as axe wants it
  await openStudio(page);
});
test.afterAll(async () => {
  await page.context().close();
  await hub.close();
});
test.beforeEach(() => {
  hub.faults = {};
  hub.requests = [];
});

const section = () => page.getByRole("region", { name: "Model", exact: true });
const dialog = () => page.getByRole("dialog", { name: "Choose a model" });
const modelField = () => dialog().getByLabel("Name or repository");

async function openChooser(tab: string): Promise<void> {
  await page.getByRole("button", { name: "Choose a model" }).click();
  await dialog().getByRole("tab", { name: tab }).click();
}

async function openHub(): Promise<void> {
  await openChooser("Hugging Face Hub");
  const details = dialog().getByText("Endpoint and access token");
  if (!(await dialog().getByLabel("Endpoint", { exact: true }).isVisible())) await details.click();
  await dialog().getByLabel("Endpoint", { exact: true }).fill(hub.url);
}

/** A short run on the first lines of a file, and the adapter as it leaves the browser. */
async function fineTuneOn(path: string, sequenceLength: number): Promise<Record<string, Uint8Array>> {
  const name = path.split("/").at(-1)!;
  const lines = readFileSync(`${shared}/datasets/${path}`, "utf8").split("\n");
  await page.getByLabel("Sequence length").fill(String(sequenceLength));
  await page.getByLabel("Batch size").fill("2");
  await page.getByLabel("Steps").fill("2");
  await page.getByLabel("Training data").setInputFiles(dataFile(name, lines.slice(0, 80).join("\n")));
  const data = page.getByRole("region", { name: "Data", exact: true });
  await expect(data).toContainText(name);
  await expect(data).toContainText(/\d examples · \d+ held out/);
  await page.getByRole("button", { name: "Train" }).click();
  await expect(page.getByRole("button", { name: "Stop" })).toBeEnabled();
  await expect(statusOf(page)).toHaveText(/^Done/);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Export adapter" }).click(),
  ]);
  return unzipSync(readFileSync(await download.path()));
}

/** What the exported adapter says of its base. */
const baseOf = (files: Record<string, Uint8Array>) =>
  JSON.parse(new TextDecoder().decode(files["adapter_config.json"])).base_model_name_or_path;

test("a llama2.c checkpoint from disk learns restaurants", async () => {
  test.skip(!isShared, `${shared} is not here`);
  await openChooser("From disk");
  const folder = `${shared}/models/stories260K`;
  await dialog()
    .getByLabel("Model files")
    .setInputFiles([`${folder}/stories260K.bin`]);
  await expect(dialog().getByRole("alert")).toContainText(
    /expected a llama2\.c checkpoint and its tokenizer/,
  );
  await expect(dialog()).toContainText("In use: fable-1m");
  await dialog()
    .getByLabel("Model files")
    .setInputFiles([`${folder}/stories260K.bin`, `${folder}/tok512.bin`]);
  await expect(dialog()).toBeHidden();
  await expect(section()).toContainText("stories260K · 260");
  const files = await fineTuneOn("e2e_nlg/devset.csv", 192);
  expect(baseOf(files)).toBe("stories260K");
  expect(files["adapter_model.safetensors"]!.length).toBeGreaterThan(10_000);
});

test("a model from the Hub, over a line that is cut, learns SQL", async () => {
  test.skip(!isShared, `${shared} is not here`);
  await openHub();
  await modelField().fill("shards");
  await expect(dialog()).toContainText("Found on the Hub: 1");
  hub.faults = { bytesPerSecond: 400_000 };
  await dialog().getByRole("button", { name: "Download local/fable-1m-shards" }).click();
  const download = dialog().getByRole("region", { name: "Download" });
  await expect(download).toContainText(/MiB of 2.4 MiB · .*\/s · \d:\d\d left/);
  hub.faults = { cuts: 1000, cutAfterBytes: 0 };
  hub.cutConnections();
  await expect(download.getByRole("alert")).toContainText(/was cut 5 times at byte \d+.*can be continued/);
  const before = hub.requests.length;
  hub.faults = {};
  await download.getByRole("button", { name: "Continue download" }).click();
  await expect(dialog()).toBeHidden();
  await expect(section()).toContainText("local/fable-1m-shards · 1.2 M");
  const continued = hub.requests.slice(before).filter(({ range }) => range !== undefined);
  expect(continued.length).toBeGreaterThan(0);
  for (const { range } of continued) expect(range, "goes on, does not begin again").not.toMatch(/^bytes=0-/);
  const files = await fineTuneOn("wikisql_mlx/valid.jsonl", 64);
  expect(baseOf(files)).toBe("local/fable-1m-shards");
});

test("what is kept is listed with its size, comes back, and can be removed", async () => {
  await openHub();
  await modelField().fill("local/fable-1m");
  await dialog().getByRole("button", { name: "Download local/fable-1m", exact: true }).click();
  await expect(dialog()).toBeHidden();
  await openChooser("In this browser");
  const row = dialog()
    .getByRole("listitem")
    .filter({ hasText: /^local\/fable-1m2/ });
  await expect(row).toContainText(/2\.4 MiB · main at [0-9a-f]{7}/);
  await expect(row.getByRole("button", { name: "Remove local/fable-1m" })).toBeDisabled(); // it is in use
  await dialog().getByRole("button", { name: "Use fable-1m", exact: true }).click();
  await expect(dialog()).toBeHidden();
  await openChooser("In this browser");
  await row.getByRole("button", { name: "Remove local/fable-1m" }).click();
  await row.getByRole("button", { name: "Delete for good" }).click();
  await expect(row).toHaveCount(0);
  await page.keyboard.press("Escape");
  await expect(dialog()).toBeHidden();
});

test("what the Hub refuses stands beside the field", async () => {
  await openHub();
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target)}`)).toEqual([]);
  const ask = async (id: string) => {
    await modelField().fill(id);
    await dialog()
      .getByRole("button", { name: `Download ${id}`, exact: true })
      .click();
  };
  await ask("local/none");
  await expect(modelField()).toHaveAccessibleDescription(/got 401.*needs an access token/);
  await ask("local/fable-1m-gated");
  await expect(modelField()).toHaveAccessibleDescription(/got 401 \(GatedRepo\).*Accept the terms/);
  await dialog().getByLabel("Access token").fill(gateToken);
  await ask("local/none");
  await expect(modelField()).toHaveAccessibleDescription(/got 404.*Check the name/);
  await ask("local/other-family");
  await expect(modelField()).toHaveAccessibleDescription(/mamba/);
  await dialog().getByLabel("Revision").fill("v9");
  await ask("local/fable-1m");
  await expect(dialog().getByLabel("Revision")).toHaveAccessibleDescription(/no such revision/);
  await dialog().getByLabel("Revision").fill("main");
  await ask("local/fable-1m-gated");
  await expect(dialog()).toBeHidden();
  await expect(section()).toContainText("local/fable-1m-gated");
});

test("a data set of the Hub loads by its id, over a line that is cut", async () => {
  await openHub();
  await page.keyboard.press("Escape");
  await expect(dialog()).toBeHidden();
  const data = page.getByRole("region", { name: "Data", exact: true });
  await data.getByText("From the Hugging Face Hub").click();
  const load = async (id: string) => {
    await data.getByLabel("Data set", { exact: true }).fill(id);
    await data.getByRole("button", { name: "Load", exact: true }).click();
  };
  await load("local/none");
  await expect(data).toContainText(/data set local\/none: expected .*, got 40[14].* Check the name/);
  hub.faults = { cuts: 1, cutAfterBytes: 1000 };
  await load("local/restaurants");
  await expect(data).toContainText("1,440 examples · 160 held out");
  expect(hub.faults.cuts).toBe(0);
  await load("local/two-splits");
  await expect(data).toContainText("expected one split of training examples, got 2 that could be it");
  await data.getByLabel("Split", { exact: true }).selectOption("en/train · 2 files");
  await expect(data).toContainText("Split: en/train");
  await expect(data).toContainText("1,440 examples · 160 held out");
});
