// The page itself: names that scripts rely on, accessibility, keyboard, phone, colours.
import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { openStudio, statusOf } from "./studio";

test("every agreed name finds exactly one control", async ({ page }) => {
  await openStudio(page);
  for (const name of ["Train", "Pause", "Stop", "Generate", "Export adapter", "Import adapter"])
    await expect(page.getByRole("button", { name })).toHaveCount(1);
  for (const name of [
    ...[
      "Rank",
      "Alpha",
      "Dropout",
      "Learning rate",
      "Steps",
      "Batch size",
      "Sequence length",
      "Seed",
      "Prompt",
    ],
    "Training data",
  ])
    await expect(page.getByLabel(name)).toHaveCount(1);
  const modules = page.getByRole("group", { name: "Target modules" }).getByRole("checkbox");
  await expect(modules).toHaveCount(7);
  for (const name of ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"])
    await expect(page.getByRole("checkbox", { name })).toHaveCount(1);
  await expect(page.getByLabel("Training data")).toHaveAttribute("type", "file");
  await expect(page.getByRole("figure", { name: "Loss chart" })).toHaveCount(1);
  await expect(page.getByRole("region", { name: "Base model output" })).toHaveCount(1);
  await expect(page.getByRole("region", { name: "Adapter output" })).toHaveCount(1);
  await expect(statusOf(page)).toHaveCount(1);
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`no accessibility violations, ${colorScheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    await openStudio(page);
    await openAllDetails(page);
    await page.getByLabel("Rank").fill("0");
    await expect(page.getByLabel("Rank")).toHaveAttribute("aria-invalid", "true");
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(
      violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(", ")}`),
    ).toEqual([]);
  });
}

test("the keyboard reaches and works everything", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await openStudio(page);
  await page.getByLabel("Rank").focus();
  await page.keyboard.press("ArrowUp");
  await expect(page.getByLabel("Rank")).toHaveValue("9");

  await page.keyboard.press("Shift+Tab");
  await expect(page.getByRole("tooltip")).toContainText("ΔW = B·A");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("tooltip")).toHaveCount(0);

  const wanted = new Set(["Train", "q_proj", "Choose file", "Smoothing", "Log axis", "Prompt", "Generate"]);
  for (let press = 0; press < 120 && wanted.size > 0; press++) {
    await page.keyboard.press("Tab");
    const { name, isVisible } = await page.evaluate(readFocus);
    if (wanted.delete(name)) expect(isVisible, `focus shows on ${name}`).toBe(true);
  }
  expect([...wanted], "not reached with Tab").toEqual([]);
});

test("memory follows the bits of the base, and one click makes a large run smaller", async ({ page }) => {
  await openStudio(page);
  const plan = page.getByRole("region", { name: "What the run takes" });
  const weights = plan.getByRole("listitem").filter({ hasText: "Weights" });
  await expect(weights).toHaveText("Weights 2.3 MiB");
  await page.getByLabel("Base weights").selectOption("4 bit (NF4)");
  await expect(statusOf(page)).toHaveText(/^Ready/);
  await expect(weights).toHaveText("Weights 1012 KiB");
  await expect(plan.getByRole("button", { name: /saves/ })).toHaveCount(0); // nothing worth a click

  await page.getByLabel("Batch size").fill("256");
  await plan.getByRole("button", { name: /^Sequence length 24 saves/ }).click();
  await expect(page.getByRole("textbox", { name: "Sequence length" })).toHaveValue("24");
  await plan.getByRole("button", { name: /^Gradient checkpointing saves/ }).click();
  await expect(plan.getByRole("button", { name: /^Gradient checkpointing/ })).toHaveCount(0);
  await page.getByText("More settings").click();
  await expect(page.getByRole("checkbox", { name: "Save memory" })).toBeChecked();
});

test("a phone shows everything in one column", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await openStudio(page);
  await openAllDetails(page);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(overflow).toBeLessThanOrEqual(0);
  const train = await page.getByRole("button", { name: "Train" }).boundingBox();
  expect(train!.y + train!.height, "Train stays in view").toBeLessThanOrEqual(844);
  const rank = await page.getByLabel("Rank").boundingBox();
  expect(rank!.x + rank!.width).toBeLessThanOrEqual(390);
});

test("the colours can be switched and stay switched", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await openStudio(page);
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  await page.getByRole("button", { name: "Switch to dark colours" }).click();
  await expect.poll(ground).not.toBe(light);
  const dark = await ground();
  await page.reload();
  await expect.poll(ground).toBe(dark);
});

async function openAllDetails(page: Page) {
  await page.evaluate(() => {
    for (const details of document.querySelectorAll("details")) details.open = true;
  });
}

/** The focused control's name, and whether it looks different without the focus. Runs in the page. */
function readFocus() {
  const element = document.activeElement as HTMLInputElement;
  const looks = () => {
    const { outline, boxShadow, borderColor } = getComputedStyle(element);
    return [outline, boxShadow, borderColor].join();
  };
  const focused = looks();
  element.blur();
  const isVisible = looks() !== focused;
  element.focus();
  return {
    name: element.ariaLabel ?? element.labels?.[0]?.textContent ?? element.textContent ?? "",
    isVisible,
  };
}
