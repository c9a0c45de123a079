// The entry of the analysis' worker.
import { expose } from "comlink";
import { AnalysisSession } from "./analysisSession";

expose(new AnalysisSession());
