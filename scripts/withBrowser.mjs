// Runs a command with CHROME_PATH set and, where no Vulkan driver is installed, SwiftShader for Dawn in Node:
//   node scripts/withBrowser.mjs vitest run
import { findChromium } from "./chromium.mjs";
import { runToEnd } from "./process.mjs";
import { lacksVulkanDriver, swiftShaderEnvironment } from "./vulkan.mjs";

const [command, ...args] = process.argv.slice(2);
if (!command) {
  console.error("withBrowser: expected a command to run, got none: node scripts/withBrowser.mjs COMMAND…");
  process.exit(2);
}
const browser = findChromium();
if (!browser) {
  console.error(
    "withBrowser: expected Chrome or Chromium, found none. `npm test` installs one; " +
      "or set CHROME_PATH to the browser's program.",
  );
  process.exit(1);
}
process.exit(
  await runToEnd(command, args, {
    CHROME_PATH: browser,
    ...(lacksVulkanDriver() ? swiftShaderEnvironment() : undefined),
  }),
);
