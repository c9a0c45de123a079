// A browser without WebGPU: the page says so and what to do, and can still be read.
import { expect, test } from "@playwright/test";
import { statusOf } from "./studio";

test.use({
  launchOptions: {
    executablePath: process.env.CHROME_PATH,
    args: ["--no-sandbox", "--disable-blink-features=WebGPU"],
  },
});

test("says which browsers and flags, and shows the rest", async ({ page }) => {
  await page.goto("/");
  const notice = page.getByRole("alert");
  await expect(notice).toContainText("No GPU here");
  await expect(notice).toContainText("Chrome or Edge 113");
  await expect(notice).toContainText("chrome://flags/#enable-unsafe-webgpu");
  await expect(statusOf(page)).toHaveText(/WebGPU/);
  await expect(page.getByRole("button", { name: "Train" })).toBeDisabled();
  await expect(page.getByRole("button", { name: "Generate" })).toBeDisabled();

  // The model's facts, the tokenized examples and the estimate need no GPU.
  await expect(page.getByText(/ % of the model, in 10 modules/)).toBeVisible();
  await expect(page.getByText("1 of 4")).toBeVisible();
  await page.getByLabel("Rank").fill("16");
  await expect(page.getByText(/ % of the model, in 10 modules/)).toBeVisible();
});
