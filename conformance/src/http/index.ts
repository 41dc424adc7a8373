export { type OpenAIServer, openAIServer } from "./openai-server.ts";
