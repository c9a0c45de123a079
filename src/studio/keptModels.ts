// Where this browser keeps models: written by the Hub's worker, read by the engine's.
import type { FileStore } from "../hub/fileStore";
import { opfsStore } from "../hub/opfsStore";

export const keptModels = (): FileStore => opfsStore("models");
