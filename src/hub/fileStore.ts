// Where downloads are kept, in as few words as a download needs; the browser and the command line each have one.
import type { ByteSource } from "../formats/byteSource";

export interface FileStore {
  /** Names of the folders that are there. */
  list(): Promise<string[]>;
  /** A folder, made when it is missing. */
  folder(name: string): Promise<StoreFolder>;
  /** Removes a folder with all that is in it. */
  remove(name: string): Promise<void>;
  /** Room that is left, where it can be known. */
  freeBytes(): Promise<number | undefined>;
}

export interface StoreFolder {
  readText(name: string): Promise<string | undefined>;
  /** Replaces a file as a whole: whoever reads it finds the old text or the new one. */
  writeText(name: string, text: string): Promise<void>;
  /** Opens a file to write anywhere in it; what is there stays. @throws HubError when another tab writes to it */
  writer(name: string): Promise<FileWriter>;
  /** Opens a file to read. @throws when there is none */
  source(name: string): Promise<ByteSource>;
}

export interface FileWriter {
  /** @throws HubError when there is no room */
  write(bytes: Uint8Array, at: number): Promise<void>;
  /** Everything written lies on the disk when this resolves. */
  flush(): Promise<void>;
  close(): Promise<void>;
}
