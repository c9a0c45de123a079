// Vulkan for Dawn in Node on Linux: Chromium brings a loader and SwiftShader, and both serve where no driver is.
import { existsSync, readdirSync, realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { findChromium } from "./chromium.mjs";

const driverFolders = ["/usr/share/vulkan/icd.d", "/usr/local/share/vulkan/icd.d", "/etc/vulkan/icd.d"];
const libraryFolders = ["x86_64-linux-gnu", "aarch64-linux-gnu", "."]
  .flatMap((folder) => [join("/usr/lib", folder), join("/lib", folder)])
  .concat("/usr/lib64", "/usr/local/lib", process.env.LD_LIBRARY_PATH?.split(delimiter) ?? []);

/** True where nobody has chosen a Vulkan driver and none is installed: then only SwiftShader can serve. */
export function lacksVulkanDriver() {
  if (process.platform !== "linux" || chosen()) return false;
  return !driverFolders.some(
    (folder) => existsSync(folder) && readdirSync(folder).some((name) => name.endsWith(".json")),
  );
}

/**
 * Environment that makes Dawn use the SwiftShader beside the browser. A process must start with it: the
 * dynamic linker reads LD_LIBRARY_PATH only once.
 * @returns {{ VK_ICD_FILENAMES: string, LD_LIBRARY_PATH?: string } | undefined} undefined where there is none,
 *   where it is not needed (macOS, Windows), or where VK_ICD_FILENAMES names a driver already.
 */
export function swiftShaderEnvironment() {
  const browser = findChromium();
  if (process.platform !== "linux" || chosen() || !browser) return undefined;
  // Debian's /usr/bin/chromium is a script; the program lives in /usr/lib/chromium.
  const folder = [dirname(realpathSync(browser)), "/usr/lib/chromium"].find((candidate) =>
    existsSync(join(candidate, "vk_swiftshader_icd.json")),
  );
  if (!folder) return undefined;
  const driver = { VK_ICD_FILENAMES: join(folder, "vk_swiftshader_icd.json") };
  const hasLoader = libraryFolders.some((candidate) => existsSync(join(candidate, "libvulkan.so.1")));
  if (hasLoader) return driver;
  const path = [process.env.LD_LIBRARY_PATH, folder].filter(Boolean).join(delimiter);
  return { ...driver, LD_LIBRARY_PATH: path };
}

function chosen() {
  return Boolean(process.env.VK_ICD_FILENAMES || process.env.VK_DRIVER_FILES);
}
