/**
 * The classes of LangChain and LangGraph that are found in states and results, for the codec. Values of
 * every copy of the packages are known; what is rebuilt is of the copy that comes with this package.
 * Subclasses of a user's own are not taken for their base class.
 */
import type { CodecExtension } from "@holdfast/core";
import { Document } from "@langchain/core/documents";
import {
  AIMessage,
  AIMessageChunk,
  BaseMessage,
  ChatMessage,
  ChatMessageChunk,
  FunctionMessage,
  FunctionMessageChunk,
  HumanMessage,
  HumanMessageChunk,
  RemoveMessage,
  SystemMessage,
  SystemMessageChunk,
  ToolMessage,
  ToolMessageChunk,
} from "@langchain/core/messages";
import { ChatGenerationChunk, GenerationChunk } from "@langchain/core/outputs";
import { Command, type CommandParams, isCommand, Overwrite, Send } from "@langchain/langgraph";

type Fields = Readonly<Record<string, unknown>>;
type MessageClass = new (fields: never) => BaseMessage;

/** By the name they are stored under, which is LangChain's own. */
const MESSAGES: ReadonlyMap<string, MessageClass> = new Map<string, MessageClass>([
  ["AIMessage", AIMessage],
  ["AIMessageChunk", AIMessageChunk],
  ["ChatMessage", ChatMessage],
  ["ChatMessageChunk", ChatMessageChunk],
  ["FunctionMessage", FunctionMessage],
  ["FunctionMessageChunk", FunctionMessageChunk],
  ["HumanMessage", HumanMessage],
  ["HumanMessageChunk", HumanMessageChunk],
  ["RemoveMessage", RemoveMessage],
  ["SystemMessage", SystemMessage],
  ["SystemMessageChunk", SystemMessageChunk],
  ["ToolMessage", ToolMessage],
  ["ToolMessageChunk", ToolMessageChunk],
]);

/** What the class of a message says by itself. */
const OF_CLASS = new Set(["type", "lc_serializable", "lc_namespace", "lc_kwargs"]);

/** What no constructor makes empty where nothing is given: then it is what somebody meant. */
const MEANT = new Set(["content", "artifact"]);

const messages: CodecExtension<BaseMessage> = {
  tag: "langchain/message",
  is: (value): value is BaseMessage =>
    BaseMessage.isInstance(value) && classNameOf(value) !== undefined,
  encode(message) {
    const fields = fieldsOf(message);
    const set = Object.keys(fields).filter((key) => !(key in message.lc_kwargs));
    return { class: classNameOf(message), ...fields, ...(set.length === 0 ? {} : { set }) };
  },
  decode(data) {
    const { class: name, set = [], ...fields } = data as Stored;
    const Message = MESSAGES.get(name);
    if (Message === undefined) throw new TypeError(`unknown message class "${name}"`);
    const given = Object.entries(fields).filter(([key]) => !set.includes(key));
    const message = new Message({ content: "", ...Object.fromEntries(given) } as never);
    return Object.assign(message, fields);
  },
};

interface Stored extends Fields {
  readonly class: string;
  /** The fields that it was not constructed with, but were set later. */
  readonly set?: readonly string[];
}

/** Only of LangChain's own classes, right below its base class. */
function classNameOf(message: BaseMessage): string | undefined {
  const Message = message.constructor as MessageConstructor;
  const Parent = Object.getPrototypeOf(Message) as MessageConstructor | null;
  if (Parent?.lc_name?.() !== "BaseMessage") return undefined;
  const name = Object.hasOwn(Message, "lc_name") ? Message.lc_name?.() : Message.name;
  return name !== undefined && MESSAGES.has(name) ? name : undefined;
}

interface MessageConstructor {
  readonly name: string;
  lc_name?(): string;
}

function fieldsOf(message: BaseMessage): Fields {
  const own = Object.entries(message).filter(
    ([key, value]) =>
      (!OF_CLASS.has(key) || (key === "type" && key in message.lc_kwargs)) &&
      value !== undefined &&
      (MEANT.has(key) || !isEmpty(value)),
  );
  return Object.fromEntries(own);
}

/** As constructors make them where nothing is given. */
function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return (
    typeof value === "object" &&
    value !== null &&
    Object.getPrototypeOf(value) === Object.prototype &&
    Object.keys(value).length === 0
  );
}

const chunks: CodecExtension<ChatGenerationChunk> = {
  tag: "langchain/chat-generation-chunk",
  is: (value): value is ChatGenerationChunk => isOfClass(value, "ChatGenerationChunk"),
  encode: ({ text, generationInfo, message }) => ({ text, generationInfo, message }),
  decode: (data) => new ChatGenerationChunk(data as never),
};

const textChunks: CodecExtension<GenerationChunk> = {
  tag: "langchain/generation-chunk",
  is: (value): value is GenerationChunk => isOfClass(value, "GenerationChunk"),
  encode: ({ text, generationInfo }) => ({ text, generationInfo }),
  decode: (data) => new GenerationChunk(data as never),
};

const documents: CodecExtension<Document> = {
  tag: "langchain/document",
  is: (value): value is Document => isOfClass(value, "Document") && "pageContent" in value,
  encode: ({ pageContent, metadata, id }) => ({ pageContent, metadata, id }),
  decode: (data) => new Document(data as never),
};

const commands: CodecExtension<Command> = {
  tag: "langgraph/command",
  is: (value): value is Command => isCommand(value) && !isPlain(value),
  encode: ({ graph, update, resume, goto }) => ({ graph, update, resume, goto }),
  decode: (data) => new Command(defined(data as Fields) as CommandParams<unknown>),
};

const sends: CodecExtension<Send> = {
  tag: "langgraph/send",
  is: (value): value is Send => hasLangGraphName(value, "Send"),
  encode: ({ node, args, timeout }) => ({ node, args, timeout }),
  decode(data) {
    const { node, args, timeout } = data as Pick<Send, "node" | "args" | "timeout">;
    return new Send(node, args, timeout === undefined ? undefined : { timeout });
  },
};

const overwrites: CodecExtension<Overwrite> = {
  tag: "langgraph/overwrite",
  is: (value): value is Overwrite => hasLangGraphName(value, "Overwrite"),
  encode: ({ value }) => value,
  decode: (data) => new Overwrite(data),
};

/** The whole value of a `DeltaChannel`, which LangGraph tells by its mark and not by its class. */
const deltaSnapshots: CodecExtension<DeltaSnapshot> = {
  tag: "langgraph/delta-snapshot",
  is: (value): value is DeltaSnapshot =>
    typeof value === "object" &&
    value !== null &&
    "lg_name" in value &&
    value.lg_name === "DeltaSnapshot" &&
    "value" in value,
  encode: ({ value }) => value,
  decode: (value): DeltaSnapshot => ({ lg_name: "DeltaSnapshot", value }),
};

interface DeltaSnapshot {
  readonly lg_name: "DeltaSnapshot";
  readonly value: unknown;
}

/** For a codec of your own; a runtime has them when this package is imported. */
export const langGraphCodec: readonly CodecExtension[] = [
  messages,
  chunks,
  textChunks,
  documents,
  commands,
  sends,
  overwrites,
  deltaSnapshots,
] as readonly CodecExtension[];

function isOfClass(value: unknown, name: string): value is object {
  if (typeof value !== "object" || value === null) return false;
  return Object.getPrototypeOf(value)?.constructor?.name === name;
}

function isPlain(value: object): boolean {
  return Object.getPrototypeOf(value) === Object.prototype;
}

function hasLangGraphName(value: unknown, name: string): boolean {
  if (typeof value !== "object" || value === null || isPlain(value)) return false;
  return "lg_name" in value && value.lg_name === name;
}

function defined(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
