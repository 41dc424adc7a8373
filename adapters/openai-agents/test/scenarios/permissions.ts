import {
  Agent,
  type Computer,
  computerTool,
  hostedMcpTool,
  type ModelRequest,
  type protocol,
  tool,
} from "@openai/agents";
import { z } from "zod";
import { type Answer, FakeModel } from "./fake-model.ts";
import type { Effect, Notes, Scenario } from "./scenario.ts";

/**
 * Whoever can be asked: people about a hosted tool and what a rule says on parsed arguments; code of the
 * user's about another hosted tool and what a computer is warned of.
 */
export const permissions: Scenario = {
  name: "permissions",
  build: (effect) => {
    const app = new Agent<Notes>({
      name: "Steward",
      model: new FakeModel(effect, "steward", (request) => ANSWERS[stage(request)]!),
      tools: [
        hosted("disk"),
        hosted("attic", async () => {
          await effect("asked: attic");
          return { approve: true };
        }),
        payments(effect),
        computerTool({
          computer: mouse(effect),
          async onSafetyCheck({ pendingSafetyChecks }) {
            await effect(`asked: ${pendingSafetyChecks.map(({ code }) => code)}`);
            return true;
          },
        }),
      ],
    });
    return { app, input: "See to it.", options: { context: { notes: {} } } };
  },
  // One at each stop: what is decided at which has its place in the result.
  answers: [{ mcpr_disk: "approve" }, { c_large: "approve" }],
};

function hosted(serverLabel: string, onApproval?: () => Promise<{ approve: boolean }>) {
  return hostedMcpTool({
    serverLabel,
    serverUrl: "http://127.0.0.1:1",
    requireApproval: "always",
    ...(onApproval === undefined ? {} : { onApproval }),
  });
}

function payments(effect: Effect) {
  return tool({
    name: "pay",
    description: "Pays.",
    parameters: z.object({ amount: z.coerce.number() }),
    needsApproval: async (_, { amount }) => amount > 10,
    async execute({ amount }) {
      await effect(`tool: pay ${amount}`);
      return `paid ${amount}`;
    },
  });
}

function mouse(effect: Effect): Computer {
  const computer = { environment: "browser", dimensions: [9, 9] };
  const nothing = async () => {};
  const names = ["doubleClick", "drag", "keypress", "move", "scroll", "type", "wait"];
  for (const name of names) Object.assign(computer, { [name]: nothing });
  const click = () => effect("computer: click");
  return Object.assign(computer, { click, screenshot: async () => "pixels" }) as never;
}

/** By how many calls were answered so far, of those that are no requests for approval. */
const ANSWERS: Readonly<Record<number, Answer>> = {
  0: { items: [wipe("attic"), wipe("disk"), pay("small", 5)] },
  1: { items: [pay("large", 50)] },
  2: {
    items: [
      {
        type: "computer_call",
        id: "cu_1",
        callId: "c_click",
        status: "completed",
        action: { type: "click", x: 1, y: 2, button: "left" },
        providerData: { pending_safety_checks: [{ id: "check", code: "odd", message: "Sure?" }] },
      },
    ],
  },
  3: "all seen to",
};

function stage({ input }: ModelRequest): number {
  if (typeof input === "string") return 0;
  return input.filter(({ type }) => type?.endsWith("_output") || type?.endsWith("_result")).length;
}

function wipe(label: string): protocol.HostedToolCallItem {
  const asked = { id: `mcpr_${label}`, name: `wipe_${label}`, arguments: '{"path":"/"}' };
  const type = "mcp_approval_request";
  return {
    type: "hosted_tool_call",
    status: "in_progress",
    ...asked,
    name: type,
    providerData: { type, server_label: label, ...asked },
  };
}

function pay(name: string, amount: number): protocol.FunctionCallItem {
  const args = JSON.stringify({ amount: `${amount}` });
  const call = { id: `fc_${name}`, callId: `c_${name}`, name: "pay", arguments: args };
  return { type: "function_call", status: "completed", ...call };
}
