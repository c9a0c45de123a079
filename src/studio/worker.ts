// The worker's entry: the session on this worker's GPU and storage, offered to the page.
import { expose } from "comlink";
import { RunShelf } from "./runShelf";
import { StudioSession } from "./session";

expose(new StudioSession(navigator.gpu, new RunShelf("lora-studio", navigator.locks)));
