// Vitest's global set-up: Hub servers for the tests that run in the browser; their addresses are provided to them. Test
// files that make things go wrong may run beside each other, so each has a server of its own.
import type { TestProject } from "vitest/node";
import { HubServer } from "./hubServer";
import { testRepositories } from "./repositories";

declare module "vitest" {
  interface ProvidedContext {
    hubEndpoint: string;
    hubSessionEndpoint: string;
    hubDataEndpoint: string;
  }
}

export default async function serveHub(project: TestProject): Promise<() => Promise<void>> {
  const repositories = testRepositories(process.cwd());
  const names = ["hubEndpoint", "hubSessionEndpoint", "hubDataEndpoint"] as const;
  const servers = await Promise.all(names.map(() => HubServer.start(repositories)));
  for (const [index, name] of names.entries()) project.provide(name, servers[index]!.url);
  return async () => {
    await Promise.all(servers.map((server) => server.close()));
  };
}
