// The worker's entry: the session on this worker's GPU and storage, offered to the page.
import { expose } from "comlink";
import { clearExports } from "./exportFile";
import { LabShelf } from "./labShelf";
import { RunShelf } from "./runShelf";
import { StudioSession } from "./session";

const { gpu, locks } = navigator;
const name = "lora-studio";
expose(new StudioSession(gpu, new RunShelf(name, locks), new LabShelf(`${name}-lab`, locks)));
void clearExports(); // of a page that was closed
