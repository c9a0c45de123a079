// The entry of the worker that fetches models.
import { expose } from "comlink";
import { HubSession } from "./hubSession";
import { keptModels } from "./keptModels";

expose(new HubSession(keptModels()));
