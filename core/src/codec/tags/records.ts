// Tags whose data is an object taken as it stands, so that a single key in it that starts with "$"
// is a key and not a tag: `{"$literal":{"$ref":"#/a"}}` is the user's own `{"$ref":"#/a"}`, and
// `{"$dict":{…}}` an object without a prototype.
type Properties = Record<string, unknown>;

export const RECORD_TAGS: ReadonlyMap<string, (record: Properties) => Properties> = new Map([
  ["$literal", (record: Properties) => record],
  ["$dict", (record: Properties) => Object.assign(Object.create(null), record) as Properties],
]);

export function encodeLiteral(record: Properties): Properties {
  return { $literal: record };
}

export function encodeDict(record: Properties): Properties {
  return { $dict: record };
}
