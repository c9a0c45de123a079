// dependency-cruiser reads TypeScript through swc without JSX: loaded before it, this tells swc which files have some.
import swc from "@swc/core";

const { parseFileSync } = swc;
/** @param {string} file @param {import("@swc/core").TsParserConfig} options */
const parseWithJsx = (file, options) => parseFileSync(file, { ...options, tsx: file.endsWith(".tsx") });
Object.assign(swc, { parseFileSync: parseWithJsx });
