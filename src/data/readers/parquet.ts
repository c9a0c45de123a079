// Parquet, one row group after the other: only the group being read is in memory.
import { parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { FormatError } from "../../formats/formatError";
import type { ByteSource } from "../byteSource";
import type { GoodRow, RowStream } from "../row";

/** Rows read at once from a large group. */
const rowsAtOnce = 10_000;

/** @throws FormatError when the file is damaged or packed in a way that is not known */
export async function* readParquet(source: ByteSource): RowStream {
  const file = {
    byteLength: source.sizeBytes,
    slice: async (begin: number, end = source.sizeBytes) => (await source.read(begin, end)).buffer,
  };
  const metadata = await parquetMetadataAsync(file).catch((error: Error) => {
    throw damaged(source.name, error);
  });
  let groupStart = 0;
  for (const { num_rows } of metadata.row_groups) {
    const groupEnd = groupStart + Number(num_rows);
    for (let rowStart = groupStart; rowStart < groupEnd; rowStart += rowsAtOnce) {
      const rowEnd = Math.min(rowStart + rowsAtOnce, groupEnd);
      const rows = await parquetReadObjects({ file, metadata, compressors, rowStart, rowEnd }).catch(
        (error: Error) => {
          throw damaged(source.name, error);
        },
      );
      yield rows.map((value, index): GoodRow => ({ place: `row ${rowStart + index + 1}`, value }));
    }
    groupStart = groupEnd;
  }
}

function damaged(fileName: string, error: Error): FormatError {
  return new FormatError(fileName, "", `expected a Parquet file that can be read, got: ${error.message}.`);
}
