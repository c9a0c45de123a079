// Opens the studio and reads its status line, for all end-to-end tests.
import { expect, type Page } from "@playwright/test";

/** The one line that says where things stand. */
export const statusOf = (page: Page) => page.getByRole("status");

/** Opens the page and waits until Train can be pressed. */
export async function openStudio(page: Page): Promise<void> {
  await page.goto("/");
  await expect(statusOf(page)).toHaveText(/^Ready/);
  await expect(page.getByRole("button", { name: "Train" })).toBeEnabled();
}

/** A file for the input "Training data". */
export function dataFile(name: string, content: string | Buffer) {
  return { name, mimeType: "application/octet-stream", buffer: Buffer.from(content) };
}

/** A small set whose runs are short: a prompt and a completion of a few tokens each. */
export function smallSet(count: number): string {
  const animals = ["cat", "dog", "fox", "hen", "owl"];
  return Array.from({ length: count }, (_, index) => {
    const animal = animals[index % animals.length];
    return JSON.stringify({ prompt: `The ${animal} ${index} says:`, completion: ` hello, ${animal}` });
  }).join("\n");
}

/** Loads a small set and sets a run of a few seconds. */
export async function prepareShortRun(page: Page, steps: number): Promise<void> {
  await page.getByLabel("Training data").setInputFiles(dataFile("animals.jsonl", smallSet(30)));
  await page.getByLabel("Steps").fill(String(steps));
  await page.getByLabel("Batch size").fill("2");
  await page.getByLabel("Sequence length").fill("24");
  await expect(statusOf(page)).toHaveText(/^Ready.*animals/);
  await expect(page.getByRole("button", { name: "Train" })).toBeEnabled();
}
