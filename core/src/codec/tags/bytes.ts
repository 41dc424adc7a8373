// `{"$bytes":{"type":"Uint8Array","base64":"AQID"}}` for every binary type. Only the bytes a view
// shows are stored, in the machine's byte order, which is little-endian wherever Node usually runs.
import { isDeepStrictEqual, types } from "node:util";
import type { BuiltInTag } from "./built-in.ts";
import { expectData, isRecord } from "./data.ts";

type TypedArray = Exclude<NodeJS.ArrayBufferView, DataView>;
type Bytes = ArrayBufferView | ArrayBuffer | SharedArrayBuffer;
type BytesClass = { readonly prototype: object; new (buffer: ArrayBuffer): Bytes };

const VIEW_NAMES = [
  "Uint8Array",
  "Uint8ClampedArray",
  "Uint16Array",
  "Uint32Array",
  "BigUint64Array",
  "Int8Array",
  "Int16Array",
  "Int32Array",
  "BigInt64Array",
  "Float16Array", // not in Node 22
  "Float32Array",
  "Float64Array",
  "DataView",
] as const;

const VIEWS: ReadonlyMap<string, BytesClass> = new Map(
  VIEW_NAMES.flatMap((name) => {
    const view = (globalThis as unknown as Record<string, BytesClass | undefined>)[name];
    return view === undefined ? [] : [[name, view] as const];
  }),
);

export const bytesTag: BuiltInTag<Bytes> = {
  tag: "$bytes",
  prototypes: [
    Buffer.prototype,
    ArrayBuffer.prototype,
    ...[...VIEWS.values()].map((view) => view.prototype),
  ],
  is: (value): value is Bytes => ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value),
  encode(value, walk) {
    walk.reserve(Math.ceil(value.byteLength / 3) * 4);
    if (!types.isTypedArray(value)) walk.loseOwnProperties(value);
    else if (hasOwnProperties(value)) walk.lose("own properties of a typed array, left out");
    const bytes = ArrayBuffer.isView(value)
      ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
      : Buffer.from(value);
    return { type: typeOf(value), base64: bytes.toString("base64") };
  },
  decode(data) {
    expectData(isRecord(data), "an object");
    const { type, base64 } = data;
    expectData(typeof type === "string" && typeof base64 === "string", "a type and base64");
    const buffer = new ArrayBuffer(Buffer.byteLength(base64, "base64"));
    const bytes = Buffer.from(buffer);
    const written = bytes.write(base64, "base64");
    // Node skips characters that are not base64 instead of refusing them.
    expectData(
      written === buffer.byteLength && base64.length === Math.ceil(written / 3) * 4,
      "padded base64",
    );
    if (type === "Buffer") return bytes;
    if (type === "ArrayBuffer") return buffer;
    const view = VIEWS.get(type);
    expectData(view !== undefined, "a binary type this version of Node has");
    return new view(buffer);
  },
};

const typedArrayName = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  Symbol.toStringTag,
)?.get as () => string | undefined;

function typeOf(value: Bytes): string {
  if (Buffer.isBuffer(value)) return "Buffer";
  if (types.isAnyArrayBuffer(value)) return "ArrayBuffer";
  return typedArrayName.call(value) ?? "DataView";
}

/** Listing the keys would make a string of every index; comparing with a bare view does not. */
function hasOwnProperties(value: TypedArray): boolean {
  const view = VIEWS.get(typeOf(value)) as
    | (new (
        buffer: ArrayBufferLike,
        offset: number,
        length: number,
      ) => TypedArray)
    | undefined;
  const { buffer, byteOffset, length } = value;
  const bare =
    view === undefined
      ? Buffer.from(buffer, byteOffset, length)
      : new view(buffer, byteOffset, length);
  return (
    Object.getPrototypeOf(bare) === Object.getPrototypeOf(value) && !isDeepStrictEqual(value, bare)
  );
}
