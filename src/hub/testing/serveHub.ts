// Vitest's global set-up: one Hub server for the tests that run in the browser; its address is provided to them.
import type { TestProject } from "vitest/node";
import { HubServer } from "./hubServer";
import { testRepositories } from "./repositories";

declare module "vitest" {
  interface ProvidedContext {
    hubEndpoint: string;
  }
}

export default async function serveHub(project: TestProject): Promise<() => Promise<void>> {
  const server = await HubServer.start(testRepositories(process.cwd()));
  project.provide("hubEndpoint", server.url);
  return () => server.close();
}
