// What a person can get wrong: each mistake is named where it was made, and nothing that was there is lost.
import { expect, type Page, test } from "@playwright/test";
import { strToU8, zipSync } from "fflate";
import { dataFile, openStudio, smallSet, statusOf } from "./studio";

test.describe.configure({ mode: "serial" });

let page: Page;
test.beforeAll(async ({ browser }) => {
  page = await browser.newPage();
  await openStudio(page);
});
test.afterAll(() => page.close());

const train = () => page.getByRole("button", { name: "Train" });

for (const { name, content, expected } of [
  {
    name: "malformed JSON",
    content: `${smallSet(2)}\n{"prompt": "x"\n${smallSet(1)}`,
    expected: /animals\.jsonl.*line 3/,
  },
  {
    name: "a missing field",
    content: `${smallSet(1)}\n{"question": "x"}`,
    expected: /animals\.jsonl.*line 2/,
  },
  { name: "an empty file", content: "", expected: /animals\.jsonl/ },
  { name: "bytes that are not UTF-8", content: Buffer.from([0x7b, 0xff, 0xfe, 0x0a]), expected: /UTF-8/ },
  {
    name: "prompts that leave no room for a completion",
    content: JSON.stringify({ prompt: "one two three ".repeat(200), completion: "four" }),
    expected: /sequence length|sequenceLength/i,
  },
]) {
  test(`data: ${name}`, async () => {
    const input = page.getByLabel("Training data");
    await input.setInputFiles(dataFile("animals.jsonl", content));
    const data = page.getByRole("region", { name: "Data", exact: true });
    await expect(data).toContainText(expected);
    // What was loaded before stays in use.
    await expect(data).toContainText(/Still in use: (calendar|animals)/);
    await expect(train()).toBeEnabled();
    await input.setInputFiles(dataFile("animals.jsonl", smallSet(20)));
    await expect(statusOf(page)).toHaveText(/^Ready.*animals/);
    await expect(train()).toBeEnabled();
  });
}

for (const { label, wrong, right, expected } of [
  { label: "Rank", wrong: "0", right: "8", expected: /rank: expected at least 1, got 0/ },
  { label: "Rank", wrong: "100000", right: "8", expected: /rank: expected at most/ },
  { label: "Rank", wrong: "eight", right: "8", expected: /rank: expected/ },
  { label: "Alpha", wrong: "", right: "16", expected: /alpha: expected/ },
  { label: "Dropout", wrong: "1", right: "0", expected: /dropout: expected less than 1, got 1/ },
  { label: "Steps", wrong: "2.5", right: "100", expected: /steps: expected a whole number/ },
  { label: "Sequence length", wrong: "4096", right: "64", expected: /sequence length: expected at most/ },
]) {
  test(`${label}: ${wrong || "nothing"}`, async () => {
    const field = page.getByLabel(label);
    await field.fill(wrong);
    await expect(field).toHaveAccessibleDescription(expected);
    await expect(field).toHaveAttribute("aria-invalid", "true");
    await expect(train()).toBeDisabled();
    await field.fill(right);
    await expect(field).not.toHaveAttribute("aria-invalid", "true");
    await expect(train()).toBeEnabled();
  });
}

test("no target module", async () => {
  const group = page.getByRole("group", { name: "Target modules" });
  await page.getByLabel("q_proj").uncheck();
  await page.getByLabel("v_proj").uncheck();
  await expect(group).toContainText(/target modules: expected at least one/);
  await expect(train()).toBeDisabled();
  await page.getByLabel("q_proj").check();
  await page.getByLabel("v_proj").check();
  await expect(train()).toBeEnabled();
});

test("an adapter of another model is refused with key and shapes", async () => {
  const folder = "oracle/goldens/gqa-tied-f32-r8/adapter";
  await page
    .getByLabel("Adapter files")
    .setInputFiles([`${folder}/adapter_config.json`, `${folder}/adapter_model.safetensors`]);
  const section = page.getByRole("region", { name: "Export" });
  await expect(section.getByRole("alert")).toContainText(
    /layers\.0\.self_attn\.q_proj.*\[128, 128\].*\[64, 64\]/,
  );
  await expect(page.getByRole("button", { name: "Export adapter" })).toBeDisabled();
});

test("a zip without an adapter is refused", async () => {
  const zip = Buffer.from(zipSync({ "notes.txt": strToU8("nothing here") }));
  await page.getByLabel("Adapter files").setInputFiles(dataFile("notes.zip", zip));
  await expect(page.getByRole("region", { name: "Export" }).getByRole("alert")).toContainText(
    /notes\.zip.*adapter_config\.json/,
  );
});
