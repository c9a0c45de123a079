// Where the command line keeps what it can fetch or measure again.
import { homedir } from "node:os";
import { join } from "node:path";

/** ~/.cache/lora-studio, or where XDG_CACHE_HOME says. */
export const cacheFolder = ({ XDG_CACHE_HOME, HOME }: Readonly<Record<string, string | undefined>>): string =>
  join(XDG_CACHE_HOME || join(HOME || homedir(), ".cache"), "lora-studio");
