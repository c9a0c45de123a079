// How a person's file becomes examples: the choices the page, the command line and a kept run share.
import { z } from "zod";

const column = z.string().min(1);

/** Which columns make an example, and what of it is learned. */
export const mappingSchema = z.discriminatedUnion("kind", [
  /** Read the prompt, learn the completion, joined as they are. */
  z.strictObject({ kind: z.literal("promptCompletion"), prompt: column, completion: column }),
  /** The Alpaca form. `input` is empty where there is no such column. */
  z.strictObject({ kind: z.literal("instruction"), instruction: column, input: z.string(), output: column }),
  /** Turns with roles, written with the model's chat template; the assistant's are learned. */
  z.strictObject({ kind: z.literal("messages"), messages: column }),
  /** All of it is learned. */
  z.strictObject({ kind: z.literal("text"), text: column }),
  /** Text with {column} in it; learned is its last column with what follows, or everything. */
  z.strictObject({
    kind: z.literal("template"),
    template: z.string().min(1),
    learn: z.enum(["lastColumn", "all"]).default("lastColumn"),
  }),
]);

export const dataSettingsSchema = z.strictObject({
  /** null: guessed from the columns. */
  mapping: mappingSchema.nullable().default(null),
  /** Whether the first row of a CSV or TSV file names its columns; null: guessed. */
  hasHeader: z.boolean().nullable().default(null),
  /** A text file as one long text cut into pieces, or an example in each line. */
  textAs: z.enum(["blocks", "lines"]).default("blocks"),
  /** Leave out rows that cannot be used, instead of refusing the file. */
  skipBadRows: z.boolean().default(false),
  /** Part of the examples held out where no validation file is given; 0 holds out none. */
  validationFraction: z.number().min(0).lt(1).default(0.1),
});

export type DataMapping = z.infer<typeof mappingSchema>;
export type DataSettings = z.infer<typeof dataSettingsSchema>;

export const defaultDataSettings: DataSettings = dataSettingsSchema.parse({});
