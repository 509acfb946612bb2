import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The FerretDB release that the embedded database is made of. */
export const ferretdbVersion = "1.24.2";

/** The folder of the Go module that is the embedded database. */
export const ferretdbSource = fileURLToPath(
  new URL("../ferretdb/", import.meta.url),
);

/** A change of FerretDB's source: what is there, and what comes there instead. */
export interface FerretdbPatch {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** What is changed in FerretDB's source before it is built. */
export const ferretdbPatches: readonly FerretdbPatch[] = [
  // FerretDB 1.24 indexes `_ferretdb_sjson->"_id"` and asks for
  // `_ferretdb_sjson->'$._id'`: the same value, but not the same expression, so
  // SQLite scans for each `_id`. Asking for what is indexed makes an update by
  // `_id` among 10,000 documents take 1 ms for 32, and an update of 1,000 of
  // them 0.5 s for 14 s, with nothing to change in the data.
  {
    file: "internal/backends/sqlite/metadata/metadata.go",
    from: `IDColumn = DefaultColumn + "->'$._id'"`,
    to: 'IDColumn = DefaultColumn + `->"_id"`',
  },
  // All else is a scan, and most of a scan is decoding: a document's schema is
  // parsed anew for each, with a decoder for every field. What Marshal wrote is
  // decoded by `unmarshalQuick`: a page of 10,000 runs takes 95 ms of the
  // processor for 374.
  {
    file: "internal/handler/sjson/sjson.go",
    from: "func Unmarshal(data []byte) (*types.Document, error) {",
    to: `func Unmarshal(data []byte) (*types.Document, error) {
	if d := unmarshalQuick(data); d != nil {
		return d, nil
	}
	return unmarshalWhole(data)
}

func unmarshalWhole(data []byte) (*types.Document, error) {`,
  },
  // A filter is matched with several iterators for each document. FerretDB
  // watches the life of each, with a stack trace and a finalizer, to tell of those
  // that are not closed. Without, the second page takes 77 ms for 335.
  ...["Track", "Untrack"].map((name) => ({
    file: "internal/util/resource/resource.go",
    from: `func ${name}(obj any, token *Token) {`,
    to: `func ${name}(obj any, token *Token) {
	if !debugbuild.Enabled {
		return
	}`,
  })),
];

/** A file that is added to FerretDB's source, in the folder of its package. */
export const ferretdbAddition = {
  folder: "internal/handler/sjson",
  name: "unmarshal_quick.go",
  // Go looks into no folder whose name begins so.
  source: join(ferretdbSource, "_patch"),
};
