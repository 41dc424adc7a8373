/** What a runtime has once its database is open. */

import type { Adapter } from "../adapter/adapter.ts";
import { allAdapters } from "../adapter/registry.ts";
import { type Codec, type CodecExtension, createCodec } from "../codec/index.ts";
import { realTime, type Scheduler } from "../journal/index.ts";
import { type Logger, silentLogger } from "../logger.ts";
import { Deltas } from "../run/deltas.ts";
import { holdfastErrors } from "../run/failure.ts";
import type { Policies } from "../run/policies.ts";
import { openStore, type Store } from "../store/index.ts";
import { Lookout } from "../worker/lookout.ts";
import { LEASE_MS, Membership } from "../worker/membership.ts";
import { RunWatch } from "../worker/run-watch.ts";
import { UnderWay } from "../worker/under-way.ts";
import { ControlPoller } from "./control-poller.ts";
import type { RuntimeOptions } from "./runtime-options.ts";

export interface Opened {
  readonly store: Store;
  readonly codec: Codec;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  readonly namespace: string;
  readonly policies: Policies;
  readonly adapters: readonly Adapter[];
  readonly deltas: Deltas;
  readonly hotMs: number;
  readonly poller: ControlPoller;
  readonly membership: Membership;
  readonly lookout: Lookout;
  readonly watch: RunWatch;
  readonly underWay: UnderWay;
  /** Aborted when the runtime is closed. */
  readonly ended: AbortSignal;
}

export async function open(options: RuntimeOptions, ended: AbortSignal): Promise<Opened> {
  const { logger = silentLogger, lease = LEASE_MS } = options;
  const { database, directDatabase, preparedStatements, encrypt } = options;
  const store =
    options.store ??
    (await openStore({
      logger,
      ...(database === undefined ? {} : { database }),
      ...(directDatabase === undefined ? {} : { directDatabase }),
      ...(preparedStatements === undefined ? {} : { preparedStatements }),
      ...(encrypt === undefined ? {} : { encrypt }),
    }));
  const adapters = options.adapters ?? [];
  const membership = new Membership(store, logger, lease);
  const own: readonly CodecExtension[] = options.codec ?? [];
  const theirs = allAdapters(adapters).flatMap(({ codec = [] }) => codec);
  return {
    store,
    codec: createCodec({ extensions: [...own, ...theirs, holdfastErrors] }),
    scheduler: realTime,
    logger,
    namespace: options.namespace ?? "default",
    policies: options.policies ?? {},
    adapters,
    deltas: new Deltas(),
    hotMs: options.hotPeriod ?? 10_000,
    poller: new ControlPoller(store, logger, membership),
    membership,
    lookout: new Lookout({ store, logger, membership }),
    watch: new RunWatch(store, logger, membership),
    underWay: new UnderWay(),
    ended,
  };
}
