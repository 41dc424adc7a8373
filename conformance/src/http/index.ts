export type { ChatAnswer, ChatMessage, ChatRequest } from "./chat-completion.ts";
export { type OpenAIServer, type OpenAIServerOptions, openAIServer } from "./openai-server.ts";
